"""The allele's frequency as a diffusion, looking back from a frequency it is known to have had.

Conditioned on its frequency at one time, the past of an allele that arose once
is the diffusion that is certain to be lost, run back in time: reversibility
(Maruyama 1974; Griffiths 2003). With a = w_Aa/w_aa − 1 and b = w_AA/w_aa − 1,
one generation back changes x by

    x(1−x)·[a + (b−2a)x] − x(1−x)/2N · λ(x) ± √(x(1−x)/2N),

where λ(x) = ψ(x) / ∫ₓ¹ψ is how fast the log probability of loss falls with x,
and ψ(x) = exp(−4N[ax + (b/2−a)x²]). Under additive selection the change is
−(s/2)·x(1−x)·coth(Ns(1−x)), the same for s and −s.
"""

from __future__ import annotations

import math

import numpy as np

from selbench_coalescent.engine.compiled import Words, compiled, inlined
from selbench_coalescent.engine.distributions import normal
from selbench_coalescent.engine.loss_grid import NODES_PER_UNIT, TABLE_EDGE, TABLE_NODES
from selbench_coalescent.engine.path import (
    BEGINS,
    COPIES,
    CURSOR,
    FREQUENCY,
    HETEROZYGOTE,
    HOMOZYGOTE,
    LAST,
    LOG_WEIGHT,
    NO_TABLE,
    PATH_STREAM,
    REGIME,
    STATE,
    TABLE,
    UNTIL,
    Path,
    read_step,
    regime,
    regime_ends,
)

NOISE_PER_STEP = 0.08
"""Largest variance of a step, relative to the square of the rarer allele's frequency.

At this size the expected coalescences along a path are within 0.4 % of those
along generation-by-generation steps, and moments of its age within 0.1 %.
"""
DRIFT_PER_STEP = 0.1
"""Largest change of the log odds of the frequency in one step."""
FAR_FROM_FIXATION = 18.0
"""From this 4N|a|(1−x) on, coth(2Na(1−x)) is 1 to 3e-8."""


@compiled
def start_diffusion(path: Path, frequency: float, since: float) -> None:
    """Stand at `frequency`, `since` generations ago; until then the allele is fixed."""
    path.whole[CURSOR], path.whole[LAST] = 0, 0
    place_diffusion(path, frequency, since)
    path.real[FREQUENCY], path.real[UNTIL] = 1.0, since
    if since <= 0.0:
        _diffuse(path)


@compiled
def place_diffusion(path: Path, frequency: float, since: float) -> None:
    """Let the diffusion, when it begins, begin at `frequency`, `since` generations ago."""
    path.real[STATE], path.real[LOG_WEIGHT], path.whole[REGIME] = frequency, 0.0, 0
    while regime_ends(path) <= since:
        path.whole[REGIME] += 1


@compiled
def next_step(path: Path) -> None:
    """Go one step back, on the step function or by diffusion."""
    if path.whole[CURSOR] < path.whole[LAST]:
        read_step(path)
    else:
        _diffuse(path)


@compiled
def _diffuse(path: Path) -> None:
    """Go back one step of at least one generation, or to the next regime if that is nearer."""
    x, copies = path.real[STATE], regime(path, COPIES)
    if x <= 1.0 / copies:
        path.real[FREQUENCY], path.real[UNTIL] = 0.0, np.inf
        return
    left = regime_ends(path) - path.real[UNTIL]
    generations, fall = _stride(path, x, left)
    carried, stretch = _carried(x, fall * generations)
    # the noise arises half-way and is carried along to the end of the step
    variance = generations / copies * x * (1.0 - x) * stretch * 0.5 * (1.0 + stretch)
    y = min(_scattered(carried, variance, path.word), 1.0 - 1.0 / copies)
    path.real[STATE] = y
    path.real[FREQUENCY] = _between(x, max(y, 0.5 / copies))
    path.real[UNTIL] += generations
    if generations == left:
        _enter_regime(path, y)


@inlined
def _stride(path: Path, x: float, left: float) -> tuple[float, float]:
    """Return how many generations the next step goes back, and how fast the log odds of x fall on it."""
    copies, a = regime(path, COPIES), regime(path, HETEROZYGOTE)
    generations = NOISE_PER_STEP * copies * min(x, 1.0 - x)
    if regime(path, TABLE) == NO_TABLE and 2.0 * copies * abs(a) * (1.0 - x) > FAR_FROM_FIXATION:
        return min(left, max(1.0, min(generations, DRIFT_PER_STEP / abs(a)))), abs(a)
    fall = _fall_of_log_odds(path, x)
    generations = min(left, max(1.0, min(generations, DRIFT_PER_STEP / abs(fall))))
    half_way, _ = _carried(x, 0.5 * fall * generations)
    return generations, _fall_of_log_odds(path, half_way)


@compiled
def _enter_regime(path: Path, x: float) -> None:
    """Pass to the next regime at frequency x.

    Where sizes or fitnesses change, the diffusion is right only if paths are
    weighted by the ratio, older over younger, of N·λ(0)/λ(x): the density of
    alleles at x that a constant supply of mutations keeps up.
    """
    younger = math.log(regime(path, COPIES)) + log_loss_slope(path, 0.0) - log_loss_slope(path, x)
    path.whole[REGIME] += 1
    path.real[UNTIL] = regime(path, BEGINS)
    older = math.log(regime(path, COPIES)) + log_loss_slope(path, 0.0) - log_loss_slope(path, x)
    path.real[LOG_WEIGHT] += older - younger


@compiled
def _fall_of_log_odds(path: Path, x: float) -> float:
    """Return how fast the log odds of x fall, per generation back."""
    a, b = regime(path, HETEROZYGOTE), regime(path, HOMOZYGOTE)
    return math.exp(log_loss_slope(path, x)) / regime(path, COPIES) - a - (b - 2.0 * a) * x


@compiled
def log_loss_slope(path: Path, x: float) -> float:
    """Return log λ(x), where λ is the fall of the log probability of loss per unit of frequency.

    A table holds log(λ(x)(1−x)) at evenly spaced log odds of x.
    """
    if regime(path, TABLE) == NO_TABLE:
        strength = 2.0 * regime(path, COPIES) * regime(path, HETEROZYGOTE)
        exponent = strength * (1.0 - x)
        if abs(exponent) < 1e-6:
            return 0.5 * exponent - math.log1p(-x)
        return math.log(abs(strength) / -math.expm1(-abs(exponent))) + min(0.0, exponent)
    log_odds = TABLE_EDGE
    if x < 1.0:
        log_odds = math.log(max(x, 1e-300) / (1.0 - x))
    node = min(max(log_odds + TABLE_EDGE, 0.0), 2.0 * TABLE_EDGE) * NODES_PER_UNIT
    below = min(int(node), TABLE_NODES - 2)
    at = int(regime(path, TABLE)) * TABLE_NODES + below
    low, high = path.tables[at], path.tables[at + 1]
    return low + (high - low) * (node - below) - math.log1p(-x)


@inlined
def _carried(x: float, fall: float) -> tuple[float, float]:
    """Return the frequency whose log odds are lower by `fall`, and how far that stretches x(1−x)."""
    # exp(−fall) = low / high, to 1e-8 at the usual 0.1
    high, low = 12.0 + fall * (6.0 + fall), 12.0 + fall * (fall - 6.0)
    if abs(fall) > 0.5:
        high, low = 1.0, math.exp(-fall)
    scale = 1.0 / ((1.0 - x) * high + x * low)
    return x * low * scale, low * high * scale * scale


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
    """Return the frequency with the mean coalescence rate, on the rarer side, of x and y."""
    if x + y <= 1.0:
        return 2.0 * x * y / (x + y)
    return 1.0 - 2.0 * (1.0 - x) * (1.0 - y) / (2.0 - x - y)
