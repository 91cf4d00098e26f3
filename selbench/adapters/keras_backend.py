"""Import Keras late, quietly, and with a backend that repeats itself."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_NOISE = re.compile(rb"(?m)^(I\d{4} .*|WARNING: All log messages before absl::InitializeLog.*)\n?")
"""What TensorFlow says on every import, before its log level can be set."""


def import_keras(threads: int) -> Any:
    """Import Keras and make its backend deterministic.

    TensorFlow is the backend unless ``KERAS_BACKEND`` names another. It gets
    `threads` threads and deterministic operations; both are settings of the
    process, and the first to come decides. JAX and PyTorch are asked for
    deterministic operations as well, and none takes all of a GPU's memory at once.

    Returns
    -------
    keras : module
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" not in sys.modules:
        _set_environment(os.environ["KERAS_BACKEND"])
    if "keras" not in sys.modules:
        with _without_import_noise():
            import keras
    import keras

    if keras.backend.backend() == "tensorflow":
        _configure_tensorflow(threads)
    elif keras.backend.backend() == "torch":
        _configure_torch(threads)
    return keras


def _set_environment(backend: str) -> None:
    """Set what a backend reads once, when it is imported; what the user has set stays."""
    if backend == "tensorflow":
        # convolutions twice as fast; left alone, TensorFlow takes these only where it finds AVX512
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    elif backend == "jax":
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        flags = os.environ.get("XLA_FLAGS", "")
        if "xla_gpu_deterministic_ops" not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    elif backend == "torch":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def _configure_torch(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)


def reduced_precision_unsupported() -> str | None:
    """Say why bfloat16 would not pay on this machine, or None.

    Processors without instructions for it are slower than in float32, and some
    builds crash.
    """
    if Path("/dev/nvidiactl").exists():
        return None
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    if {"avx512_bf16", "amx_bf16"}.intersection(flags):
        return None
    return "precision=bfloat16 needs a processor with avx512_bf16 or amx_bf16, or a GPU; use float32"


def _configure_tensorflow(threads: int) -> None:
    import tensorflow as tf

    settings = tf.config.threading
    if (
        settings.get_intra_op_parallelism_threads() != threads
        or settings.get_inter_op_parallelism_threads() != threads
    ):
        try:
            settings.set_intra_op_parallelism_threads(threads)
            settings.set_inter_op_parallelism_threads(threads)
        except RuntimeError:
            warnings.warn(
                f"TensorFlow already runs with other threads than the {threads} asked for; "
                "results may differ in the last digits from those of a fresh process",
                stacklevel=3,
            )
    tf.config.experimental.enable_op_determinism()
    for gpu in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):  # it is in use already, in whatever way
            tf.config.experimental.set_memory_growth(gpu, True)
    # each fit traces a network of its own, which TensorFlow warns of as if it were a mistake
    tf.get_logger().setLevel("ERROR")


def release_training_memory(network: Any) -> None:
    """Empty the variables of a network that is trained and will not be used again.

    TensorFlow never frees a variable that a compiled step has updated, even when
    nothing refers to it: hundreds of megabytes a fit for a large network.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for variable in (*network.variables, *network.optimizer.variables):
            empty = tf.zeros((0,), variable.dtype)
            tf.raw_ops.AssignVariableOp(resource=variable.value.handle, value=empty)


@contextmanager
def _without_import_noise() -> Iterator[None]:
    """Hold back what the process writes to standard error, and pass on all of it but the noise."""
    sys.stderr.flush()
    true_stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(true_stderr, 2)
            os.close(true_stderr)
            held.seek(0)
            os.write(2, _NOISE.sub(b"", held.read()))
