"""Draw the trajectory and the carriers of one window."""

from __future__ import annotations

import numpy as np

from selbench.scenario.elementary_kernels import log
from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled
from selbench_coalescent.engine.diffusion import (
    MOST_STEPS,
    log_onset_weight,
    next_step,
    place_diffusion,
    start_diffusion,
)
from selbench_coalescent.engine.plan import (
    ALL,
    BINOMIAL,
    CONDITIONED,
    FROM_MUTATION,
    FROM_ONSET,
    FROM_PRESENT,
    GIVEN,
)
from selbench_coalescent.engine.splitmix import index_below, random_bits, uniform
from selbench_coalescent.engine.trajectory import (
    CURSOR,
    FREQUENCY,
    LAST,
    LOG_WEIGHT,
    N_STEPS,
    ONSET,
    ONSET_PASSED,
    REGIME_ENDS,
    THEN,
    UNTIL,
    TrajectoryWalk,
    recall,
    remember,
    start_steps,
)
from selbench_coalescent.engine.workspace import STREAM, Workspace
from selbench_coalescent.engine.wright_fisher import (
    TOO_LONG,
    run_from_mutation,
    run_from_onset,
    run_to_fixation,
)

REFUSED = -1.0
"""What stands for today's frequency when a trajectory is not accepted."""


@compiled
def draw_trajectory(
    w: Workspace, walk: TrajectoryWalk, kind: int, numbers: Reals, epochs: Reals, n_epochs: int, capacity: int
) -> float:
    """Draw a trajectory and stand at its beginning.

    Parameters
    ----------
    kind : int
        GIVEN, FROM_PRESENT, FROM_ONSET, FROM_MUTATION or TO_FIXATION.
    numbers : float64
        What that kind needs: see the classes in `plan`.
    capacity : int
        Steps that there is memory for.

    Returns
    -------
    frequency : float
        Of the allele today; `REFUSED` or `TOO_LONG` where the trajectory is void.
    """
    if kind == GIVEN:
        start_steps(walk, int(numbers[0]), int(numbers[1]), np.inf)
        return numbers[2]
    if kind == FROM_PRESENT:
        start_diffusion(walk, numbers[0], numbers[1], numbers[4])
        return numbers[3] if _accepted(w, walk, numbers[2]) else REFUSED
    if kind == FROM_ONSET:
        return _draw_from_onset(w, walk, numbers, epochs, n_epochs, capacity)
    if kind == FROM_MUTATION:
        if numbers[2] + 1.0 > capacity:
            return TOO_LONG
        today = run_from_mutation(walk, epochs, n_epochs, int(numbers[2]), numbers[3], numbers[4], numbers[5])
        return today if abs(today - numbers[0]) <= numbers[1] else REFUSED
    fixed = run_to_fixation(walk, capacity, numbers[0], int(numbers[1]), numbers[2], numbers[3])
    return fixed if fixed != 0.0 else REFUSED


@compiled
def _draw_from_onset(
    w: Workspace, walk: TrajectoryWalk, numbers: Reals, epochs: Reals, n_epochs: int, capacity: int
) -> float:
    onset, stands = int(numbers[0]), numbers[4] > 0.0
    if onset + 1 > capacity:
        return TOO_LONG
    today = run_from_onset(walk, epochs, n_epochs, onset, numbers[1], numbers[2], numbers[3])
    if not stands:
        start_steps(walk, 0, onset, np.inf)
        return today
    start_steps(walk, 0, onset - 1, float(onset))
    walk.real[ONSET] = ONSET_PASSED
    place_diffusion(walk, walk.frequencies[onset - 1], float(onset))
    return today if _accepted(w, walk, numbers[5]) else REFUSED


@compiled
def _accepted(w: Workspace, walk: TrajectoryWalk, log_bound: float) -> bool:
    """Run a diffusion through all regimes and accept it in proportion to its weight.

    An accepted trajectory stands again where it stood; from a rejected one the stream
    of random numbers goes on. Weights do not exceed ``exp(log_bound)``. What is
    still to come in the last regime weighs the same for all: an onset there.
    """
    if walk.real[REGIME_ENDS] == np.inf:
        return True
    remember(walk)
    if walk.whole[CURSOR] < walk.whole[LAST]:
        walk.whole[CURSOR], walk.real[UNTIL] = walk.whole[LAST], walk.real[THEN]
    while walk.real[REGIME_ENDS] < np.inf and walk.real[FREQUENCY] > 0.0 and walk.whole[N_STEPS] < MOST_STEPS:
        next_step(walk)
    log_weight = walk.real[LOG_WEIGHT]
    if walk.real[ONSET] > 0.0:
        log_weight += log_onset_weight(walk)
    accepted = log(1.0 - uniform(w.word, STREAM)) <= log_weight - log_bound
    if accepted:
        recall(walk)
    return bool(accepted)


@compiled
def draw_carriers(rule: int, n: int, p: float, stream: Words) -> int:
    """Draw how many of n sampled haplotypes carry an allele of frequency p, or −1 if that cannot be."""
    k = n if rule == ALL else rule
    if rule in (BINOMIAL, CONDITIONED):
        k = 0
        for _ in range(n):
            k += 1 if uniform(stream, STREAM) < p else 0
    impossible = (p <= 0.0 and k > 0) or (p >= 1.0 and k < n)
    return -1 if impossible or (rule == CONDITIONED and (k == 0 or k == n)) else k


@compiled
def arrange(columns: Wholes, n: int, shuffled: bool, stream: Words) -> None:
    """Put the columns of the n haplotypes in order of rank, or in random order."""
    for i in range(n):
        columns[i] = i
    if shuffled:
        for i in range(n - 1, 0, -1):
            j = index_below(random_bits(stream, STREAM), i + 1)
            columns[i], columns[j] = columns[j], columns[i]
