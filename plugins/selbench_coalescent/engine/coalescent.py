# mypy: disable-error-code="no-any-return"
"""One window: the structured coalescent with crossing-over, back along a frequency trajectory.

Two clocks run, one for coalescences and one for crossings-over, each an
exponential number of expected events that is spent across the steps of the trajectory
and of the size history. So a step costs a subtraction, and growth inside an
epoch is exact.
"""

from __future__ import annotations

import numpy as np

from selbench.scenario.elementary_kernels import exp, expm1, log1p
from selbench_coalescent.engine.ancestry import change_side, coalesce, cross_over, distance
from selbench_coalescent.engine.compiled import Reals, compiled, inlined
from selbench_coalescent.engine.diffusion import COARSE_NOISE, FINE_NOISE, MOST_STEPS, next_step
from selbench_coalescent.engine.distributions import exponential
from selbench_coalescent.engine.splitmix import index_below, random_bits, uniform
from selbench_coalescent.engine.trajectory import (
    CURSOR,
    EQUILIBRIUM,
    FREQUENCY,
    LAST,
    N_STEPS,
    NO_EQUILIBRIUM,
    NOISE,
    ONSET,
    ONSET_PASSED,
    REGIME_ENDS,
    STATE,
    UNTIL,
    TrajectoryWalk,
)
from selbench_coalescent.engine.workspace import (
    ANCESTOR_CELLS,
    BLOCK_ANCESTORS,
    BLOCK_GAP,
    BLOCK_SPAN,
    END,
    EPOCH,
    FAVOURED,
    GAP,
    HEAD,
    INDEXED,
    LEFT,
    N_ANCESTORS,
    N_FOUNDERS,
    NEXT,
    NOT_COUNTED,
    OTHER,
    RIGHT,
    SPAN,
    START,
    STREAM,
    TOO_OLD,
    VOID,
    Workspace,
    ancestor_at,
    block_at,
)
from selbench_coalescent.engine.wright_fisher import BEGIN, EPOCH_COLUMNS, GROWTH, SIZE

_S32 = np.uint64(32)


@compiled
def trace_back(
    w: Workspace,
    walk: TrajectoryWalk,
    epochs: Reals,
    n_epochs: int,
    mutation_rate: float,
    recombination_rate: float,
    n: int,
    site: float,
    merge: bool,
) -> None:
    """Follow the ancestors of a sample back until every base pair has one, dropping mutations.

    Parameters
    ----------
    w : Workspace
        Holds the sample (see `found_sample`); afterwards it holds the sites.
    walk : TrajectoryWalk
        At its first step.
    epochs : float64 (n_epochs · EPOCH_COLUMNS,)
    mutation_rate, recombination_rate : float
        Per base pair per generation.
    n : int
        Sampled haplotypes.
    site : float
        Selected site in bp.
    merge : bool
        Whether favoured ancestors become ordinary ones where the allele arises,
        instead of coalescing there.
    """
    time = 0.0
    w.whole[EPOCH] = 0
    horizon, p, growth, favoured_rate, other_rate = _conditions(w, walk, epochs, n_epochs, time)
    to_coalescence, to_crossing = exponential(w.word, STREAM), exponential(w.word, STREAM)
    while w.whole[N_ANCESTORS] + w.whole[N_ANCESTORS + 1] > 0 and not w.whole[VOID]:
        among_favoured = _pairs(w, FAVOURED) * favoured_rate
        coalescence = among_favoured + _pairs(w, OTHER) * other_rate
        crossing = recombination_rate * _reach(w, p)
        wait = _waiting_time(to_coalescence, coalescence, growth)
        crosses = to_crossing < crossing * wait
        if crosses:
            wait = to_crossing / crossing
        if time + wait > horizon:
            passed = horizon - time
            to_crossing = max(0.0, to_crossing - crossing * passed)
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(passed, growth))
            time = horizon
            _pass_horizon(w, walk, epochs, n_epochs, time, mutation_rate, n, site, merge)
            horizon, p, growth, favoured_rate, other_rate = _conditions(w, walk, epochs, n_epochs, time)
            continue
        time += wait
        if crosses:
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(wait, growth))
            to_crossing = exponential(w.word, STREAM)
            _cross_somewhere(w, p, site)
        else:
            to_crossing = max(0.0, to_crossing - crossing * wait)
            to_coalescence = exponential(w.word, STREAM)
            allele = _allele_of_pair(w, among_favoured, coalescence)
            i, j = _pick_pair(w, allele)
            coalesce(w, allele, i, j, time, mutation_rate, n, site)
        if growth != 0.0:
            favoured_rate *= exp(growth * wait)
            other_rate *= exp(growth * wait)


@inlined
def _conditions(
    w: Workspace, walk: TrajectoryWalk, epochs: Reals, n_epochs: int, time: float
) -> tuple[float, float, float, float, float]:
    """Return what holds from `time` on, and until when.

    Returns
    -------
    horizon : float
        Generations ago.
    p : float
        Frequency of the favoured allele.
    growth : float
    favoured_rate, other_rate : float
        At which a pair of either allele coalesces; it rises with ``exp(growth·time)``.
    """
    row, p = w.whole[EPOCH] * EPOCH_COLUMNS, walk.real[FREQUENCY]
    growth = epochs[row + GROWTH]
    copies = 2.0 * epochs[row + SIZE]
    if growth != 0.0:
        copies *= exp(-growth * (time - epochs[row + BEGIN]))
    horizon = walk.real[UNTIL]
    if w.whole[EPOCH] + 1 < n_epochs:
        horizon = min(horizon, epochs[row + EPOCH_COLUMNS + BEGIN])
    favoured_rate = 1.0 / (copies * p) if p > 0.0 else 0.0
    other_rate = 1.0 / (copies * (1.0 - p)) if p < 1.0 else 0.0
    return horizon, p, growth, favoured_rate, other_rate


@inlined
def _pass_horizon(
    w: Workspace,
    walk: TrajectoryWalk,
    epochs: Reals,
    n_epochs: int,
    time: float,
    mutation_rate: float,
    n: int,
    site: float,
    merge: bool,
) -> None:
    """Enter the next epoch, or the next step of the trajectory, or both; the allele may arise there."""
    if w.whole[EPOCH] + 1 < n_epochs and epochs[(w.whole[EPOCH] + 1) * EPOCH_COLUMNS + BEGIN] <= time:
        w.whole[EPOCH] += 1
    if walk.real[UNTIL] <= time:
        onset_passed = walk.real[ONSET] == ONSET_PASSED and walk.whole[CURSOR] >= walk.whole[LAST]
        if onset_passed and w.whole[N_FOUNDERS] == NOT_COUNTED:
            w.whole[N_FOUNDERS] = _carriers_at(w, site)
        _choose_noise(w, walk)
        next_step(walk)
        if walk.whole[N_STEPS] > MOST_STEPS:
            w.whole[VOID] = TOO_OLD
        endless = walk.real[EQUILIBRIUM] != NO_EQUILIBRIUM and _only_the_site_is_left(w, site)
        if walk.real[FREQUENCY] <= 0.0 or endless:
            _reach_origin(w, time, mutation_rate, n, site, merge, endless)


@compiled
def _reach_origin(
    w: Workspace, time: float, mutation_rate: float, n: int, site: float, merge: bool, endless: bool
) -> None:
    """Let the favoured ancestors coalesce at once, unless they `merge`; what is left is ordinary.

    Where the allele never arose, for practical purposes, all ancestors coalesce.
    """
    first = ancestor_at(w, FAVOURED, 0)
    if merge:
        w.whole[N_FOUNDERS] = _carriers_at(w, site)
    while w.whole[N_ANCESTORS + 1] > 1 and not merge:
        coalesce(w, FAVOURED, first, first + ANCESTOR_CELLS, time, mutation_rate, n, site)
    while w.whole[N_ANCESTORS + 1] > 0:
        change_side(w, FAVOURED, first, site)
    first = ancestor_at(w, OTHER, 0)
    while w.whole[N_ANCESTORS] > 1 and endless:
        coalesce(w, OTHER, first, first + ANCESTOR_CELLS, time, mutation_rate, n, site)


@compiled
def _carriers_at(w: Workspace, site: float) -> int:
    """Count the favoured ancestors that the selected site itself was inherited from, at least one.

    None is left where all that is sampled there has met in one of them.
    """
    count = 0
    for k in range(w.whole[N_ANCESTORS + FAVOURED]):
        segment = w.whole[ancestor_at(w, FAVOURED, k) + HEAD]
        while segment >= 0 and w.real[segment + RIGHT] <= site:
            segment = w.whole[segment + NEXT]
        if segment >= 0 and w.real[segment + LEFT] <= site:
            count += 1
    return max(1, count)


@inlined
def _only_the_site_is_left(w: Workspace, site: float) -> bool:
    """Tell whether all that is left to coalesce lies within a base pair of the selected site.

    An allele that selection keeps for ever never coalesces with the others; how
    many mutations separate them, in that base pair, is not told.
    """
    for allele in range(2):
        for k in range(w.whole[N_ANCESTORS + allele]):
            i = ancestor_at(w, allele, k)
            if w.real[i + START] < site - 1.0 or w.real[i + END] > site + 1.0:
                return False
    return True


@inlined
def _choose_noise(w: Workspace, walk: TrajectoryWalk) -> None:
    """Take longer steps while the rarer side has no pair to coalesce, and no regime still weighs the walk."""
    rarer = FAVOURED if walk.real[STATE] < 0.5 else OTHER
    alone = w.whole[N_ANCESTORS + rarer] < 2 and walk.real[REGIME_ENDS] == np.inf
    walk.real[NOISE] = COARSE_NOISE if alone else FINE_NOISE


@inlined
def _pairs(w: Workspace, allele: int) -> float:
    """Return the number of pairs among the ancestors of one allele."""
    k = w.whole[N_ANCESTORS + allele]
    return 0.5 * k * (k - 1)


@inlined
def _reach(w: Workspace, p: float) -> float:
    """Return the base pairs where a crossing-over splits an ancestor or changes its allele."""
    return w.real[SPAN] + w.real[SPAN + 1] + p * w.real[GAP] + (1.0 - p) * w.real[GAP + 1]


@inlined
def _waiting_time(clock: float, rate: float, growth: float) -> float:
    """Return when `clock` expected events have passed at ``rate·exp(growth·time)``, perhaps never."""
    if rate <= 0.0:
        return np.inf
    if growth == 0.0:
        return clock / rate
    argument = growth * clock / rate
    return log1p(argument) / growth if argument > -1.0 else np.inf


@inlined
def _stretched(wait: float, growth: float) -> float:
    """Return the integral of ``exp(growth·time)`` over a wait."""
    return wait if growth == 0.0 else expm1(growth * wait) / growth


@inlined
def _allele_of_pair(w: Workspace, among_favoured: float, all_pairs: float) -> int:
    """Choose the side on which a pair coalesces."""
    if among_favoured <= 0.0:
        return OTHER
    if w.whole[N_ANCESTORS] < 2 or uniform(w.word, STREAM) * all_pairs < among_favoured:
        return FAVOURED
    return OTHER


@inlined
def _pick_pair(w: Workspace, allele: int) -> tuple[int, int]:
    """Choose two ancestors of one allele, in the order they stand in."""
    bits, k = random_bits(w.word, STREAM), w.whole[N_ANCESTORS + allele]
    i, j = index_below(bits, k), index_below(bits >> _S32, k - 1)
    if j >= i:
        j += 1
    return ancestor_at(w, allele, min(i, j)), ancestor_at(w, allele, max(i, j))


@inlined
def _cross_somewhere(w: Workspace, p: float, site: float) -> None:
    """Cross over at a base pair chosen evenly within `_reach`."""
    favoured = w.real[SPAN + 1] + (1.0 - p) * w.real[GAP + 1]
    target = uniform(w.word, STREAM) * _reach(w, p)
    allele, gap_weight = FAVOURED, 1.0 - p
    if target >= favoured:
        target -= favoured
        allele, gap_weight = OTHER, p
    first, last = 0, w.whole[N_ANCESTORS + allele] - 1
    if w.whole[INDEXED]:
        first, target = _block_of_target(w, allele, gap_weight, target)
        last = min(last, first + BLOCK_ANCESTORS - 1)
    i, last_one = ancestor_at(w, allele, first), ancestor_at(w, allele, last)
    while i < last_one:
        span = w.real[i + END] - w.real[i + START]
        reach = span + gap_weight * distance(w.real[i + START], w.real[i + END], site)
        if target < reach:
            break
        target -= reach
        i += ANCESTOR_CELLS
    at = w.real[i + START] + target
    if at < w.real[i + END]:
        becomes = FAVOURED if p > 0.0 and uniform(w.word, STREAM) < p else OTHER
        cross_over(w, allele, i, at, becomes, site)
    elif gap_weight > 0.0 and distance(w.real[i + START], w.real[i + END], site) > 0.0:
        change_side(w, allele, i, site)


@inlined
def _block_of_target(w: Workspace, allele: int, gap_weight: float, target: float) -> tuple[int, float]:
    """Return the first ancestor of the block that a target within `_reach` lies in, and how far in."""
    n_before = (w.whole[N_ANCESTORS + allele] - 1) // BLOCK_ANCESTORS
    for block in range(n_before):
        at = block_at(w, allele, block)
        reach = w.real[at + BLOCK_SPAN] + gap_weight * w.real[at + BLOCK_GAP]
        if target < reach:
            return block * BLOCK_ANCESTORS, target
        target -= reach
    return n_before * BLOCK_ANCESTORS, target
