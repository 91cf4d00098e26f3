"""Toy experiments: a stranger's plugin on the path, and an experiment that runs in a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGES = Path(__file__).parents[2] / "packages"


@pytest.fixture(scope="session", autouse=True)
def packages_on_path() -> Iterator[None]:
    """Put tests/packages on the path; spawned workers inherit it."""
    sys.path.insert(0, str(PACKAGES))
    yield
    sys.path.remove(str(PACKAGES))


@pytest.fixture
def toy_registry() -> Any:
    """Return a registry of the toy plugin and the statistics plugin."""
    import toy_selection

    from selbench import Registry

    return Registry.of(toy_selection)


@pytest.fixture
def toy_table() -> dict[str, Any]:
    """Return the table of a toy experiment: two methods, two repetitions."""
    return {
        "name": "toy",
        "seed": 7,
        "repetitions": 2,
        "resample_training": False,
        "baselines": False,
        "methods": ["few-sites", "few-sites[seconds=0.01]"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 10},
                "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "windows": {"train": 60, "validation": 20, "test": 80, "threshold": 100},
                "classes": {
                    "neutral": {"simulator": "toy"},
                    "sweep": {"simulator": "toy", "selection": {"s": 0.1, "carriers": "all"}},
                },
            }
        },
    }
