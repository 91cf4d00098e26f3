"""The allele-frequency path that a window looks back along, one step at a time.

A path is a source of steps (frequency, and the time until which it holds). It
either reads a step function or draws the next step from the diffusion that is
conditioned on today's frequency, so a path is never longer in memory than now.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled
from selbench_coalescent.engine.splitmix import normal

STEPS, DIFFUSION = 0, 1
KIND, CURSOR, LAST = 0, 1, 2
FREQUENCY, UNTIL, STATE, SELECTION, COPIES = 0, 1, 2, 3, 4

NOISE_PER_STEP = 0.1
"""Largest variance of one diffusion step, relative to the square of the rarer allele's frequency."""
DRIFT_PER_STEP = 0.1
"""Largest change of the log odds of the frequency by selection in one step."""


class Path(NamedTuple):
    """Where a window stands on its path into the past."""

    times: Reals  # (steps,) generations ago at which a step begins
    frequencies: Reals  # (steps,)
    number: Wholes  # (3,) KIND, CURSOR and LAST step of a step function
    now: Reals  # (5,) FREQUENCY of this step, UNTIL when, then the diffusion's:
    # STATE (frequency at that time), SELECTION (s of the homozygote), COPIES (2N)
    stream: Words  # (2,)


@compiled
def start_steps(path: Path, first: int, last: int) -> None:
    """Stand on the step function ``times[first : last + 1]``."""
    path.number[KIND], path.number[CURSOR], path.number[LAST] = STEPS, first - 1, last
    next_step(path)


@compiled
def start_diffusion(path: Path, frequency: float, fixed_for: float, s: float, copies: float) -> None:
    """Stand at today's frequency, or at 1 for `fixed_for` generations and below it before."""
    path.number[KIND] = DIFFUSION
    path.now[SELECTION], path.now[COPIES] = s, copies
    path.now[UNTIL], path.now[STATE] = 0.0, frequency
    if fixed_for >= 0.0:
        path.now[FREQUENCY], path.now[UNTIL], path.now[STATE] = 1.0, fixed_for, 1.0 - 1.0 / copies
    if fixed_for <= 0.0:
        next_step(path)


@compiled
def next_step(path: Path) -> None:
    """Go one step back."""
    if path.number[KIND] == STEPS:
        path.number[CURSOR] += 1
        step = path.number[CURSOR]
        path.now[FREQUENCY] = path.frequencies[step]
        path.now[UNTIL] = path.times[step + 1] if step < path.number[LAST] else np.inf
        return
    x, copies = path.now[STATE], path.now[COPIES]
    if x <= 1.0 / copies:
        path.now[FREQUENCY], path.now[UNTIL] = 0.0, np.inf
        return
    pull = _pull(path.now[SELECTION], copies, x)
    generations = max(1.0, min(NOISE_PER_STEP * copies * min(x, 1.0 - x), DRIFT_PER_STEP / pull))
    if pull != 0.5 * abs(path.now[SELECTION]):
        pull = _pull(path.now[SELECTION], copies, _carried(x, 0.5 * pull * generations))
    y = _diffused(x, _carried(x, pull * generations), generations / copies, path.stream)
    y = min(y, 1.0 - 1.0 / copies)
    path.now[STATE] = y
    path.now[UNTIL] += generations
    path.now[FREQUENCY] = _between(x, max(y, 0.5 / copies))


@compiled
def _pull(s: float, copies: float, x: float) -> float:
    """Return how fast the log odds of x fall, looking back, under additive selection.

    (s/2)·coth(N·s·(1−x)): the diffusion conditioned on its present frequency,
    time-reversed. It is the same for s and −s.
    """
    z = 0.5 * copies * abs(s) * (1.0 - x)
    if z > 20.0:
        return 0.5 * abs(s)
    if z < 1e-4:
        return 1.0 / (copies * (1.0 - x))
    return 0.5 * abs(s) / math.tanh(z)


@compiled
def _carried(x: float, fall: float) -> float:
    """Return the frequency whose log odds are lower by `fall`."""
    odds = math.exp(-fall)
    return x * odds / (1.0 - x + x * odds)


@compiled
def _diffused(x: float, y: float, drift: float, stream: Words) -> float:
    """Add the sampling noise of `drift` = generations / 2N to a step that selection took from x to y.

    The noise arises half-way and is carried along to y. It has the shape of a
    squared normal variable, which meets mean, variance and, near the
    boundaries, skewness and kurtosis of the diffusion (Andersen 2008, QE scheme).
    """
    before, after = x * (1.0 - x), y * (1.0 - y)
    rare = min(y, 1.0 - y)
    half = 2.0 * rare * rare / min(drift * after * 0.5 * (1.0 + after / before), 1.9 * rare * rare)
    root = half - 1.0 + math.sqrt(half * (half - 1.0))
    z = math.sqrt(root) + normal(stream)
    rare = rare / (1.0 + root) * z * z
    return rare if y <= 0.5 else 1.0 - rare


@compiled
def _between(x: float, y: float) -> float:
    """Return the frequency that gives the mean coalescence rate of the rarer side between x and y."""
    if x + y <= 1.0:
        return 2.0 * x * y / (x + y)
    return 1.0 - 2.0 * (1.0 - x) * (1.0 - y) / (2.0 - x - y)
