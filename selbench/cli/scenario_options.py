"""Scenarios from ``--set KEY=VALUE``: natural units, the seed study's neutral setting by default."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from selbench.errors import ExperimentError
from selbench.scenario import Locus, Population, Sample, Scenario, Selection
from selbench.tables import nearest, one_of, parse_text

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "sample": {"n_haplotypes": 48, "ploidy": 2},
    "locus": {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
    "population": {"size": 80_000},
}
"""The neutral setting of Nguembang Fadja et al. (2021)."""

_ALIASES = {"population_size": ("population", "size"), "demes": ("population", "demes"),
            "trajectory_file": ("selection", "trajectory_file")}  # fmt: skip


def key_paths() -> dict[str, tuple[str, str]]:
    """Return every key that ``--set`` takes, and the table and field it stands for."""
    tables = {"sample": Sample, "locus": Locus, "population": Population, "selection": Selection}
    paths = {
        field.name: (table, field.name)
        for table, cls in tables.items()
        for field in dataclasses.fields(cls)
        if (table, field.name) not in {("population", "size"), ("selection", "given_trajectories")}
    }
    return paths | _ALIASES


def read_scenario(settings: Sequence[str]) -> Scenario:
    """Build a scenario from ``KEY=VALUE`` texts.

    Raises
    ------
    ExperimentError
        If a key is unknown or a value does not fit.
    """
    tables: dict[str, dict[str, Any]] = {name: dict(table) for name, table in DEFAULTS.items()}
    paths = key_paths()
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals:
            raise ExperimentError(f"--set {setting!r}: expected KEY=VALUE, such as n_haplotypes=48")
        if key not in paths:
            raise ExperimentError(
                f"--set: unknown key {key!r}{nearest(key, paths)}; expected {one_of(paths)}"
            )
        table, field = paths[key]
        tables.setdefault(table, {})[field] = parse_text(text.strip())
    if "demes" in tables["population"]:
        del tables["population"]["size"]
    return Scenario.from_table(tables, where="--set")
