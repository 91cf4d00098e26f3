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

from selbench.scenario.elementary_kernels import exp, expm1, log, log1p
from selbench_coalescent.engine.compiled import Words, compiled, inlined
from selbench_coalescent.engine.distributions import normal
from selbench_coalescent.engine.shapes import NODES_PER_UNIT, TABLE_EDGE, TABLE_NODES
from selbench_coalescent.engine.splitmix import uniform
from selbench_coalescent.engine.trajectory import (
    COPIES,
    CURSOR,
    EQUILIBRIUM,
    FREQUENCY,
    HETEROZYGOTE,
    HOMOZYGOTE,
    LAST,
    LOG_WEIGHT,
    N_STEPS,
    NO_EQUILIBRIUM,
    NO_TABLE,
    NOISE,
    ONSET,
    ONSET_PASSED,
    PERSISTENCE,
    REGIME,
    REGIME_ENDS,
    STATE,
    TABLE,
    TRAJECTORY_STREAM,
    UNTIL,
    TrajectoryWalk,
    end_selection,
    enter_regime,
    read_step,
)

# how long a step may be: the variance that it adds, relative to the square of the rarer side's
# frequency, and the change of the log odds
FINE_NOISE, FINE_DRIFT = 0.1, 0.2
# the same while the rarer side has no two ancestors to coalesce
COARSE_NOISE, COARSE_DRIFT = 0.4, 0.3
LARGEST_RETURN = 0.05
"""Largest part of the way back to a selective balance in one step."""
ONSET_NOISE, ONSET_DRIFT = 0.1, 0.5
"""The same in a step that may cross the frequency of onset, relative to the way there, squared and plain."""
SHORTEST_TO_ONSET = 0.1
"""Generations below which such a step does not get."""
FORGETTING = 20.0
"""Relaxation times around an equilibrium that a step goes back while no two ancestors can coalesce."""
FAR_FROM_FIXATION = 18.0
"""From this 4N|a|(1−x) on, coth(2Na(1−x)) is 1 to 3e-8."""


MOST_STEPS = 20_000_000
"""Steps after which a trajectory counts as endless: an allele kept by balancing selection."""


@compiled
def start_diffusion(walk: TrajectoryWalk, frequency: float, since: float, onset: float) -> None:
    """Stand at `frequency`, `since` generations ago; until then the allele is fixed.

    Where the diffusion first falls to the frequency `onset`, selection ends,
    looking back: from there on the allele is neutral.
    """
    walk.whole[CURSOR], walk.whole[LAST] = 0, 0
    walk.real[ONSET] = ONSET_PASSED if onset >= frequency else onset
    place_diffusion(walk, frequency, since)
    walk.real[FREQUENCY], walk.real[UNTIL] = 1.0, since
    if since <= 0.0:
        _diffuse(walk)


@compiled
def place_diffusion(walk: TrajectoryWalk, frequency: float, since: float) -> None:
    """Let the diffusion, when it begins, begin at `frequency`, `since` generations ago."""
    walk.real[STATE], walk.real[LOG_WEIGHT], walk.real[NOISE] = frequency, 0.0, FINE_NOISE
    walk.whole[N_STEPS] = 0
    enter_regime(walk, 0)
    while walk.real[REGIME_ENDS] <= since:
        enter_regime(walk, walk.whole[REGIME] + 1)


@compiled
def next_step(walk: TrajectoryWalk) -> None:
    """Go one step back, on the step function or by diffusion."""
    if walk.whole[CURSOR] < walk.whole[LAST]:
        read_step(walk)
    else:
        _diffuse(walk)


@compiled
def _diffuse(walk: TrajectoryWalk) -> None:
    """Go back one step of at least one generation, or to the next regime if that is nearer."""
    x, copies = walk.real[STATE], walk.real[COPIES]
    if x <= 1.0 / copies:
        walk.real[FREQUENCY], walk.real[UNTIL] = 0.0, np.inf
        return
    left = walk.real[REGIME_ENDS] - walk.real[UNTIL]
    walk.whole[N_STEPS] += 1
    if walk.real[NOISE] == COARSE_NOISE and _is_balanced(walk, x):
        _persist(walk, left)
        return
    generations, fall = _stride(walk, x, left)
    if walk.real[ONSET] > 0.0:
        generations = min(generations, _stride_to_onset(walk, x, fall))
    carried, stretch = _carried(x, fall * generations)
    # the noise arises half-way and is carried along to the end of the step
    variance = generations / copies * x * (1.0 - x) * stretch * 0.5 * (1.0 + stretch)
    y = max(0.5 / copies, min(_scattered(carried, variance, walk.word), 1.0 - 1.0 / copies))
    walk.real[STATE] = y
    if walk.real[NOISE] == COARSE_NOISE:
        walk.real[FREQUENCY] = 0.5 * (x + y)
    else:
        walk.real[FREQUENCY] = _between(x, y, fall * generations, variance)
    walk.real[UNTIL] += generations
    if y <= walk.real[ONSET]:
        walk.real[LOG_WEIGHT] += log_onset_weight(walk)
        end_selection(walk)
    if generations == left:
        _pass_to_next_regime(walk, y)


@inlined
def _is_balanced(walk: TrajectoryWalk, x: float) -> bool:
    """Tell whether x is no farther from the equilibrium than chance takes it."""
    curvature = 2.0 * walk.real[HETEROZYGOTE] - walk.real[HOMOZYGOTE]
    away = x - walk.real[EQUILIBRIUM]
    return (
        walk.real[EQUILIBRIUM] != NO_EQUILIBRIUM and away * away * 2.0 * walk.real[COPIES] * curvature < 16.0
    )


@inlined
def _persist(walk: TrajectoryWalk, left: float) -> None:
    """Go back several times as long as chance and selection take to forget the frequency.

    It is then a fresh draw from around the equilibrium, where its variance is
    1/(4N(2a−b)), unless the allele arose meanwhile.
    """
    x, curvature = walk.real[EQUILIBRIUM], 2.0 * walk.real[HETEROZYGOTE] - walk.real[HOMOZYGOTE]
    generations = min(left, FORGETTING / (curvature * x * (1.0 - x)))
    walk.real[FREQUENCY] = x
    walk.real[UNTIL] += generations
    if uniform(walk.word, TRAJECTORY_STREAM) < -expm1(-generations / walk.real[PERSISTENCE]):
        walk.real[STATE] = 0.0
        return
    spread = 1.0 / math.sqrt(2.0 * walk.real[COPIES] * curvature)
    walk.real[STATE] = x + spread * min(3.0, max(-3.0, normal(walk.word, TRAJECTORY_STREAM)))
    if generations == left:
        _pass_to_next_regime(walk, walk.real[STATE])


@inlined
def _stride(walk: TrajectoryWalk, x: float, left: float) -> tuple[float, float]:
    """Return how many generations the next step goes back, and how fast the log odds of x fall on it."""
    copies, a = walk.real[COPIES], abs(walk.real[HETEROZYGOTE])
    generations = walk.real[NOISE] * copies * min(x, 1.0 - x)
    largest = FINE_DRIFT if walk.real[NOISE] == FINE_NOISE else COARSE_DRIFT
    if walk.real[TABLE] == NO_TABLE and 2.0 * copies * a * (1.0 - x) > FAR_FROM_FIXATION:
        if generations * a > largest:
            generations = largest / a
        return min(left, max(1.0, generations)), a
    fall = _fall_of_log_odds(walk, x)
    if generations * abs(fall) > largest:
        generations = largest / abs(fall)
    if walk.real[TABLE] != NO_TABLE:
        # a selective balance must be felt within a step
        curvature = abs(walk.real[HOMOZYGOTE] - 2.0 * walk.real[HETEROZYGOTE]) * x * (1.0 - x)
        generations = min(generations, LARGEST_RETURN / curvature)
    generations = min(left, max(1.0, generations))
    half_way, _ = _carried(x, 0.5 * fall * generations)
    return generations, _fall_of_log_odds(walk, half_way)


@inlined
def _stride_to_onset(walk: TrajectoryWalk, x: float, fall: float) -> float:
    """Return how many generations a step may go back so that it does not jump over the onset unseen.

    The variance of the step is a tenth of the squared way there, so that the
    chance to have been below and come back within it is e⁻²⁰ where it ends
    where it began; what remains is the overshoot of the shortest steps.
    """
    way, slope = x - walk.real[ONSET], x * (1.0 - x)
    generations = ONSET_NOISE * way * way * walk.real[COPIES] / slope
    if generations * abs(fall) * slope > ONSET_DRIFT * way:
        generations = ONSET_DRIFT * way / (abs(fall) * slope)
    return max(SHORTEST_TO_ONSET, generations)


@compiled
def log_onset_weight(walk: TrajectoryWalk) -> float:
    """Return the log weight of a walk for the change to neutrality at the frequency of onset."""
    x = walk.real[ONSET]
    return log(walk.real[COPIES]) + log1p(-x) - log_density(walk, x)


@compiled
def _pass_to_next_regime(walk: TrajectoryWalk, x: float) -> None:
    """Change size or fitnesses at frequency x, and weight the trajectory for it."""
    younger = log_density(walk, x)
    walk.real[UNTIL] = walk.real[REGIME_ENDS]
    enter_regime(walk, walk.whole[REGIME] + 1)
    walk.real[LOG_WEIGHT] += log_density(walk, x) - younger


@compiled
def log_density(walk: TrajectoryWalk, x: float) -> float:
    """Return log N·λ(0)/λ(x): the density of alleles at x that a constant supply of mutations keeps up.

    The diffusion is right within a regime. Where one regime follows another,
    trajectories must be weighted by the ratio, older over younger, of these densities.
    """
    return log(walk.real[COPIES]) + log_loss_slope(walk, 0.0) - log_loss_slope(walk, x)


@inlined
def _fall_of_log_odds(walk: TrajectoryWalk, x: float) -> float:
    """Return how fast the log odds of x fall, per generation back."""
    copies, a = walk.real[COPIES], walk.real[HETEROZYGOTE]
    if walk.real[TABLE] == NO_TABLE:
        exponent = 2.0 * copies * abs(a) * (1.0 - x)
        if exponent < 1e-4:
            return 1.0 / (copies * (1.0 - x))
        decay = exp(-exponent)
        return abs(a) * (1.0 + decay) / (1.0 - decay)
    return exp(log_loss_slope(walk, x)) / copies - a - (walk.real[HOMOZYGOTE] - 2.0 * a) * x


@compiled
def log_loss_slope(walk: TrajectoryWalk, x: float) -> float:
    """Return log λ(x), where λ is the fall of the log probability of loss per unit of frequency.

    A table holds log(λ(x)(1−x)) at evenly spaced log odds of x.
    """
    if walk.real[TABLE] == NO_TABLE:
        strength = 2.0 * walk.real[COPIES] * walk.real[HETEROZYGOTE]
        exponent = strength * (1.0 - x)
        if abs(exponent) < 1e-6:
            return 0.5 * exponent - log1p(-x)
        return log(abs(strength) / -expm1(-abs(exponent))) + min(0.0, exponent)
    log_odds = TABLE_EDGE
    if x < 1.0:
        log_odds = log(max(x, 1e-300) / (1.0 - x))
    node = min(max(log_odds + TABLE_EDGE, 0.0), 2.0 * TABLE_EDGE) * NODES_PER_UNIT
    below = min(int(node), TABLE_NODES - 2)
    at = int(walk.real[TABLE]) * TABLE_NODES + below
    low, high = walk.tables[at], walk.tables[at + 1]
    return low + (high - low) * (node - below) - log1p(-x)


@inlined
def _carried(x: float, fall: float) -> tuple[float, float]:
    """Return the frequency whose log odds are lower by `fall`, and how far that stretches x(1−x)."""
    # exp(−fall) = low / high, to 1e-8 at the usual 0.1
    high, low = 12.0 + fall * (6.0 + fall), 12.0 + fall * (fall - 6.0)
    if abs(fall) > 0.5:
        high, low = 1.0, exp(-fall)
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
    z = normal(stream, TRAJECTORY_STREAM)
    rare = fixed + (rare - fixed) * z * z + 2.0 * math.sqrt(fixed * (rare - fixed)) * z
    return rare if y <= 0.5 else 1.0 - rare


@inlined
def _between(x: float, y: float, fall: float, variance: float) -> float:
    """Return the frequency that stands for a step from x to y.

    It gives the mean coalescence rate on the rarer side by the trapezoid rule,
    less the rule's error: a twelfth of the second change that the diffusion
    expects of 1/x over the step (its generator, applied twice).
    """
    if x + y <= 1.0:
        noise = variance / (x * x)
        return 2.0 * x * y / (x + y) * (1.0 + (fall * fall + 3.0 * noise * (fall + noise)) / 12.0)
    noise = variance / ((1.0 - x) * (1.0 - x))
    rare = 2.0 * (1.0 - x) * (1.0 - y) / (2.0 - x - y)
    return 1.0 - rare * (1.0 + (fall * fall - 3.0 * noise * (fall - noise)) / 12.0)
