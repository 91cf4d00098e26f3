"""Shift: training, validation and test windows of a class should come from one distribution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from selbench.audit.survey import DIVERSITY, HAPLOTYPES, SITES, SPECTRUM, Group, Survey
from selbench.evaluation.significance import holm
from selbench.run_folder import Finding, Verdict
from selbench.validation.distributions import Observed, distance, distance_p_value

COMPARED = (SITES, DIVERSITY, HAPLOTYPES, *SPECTRUM)

AMBER_P, RED_P = 0.001, 1e-6
"""A shift is amber or red only below these p-values (Kolmogorov–Smirnov, Holm over all comparisons)."""

AMBER_EFFECT, RED_EFFECT = 0.1, 0.2
"""… and only where the distance of the distributions, or half the standardised difference of the means,
is at least this: a shift of 0.2 moves a fifth of the windows."""

FEWEST_WINDOWS = 20
"""Smaller groups are not compared."""

_SAID = {
    SITES: "S",
    DIVERSITY: "π",
    HAPLOTYPES: "distinct haplotypes",
    SPECTRUM[0]: "sites carried once",
    SPECTRUM[1]: "rare sites",
    SPECTRUM[2]: "common sites",
    SPECTRUM[3]: "commonest sites",
}


@dataclass(frozen=True)
class Comparison:
    """One statistic of one class in two splits.

    Parameters
    ----------
    standardised : float
        Difference of the means in pooled standard deviations.
    distance : float
        Kolmogorov–Smirnov distance.
    p_value, adjusted : float
        Of the distance; adjusted by Holm over all comparisons of the audit.
    """

    first: Group
    second: Group
    statistic: str
    standardised: float
    distance: float
    p_value: float
    adjusted: float = 1.0

    @property
    def effect(self) -> float:
        """How large the shift is, from 0 to 1 and above."""
        return max(self.distance, abs(self.standardised) / 2)

    @property
    def verdict(self) -> Verdict:
        """Red and amber need both a small p-value and an effect that matters."""
        if self.adjusted < RED_P and self.effect >= RED_EFFECT:
            return "red"
        return "amber" if self.adjusted < AMBER_P and self.effect >= AMBER_EFFECT else "green"

    def __str__(self) -> str:
        means = [float(group.statistics[self.statistic].mean()) for group in (self.first, self.second)]
        return (
            f"{self.second.label}, {_SAID[self.statistic]}: mean {means[0]:.3g} in {self.first.split}, "
            f"{means[1]:.3g} in {self.second.split} ({self.standardised:+.2f} standard deviations; "
            f"KS {self.distance:.2f}, p = {self.adjusted:.1g})"
        )


def shift_finding(survey: Survey) -> Finding:
    """Compare S, π, distinct haplotypes and the spectrum of every class between splits."""
    check = "One distribution for training, validation and test"
    compared = compare_splits(survey)
    if not compared:
        return Finding(check, "amber", "There are no two splits with enough windows to compare.")
    shifted = [c for c in compared if c.verdict != "green"]
    if not shifted:
        largest = max(compared, key=lambda c: c.effect)
        headline = f"No class differs between splits ({len(compared)} comparisons)."
        return Finding(check, "green", headline, (f"largest difference: {largest}",))
    worst: Verdict = "red" if any(c.verdict == "red" for c in shifted) else "amber"
    largest = max(shifted, key=lambda c: (c.verdict == worst, c.first.split == "train", c.effect))
    return Finding(
        check,
        worst,
        f"{largest.second.label} windows of {largest.second.split} are not like those of "
        f"{largest.first.split}.",
        tuple(str(c) for c in sorted(shifted, key=lambda c: -c.effect)[:8]),
        "A method is tested on another problem than it was trained for; a score mixes how good it is with "
        "how well it transfers.",
        "Simulate all splits with the same parameters, or make the transfer the question and say so.",
    )


def compare_splits(survey: Survey) -> list[Comparison]:
    """Return every statistic of every class between every two splits."""
    raw = [
        _compare(first, second, statistic)
        for label in survey.labels
        for first, second in combinations(survey.of_class(label), 2)
        if min(len(first), len(second)) >= FEWEST_WINDOWS
        for statistic in COMPARED
    ]
    adjusted = holm([c.p_value for c in raw]) if raw else ()
    return [replace(c, adjusted=float(p)) for c, p in zip(raw, adjusted, strict=True)]


def _compare(first: Group, second: Group, statistic: str) -> Comparison:
    a, b = first.statistics[statistic], second.statistics[statistic]
    apart = distance(Observed.of(a), Observed.of(b))
    return Comparison(
        first, second, statistic, _standardised(a, b), apart, distance_p_value(apart, len(a), len(b))
    )


def _standardised(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    difference = float(b.mean() - a.mean())
    spread = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    if spread == 0:
        return 0.0 if difference == 0 else float(np.copysign(np.inf, difference))
    return difference / spread
