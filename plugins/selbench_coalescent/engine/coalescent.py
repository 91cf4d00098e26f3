"""One window: the structured coalescent with crossing-over, back along a frequency path.

Two clocks run, one for coalescences and one for crossings-over, each an
exponential number of expected events that is spent across steps of the path
and of the size history; so a step costs a subtraction, and growth inside an
epoch is exact.
"""

from __future__ import annotations

import math

import numpy as np

from selbench_coalescent.engine.ancestry import add_ancestor, change_side, coalesce, cross_over
from selbench_coalescent.engine.compiled import Reals, compiled
from selbench_coalescent.engine.path import FREQUENCY, UNTIL, Path, next_step
from selbench_coalescent.engine.splitmix import exponential, index_below, random_bits, uniform
from selbench_coalescent.engine.workspace import TOO_SMALL, Workspace

START, SIZE, GROWTH = 0, 1, 2
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
        Per epoch START (generations ago), SIZE (diploid individuals), GROWTH (per generation).
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
    p = path.now[FREQUENCY]
    copies, growth = 2.0 * epochs[SIZE], epochs[GROWTH]
    next_epoch = epochs[3 + START] if n_epochs > 1 else np.inf
    to_coalescence, to_crossing = exponential(w.stream), exponential(w.stream)
    while w.n_ancestors[0] + w.n_ancestors[1] > 0 and not w.tally[TOO_SMALL]:
        derived_pairs, ancestral_pairs = _pairs(w.n_ancestors[1], p), _pairs(w.n_ancestors[0], 1.0 - p)
        coalescence = (derived_pairs + ancestral_pairs) / copies
        crossing = recombination_rate * (w.span[0] + w.span[1] + p * w.gap[0] + (1.0 - p) * w.gap[1])
        wait = _waiting_time(to_coalescence, coalescence, growth)
        crosses_first = to_crossing < crossing * wait
        if crosses_first:
            wait = to_crossing / crossing
        horizon = min(path.now[UNTIL], next_epoch)
        if time + wait > horizon:
            passed = horizon - time
            to_crossing = max(0.0, to_crossing - crossing * passed)
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(passed, growth))
            time = horizon
            copies *= math.exp(-growth * passed) if growth != 0.0 else 1.0
            if horizon == next_epoch:
                epoch += 1
                copies, growth = 2.0 * epochs[3 * epoch + SIZE], epochs[3 * epoch + GROWTH]
                next_epoch = epochs[3 * epoch + 3 + START] if epoch + 1 < n_epochs else np.inf
            if horizon == path.now[UNTIL]:
                next_step(path)
                p = path.now[FREQUENCY]
                if p <= 0.0 and w.n_ancestors[1] > 0:
                    origin = time
                    _reach_origin(w, time, mutation_rate, n, site, merge)
            continue
        time += wait
        if crosses_first:
            to_coalescence = max(0.0, to_coalescence - coalescence * _stretched(wait, growth))
            to_crossing = exponential(w.stream)
            _cross_somewhere(w, p, site)
        else:
            to_crossing = max(0.0, to_crossing - crossing * wait)
            to_coalescence = exponential(w.stream)
            derived = uniform(w.stream) * (derived_pairs + ancestral_pairs) < derived_pairs
            _coalesce_some_pair(w, 1 if derived else 0, time, mutation_rate, n, site)
        if growth != 0.0:
            copies *= math.exp(-growth * wait)
    return origin


@compiled
def _pairs(k: int, share: float) -> float:
    """Return the pairs among k ancestors over the population's share that they live in."""
    return 0.5 * k * (k - 1) / share if k > 1 else 0.0


@compiled
def _waiting_time(clock: float, rate: float, growth: float) -> float:
    """Return when `clock` expected events have passed at ``rate·exp(growth·time)``, perhaps never."""
    if rate <= 0.0:
        return np.inf
    if growth == 0.0:
        return clock / rate
    argument = growth * clock / rate
    return math.log1p(argument) / growth if argument > -1.0 else np.inf


@compiled
def _stretched(wait: float, growth: float) -> float:
    """Return the integral of ``exp(growth·time)`` over a wait."""
    return wait if growth == 0.0 else math.expm1(growth * wait) / growth


@compiled
def _coalesce_some_pair(
    w: Workspace, allele: int, time: float, mutation_rate: float, n: int, site: float
) -> None:
    bits = random_bits(w.stream)
    k = w.n_ancestors[allele]
    i = index_below(bits, k)
    j = index_below(bits >> _S32, k - 1)
    if j >= i:
        j += 1
    first = allele * w.row
    coalesce(w, allele, first + min(i, j), first + max(i, j), time, mutation_rate, n, site)


@compiled
def _cross_somewhere(w: Workspace, p: float, site: float) -> None:
    """Cross over at a base pair chosen evenly among all spans, and the gaps that change sides."""
    derived = w.span[1] + (1.0 - p) * w.gap[1]
    ancestral = w.span[0] + p * w.gap[0]
    target = uniform(w.stream) * (derived + ancestral)
    allele, gap_weight = 1, 1.0 - p
    if target >= derived:
        target -= derived
        allele, gap_weight = 0, p
    first = allele * w.row
    last = first + w.n_ancestors[allele] - 1
    for i in range(first, last + 1):
        start, end = w.start[i], w.end[i]
        reach = end - start + gap_weight * max(0.0, start - site, site - end)
        if target < reach or i == last:
            at = start + target
            if at < end:
                other = 1 if p > 0.0 and uniform(w.stream) < p else 0
                cross_over(w, allele, i, at, other, site)
            elif target < reach:
                change_side(w, allele, i, site)
            return
        target -= reach


@compiled
def _reach_origin(w: Workspace, time: float, mutation_rate: float, n: int, site: float, merge: bool) -> None:
    """Let the derived ancestors coalesce at once, or `merge`; what is left is ancestral."""
    while w.n_ancestors[1] > 1 and not merge:
        coalesce(w, 1, w.row, w.row + 1, time, mutation_rate, n, site)
    for i in range(w.row, w.row + w.n_ancestors[1]):
        add_ancestor(w, 0, w.head[i], w.start[i], w.end[i], site)
    w.n_ancestors[1] = 0
    w.span[1] = 0.0
    w.gap[1] = 0.0
