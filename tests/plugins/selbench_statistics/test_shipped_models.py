"""Every model that ships: three classes are fitted, and a new Python says the same of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from selbench import Examples, Registry, TrainedMethod
from selbench.adapters.keras import KerasModel
from selbench.statistics import STATISTICS
from selbench.testing import random_windows
from selbench.trained import MethodDescription
from selbench.windows import Classes

REGISTRY = Registry.installed()
SHIPPED = [
    entry.name
    for entry in REGISTRY.models.entries()
    if entry.owner.module in {"selbench_fadja", "selbench_imagene", "selbench_statistics"}
]
"""Models of the seed study and its rivals; those of other papers have their tests beside their packages."""
CLASSES = ("neutral", "sweep", "balancing")
SMALLER = {
    "imagene": "imagene[size=24]",
    "sites": "sites[n_sites=24]",
    "haplotype-net": "haplotype-net[epochs=1,filters=8]",
    "random-forest": "random-forest[n_trees=20]",
    "gradient-boosting": "gradient-boosting[n_rounds=5]",
}

SITES = random_windows(90, seed=5, n_haplotypes=44, sequence_length=44)
FEWEST, MOST = np.quantile(SITES.n_sites, [0.3, 0.7])
WINDOWS = replace(
    SITES, labels=np.select([SITES.n_sites < FEWEST, SITES.n_sites > MOST], ["sweep", "balancing"], "neutral")
)


def is_network(name: str) -> bool:
    return issubclass(REGISTRY.models[name], KerasModel)


@cache
def trained(name: str) -> TrainedMethod:
    model = REGISTRY.models.build(SMALLER.get(name, f"{name}[epochs=1]" if is_network(name) else name))
    encoder = REGISTRY.encoders.build(SMALLER.get(model.default_encoder, model.default_encoder))
    examples = Examples(WINDOWS, encoder.encode, encoder.feature_spec(WINDOWS.spec), CLASSES)
    predictor = model.fit(examples, examples, seed=2, progress=lambda fraction, words: None)
    description = MethodDescription.of(encoder, model, WINDOWS.spec, Classes(CLASSES, "sweep"))
    return TrainedMethod(encoder, model, predictor, description)


def test_these_are_the_models() -> None:
    networks = {"fadja-initial", "fadja-cnn", "fadja-1d", "haplotype-net", "imagene-cnn"}
    classical = {"logistic", "random-forest", "gradient-boosting", "svm-sfs", "popgen-hmm", "majority"}
    classical |= {"sub-window-logistic", "sub-window-boosting"}
    thresholds = {statistic.model_name for statistic in STATISTICS.values()}
    assert {"segregating-sites", "nucleotide-diversity", "distinct-haplotypes", "tajimas-d"} <= thresholds
    assert set(SHIPPED) == networks | classical | thresholds
    assert {name for name in SHIPPED if is_network(name)} == networks


@pytest.mark.parametrize("name", SHIPPED)
def test_three_classes_are_fitted_saved_and_loaded(name: str, tmp_path: Path) -> None:
    said = trained(name).predict(WINDOWS)
    assert said.shape == (90, 3)
    assert said.dtype == np.float32
    assert (said >= 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    assert (np.ptp(said, axis=0) > 0).all() == (name != "majority")
    trained(name).save(tmp_path / name)
    again = TrainedMethod.load(tmp_path / name, REGISTRY)
    np.testing.assert_array_equal(again.predict(WINDOWS), said)


_LOAD = """
import sys
import numpy as np
from pathlib import Path
from selbench import Registry, TrainedMethod, Windows
folder, registry = Path(sys.argv[1]), Registry.installed()
for name in sys.argv[2:]:
    method = TrainedMethod.load(folder / name, registry)
    with np.load(folder / "windows.npz") as arrays:
        said = method.predict(Windows(method.spec, **arrays))
    np.save(folder / f"{name}.npy", said)
"""


def test_a_new_python_loads_them_all(tmp_path: Path) -> None:
    for name in SHIPPED:
        trained(name).save(tmp_path / name)
    np.savez(
        tmp_path / "windows.npz",
        haplotypes=WINDOWS.haplotypes,
        positions=WINDOWS.positions,
        offsets=WINDOWS.offsets,
    )
    command = [sys.executable, "-c", _LOAD, str(tmp_path), *SHIPPED]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=500)
    for name in SHIPPED:
        np.testing.assert_allclose(
            np.load(tmp_path / f"{name}.npy"),
            trained(name).predict(WINDOWS),
            rtol=0,
            atol=1e-5 if is_network(name) else 0,
            err_msg=name,
        )
