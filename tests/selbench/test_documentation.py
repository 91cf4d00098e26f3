"""The plugins that the README and the pages of the doors show are run as they are printed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import selbench
from selbench import Registry, Windows
from selbench.experiment import parse_experiment
from selbench.formats.vcf_text import write_vcf
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


def whole_page(page: str) -> ModuleType:
    """Return the first block of a page as the module that a reader would make of it."""
    name = re.sub(r"\W", "_", f"shown_{page}".lower())
    if name not in sys.modules:
        module = sys.modules[name] = ModuleType(name)
        exec(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)[0], module.__dict__)
    return sys.modules[name]


ENCODER = plugin_of("README.md", "Add a plugin")
SCIKIT_LEARN = plugin_of("docs/doors/model.md", "Any scikit-learn classifier")
KERAS = plugin_of("docs/doors/model.md", "Any Keras network")
MODEL = plugin_of("docs/doors/model.md", "A model of your own")
SIMULATOR = whole_page("docs/doors/simulator.md")
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
    exec(python_of("docs/doors/model.md", "Held to it"), shown)
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
        "repetitions": 1,
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
    trainings = outcome.trainings
    assert [each.status for each in trainings] == ["done"] * 3 * experiment.repetitions, [
        each.reason for each in trainings
    ]


SMALL_RUN = """
name = "quickstart"
seed = 1
methods = ["logistic"]

[tasks.study]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 48 }
locus = { sequence_length = 1000, mutation_rate = 1e-8, recombination_rate = 1e-8 }
population = { size = 80_000 }
windows = { train = 60, validation = 20, test = 40, threshold = 400 }
classes.neutral = { simulator = "ms" }
classes.sweep = { simulator = "mssel", selection = { s = 0.005, position = 500, fixation_time = 0 } }
"""


def blocks_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_the_page_of_the_python_face_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As printed, but with fewer windows, and one cheap method in place of the tour's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL_RUN)
    genome = selbench.simulate("ms", sequence_length=30_000, n_windows=1, seed=1)
    with (tmp_path / "genome.vcf").open("wb") as stream:
        write_vcf([genome], stream, n_windows=1, source="a test")
    shown: dict[str, Any] = {}
    for block in blocks_of("docs/python.md"):
        smaller = block.replace('"quickstart", reduced=True', '"small.toml", workers=0')
        exec(smaller.replace("n_windows=1000", "n_windows=100").replace("800", "80"), shown)
    assert isinstance(shown["windows"], Windows)
    assert shown["images"].shape == (10, 128, 128)
    assert shown["method"].spelling == "statistics+logistic"
    assert (tmp_path / "quickstart.html").is_file()
    assert (tmp_path / "my-method" / "method.json").is_file()
    assert "logistic" in set(shown["run"].leaderboard["method_label"])
    assert repr(shown["run"]).startswith("Run: quickstart, 4 methods, 1 task, in ")
    assert "<table" in shown["run"]._repr_html_()
    folder = shown["run"].path
    for block in blocks_of("docs/run-folder.md"):
        exec(block.replace("runs/quickstart", str(folder)), shown)
    assert shown["probabilities"].shape == (10, 2)


def test_the_readme_s_lines_of_python_run() -> None:
    shown: dict[str, Any] = {}
    exec(python_of("README.md", "Use it from Python").replace("n_windows=1000", "n_windows=100"), shown)
    assert isinstance(shown["windows"], Windows)
    assert len(shown["table"])
