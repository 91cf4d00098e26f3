"""The allele-frequency trajectory that a window looks back along, one step at a time.

A trajectory is a source of steps: a frequency, and the time until which it holds. It
reads a step function, or draws the next step of a diffusion, or first the one
and then the other; so a trajectory that nobody needs to the end is never drawn to the
end, and none is ever kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled, inlined
from selbench_coalescent.engine.shapes import NO_ONSET, REGIME_COLUMNS

# cells of a trajectory
FREQUENCY = 0  # of the favoured allele, in this step
UNTIL = 1  # generations ago, where this step ends
CURSOR = 2  # step of the step function, up to LAST
LAST = 3
THEN = 4  # generations ago, where the diffusion follows on the last step; infinite if it does not
STATE = 5  # of the diffusion: frequency at UNTIL
LOG_WEIGHT = 6  # of the diffusion: see `diffusion.log_density`
NOISE = 7  # of the diffusion: variance of a step, relative to the square of the rarer side
REGIME = 8  # the one that the diffusion is in; its columns follow
COPIES = 9  # 2N
HETEROZYGOTE, HOMOZYGOTE = 10, 11  # a = w_Aa/w_aa − 1 and b = w_AA/w_aa − 1
TABLE = 12  # row of `tables`, or NO_TABLE under additive selection
EQUILIBRIUM = 13  # frequency that selection keeps the allele at, or NO_EQUILIBRIUM
PERSISTENCE = 14  # generations that it does so, on average
REGIME_ENDS = 15  # generations ago
N_STEPS = 16  # that the diffusion took
TRAJECTORY_STREAM: Any = np.int64(17)  # and 18
ONSET = 19  # frequency below which, looking back, the allele is neutral for good; or NO_ONSET, ONSET_PASSED
WALK_CELLS = 20  # as many again serve `remember`

# columns of a regime, a stretch of the past: when it begins, and the cells from COPIES to PERSISTENCE
NO_TABLE = NO_EQUILIBRIUM = -1.0
ONSET_PASSED = -2.0


class TrajectoryWalk(NamedTuple):
    """Where a window stands on its trajectory into the past."""

    times: Reals  # (n_steps,) generations ago at which a step begins
    frequencies: Reals  # (n_steps,)
    regimes: Reals  # (n_regimes · REGIME_COLUMNS,)
    n_regimes: int
    tables: Reals  # see `diffusion.log_loss_slope`
    real: Reals  # the cells named above, seen as three kinds of number
    whole: Wholes
    word: Words


@compiled
def enter_regime(walk: TrajectoryWalk, i: int) -> None:
    """Let the diffusion run in regime i."""
    row = i * REGIME_COLUMNS
    walk.whole[REGIME] = i
    for column in range(1, REGIME_COLUMNS):
        walk.real[REGIME + column] = walk.regimes[row + column]
    walk.real[REGIME_ENDS] = walk.regimes[row + REGIME_COLUMNS] if i + 1 < walk.n_regimes else np.inf
    if walk.real[ONSET] == ONSET_PASSED:
        end_selection(walk)
    elif walk.real[ONSET] != NO_ONSET:
        # what keeps the allele from its onset for long is walked through: no short cut leads there
        walk.real[EQUILIBRIUM] = NO_EQUILIBRIUM


@inlined
def end_selection(walk: TrajectoryWalk) -> None:
    """Let the diffusion be neutral from here on back."""
    walk.real[ONSET] = ONSET_PASSED
    walk.real[HETEROZYGOTE], walk.real[HOMOZYGOTE] = 0.0, 0.0
    walk.real[TABLE], walk.real[EQUILIBRIUM] = NO_TABLE, NO_EQUILIBRIUM


@compiled
def start_steps(walk: TrajectoryWalk, first: int, last: int, then: float) -> None:
    """Stand on step `first`; the step function ends with `last`, the diffusion begins at `then`."""
    walk.whole[CURSOR], walk.whole[LAST], walk.real[THEN] = first - 1, last, then
    walk.real[EQUILIBRIUM], walk.whole[N_STEPS], walk.real[ONSET] = NO_EQUILIBRIUM, 0, NO_ONSET
    read_step(walk)


@inlined
def read_step(walk: TrajectoryWalk) -> None:
    """Go to the next step of the step function."""
    step = walk.whole[CURSOR] + 1
    walk.whole[CURSOR] = step
    walk.real[FREQUENCY] = walk.frequencies[step]
    walk.real[UNTIL] = walk.times[step + 1] if step < walk.whole[LAST] else walk.real[THEN]


@compiled
def remember(walk: TrajectoryWalk) -> None:
    """Note where the trajectory stands."""
    for cell in range(WALK_CELLS):
        walk.whole[WALK_CELLS + cell] = walk.whole[cell]


@compiled
def recall(walk: TrajectoryWalk) -> None:
    """Go back to where the trajectory stood; the same steps follow again."""
    for cell in range(WALK_CELLS):
        walk.whole[cell] = walk.whole[WALK_CELLS + cell]
