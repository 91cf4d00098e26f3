"""Windows of one scenario: one batch for a notebook, or block by block into a stream or a file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import IO, Literal

import numpy as np

from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError, ExperimentError
from selbench.experiment import simulate_in_blocks
from selbench.experiment.populations import named_population
from selbench.files import complete_file
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.ms_text import write_ms
from selbench.formats.vcf_text import write_vcf
from selbench.plugin import ParsedCommand, Registry, Simulator, spelling
from selbench.scenario import Locus, Population, Scenario, scenario_of
from selbench.tables import convert, parse_text, to_table
from selbench.windows import Windows

TextFormat = Literal["ms", "vcf"]

_NAMED = "population."
"""What the setting of a population by name begins with."""


def simulate(
    simulator: str | Simulator,
    scenario: Scenario | None = None,
    *,
    n_windows: int = 100,
    seed: int = 1,
    label: str | None = None,
    registry: Registry | None = None,
    **settings: object,
) -> Windows:
    """Simulate windows of one scenario.

    Parameters
    ----------
    simulator : str or Simulator
        ``"ms"``, ``"mssel"``, ``"msms[program=/opt/msms]"`` …, or a component.
    scenario : Scenario, optional
        Or else its settings by name, as ``selbench simulate --set`` takes them.
    n_windows : int
    seed : int
        A window depends on the scenario, the seed and its number alone.
    label : str, optional
        Class name of all windows.
    **settings
        ``n_haplotypes``, ``sequence_length`` (bp), ``mutation_rate`` and ``recombination_rate`` (per bp and
        generation), ``population_size`` (diploid individuals), ``demes``, or a ``population`` by name as an
        experiment has it, ``{"demes": "history.yaml"}``; and for selection ``s``, ``h``, ``position``
        (bp), ``present_frequency``, ``fixation_time`` (generations ago) … What is not given is the neutral
        setting of the seed study: 48 haplotypes, 1,000 bp, 1e-8, 1e-8, 80,000 individuals.

    Returns
    -------
    windows : Windows

    Raises
    ------
    ExperimentError
        If a setting is unknown, or the simulator cannot do the scenario: why.

    Examples
    --------
    >>> import selbench
    >>> selbench.simulate("ms", n_haplotypes=10, mutation_rate=2e-8, n_windows=3, seed=1)
    Windows: 3 windows of 10 haplotypes, 1,000 bp, 53 sites
    """
    if scenario is not None and settings:
        raise ExperimentError(f"a scenario says it all: leave {', '.join(settings)} out")
    if n_windows < 1:
        raise DataError(f"n_windows: expected at least 1, found {n_windows}")
    component = (
        (registry or Registry.installed()).simulators.build(simulator)
        if isinstance(simulator, str)
        else simulator
    )
    asked = scenario or _scenario_of(settings, registry, where="simulate")
    if reason := component.unsupported(asked):
        raise ExperimentError(f"simulator {spelling(component)} cannot do this scenario: {reason}")
    windows = Windows.concatenate(list(simulate_in_blocks(component, asked, n_windows=n_windows, seed=seed)))
    return windows if label is None else windows.with_label(label)


def _scenario_of(settings: Mapping[str, object], registry: Registry | None, *, where: str) -> Scenario:
    """Build a scenario from settings by name, a named population among them as ``population.NAME``."""
    named = {key.removeprefix(_NAMED): value for key, value in settings.items() if key.startswith(_NAMED)}
    if isinstance(whole := settings.get("population"), Mapping):
        named |= whole
    others = {key: settings[key] for key in settings if key != "population" and not key.startswith(_NAMED)}
    if not named:
        return scenario_of(settings, where=where)
    sizes = sorted({"population_size", "demes", "growth_rate", "epochs"} & others.keys())
    if sizes:
        raise ExperimentError(f"{where}: expected population.{next(iter(named))} alone, found {sizes[0]}")
    at = f"{where}: population"
    of_locus = {key: value for key, value in others.items() if key in Locus.__dataclass_fields__}
    locus = scenario_of(of_locus, where=where).locus
    found = named_population(named, registry or Registry.installed(), where=at, locus=locus)
    return scenario_of(others, where=where, population=convert(found, Population, where=at))


def read_scenario(settings: Sequence[str], registry: Registry | None = None) -> Scenario:
    """Build a scenario from ``KEY=VALUE`` texts.

    Raises
    ------
    ExperimentError
        If a key is unknown or a value does not fit.
    """
    values: dict[str, object] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ExperimentError(f"--set {setting!r}: expected KEY=VALUE, such as n_haplotypes=48")
        values[key.strip()] = parse_text(text.strip())
    return _scenario_of(values, registry, where="--set")


@dataclass(frozen=True, eq=False)
class Simulation:
    """What is about to be simulated.

    Parameters
    ----------
    simulator : Simulator
    request : ParsedCommand
        Scenario, number of windows, and how they are printed.
    seed : int
    watch : Watch
    """

    simulator: Simulator
    request: ParsedCommand
    seed: int
    watch: Watch

    def blocks(self) -> Iterator[Windows]:
        """Simulate block by block."""
        request, done = self.request, 0
        with self.watch.bar("simulating", request.n_windows) as advance:
            blocks = simulate_in_blocks(
                self.simulator, request.scenario, n_windows=request.n_windows, seed=self.seed
            )
            for windows in blocks:
                yield with_selected_site(windows, request) if request.print_selected_site else windows
                done += len(windows)
                advance(done, f"{done:,} of {request.n_windows:,} windows")

    def write_text(self, stream: IO[bytes], form: TextFormat = "ms") -> None:
        """Write the windows as text; where the first block fails nothing is written, not even the head."""
        request, blocks = self.request, self.blocks()
        windows = chain([next(blocks)], blocks)
        if form == "vcf":
            source = f"selbench, {self.simulator.name}"
            write_vcf(windows, stream, n_windows=request.n_windows, source=source)
            return
        n_haplotypes = request.scenario.sample.n_haplotypes
        command = f"{self.simulator.name} {n_haplotypes} {request.n_windows} (selbench)"
        write_ms(windows, stream, command=command, seeds=[self.seed], digits=request.position_digits)

    def write_file(self, path: Path, form: TextFormat = "ms") -> None:
        """Write the windows as a text file that is there whole or not at all."""
        with complete_file(path) as temporary, temporary.open("wb") as stream:
            self.write_text(stream, form)

    def write_dataset(self, path: Path | None, label: str) -> int:
        """Write the windows as a dataset of one class, and return their number.

        Raises
        ------
        ExperimentError
            If there is no path.
        """
        if path is None:
            raise ExperimentError("--format dataset writes a file: say where with --out FILE.parquet")
        scenario = self.request.scenario
        provenance = {
            "simulator": spelling(self.simulator),
            "scenario": to_table(scenario),
            "seed": self.seed,
            "selbench": version("selbench"),
            **self.simulator.provenance(),
        }
        metadata = DatasetMetadata(scenario.window_spec, classes=(label,), provenance=provenance)
        return write_dataset(path, (("", windows.with_label(label)) for windows in self.blocks()), metadata)


def simulation_of(
    simulator: str,
    *,
    settings: Sequence[str] = (),
    args: str | None = None,
    n_windows: int | None = None,
    seed: int | None = None,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> Simulation:
    """Read what is to be simulated, from settings or a published command line.

    Parameters
    ----------
    simulator : str
        With options if need be.
    settings : sequence of str
        ``KEY=VALUE`` of the scenario.
    args : str, optional
        The original program's own argument line, which says it all.
    n_windows : int, optional
        By default 100.
    seed : int, optional
        By default that of `args`, else 1.

    Raises
    ------
    ExperimentError
        If a setting is unknown, or the simulator cannot do the scenario: why.
    """
    registry = registry or Registry.installed()
    component = registry.simulators.build(simulator)
    if args is None:
        request = _request(settings, n_windows or 100, registry)
    elif settings or n_windows is not None:
        raise ExperimentError("--args says it all: leave --set and --n-windows out")
    else:
        request = component.parse_command(args)
    if seed is None:
        seed = 1 if request.seed is None else request.seed
    reason = component.unsupported(request.scenario)
    if reason:
        raise ExperimentError(f"simulator {component.name} cannot do this scenario: {reason}")
    return Simulation(component, request, seed, watch_of(progress))


def _request(settings: Sequence[str], n_windows: int, registry: Registry) -> ParsedCommand:
    scenario = read_scenario(settings, registry)
    digits = max(6, math.ceil(math.log10(scenario.locus.sequence_length)) + 1)
    return ParsedCommand(scenario, n_windows, position_digits=digits)


def with_selected_site(windows: Windows, request: ParsedCommand) -> Windows:
    """Add the selected site where all haplotypes are alike there, as a marking program prints it."""
    selection, spec = request.scenario.selection, windows.spec
    carriers = windows.parameters.get("n_carriers")
    if selection is None or carriers is None or not isinstance(selection.position, float):
        return windows
    position = min(selection.position, np.nextafter(spec.sequence_length, 0))
    haplotypes, positions = [], []
    for (matrix, at), count in zip(windows, carriers, strict=True):
        is_alike = count == spec.n_haplotypes or (count == 0 and request.print_lost_site)
        row = np.searchsorted(at, position)
        haplotypes.append(np.insert(matrix, row, count > 0, axis=0) if is_alike else matrix)
        positions.append(np.insert(at, row, position) if is_alike else at)
    return Windows.from_arrays(
        haplotypes, positions, sequence_length=spec.sequence_length, ploidy=spec.ploidy
    )
