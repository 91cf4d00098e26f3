"""The allele's frequency by Wright–Fisher sampling, forward in time, generation by generation.

Selection changes the frequency p of the favoured allele among the gametes to
p·(p·w_AA + (1−p)·w_Aa)/w̄; the next generation's 2N copies are a binomial sample
of them. The step function that results gives to the time between generations
g and g + 1 the frequency in generation g + 1, among the parents.
"""

from __future__ import annotations

import numpy as np

from selbench.scenario.elementary_kernels import exp
from selbench_coalescent.engine.compiled import Reals, compiled
from selbench_coalescent.engine.distributions import binomial
from selbench_coalescent.engine.splitmix import uniform
from selbench_coalescent.engine.trajectory import TRAJECTORY_STREAM, TrajectoryWalk, start_steps

# columns of an epoch
BEGIN = 0  # generations ago
SIZE = 1  # diploid individuals there
GROWTH = 2  # per generation, forward in time
EPOCH_COLUMNS = 3

TOO_LONG = -2.0
"""What stands for today's frequency when a trajectory does not fit into its memory."""


@compiled
def run_from_onset(
    walk: TrajectoryWalk, epochs: Reals, n_epochs: int, onset: int, frequency: float, a: float, b: float
) -> float:
    """Draw the generations from `onset` until today; return today's frequency.

    Parameters
    ----------
    onset : int
        Generations ago.
    frequency : float
        At onset, as far as whole copies allow; 0 stands for one copy.
    a, b : float
        w_Aa/w_aa − 1 and w_AA/w_aa − 1.
    """
    epoch = epoch_at(epochs, n_epochs, onset)
    copies = _copies(epochs, epoch, onset)
    p = max(1.0, np.rint(frequency * copies)) / copies if frequency < 1.0 else 1.0
    for g in range(onset - 1, -1, -1):
        walk.times[g], walk.frequencies[g] = g, p
        if 0.0 < p < 1.0:
            while epoch > 0 and epochs[epoch * EPOCH_COLUMNS + BEGIN] > g:
                epoch -= 1
            copies = _copies(epochs, epoch, g)
            p = binomial(walk.word, TRAJECTORY_STREAM, copies, _after_selection(p, a, b)) / copies
    walk.times[onset], walk.frequencies[onset] = onset, 0.0
    return p


@compiled
def run_from_mutation(
    walk: TrajectoryWalk, epochs: Reals, n_epochs: int, oldest: int, largest: float, a: float, b: float
) -> float:
    """Draw the generations since one mutation; return today's frequency, 0 where the allele was lost.

    The mutation is as likely in any copy of any generation back to `oldest`.

    Parameters
    ----------
    largest : float
        2N at its largest.
    """
    origin, epoch = 0, 0
    while origin == 0:
        g = 1 + int(uniform(walk.word, TRAJECTORY_STREAM) * oldest)
        epoch = epoch_at(epochs, n_epochs, g)
        if uniform(walk.word, TRAJECTORY_STREAM) * largest < _copies(epochs, epoch, g):
            origin = g
    p = 1.0 / _copies(epochs, epoch, origin)
    for g in range(origin - 1, -1, -1):
        walk.times[g], walk.frequencies[g] = g, p
        while epoch > 0 and epochs[epoch * EPOCH_COLUMNS + BEGIN] > g:
            epoch -= 1
        copies = _copies(epochs, epoch, g)
        p = binomial(walk.word, TRAJECTORY_STREAM, copies, _after_selection(p, a, b)) / copies
        if p == 0.0:
            return 0.0
    walk.times[origin], walk.frequencies[origin] = origin, 0.0
    start_steps(walk, 0, origin, np.inf)
    return p


@compiled
def run_to_fixation(
    walk: TrajectoryWalk, capacity: int, fixed_for: float, copies: int, a: float, b: float
) -> float:
    """Draw the generations from one new copy until it is fixed; return 1, or 0 where it was lost.

    The steps end at `capacity`, the number that there is memory for, so that
    they stand in order from today back; where that is too few, `TOO_LONG`.
    """
    step, p = capacity - 1, 1.0 / copies
    while p < 1.0:
        step -= 1
        if step < 1:
            return TOO_LONG
        walk.frequencies[step] = p
        p = binomial(walk.word, TRAJECTORY_STREAM, copies, _after_selection(p, a, b)) / copies
        if p == 0.0:
            return 0.0
    for i in range(step, capacity):
        walk.times[i] = fixed_for + (i - step)
    walk.frequencies[capacity - 1] = 0.0
    walk.times[step - 1], walk.frequencies[step - 1] = 0.0, 1.0
    start_steps(walk, step - 1 if fixed_for > 0.0 else step, capacity - 1, np.inf)
    return 1.0


@compiled
def epoch_at(epochs: Reals, n_epochs: int, generation: float) -> int:
    """Return the epoch that a generation lies in."""
    epoch = n_epochs - 1
    while epoch > 0 and epochs[epoch * EPOCH_COLUMNS + BEGIN] > generation:
        epoch -= 1
    return epoch


@compiled
def _copies(epochs: Reals, epoch: int, generation: float) -> int:
    """Return 2N of a generation, to the nearest whole number."""
    row = epoch * EPOCH_COLUMNS
    size, growth = epochs[row + SIZE], epochs[row + GROWTH]
    if growth != 0.0:
        size *= exp(-growth * (generation - epochs[row + BEGIN]))
    return max(1, int(np.rint(2.0 * size)))


@compiled
def _after_selection(p: float, a: float, b: float) -> float:
    q = 1.0 - p
    favoured = p * (p * (1.0 + b) + q * (1.0 + a))
    return favoured / (favoured + q * (p * (1.0 + a) + q))
