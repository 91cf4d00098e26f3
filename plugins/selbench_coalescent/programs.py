"""The user's own copies of ms, mssel and msms, or what speaks their language.

They run in fixed blocks, so that a window depends on its index alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log10
from typing import Any

import numpy as np

from selbench import Scenario, Trajectory, Windows
from selbench.adapters.ms_program import DEFAULT_TIMEOUT_S, run_program
from selbench.adapters.program import Program
from selbench.streams import stream_seed
from selbench.trajectories import write_trajectories
from selbench_coalescent.arguments import ms_command, msms_command, mssel_command
from selbench_coalescent.arguments.units import fixed

BLOCK_WINDOWS = 1000
"""Windows per run: starting a program costs as much as many windows (a JVM 0.16 s)."""

_TRAJECTORY_FILE = "trajectories.txt"
_SEED_SPACING_BITS = 10


def simulate_with_ms(
    scenario: Scenario, *, program: str, windows: range, seed: int, timeout_s: float = DEFAULT_TIMEOUT_S
) -> Windows:
    """Simulate neutral windows with ms, mspms or scrm.

    Parameters
    ----------
    program : str
        As on a command line: ``/path/to/ms``.
    windows : range
        Window indices.
    timeout_s : float
        Seconds per block of `BLOCK_WINDOWS` windows.

    Raises
    ------
    UnsupportedError
        If ms cannot do the scenario.
    SimulatorError
        If the program is missing or a run fails.
    """
    found = Program.find(program)

    def run(block: int) -> Windows:
        arguments = ms_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            seeds=_three_seeds(seed, block),
            position_digits=position_digits(scenario.locus.sequence_length),
        )
        return _run(found, arguments, scenario, timeout_s)

    return _from_blocks(scenario, windows, run)


def simulate_with_mssel(
    scenario: Scenario,
    *,
    program: str,
    windows: range,
    seed: int,
    trajectories: Callable[[range], Sequence[Trajectory]],
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Windows:
    """Simulate windows around a selected site with mssel; other arguments as for `simulate_with_ms`.

    Parameters
    ----------
    trajectories : callable
        Returns the trajectory of each window of a range of indices.
    """
    found = Program.find(program)
    size = fixed(scenario.population.size, "population.size", "mssel")

    def run(block: int) -> Windows:
        indices = range(block * BLOCK_WINDOWS, (block + 1) * BLOCK_WINDOWS)
        arguments = mssel_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            trajectory_file=_TRAJECTORY_FILE,
            seeds=_three_seeds(seed, block),
            position_digits=position_digits(scenario.locus.sequence_length),
        )
        text = write_trajectories(trajectories(indices), population_size=size)
        return _run(found, arguments, scenario, timeout_s, files={_TRAJECTORY_FILE: text})

    return _from_blocks(scenario, windows, run)


def simulate_with_msms(
    scenario: Scenario, *, program: str, windows: range, seed: int, timeout_s: float = DEFAULT_TIMEOUT_S
) -> Windows:
    """Simulate windows with msms, from frequencies forward in time; arguments as for `simulate_with_ms`."""
    found = Program.find(program)

    def run(block: int) -> Windows:
        arguments = msms_command(
            scenario,
            n_windows=BLOCK_WINDOWS,
            seed=_spaced_seed(seed, block),
            position_digits=position_digits(scenario.locus.sequence_length),
        )
        # a marked allele that is lost or fixed is printed all the same
        return _run(found, arguments, scenario, timeout_s, drop_monomorphic=True)

    return _from_blocks(scenario, windows, run)


def position_digits(sequence_length: int) -> int:
    """Return the decimals that tell neighbouring base pairs apart, at least 6."""
    return max(6, ceil(log10(sequence_length)) + 1)


def _run(
    program: Program,
    arguments: Sequence[str],
    scenario: Scenario,
    timeout_s: float,
    **how: Any,
) -> Windows:
    return run_program(
        [*program.words, *arguments],
        spec=scenario.window_spec,
        expected_windows=BLOCK_WINDOWS,
        timeout_s=timeout_s,
        **how,
    )


def _from_blocks(scenario: Scenario, windows: range, run: Callable[[int], Windows]) -> Windows:
    """Run the blocks that hold these indices and take the windows out of them."""
    spec = scenario.window_spec
    if not windows:
        return Windows.from_arrays(
            [], [], sequence_length=spec.sequence_length, ploidy=spec.ploidy, n_haplotypes=spec.n_haplotypes
        )
    indices = np.asarray(windows)
    blocks, place = np.unique(indices // BLOCK_WINDOWS, return_inverse=True)
    simulated = Windows.concatenate([run(block) for block in blocks.tolist()])
    return simulated.take(place * BLOCK_WINDOWS + indices % BLOCK_WINDOWS)


def _three_seeds(seed: int, block: int) -> tuple[int, int, int]:
    """Return the seeds of ms: three values, each of which it takes modulo 65,536."""
    bits = stream_seed(seed, "program", block)
    return bits & 0xFFFF, (bits >> 16) & 0xFFFF, (bits >> 32) & 0xFFFF


def _spaced_seed(seed: int, block: int) -> int:
    """Return the seed of msms, which adds the replicate to it: blocks are 1,024 seeds apart or more."""
    return stream_seed(seed, "program", block) >> _SEED_SPACING_BITS << _SEED_SPACING_BITS
