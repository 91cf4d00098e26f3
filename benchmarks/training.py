"""Speed and memory of training, beside the same Keras network fed from an array in memory, in one run.

    python benchmarks/training.py

Images per CPU second with one thread: medians of alternating pairs of epochs,
compilation apart. The weights that both ways reach are compared, and a difference
ends the run. The peak is that of float32 matrix products, measured in between.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench import Encoder, Model, Registry, Windows
from selbench.adapters.keras_backend import import_keras, reduced_precision_unsupported
from selbench.adapters.keras_predictor import KerasPredictor, NetworkRecord
from selbench.adapters.keras_training import Lesson, PlainStep, Schedule, train_network
from selbench.streams import generator
from selbench.testing import random_windows
from selbench.windows import Examples
from selbench_fadja.full_length import FullLength
from selbench_fadja.networks import FadjaCnn

N_WINDOWS, BATCH, N_PAIRS, SEED = 200, 50, 5, 1
SCHEDULE = Schedule(epochs=1, batch_size=BATCH, patience=None, min_delta=0.0, start_epoch=1, keep="last")
OTHERS = (
    "full-length+fadja-initial",
    "full-length+fadja-1d",
    "sites+haplotype-net",
    "imagene+imagene-cnn",
    "imagene+fadja-cnn",
)


def windows_of(n_windows: int, sequence_length: int) -> Windows:
    """Windows of 48 haplotypes with about 14 sites, in two classes."""
    return random_windows(
        n_windows, seed=SEED, n_haplotypes=48, sequence_length=sequence_length, mean_sites=14, labels=True
    )


def examples_of(encoder: Encoder, windows: Windows) -> Examples:
    """Windows seen through an encoder."""
    return Examples(windows, encoder.encode, encoder.feature_spec(windows.spec), ("neutral", "sweep"))


def compiled(network: Any) -> Any:
    """Compile a network as the study trains it."""
    keras = import_keras(threads=1)
    network.compile(
        optimizer=keras.optimizers.SGD(0.001, momentum=0.9),
        loss="binary_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return network


def plain_fadja_cnn() -> Any:
    """Return `fadja-cnn` on the image as it comes, (1000, 48, 1)."""
    from keras import Input, Model, layers

    inputs = Input((1000, 48))
    hidden = layers.Reshape((1000, 48, 1))(inputs)
    for filters in (32, 64, 128):
        hidden = layers.Conv2D(filters, 10, strides=2, padding="same", activation="relu")(hidden)
        hidden = layers.MaxPooling2D(2)(hidden)
        hidden = layers.Dropout(0.4)(hidden)
    hidden = layers.Dense(128, activation="relu")(layers.Flatten()(hidden))
    return Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))


def transposed_weights(plain: Any) -> list[NDArray[np.float32]]:
    """Return the weights that make the transposed network the same function as the plain one."""
    weights = plain.get_weights()
    for kernel in (0, 2, 4):
        weights[kernel] = weights[kernel].transpose(1, 0, 2, 3)
    height, width, filters = plain.layers[-4].output.shape[1:]
    by_pixel = weights[6].reshape(height, width, filters, -1)
    weights[6] = by_pixel.transpose(1, 0, 2, 3).reshape(weights[6].shape)
    return weights


def one_epoch(network: Any, examples: Examples) -> None:
    """Train for an epoch as `KerasModel.fit` does."""
    predictor = KerasPredictor(network, NetworkRecord(examples.spec, 2, 1.0))
    targets = np.eye(2, dtype=np.float32)[examples.labels]
    lesson = Lesson(examples, targets, lambda batch, features, rng: batch, PlainStep(network))
    train_network(predictor, lesson, examples_of_none(examples), SCHEDULE, SEED, lambda done, words: None)


def one_epoch_from_array(network: Any, features: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
    """Train for an epoch on the same batches, ready in memory."""
    order = generator(SEED, "shuffle", 1).permutation(len(features))
    for start in range(0, len(features), BATCH):
        rows = order[start : start + BATCH]
        network.train_on_batch(features[rows], targets[rows], return_dict=True)


def examples_of_none(examples: Examples) -> Examples:
    """No validation windows."""
    return Examples(examples.windows.take([]), examples.encode, examples.spec, examples.classes)


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def rates(calls: dict[str, Callable[[], object]], n_images: int) -> dict[str, float]:
    """Images per CPU second of calls that take turns, each called once before."""
    for call in calls.values():
        call()
    turns = [{name: cpu_seconds(call) for name, call in calls.items()} for _ in range(N_PAIRS)]
    return {name: n_images / float(np.median([turn[name] for turn in turns])) for name in calls}


def compare_feeding_and_layout() -> None:
    """Time `fadja-cnn` as selbench trains it, from a ready array, and on the untransposed image."""
    keras = import_keras(threads=1)
    examples = examples_of(FullLength(), windows_of(N_WINDOWS, 1000))
    features = examples.to_array().astype(np.float32)
    targets = examples.labels[:, None].astype(np.float32)
    networks = {}
    for name in ("encoded on demand", "ready array"):
        keras.utils.set_random_seed(SEED)
        networks[name] = compiled(FadjaCnn().network(examples.spec, 2))
    networks["plain layout"] = compiled(plain_fadja_cnn())
    probe = FadjaCnn().network(examples.spec, 2)
    probe.set_weights(transposed_weights(networks["plain layout"]))
    np.testing.assert_allclose(
        probe.predict_on_batch(features[:50]),
        networks["plain layout"].predict_on_batch(features[:50]),
        atol=1e-5,
    )
    matrix = keras.ops.convert_to_tensor(np.random.default_rng(SEED).random((2048, 2048), dtype=np.float32))
    calls: dict[str, Callable[[], object]] = {
        "encoded on demand": lambda: one_epoch(networks["encoded on demand"], examples),
        "ready array": lambda: one_epoch_from_array(networks["ready array"], features, targets),
        "plain layout": lambda: one_epoch_from_array(networks["plain layout"], features, targets),
        "matrix product": lambda: np.asarray(keras.ops.matmul(matrix, matrix)),
    }
    if reduced_precision_unsupported() is None:
        keras.config.set_dtype_policy("mixed_bfloat16")
        networks["bfloat16"] = compiled(FadjaCnn().network(examples.spec, 2))
        keras.config.set_dtype_policy("float32")
        calls["bfloat16"] = lambda: one_epoch(networks["bfloat16"], examples)
    found = rates(calls, N_WINDOWS)
    for ours, theirs in zip(
        networks["encoded on demand"].get_weights(), networks["ready array"].get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    peak = 2 * 2048**3 / (N_WINDOWS / found.pop("matrix product"))
    show(found, peak / training_operations(networks["plain layout"]))


def training_operations(network: Any) -> float:
    """Return the multiplications and additions of one image's training step.

    Three products per layer: the output, the gradient of its weights, and that of
    its input, which the first layer does without. Where a kernel hangs over the
    edge of its image, what lies outside is nothing to multiply.
    """
    macs = [macs_of(layer) for layer in network.layers if layer.weights]
    return 2.0 * (3 * sum(macs) - macs[0])


def macs_of(layer: Any) -> int:
    """Return the multiplications of one image's output of a layer."""
    if not hasattr(layer, "strides"):
        return int(np.prod(layer.kernel.shape))
    *kernel, n_channels, n_filters = layer.kernel.shape
    sides = zip(layer.input.shape[1:-1], kernel, layer.strides, strict=True)
    return n_channels * n_filters * int(np.prod([taps_inside(*side) for side in sides]))


def taps_inside(length: int, kernel: int, stride: int) -> int:
    """Count how often a kernel with ``same`` padding meets the image along one side."""
    n_places = -(-length // stride)
    before = max((n_places - 1) * stride + kernel - length, 0) // 2
    starts = np.arange(n_places) * stride - before
    return int((np.minimum(starts + kernel, length) - np.maximum(starts, 0)).sum())


def show(found: dict[str, float], peak: float) -> None:
    """Print the rates of `fadja-cnn` and what they are to each other."""
    ours = found["encoded on demand"]
    print("| fadja-cnn, 1,000 × 48, float32 | images per CPU second | to selbench | target |")
    print("|---|---|---|---|")
    print(f"| selbench, encoded on demand | {ours:.0f} | | |")
    print(f"| ready array | {found['ready array']:.0f} | {ours / found['ready array']:.2f} | ≥ 0.90 |")
    print(f"| plain layout | {found['plain layout']:.0f} | {ours / found['plain layout']:.2f} | ≥ 1.40 |")
    if "bfloat16" in found:
        print(f"| bfloat16 | {found['bfloat16']:.0f} | {ours / found['bfloat16']:.2f} | |")
    print(f"| peak of matrix products | {peak:.0f} | {ours / peak:.2f} | |", flush=True)


def compare_methods() -> None:
    """Time the other networks on their encodings."""
    import_keras(threads=1)
    registry = Registry.installed()
    print("\n| method | images per CPU second |")
    print("|---|---|")
    for method in OTHERS:
        encoder, model = (name for name in method.split("+"))
        examples = examples_of(registry.encoders.build(encoder), windows_of(N_WINDOWS, 1000))
        rate = rate_of(registry.models.build(model), examples)
        print(f"| {method} | {rate:.0f} |", flush=True)


def rate_of(model: Model, examples: Examples) -> float:
    """Images per CPU second of a model's network under the study's optimiser."""
    network = compiled(model.network(examples.spec, 2))  # type: ignore[attr-defined]
    return rates({"": lambda: one_epoch(network, examples)}, len(examples))[""]


def peak_bytes() -> int:
    """Most memory that this process has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure_memory() -> None:
    """Print how far a training set of 20,000 images of 10,000 × 48 raises the peak of one of 100."""
    import_keras(threads=1)
    few = examples_of(FullLength(), windows_of(2 * BATCH, 10_000))
    network = compiled(FadjaCnn().network(few.spec, 2))
    one_epoch(network, few)
    before = peak_bytes()
    many = examples_of(FullLength(), windows_of(20_000, 10_000))
    labels = np.eye(2, dtype=np.float32)[many.labels]
    for rows in np.array_split(generator(SEED, "shuffle", 1).permutation(len(many))[: 4 * BATCH], 4):
        network.train_on_batch(many.batch(rows).astype(np.float32), labels[rows, 1:])
    print("\n| training set | above that of 100 images | target |")
    print("|---|---|---|")
    print(f"| 20,000 images of 10,000 × 48 | {(peak_bytes() - before) / 2**20:.0f} MiB | < 1,024 MiB |")


if __name__ == "__main__":
    if sys.argv[1:] == ["memory"]:
        measure_memory()
    else:
        compare_feeding_and_layout()
        compare_methods()
        subprocess.run([sys.executable, __file__, "memory"], check=True)
