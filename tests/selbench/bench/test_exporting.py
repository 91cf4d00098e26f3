"""Exports hold the windows that trainings see, of one repetition or of every one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from selbench import Registry
from selbench.bench import export_task
from selbench.experiment import parse_experiment
from selbench.formats.dataset import read_dataset

PACKAGES = Path(__file__).parents[2] / "packages"
TABLE: dict[str, Any] = {
    "name": "toy",
    "seed": 7,
    "repetitions": 2,
    "baselines": False,
    "methods": ["few-sites"],
    "tasks": {
        "small": {
            "null": "neutral",
            "positive": "sweep",
            "sample": {"n_haplotypes": 10},
            "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
            "population": {"size": 1000},
            "windows": {"train": 8, "validation": 4, "test": 6, "threshold": 0},
            "classes": {
                "neutral": {"simulator": "toy"},
                "sweep": {"simulator": "toy", "selection": {"s": 0.1, "carriers": "all"}},
            },
        }
    },
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


def export(table: dict[str, Any], folder: Path, registry: Registry, repetition: int | None) -> str:
    (folder / "toy.toml").write_text(tomli_w.dumps(table))
    return export_task(
        str(folder / "toy.toml"), folder / "out", repetition=repetition, progress=False, registry=registry
    )


def test_every_repetition_is_what_its_training_sees(registry: Registry, tmp_path: Path) -> None:
    said = export(TABLE, tmp_path, registry, None)
    assert said.startswith("2 repetitions, each of 36 windows")
    experiment = parse_experiment(TABLE, registry, where="toy.toml")
    seen = {}
    for repetition in range(2):
        file = tmp_path / "out" / f"repetition-{repetition}.parquet"
        for split in ("train", "validation", "test"):
            portions = experiment.portions(experiment.tasks["small"], split=split, repetition=repetition)
            wanted = [
                digest
                for portion in portions
                for digest in portion.source.complete(portion, experiment_seed=7).windows.digests()
            ]
            seen[split, repetition] = wanted
            assert list(read_dataset(file, split=split).digests()) == wanted
    assert seen["train", 0] != seen["train", 1]
    assert seen["validation", 0] != seen["validation", 1]
    assert seen["test", 0] == seen["test", 1]


def test_one_repetition_says_whose_windows_it_has(registry: Registry, tmp_path: Path) -> None:
    assert export(TABLE, tmp_path, registry, 1).endswith("training and validation as in repetition 1")


def test_where_all_trainings_share_their_windows_there_is_one_export(
    registry: Registry, tmp_path: Path
) -> None:
    said = export(TABLE | {"resample_training": False}, tmp_path, registry, None)
    assert said == "36 windows"
    assert (tmp_path / "out").is_file()
