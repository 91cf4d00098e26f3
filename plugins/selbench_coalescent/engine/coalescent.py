# mypy: disable-error-code="no-any-return"
"""One window: the structured coalescent with crossing-over, back along a frequency path.

Two clocks run, one for coalescences and one for crossings-over, each an
exponential number of expected events that is spent across the steps of the path
and of the size history. So a step costs a subtraction, and growth inside an
epoch is exact.
"""

from __future__ import annotations

import math

import numpy as np

from selbench_coalescent.engine.ancestry import change_side, coalesce, cross_over, distance
from selbench_coalescent.engine.compiled import Reals, compiled, inlined
from selbench_coalescent.engine.diffusion import next_step
from selbench_coalescent.engine.distributions import exponential
from selbench_coalescent.engine.path import FREQUENCY, UNTIL, Path
from selbench_coalescent.engine.splitmix import index_below, random_bits, uniform
from selbench_coalescent.engine.workspace import (
    ANCESTOR_CELLS,
    COPIES_NOW,
    END,
    EPOCH,
    FAVOURED,
    GAP,
    GROWTH_NOW,
    N_ANCESTORS,
    NEXT_EPOCH,
    OTHER,
    SPAN,
    START,
    STREAM,
    TOO_SMALL,
    Workspace,
    ancestor_at,
)
from selbench_coalescent.engine.wright_fisher import BEGIN, EPOCH_COLUMNS, GROWTH, SIZE

_S32 = np.uint64(32)


@compiled
def trace_back(
    w: Workspace,
    path: Path,
    epochs: Reals,
    n_epochs: int,
    mutation_rate: float,
    recombination_rate: float,
    n: int,
    site: float,
    merge: bool,
) -> float:
    """Follow the ancestors of a sample back until every base pair has one, dropping mutations.

    Parameters
    ----------
    w : Workspace
        Holds the sample (see `found_sample`); afterwards it holds the sites.
    path : Path
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

    Returns
    -------
    origin : float
        Generations ago when the allele arose; NaN if no ancestor was left to see it.
    """
    time, origin = 0.0, np.nan
    enter_epoch(w, epochs, n_epochs, 0)
    to_coalescence, to_crossing = exponential(w.word, STREAM), exponential(w.word, STREAM)
    while w.whole[N_ANCESTORS] + w.whole[N_ANCESTORS + 1] > 0 and not w.whole[TOO_SMALL]:
        p, growth = path.real[FREQUENCY], w.real[GROWTH_NOW]
        among_favoured = _pairs(w.whole[N_ANCESTORS + 1], p)
        coalescence = (among_favoured + _pairs(w.whole[N_ANCESTORS], 1.0 - p)) / w.real[COPIES_NOW]
        crossing = recombination_rate * _reach(w, p)
        wait = _waiting_time(to_coalescence, coalescence, growth)
        crosses = to_crossing < crossing * wait
        if crosses:
            wait = to_crossing / crossing
        horizon = min(path.real[UNTIL], w.real[NEXT_EPOCH])
        interrupted = time + wait > horizon
        if interrupted:
            wait = horizon - time
        to_crossing = max(0.0, to_crossing - crossing * wait)
        to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(wait, growth))
        time += wait
        if growth != 0.0:
            w.real[COPIES_NOW] *= math.exp(-growth * wait)
        if interrupted:
            time = horizon
            if horizon == w.real[NEXT_EPOCH]:
                enter_epoch(w, epochs, n_epochs, w.whole[EPOCH] + 1)
            if horizon == path.real[UNTIL]:
                next_step(path)
                if path.real[FREQUENCY] <= 0.0 and w.whole[N_ANCESTORS + 1] > 0:
                    origin = time
                    first = ancestor_at(w, FAVOURED, 0)
                    while w.whole[N_ANCESTORS + 1] > 1 and not merge:
                        coalesce(w, FAVOURED, first, first + ANCESTOR_CELLS, time, mutation_rate, n, site)
                    while w.whole[N_ANCESTORS + 1] > 0:
                        change_side(w, FAVOURED, first, site)
        elif crosses:
            to_crossing = exponential(w.word, STREAM)
            _cross_somewhere(w, p, site)
        else:
            to_coalescence = exponential(w.word, STREAM)
            allele = _allele_of_pair(w, among_favoured, coalescence * w.real[COPIES_NOW])
            i, j = _pick_pair(w, allele)
            coalesce(w, allele, i, j, time, mutation_rate, n, site)
    return origin


@inlined
def enter_epoch(w: Workspace, epochs: Reals, n_epochs: int, epoch: int) -> None:
    """Take over the size and growth that an epoch begins with."""
    row = epoch * EPOCH_COLUMNS
    w.whole[EPOCH] = epoch
    w.real[COPIES_NOW], w.real[GROWTH_NOW] = 2.0 * epochs[row + SIZE], epochs[row + GROWTH]
    w.real[NEXT_EPOCH] = epochs[row + EPOCH_COLUMNS + BEGIN] if epoch + 1 < n_epochs else np.inf


@inlined
def _pairs(k: int, share: float) -> float:
    """Return the pairs among k ancestors over the share of the population that they live in."""
    return 0.5 * k * (k - 1) / share if k > 1 else 0.0


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
    return math.log1p(argument) / growth if argument > -1.0 else np.inf


@inlined
def _stretched(wait: float, growth: float) -> float:
    """Return the integral of ``exp(growth·time)`` over a wait."""
    return wait if growth == 0.0 else math.expm1(growth * wait) / growth


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
    i = ancestor_at(w, allele, 0)
    last = i + (w.whole[N_ANCESTORS + allele] - 1) * ANCESTOR_CELLS
    while i < last:
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
