"""The allele-frequency path that a window looks back along, one step at a time.

A path is a source of steps: a frequency, and the time until which it holds. It
reads a step function, or draws the next step of a diffusion, or first the one
and then the other; so a path that nobody needs to the end is never drawn to the
end, and none is ever kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled, inlined

# cells of a path
FREQUENCY = 0  # of the favoured allele, in this step
UNTIL = 1  # generations ago, where this step ends
STATE = 2  # of the diffusion: frequency at UNTIL
LOG_WEIGHT = 3  # of the diffusion: see `enter_regime`
REGIME = 4  # the one that the diffusion is in
CURSOR = 5  # step of the step function, up to LAST
LAST = 6
THEN = 7  # generations ago, where the diffusion follows on the last step; infinite if it does not
PATH_STREAM: Any = np.int64(8)  # and 9
PATH_CELLS = 10  # as many again serve `remember`

# columns of a regime: a stretch of the past with one size and one set of fitnesses
BEGINS = 0  # generations ago
COPIES = 1  # 2N
HETEROZYGOTE, HOMOZYGOTE = 2, 3  # a = w_Aa/w_aa − 1 and b = w_AA/w_aa − 1
TABLE = 4  # row of `tables`, or NO_TABLE under additive selection
REGIME_COLUMNS = 5
NO_TABLE = -1.0


class Path(NamedTuple):
    """Where a window stands on its path into the past."""

    times: Reals  # (n_steps,) generations ago at which a step begins
    frequencies: Reals  # (n_steps,)
    regimes: Reals  # (n_regimes · REGIME_COLUMNS,)
    n_regimes: int
    tables: Reals  # see `diffusion.loss_slope`
    real: Reals  # the cells named above, seen as three kinds of number
    whole: Wholes
    word: Words


@inlined
def regime(path: Path, column: int) -> float:
    """Return a column of the regime that the diffusion is in."""
    return path.regimes[path.whole[REGIME] * REGIME_COLUMNS + column]


@inlined
def regime_ends(path: Path) -> float:
    """Return how many generations ago the next regime begins."""
    following = path.whole[REGIME] + 1
    return path.regimes[following * REGIME_COLUMNS + BEGINS] if following < path.n_regimes else np.inf


@compiled
def start_steps(path: Path, first: int, last: int, then: float) -> None:
    """Stand on step `first`; the step function ends with `last`, the diffusion begins at `then`."""
    path.whole[CURSOR], path.whole[LAST], path.real[THEN] = first - 1, last, then
    read_step(path)


@inlined
def read_step(path: Path) -> None:
    """Go to the next step of the step function."""
    step = path.whole[CURSOR] + 1
    path.whole[CURSOR] = step
    path.real[FREQUENCY] = path.frequencies[step]
    path.real[UNTIL] = path.times[step + 1] if step < path.whole[LAST] else path.real[THEN]


@compiled
def remember(path: Path) -> None:
    """Note where the path stands."""
    for cell in range(PATH_CELLS):
        path.whole[PATH_CELLS + cell] = path.whole[cell]


@compiled
def recall(path: Path) -> None:
    """Go back to where the path stood; the same steps follow again."""
    for cell in range(PATH_CELLS):
        path.whole[cell] = path.whole[PATH_CELLS + cell]
