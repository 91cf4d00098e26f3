"""The plugins that the README and docs/plugins.md show are run as they are printed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from selbench import Registry, Windows
from selbench.experiment import parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.run import run_experiment
from selbench.runner.store import Store
from selbench.testing import EncoderContract, ModelContract, SimulatorContract

ROOT = Path(__file__).parents[2]


def python_of(page: str, heading: str, block: int = 0) -> str:
    """Return a block of Python below a heading, counted from 0."""
    section = (ROOT / page).read_text().split(f"\n## {heading}\n", 1)[1]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)[block]


def plugin_of(page: str, heading: str) -> ModuleType:
    """Return a block as the module that a reader would make of it."""
    name = re.sub(r"\W", "_", f"shown_{heading}".lower())
    if name not in sys.modules:
        module = sys.modules[name] = ModuleType(name)
        exec(python_of(page, heading), module.__dict__)
    return sys.modules[name]


ENCODER = plugin_of("README.md", "Add a plugin")
SCIKIT_LEARN = plugin_of("docs/plugins.md", "Any scikit-learn classifier")
KERAS = plugin_of("docs/plugins.md", "Any Keras network")
MODEL = plugin_of("docs/plugins.md", "A model of your own")
SIMULATOR = plugin_of("docs/plugins.md", "A simulator")
SHIPPED = Registry.installed()


class TestDerivedCounts(EncoderContract):
    component = ENCODER.DerivedCounts()


class TestExtraTrees(ModelContract):
    component = SCIKIT_LEARN.ExtraTrees()
    encoder = SHIPPED.encoders.build("statistics")


class TestSmallNet(ModelContract):
    component = KERAS.SmallNet(epochs=2)
    encoder = SHIPPED.encoders.build("full-length")


class TestNearestCentroid(ModelContract):
    component = MODEL.NearestCentroid()
    encoder = SHIPPED.encoders.build("sfs[normalised=true]")


class TestSequentiallyMarkov(SimulatorContract):
    component = SIMULATOR.SequentiallyMarkov()


def test_the_test_that_is_shown_is_one() -> None:
    shown = {"ExtraTrees": SCIKIT_LEARN.ExtraTrees, "__name__": "shown"}
    exec(python_of("docs/plugins.md", "Packaging and testing"), shown)
    assert issubclass(shown["TestExtraTrees"], ModelContract)
    shown = {"DerivedCounts": ENCODER.DerivedCounts, "__name__": "shown"}
    exec(python_of("README.md", "Add a plugin", block=1), shown)
    assert issubclass(shown["TestDerivedCounts"], EncoderContract)


@pytest.fixture
def experiment() -> Iterator[Any]:
    plugins = [ENCODER, SCIKIT_LEARN, MODEL, SIMULATOR]
    import selbench_coalescent
    import selbench_statistics

    registry = Registry.of(*plugins, selbench_coalescent, selbench_statistics)
    table = {
        "seed": 1,
        "baselines": False,
        "methods": ["derived-counts+logistic", "extra-trees[n_trees=50]", "nearest-centroid"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 10},
                "locus": {"sequence_length": 1000, "mutation_rate": 1e-6},
                "population": {"size": 1000},
                "windows": {"train": 30, "validation": 10, "test": 20},
                "classes": {
                    "neutral": {"simulator": "smc-prime"},
                    "sweep": {"simulator": "mssel", "selection": {"s": 0.1, "fixation_time": 0}},
                },
            }
        },
    }
    return parse_experiment(table, registry, where="shown.toml")


def test_they_take_part_in_an_experiment(experiment: Any, tmp_path: Path) -> None:
    outcome = run_experiment(experiment, Store(tmp_path), InProcess())
    assert [cell.status for cell in outcome.cells] == ["done"] * 3, [cell.reason for cell in outcome.cells]


def test_the_python_door_is_as_shown() -> None:
    shown: dict[str, Any] = {}
    exec(python_of("README.md", "Use it from Python").replace("range(1000)", "range(10)"), shown)
    assert isinstance(shown["windows"], Windows)
    assert shown["images"].shape == (10, 128, 128)
