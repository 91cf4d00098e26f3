"""Scenarios from flat settings, ``n_haplotypes=48, s=0.01``: the seed study's neutral setting unless said."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from selbench.errors import ExperimentError
from selbench.scenario.population import Population
from selbench.scenario.scenario import Locus, Sample, Scenario, Selection
from selbench.tables import nearest, one_of

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "sample": {"n_haplotypes": 48, "ploidy": 2},
    "locus": {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
    "population": {"size": 80_000},
}
"""The neutral setting of Nguembang Fadja et al. (2021)."""

_ALIASES = {"population_size": ("population", "size"), "demes": ("population", "demes"),
            "trajectory_file": ("selection", "trajectory_file")}  # fmt: skip


def key_paths() -> dict[str, tuple[str, str]]:
    """Return every setting, and the table and field of a scenario that it stands for."""
    tables = {"sample": Sample, "locus": Locus, "population": Population, "selection": Selection}
    paths = {
        field.name: (table, field.name)
        for table, cls in tables.items()
        for field in dataclasses.fields(cls)
        if (table, field.name) not in {("population", "size"), ("selection", "given_trajectories")}
    }
    return paths | _ALIASES


def scenario_of(
    settings: Mapping[str, object], *, where: str, population: Population | None = None
) -> Scenario:
    """Build a scenario from settings by name, in natural units.

    Parameters
    ----------
    settings : mapping of str to value
    population : Population, optional
        In place of what settings say of one.

    Raises
    ------
    ExperimentError
        If a name is unknown or a value does not fit.

    Examples
    --------
    >>> scenario_of({"n_haplotypes": 10, "s": 0.01, "fixation_time": 0}, where="here").sample.n_haplotypes
    10
    """
    tables: dict[str, dict[str, Any]] = {name: dict(table) for name, table in DEFAULTS.items()}
    paths = key_paths()
    for key, value in settings.items():
        if key not in paths:
            raise ExperimentError(
                f"{where}: unknown key {key!r}{nearest(key, paths)}; expected {one_of(paths)}"
            )
        table, field = paths[key]
        tables.setdefault(table, {})[field] = value
    if "demes" in tables["population"]:
        del tables["population"]["size"]
    told: dict[str, Any] = tables if population is None else {**tables, "population": population}
    return Scenario.from_table(told, where=where)
