"""One window: the structured coalescent with crossing-over, back along a frequency path.

Two clocks run, one for coalescences and one for crossings-over, each an
exponential number of expected events that is spent across steps of the path
and of the size history; so a step costs a subtraction, and growth inside an
epoch is exact.
"""

from __future__ import annotations

import math

import numpy as np

from selbench_coalescent.engine.ancestry import change_side, coalesce, cross_over, reach_origin
from selbench_coalescent.engine.compiled import Reals, compiled, inlined
from selbench_coalescent.engine.path import FREQUENCY, UNTIL, Path, next_step
from selbench_coalescent.engine.splitmix import exponential, index_below, random_bits, uniform
from selbench_coalescent.engine.workspace import (
    ANCESTOR_CELLS,
    END,
    GAP,
    N_ANCESTORS,
    SPAN,
    START,
    STREAM,
    TOO_SMALL,
    Workspace,
    ancestor_at,
)

BEGIN, SIZE, GROWTH = 0, 1, 2
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
    epochs : float64 (n_epochs · 3,)
        Per epoch BEGIN (generations ago), SIZE (diploid individuals), GROWTH (per generation).
    mutation_rate, recombination_rate : float
        Per base pair per generation.
    n : int
        Sampled haplotypes.
    site : float
        Selected site in bp.
    merge : bool
        Whether derived ancestors become ordinary ones where the allele arises,
        instead of coalescing there.

    Returns
    -------
    origin : float
        Generations ago when the allele arose; NaN if nothing was left to see it.
    """
    time, epoch, origin = 0.0, 0, np.nan
    p = path.real[FREQUENCY]
    copies, growth = 2.0 * epochs[SIZE], epochs[GROWTH]
    next_epoch = epochs[3 + BEGIN] if n_epochs > 1 else np.inf
    to_coalescence, to_crossing = exponential(w.word, STREAM), exponential(w.word, STREAM)
    while w.whole[N_ANCESTORS] + w.whole[N_ANCESTORS + 1] > 0 and not w.whole[TOO_SMALL]:
        derived_pairs, ancestral_pairs = (
            _pairs(w.whole[N_ANCESTORS + 1], p),
            _pairs(w.whole[N_ANCESTORS], 1.0 - p),
        )
        coalescence = (derived_pairs + ancestral_pairs) / copies
        crossing = recombination_rate * (
            w.real[SPAN] + w.real[SPAN + 1] + p * w.real[GAP] + (1.0 - p) * w.real[GAP + 1]
        )
        wait = _waiting_time(to_coalescence, coalescence, growth)
        crosses_first = to_crossing < crossing * wait
        if crosses_first:
            wait = to_crossing / crossing
        horizon = min(path.real[UNTIL], next_epoch)
        if time + wait > horizon:
            passed = horizon - time
            to_crossing = max(0.0, to_crossing - crossing * passed)
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(passed, growth))
            time = horizon
            copies *= math.exp(-growth * passed) if growth != 0.0 else 1.0
            if horizon == next_epoch:
                epoch += 1
                copies, growth = 2.0 * epochs[3 * epoch + SIZE], epochs[3 * epoch + GROWTH]
                next_epoch = epochs[3 * epoch + 3 + BEGIN] if epoch + 1 < n_epochs else np.inf
            if horizon == path.real[UNTIL]:
                next_step(path)
                p = path.real[FREQUENCY]
                if p <= 0.0 and w.whole[N_ANCESTORS + 1] > 0:
                    origin = time
                    reach_origin(w, time, mutation_rate, n, site, merge)
            continue
        time += wait
        if crosses_first:
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(wait, growth))
            to_crossing = exponential(w.word, STREAM)
            _cross_somewhere(w, p, site)
        else:
            to_crossing = max(0.0, to_crossing - crossing * wait)
            to_coalescence = exponential(w.word, STREAM)
            derived = uniform(w.word, STREAM) * (derived_pairs + ancestral_pairs) < derived_pairs
            _coalesce_some_pair(w, 1 if derived else 0, time, mutation_rate, n, site)
        if growth != 0.0:
            copies *= math.exp(-growth * wait)
    return origin


@inlined
def _pairs(k: int, share: float) -> float:
    """Return the pairs among k ancestors over the population's share that they live in."""
    return 0.5 * k * (k - 1) / share if k > 1 else 0.0


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
def _coalesce_some_pair(
    w: Workspace, allele: int, time: float, mutation_rate: float, n: int, site: float
) -> None:
    bits = random_bits(w.word, STREAM)
    k = w.whole[N_ANCESTORS + allele]
    i = index_below(bits, k)
    j = index_below(bits >> _S32, k - 1)
    if j >= i:
        j += 1
    coalesce(
        w,
        allele,
        ancestor_at(w, allele, min(i, j)),
        ancestor_at(w, allele, max(i, j)),
        time,
        mutation_rate,
        n,
        site,
    )


@inlined
def _cross_somewhere(w: Workspace, p: float, site: float) -> None:
    """Cross over at a base pair chosen evenly among all spans, and the gaps that change sides."""
    derived = w.real[SPAN + 1] + (1.0 - p) * w.real[GAP + 1]
    ancestral = w.real[SPAN] + p * w.real[GAP]
    target = uniform(w.word, STREAM) * (derived + ancestral)
    allele, gap_weight = 1, 1.0 - p
    if target >= derived:
        target -= derived
        allele, gap_weight = 0, p
    last = ancestor_at(w, allele, w.whole[N_ANCESTORS + allele] - 1)
    for i in range(ancestor_at(w, allele, 0), last + 1, ANCESTOR_CELLS):
        start, end = w.real[i + START], w.real[i + END]
        reach = end - start + gap_weight * max(0.0, start - site, site - end)
        if target < reach or i == last:
            at = start + target
            if at < end:
                other = 1 if p > 0.0 and uniform(w.word, STREAM) < p else 0
                cross_over(w, allele, i, at, other, site)
            elif target < reach:
                change_side(w, allele, i, site)
            return
        target -= reach
