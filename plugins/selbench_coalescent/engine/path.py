"""The allele-frequency path that a window looks back along, one step at a time.

A path is a source of steps (frequency, and the time until which it holds). It
either reads a step function or draws the next step from the diffusion that is
conditioned on today's frequency, so a path is never longer in memory than now.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled, inlined
from selbench_coalescent.engine.splitmix import normal

STEPS, DIFFUSION = 0, 1

# cells of a path
FREQUENCY = 0  # of the favoured allele, in this step
UNTIL = 1  # generations ago, where this step ends
KIND = 2  # STEPS or DIFFUSION
CURSOR, LAST = 3, 4  # this step and the last one of a step function
STATE = 5  # frequency at UNTIL
SELECTION = 6  # s of the homozygote
COPIES = 7  # 2N
PATH_STREAM = 8  # and 9
PATH_CELLS = 10

NOISE_PER_STEP = 0.1
"""Largest variance of one diffusion step, relative to the square of the rarer allele's frequency."""
DRIFT_PER_STEP = 0.1
"""Largest change of the log odds of the frequency by selection in one step."""
FAR_FROM_FIXATION = 9.0
"""From this N·s·(1−x) on, coth(N·s·(1−x)) is 1 (to 3e-8)."""


class Path(NamedTuple):
    """Where a window stands on its path into the past."""

    times: Reals  # (steps,) generations ago at which a step begins
    frequencies: Reals  # (steps,)
    real: Reals  # the cells named above, seen as three kinds of number
    whole: Wholes
    word: Words


@compiled
def start_steps(path: Path, first: int, last: int) -> None:
    """Stand on the step function ``times[first : last + 1]``."""
    path.whole[KIND], path.whole[CURSOR], path.whole[LAST] = STEPS, first - 1, last
    next_step(path)


@compiled
def start_diffusion(path: Path, frequency: float, fixed_for: float, s: float, copies: float) -> None:
    """Stand at today's frequency, or at 1 for `fixed_for` generations and below it before."""
    path.whole[KIND] = DIFFUSION
    path.real[SELECTION], path.real[COPIES] = s, copies
    path.real[UNTIL], path.real[STATE] = 0.0, frequency
    if fixed_for >= 0.0:
        path.real[FREQUENCY], path.real[UNTIL], path.real[STATE] = 1.0, fixed_for, 1.0 - 1.0 / copies
    if fixed_for <= 0.0:
        next_step(path)


@compiled
def next_step(path: Path) -> None:
    """Go one step back."""
    if path.whole[KIND] == STEPS:
        path.whole[CURSOR] += 1
        step = path.whole[CURSOR]
        path.real[FREQUENCY] = path.frequencies[step]
        path.real[UNTIL] = path.times[step + 1] if step < path.whole[LAST] else np.inf
        return
    x, copies, half_s = path.real[STATE], path.real[COPIES], 0.5 * abs(path.real[SELECTION])
    if x <= 1.0 / copies:
        path.real[FREQUENCY], path.real[UNTIL] = 0.0, np.inf
        return
    generations = NOISE_PER_STEP * copies * min(x, 1.0 - x)
    pull = half_s
    if copies * half_s * (1.0 - x) < FAR_FROM_FIXATION:
        pull = _pull(half_s, copies, x)
        generations = max(1.0, min(generations, DRIFT_PER_STEP / pull))
        half_way, _ = _carried(x, 0.5 * pull * generations)
        pull = _pull(half_s, copies, half_way)
    elif generations * half_s > DRIFT_PER_STEP:
        generations = max(1.0, DRIFT_PER_STEP / half_s)
    else:
        generations = max(1.0, generations)
    carried, stretch = _carried(x, pull * generations)
    variance = generations / copies * x * (1.0 - x) * stretch * 0.5 * (1.0 + stretch)
    y = min(_scattered(carried, variance, path.word), 1.0 - 1.0 / copies)
    path.real[STATE] = y
    path.real[UNTIL] += generations
    path.real[FREQUENCY] = _between(x, max(y, 0.5 / copies))


@compiled
def _pull(half_s: float, copies: float, x: float) -> float:
    """Return how fast the log odds of x fall, looking back, under additive selection.

    (s/2)·coth(N·s·(1−x)): the diffusion conditioned on its present frequency,
    time-reversed. It is the same for s and −s.
    """
    twice_z = 2.0 * copies * half_s * (1.0 - x)
    if twice_z < 1e-4:
        return 1.0 / (copies * (1.0 - x))
    e = math.exp(-twice_z)
    return half_s * (1.0 + e) / (1.0 - e)


@inlined
def _carried(x: float, fall: float) -> tuple[float, float]:
    """Return the frequency whose log odds are lower by `fall`, and how far that stretches x(1−x)."""
    # exp(−fall) = below / above, to 1e-8 at the usual 0.1
    above, below = 12.0 + fall * (6.0 + fall), 12.0 + fall * (fall - 6.0)
    if fall > 0.5:
        above, below = 1.0, math.exp(-fall)
    scale = 1.0 / ((1.0 - x) * above + x * below)
    return x * below * scale, below * above * scale * scale


@inlined
def _scattered(y: float, variance: float, stream: Words) -> float:
    """Add the noise of a step to frequency y.

    The rarer side becomes a squared normal variable with the right mean and
    variance. Near the boundaries, where 2N·x is a branching process, that also
    has the skewness and kurtosis of the diffusion (the quadratic of Andersen's
    QE scheme, 2008).
    """
    rare = min(y, 1.0 - y)
    fixed = math.sqrt(rare * rare - min(0.5 * variance, 0.95 * rare * rare))
    z = normal(stream, PATH_STREAM)
    rare = fixed + (rare - fixed) * z * z + 2.0 * math.sqrt(fixed * (rare - fixed)) * z
    return rare if y <= 0.5 else 1.0 - rare


@inlined
def _between(x: float, y: float) -> float:
    """Return the frequency that gives the mean coalescence rate of the rarer side between x and y."""
    if x + y <= 1.0:
        return 2.0 * x * y / (x + y)
    return 1.0 - 2.0 * (1.0 - x) * (1.0 - y) / (2.0 - x - y)
