"""The user's own copies of ms, mssel, msms and discoal, or what speaks their language.

They run in fixed blocks, so that a window depends on its index alone; of a
block they make no more windows than up to the last one that is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import ceil, log10
from typing import ClassVar

import numpy as np

from selbench import Scenario, SimulatorError, Trajectory, UnsupportedError, Windows
from selbench.adapters.ms_program import DEFAULT_TIMEOUT_S, run_program
from selbench.adapters.program import Program
from selbench.scenario import write_trajectories
from selbench.streams import stream_seed
from selbench_coalescent.arguments import discoal_command, ms_command, msms_command, mssel_command
from selbench_coalescent.arguments.units import fixed
from selbench_coalescent.plans import engine_seeds, plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_selection

BLOCK_WINDOWS = 1000
"""Most windows per run: starting a program costs as much as many windows (a JVM 0.16 s)."""

_TRAJECTORY_FILE = "trajectories.txt"
_SEED_SPACING_BITS = 10


@dataclass(frozen=True)
class Driver(ABC):
    """Simulates with a program that is not ours.

    Parameters
    ----------
    program : str
        As on a command line: ``/path/to/ms``, ``java -jar msms.jar``.
    timeout_s : float
        Seconds per run, of at most `BLOCK_WINDOWS` windows.
    """

    program: str
    timeout_s: float = DEFAULT_TIMEOUT_S
    prints_monomorphic_sites: ClassVar[bool] = False

    @abstractmethod
    def arguments(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> list[str]:
        """Return the arguments, without the program, that make the first windows of a block.

        Raises
        ------
        UnsupportedError
            If the program cannot do the scenario.
        """

    def files(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> Mapping[str, str]:
        """Return the files, name to text, that the arguments speak of."""
        return {}

    def prints_a_column_to_drop(self, scenario: Scenario) -> bool:
        """Tell whether the program prints the selected site, and says which column, though it is not kept."""
        return False

    def unsupported(self, scenario: Scenario) -> str | None:
        """Say why the program cannot do `scenario`, if only because it is not there, or None."""
        try:
            self.arguments(scenario, seed=0, block=0, n_windows=BLOCK_WINDOWS)
            Program.find(self.program)
        except UnsupportedError as refusal:
            return str(refusal).partition(": ")[2]  # without the program's name in front
        except SimulatorError as missing:
            return str(missing)
        return None

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Run the blocks that hold these window indices, as far as they are needed, and take them out.

        Raises
        ------
        UnsupportedError
            If the program cannot do the scenario.
        SimulatorError
            If the program is missing or a run fails.
        """
        spec = scenario.window_spec
        if not windows:
            return Windows.from_arrays(
                [],
                [],
                sequence_length=spec.sequence_length,
                ploidy=spec.ploidy,
                n_haplotypes=spec.n_haplotypes,
            )
        by_block = groupby(windows, lambda index: index // BLOCK_WINDOWS)
        return Windows.concatenate(
            [
                self._run(scenario, seed, block, [i % BLOCK_WINDOWS for i in members])
                for block, members in by_block
            ]
        )

    def provenance(self) -> dict[str, str]:
        """Return the program's command, version line and SHA-256."""
        return Program.find(self.program).provenance()

    def _run(self, scenario: Scenario, seed: int, block: int, places: list[int]) -> Windows:
        """Run one block up to the last of these places in it and return the windows that stand there."""
        n_windows = max(places) + 1
        arguments = self.arguments(scenario, seed=seed, block=block, n_windows=n_windows)
        simulated = run_program(
            [*Program.find(self.program).words, *arguments],
            spec=scenario.window_spec,
            expected_windows=n_windows,
            timeout_s=self.timeout_s,
            files=self.files(scenario, seed=seed, block=block, n_windows=n_windows),
            drop_monomorphic=self.prints_monomorphic_sites,
            drop_selected_site=self.prints_a_column_to_drop(scenario),
        )
        return simulated.take(np.array(places))


@dataclass(frozen=True)
class MsDriver(Driver):
    """Neutral windows with ms, mspms or scrm."""

    def arguments(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> list[str]:
        """Return the line of ms for one run."""
        return ms_command(
            scenario,
            n_windows=n_windows,
            seeds=_three_seeds(seed, block),
            position_digits=_position_digits(scenario),
        )


@dataclass(frozen=True)
class MsselDriver(Driver):
    """Windows around a selected site with mssel, along given trajectories or those of the engine."""

    def arguments(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> list[str]:
        """Return the line of mssel for one run."""
        selection = scenario.selection
        if selection is not None:
            for name, prior in scenario.priors().items():
                raise UnsupportedError(f"mssel: {name} = {prior}: a program takes one value, not a prior")
            reason = unsupported_selection(scenario, selection)
            if reason is not None:
                raise UnsupportedError(f"mssel: {reason}")
        return mssel_command(
            scenario,
            n_windows=n_windows,
            trajectory_file=_TRAJECTORY_FILE,
            seeds=_three_seeds(seed, block),
            position_digits=_position_digits(scenario),
        )

    def files(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> Mapping[str, str]:
        """Return the trajectories of one run: mssel takes them in turn, window i the i-th."""
        assert scenario.selection is not None
        given, first = scenario.selection.given_trajectories, block * BLOCK_WINDOWS
        if given:
            in_turn = [given[(first + i) % len(given)] for i in range(min(len(given), n_windows))]
        else:
            in_turn = _drawn_trajectories(scenario, range(first, first + n_windows), seed)
        size = fixed(scenario.population.size, "population.size", "mssel")
        return {_TRAJECTORY_FILE: write_trajectories(in_turn, population_size=size)}

    def prints_a_column_to_drop(self, scenario: Scenario) -> bool:
        """Tell whether mssel prints the selected site though it is not kept: it gives the label away.

        It prints it where it varies and lies on one of its sites or just behind the last.
        """
        selection, locus = scenario.selection, scenario.locus
        assert selection is not None
        n_haplotypes = scenario.sample.n_haplotypes
        n_carriers = n_haplotypes if selection.carriers == "all" else int(selection.carriers)
        position = fixed(selection.position, "selection.position", "mssel")
        printed = 0 < n_carriers < n_haplotypes and 0 <= position <= locus.sequence_length
        return printed and not (selection.keep_selected_site and position < locus.sequence_length)


@dataclass(frozen=True)
class MsmsDriver(Driver):
    """Windows with msms, from frequencies forward in time."""

    # a marked allele that is lost or fixed is printed all the same
    prints_monomorphic_sites: ClassVar[bool] = True

    def arguments(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> list[str]:
        """Return the line of msms for one run."""
        return msms_command(
            scenario,
            n_windows=n_windows,
            seed=_spaced_seed(seed, block),
            position_digits=_position_digits(scenario),
        )


@dataclass(frozen=True)
class DiscoalDriver(Driver):
    """Windows with discoal, of one origin, looking back from a fixation or from today."""

    # a partial sweep is printed also where all haplotypes carry it
    prints_monomorphic_sites: ClassVar[bool] = True

    def arguments(self, scenario: Scenario, *, seed: int, block: int, n_windows: int) -> list[str]:
        """Return the line of discoal for one run."""
        return discoal_command(scenario, n_windows=n_windows, seeds=_two_seeds(seed, block))


def _drawn_trajectories(scenario: Scenario, windows: range, seed: int) -> list[Trajectory]:
    """Return the trajectories that the built-in mssel would follow in these windows.

    Raises
    ------
    UnsupportedError
        If one is too long to be written down: an allele that selection keeps.
    """
    from selbench_coalescent.engine.recording import record_trajectories

    plan = plan_of(Quantities.draw(scenario, windows=windows, seed=seed), seed=seed, shuffled=False)
    seeds = dict(zip(("seed", "trajectory_seed"), engine_seeds("mssel", seed), strict=True))
    return list(record_trajectories(plan, windows=windows, **seeds))


def _position_digits(scenario: Scenario) -> int:
    """Return the decimals that tell neighbouring base pairs apart, at least 6."""
    return max(6, ceil(log10(scenario.locus.sequence_length)) + 1)


def _three_seeds(seed: int, block: int) -> tuple[int, int, int]:
    """Return the seeds of ms: three values, each of which it takes modulo 65,536."""
    bits = stream_seed(seed, "program", block)
    return bits & 0xFFFF, (bits >> 16) & 0xFFFF, (bits >> 32) & 0xFFFF


def _two_seeds(seed: int, block: int) -> tuple[int, int]:
    """Return the seeds of discoal, whose generator takes two, each from 1 to a little under 2³¹."""
    bits = stream_seed(seed, "program", block)
    return 1 + (bits & 0x3FFFFFFF), 1 + (bits >> 31 & 0x3FFFFFFF)


def _spaced_seed(seed: int, block: int) -> int:
    """Return the seed of msms, which adds the replicate to it: blocks are 1,024 seeds apart or more."""
    return stream_seed(seed, "program", block) >> _SEED_SPACING_BITS << _SEED_SPACING_BITS
