"""Contestants: simulators, ms text and published figures, each measured by the same statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError, UnsupportedError
from selbench.experiment import simulate_in_blocks
from selbench.foreign.json import read_json
from selbench.plugin import Simulator, spelling
from selbench.scenario import Scenario
from selbench.statistics import STATISTICS, check_names, compute
from selbench.validation.distributions import Distribution, Figures, Observed
from selbench.windows import Windows

STATISTICS_COMPARED = (
    "segregating_sites",
    "nucleotide_diversity",
    "theta_w",
    "tajimas_d",
    "fay_wu_h",
    "singletons",
    "distinct_haplotypes",
    "h1",
    "h12",
    "kelly_zns",
)
"""The statistics compared by default."""

_NEED_SITES = frozenset({"tajimas_d"})
"""Statistics that windows without sites are left out of."""

_NAMES_IN_FIGURES = {
    "S": "segregating_sites",
    "pi": "nucleotide_diversity",
    "tajima_d": "tajimas_d",
    "n_haps": "distinct_haplotypes",
    "hap_h1": "h1",
}
"""Other names that files of figures use."""

Progress = Callable[[int], None]
"""Called with the number of windows done."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """One side of a comparison.

    Parameters
    ----------
    name : str
    distributions : mapping of str to Observed or Figures
        By statistic.
    n_windows : int
    provenance : mapping of str to str
        What made the windows: program, version, checksum, command.
    """

    name: str
    distributions: Mapping[str, Distribution]
    n_windows: int
    provenance: Mapping[str, str]


def measure_simulator(
    simulator: Simulator,
    scenario: Scenario,
    *,
    n_windows: int,
    seed: int,
    statistics: Sequence[str] = STATISTICS_COMPARED,
    progress: Progress = lambda done: None,
) -> Contestant:
    """Simulate a scenario block by block, and measure the windows.

    Raises
    ------
    UnsupportedError
        If the simulator cannot do the scenario.
    """
    reason = simulator.unsupported(scenario)
    if reason:
        raise UnsupportedError(f"simulator {simulator.name} cannot do this scenario: {reason}")

    def blocks() -> Iterable[Windows]:
        done = 0
        for windows in simulate_in_blocks(simulator, scenario, n_windows=n_windows, seed=seed):
            yield windows
            done += len(windows)
            progress(done)

    return _measured(spelling(simulator), blocks(), statistics, simulator.provenance())


def measure_text(
    path: Path, scenario: Scenario, *, statistics: Sequence[str] = STATISTICS_COMPARED
) -> Contestant:
    """Measure the windows of a file of ms text, which shall be those of `scenario`.

    Raises
    ------
    DataError
        If the file is malformed or has another number of haplotypes.
    """
    from selbench.formats.ms_text import read_ms

    spec = scenario.window_spec
    batches = read_ms(
        path, sequence_length=spec.sequence_length, n_haplotypes=spec.n_haplotypes, ploidy=spec.ploidy
    )
    return _measured(path.name, batches, statistics, {"file": str(path)})


def read_figures(path: Path, *, statistics: Sequence[str] | None = None) -> Contestant:
    """Read published figures: a JSON file with, per statistic, n, mean, se_mean and quantiles.

    Raises
    ------
    DataError
        If the file is no such file, or lacks a statistic that is asked for.
    """
    document = read_json(path, expected="figures")
    try:
        distributions = {
            _NAMES_IN_FIGURES.get(name, name): _figures(entry) for name, entry in document["stats"].items()
        }
        n_windows, command = int(document["replicates"]), str(document.get("command", ""))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise DataError(
            f"{path}: expected figures (JSON with replicates and stats of n, mean, se_mean, quantiles): "
            f"{type(problem).__name__} {problem}"
        ) from problem
    missing = [name for name in statistics or () if name not in distributions]
    if missing:
        raise DataError(f"{path}: has no figures of {', '.join(missing)}")
    known = {name: figures for name, figures in distributions.items() if name in STATISTICS}
    return Contestant(path.name, known, n_windows, {"file": str(path), "command": command})


def _figures(entry: Mapping[str, Any]) -> Figures:
    return Figures(
        n=int(entry["n"]),
        mean=float(entry["mean"]),
        standard_error=float(entry["se_mean"]),
        levels=tuple(float(level) for level in entry["quantiles"]),
        quantiles=tuple(float(value) for value in entry["quantiles"].values()),
    )


def _measured(
    name: str, batches: Iterable[Windows], statistics: Sequence[str], provenance: Mapping[str, str]
) -> Contestant:
    check_names(statistics)
    values, n_sites = [], []
    for windows in batches:
        values.append(compute(windows, statistics))
        n_sites.append(windows.n_sites)
    table, has_sites = np.concatenate(values), np.concatenate(n_sites) > 0
    distributions = {
        statistic: Observed.of(table[has_sites, column] if statistic in _NEED_SITES else table[:, column])
        for column, statistic in enumerate(statistics)
    }
    return Contestant(name, distributions, len(table), dict(provenance))
