"""Do two simulators make the same windows? A simulator, ms text or published figures on either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selbench.bench.simulating import read_scenario
from selbench.bench.watching import Watch, watch_of
from selbench.errors import ExperimentError
from selbench.files import complete_file
from selbench.plugin import Registry, Simulator
from selbench.scenario import Scenario
from selbench.statistics import brought_statistics
from selbench.streams import stream_seed
from selbench.validation import (
    STATISTICS_COMPARED,
    Agreement,
    Contestant,
    compare,
    measure_simulator,
    measure_text,
    read_figures,
    render_page,
)

Side = Simulator | Path


@dataclass(frozen=True, eq=False)
class Validation:
    """Two contestants on one scenario, and where they agree."""

    first: Contestant
    second: Contestant
    agreements: tuple[Agreement, ...]
    scenario: Scenario

    @property
    def holds(self) -> bool:
        """Whether no statistic tells the two apart."""
        return all(agreement.holds for agreement in self.agreements)

    def write_page(self, path: Path) -> None:
        """Write a page of overlaid distributions, whole or not at all."""
        with complete_file(path) as temporary:
            temporary.write_text(render_page(self.first, self.second, self.agreements, self.scenario))


def validate(
    first: str,
    second: str,
    *,
    settings: Sequence[str] = (),
    args: str | None = None,
    n_windows: int = 5000,
    seed: int = 1,
    statistics: Sequence[str] | None = None,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> Validation:
    """Compare two simulators on one scenario, statistic by statistic.

    Parameters
    ----------
    first, second : str
        A simulator, with options if need be; a file of ms text; or published figures (``.json``).
    settings : sequence of str
        ``KEY=VALUE`` of the scenario.
    args : str, optional
        An original program's own argument line, instead of settings. Without both, the command that made
        the figures.
    statistics : sequence of str, optional
        By default those of the figures, else the usual ones and those that other packages bring.

    Raises
    ------
    SelbenchError
        If a simulator cannot do the scenario, or a file cannot be read.
    """
    registry, watch = registry or Registry.installed(), watch_of(progress)
    sides = _side(first, registry), _side(second, registry)
    scenario = _scenario(sides, settings, args)
    names = _statistics(sides) if statistics is None else statistics
    a, b = (
        _measured(side, scenario, names, n_windows, stream_seed(seed, "validate", which), watch)
        for which, side in enumerate(sides)
    )
    return Validation(a, b, compare(a, b), scenario)


def _side(text: str, registry: Registry) -> Side:
    return Path(text) if Path(text).is_file() else registry.simulators.build(text)


def _scenario(sides: Sequence[Side], settings: Sequence[str], args: str | None) -> Scenario:
    """Return the scenario of --set or --args; without both, of the command that made the figures."""
    if args is not None and settings:
        raise ExperimentError("--args says it all: leave --set out")
    figures = _figures(sides)
    if args is None and not settings and figures:
        args = read_figures(figures[0]).provenance["command"] or None
    if args is None:
        return read_scenario(settings)
    simulators = [side for side in sides if not isinstance(side, Path)]
    if not simulators:
        raise ExperimentError("validate: expected at least one simulator, found two files")
    return simulators[0].parse_command(args).scenario


def _statistics(sides: Sequence[Side]) -> Sequence[str]:
    """Return the statistics of the figures; else the usual ones."""
    figures = _figures(sides)
    if figures:
        return list(read_figures(figures[0]).distributions)
    return (*STATISTICS_COMPARED, *brought_statistics("ancestral"))


def _figures(sides: Sequence[Side]) -> list[Path]:
    return [side for side in sides if isinstance(side, Path) and side.suffix == ".json"]


def _measured(
    side: Side, scenario: Scenario, statistics: Sequence[str], n_windows: int, seed: int, watch: Watch
) -> Contestant:
    if isinstance(side, Path):
        if side.suffix == ".json":
            return read_figures(side, statistics=statistics)
        return measure_text(side, scenario, statistics=statistics)
    with watch.bar(side.name, n_windows) as advance:
        return measure_simulator(
            side,
            scenario,
            n_windows=n_windows,
            seed=seed,
            statistics=statistics,
            progress=lambda done: advance(done, f"{done:,} of {n_windows:,} windows"),
        )
