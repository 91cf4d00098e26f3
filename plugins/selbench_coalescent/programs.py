"""The user's own copies of ms, mssel and msms, or what speaks their language.

They run in fixed blocks, so that a window depends on its index alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log10
from typing import ClassVar

import numpy as np

from selbench import Scenario, SimulatorError, Trajectory, UnsupportedError, Windows
from selbench.adapters.ms_program import DEFAULT_TIMEOUT_S, run_program
from selbench.adapters.program import Program
from selbench.scenario import write_trajectories
from selbench.streams import stream_seed
from selbench_coalescent.arguments import ms_command, msms_command, mssel_command
from selbench_coalescent.arguments.units import fixed
from selbench_coalescent.plans import engine_seeds, plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_selection

BLOCK_WINDOWS = 1000
"""Windows per run: starting a program costs as much as many windows (a JVM 0.16 s)."""

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
        Seconds per block of `BLOCK_WINDOWS` windows.
    """

    program: str
    timeout_s: float = DEFAULT_TIMEOUT_S
    prints_monomorphic_sites: ClassVar[bool] = False

    @abstractmethod
    def arguments(self, scenario: Scenario, *, seed: int, block: int) -> list[str]:
        """Return the arguments, without the program, that make one block of windows.

        Raises
        ------
        UnsupportedError
            If the program cannot do the scenario.
        """

    def files(self, scenario: Scenario, *, seed: int, block: int) -> Mapping[str, str]:
        """Return the files, name to text, that the arguments speak of."""
        return {}

    def unsupported(self, scenario: Scenario) -> str | None:
        """Say why the program cannot do `scenario`, if only because it is not there, or None."""
        try:
            self.arguments(scenario, seed=0, block=0)
            Program.find(self.program)
        except UnsupportedError as refusal:
            return str(refusal).partition(": ")[2]  # without the program's name in front
        except SimulatorError as missing:
            return str(missing)
        return None

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Run the blocks that hold these window indices and take the windows out of them.

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
        indices = np.asarray(windows)
        blocks, place = np.unique(indices // BLOCK_WINDOWS, return_inverse=True)
        simulated = Windows.concatenate([self._run(scenario, seed, block) for block in blocks.tolist()])
        return simulated.take(place * BLOCK_WINDOWS + indices % BLOCK_WINDOWS)

    def provenance(self) -> dict[str, str]:
        """Return the program's command, version line and SHA-256."""
        return Program.find(self.program).provenance()

    def _run(self, scenario: Scenario, seed: int, block: int) -> Windows:
        arguments = self.arguments(scenario, seed=seed, block=block)
        return run_program(
            [*Program.find(self.program).words, *arguments],
            spec=scenario.window_spec,
            expected_windows=BLOCK_WINDOWS,
            timeout_s=self.timeout_s,
            files=self.files(scenario, seed=seed, block=block),
            drop_monomorphic=self.prints_monomorphic_sites,
        )


@dataclass(frozen=True)
class MsDriver(Driver):
    """Neutral windows with ms, mspms or scrm."""

    def arguments(self, scenario: Scenario, *, seed: int, block: int) -> list[str]:
        """Return the line of ms for one block."""
        return ms_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            seeds=_three_seeds(seed, block),
            position_digits=_position_digits(scenario),
        )


@dataclass(frozen=True)
class MsselDriver(Driver):
    """Windows around a selected site with mssel, along given trajectories or those of the engine."""

    def arguments(self, scenario: Scenario, *, seed: int, block: int) -> list[str]:
        """Return the line of mssel for one block."""
        selection = scenario.selection
        if selection is not None:
            for name, prior in scenario.priors().items():
                raise UnsupportedError(f"mssel: {name} = {prior}: a program takes one value, not a prior")
            reason = unsupported_selection(scenario, selection)
            if reason is not None:
                raise UnsupportedError(f"mssel: {reason}")
        return mssel_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            trajectory_file=_TRAJECTORY_FILE,
            seeds=_three_seeds(seed, block),
            position_digits=_position_digits(scenario),
        )

    def files(self, scenario: Scenario, *, seed: int, block: int) -> Mapping[str, str]:
        """Return the trajectories of one block: mssel takes them in turn, window i the i-th."""
        assert scenario.selection is not None
        given, first = scenario.selection.given_trajectories, block * BLOCK_WINDOWS
        if given:
            in_turn = [given[(first + i) % len(given)] for i in range(min(len(given), BLOCK_WINDOWS))]
        else:
            in_turn = _drawn_trajectories(scenario, range(first, first + BLOCK_WINDOWS), seed)
        size = fixed(scenario.population.size, "population.size", "mssel")
        return {_TRAJECTORY_FILE: write_trajectories(in_turn, population_size=size)}


@dataclass(frozen=True)
class MsmsDriver(Driver):
    """Windows with msms, from frequencies forward in time."""

    # a marked allele that is lost or fixed is printed all the same
    prints_monomorphic_sites: ClassVar[bool] = True

    def arguments(self, scenario: Scenario, *, seed: int, block: int) -> list[str]:
        """Return the line of msms for one block."""
        return msms_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            seed=_spaced_seed(seed, block),
            position_digits=_position_digits(scenario),
        )


def _drawn_trajectories(scenario: Scenario, windows: range, seed: int) -> list[Trajectory]:
    """Return the trajectories that the built-in mssel would follow in these windows."""
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


def _spaced_seed(seed: int, block: int) -> int:
    """Return the seed of msms, which adds the replicate to it: blocks are 1,024 seeds apart or more."""
    return stream_seed(seed, "program", block) >> _SEED_SPACING_BITS << _SEED_SPACING_BITS
