"""Methods over many tasks: ranks, Friedman's test, Nemenyi's distance, Wilcoxon with Holm (Demsar, 2006)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.significance import SIGNIFICANCE, holm

FEWEST_TASKS = 5
"""Fewer tasks than this say nothing about ranks."""


@dataclass(frozen=True, eq=False)
class RankComparison:
    """Methods ranked over tasks.

    Parameters
    ----------
    methods : tuple of str
        Best mean rank first.
    mean_ranks : float64 (n_methods,)
        1 is best.
    n_tasks : int
    p_value : float
        Of Friedman's test that all methods are alike.
    critical_distance : float
        Mean ranks further apart differ (Nemenyi).
    values : float64 (n_tasks, n_methods)
        What was ranked, higher is better.
    """

    methods: tuple[str, ...]
    mean_ranks: NDArray[np.float64]
    n_tasks: int
    p_value: float
    critical_distance: float
    values: NDArray[np.float64]

    @cached_property
    def pairwise_p_values(self) -> NDArray[np.float64]:
        """Wilcoxon's test of every pair, float64 (n_methods, n_methods): see `wilcoxon_holm`."""
        return wilcoxon_holm(self.values)

    @property
    def groups(self) -> tuple[tuple[int, int], ...]:
        """Widest runs (first, last) of methods within the critical distance: the bars of the diagram."""
        runs: list[tuple[int, int]] = []
        for first, rank in enumerate(self.mean_ranks):
            last = int(np.flatnonzero(self.mean_ranks <= rank + self.critical_distance)[-1])
            if last > first and not any(run_last >= last for _, run_last in runs):
                runs.append((first, last))
        return tuple(runs)


def compare_ranks(values: NDArray[np.float64], methods: tuple[str, ...]) -> RankComparison:
    """Compare methods over tasks.

    Parameters
    ----------
    values : float64 (n_tasks, n_methods)
        Higher is better.
    methods : tuple of str
    """
    from scipy.stats import rankdata

    ranks = rankdata(-values, axis=1)
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    n_tasks, n_methods = values.shape
    return RankComparison(
        methods=tuple(methods[i] for i in order),
        mean_ranks=ranks.mean(axis=0)[order],
        n_tasks=n_tasks,
        p_value=friedman_p_value(ranks),
        critical_distance=critical_distance(n_methods, n_tasks),
        values=values[:, order],
    )


def friedman_p_value(ranks: NDArray[np.float64]) -> float:
    """Friedman's test on ranks (n_tasks, n_methods), in the F form of Iman & Davenport (1980).

    Ties are corrected for through the variance of the ranks within tasks. The F form
    calls any agreement of few tasks certain, so it is held against the smallest p-value
    that there is: all tasks rank the methods as the first one does.
    """
    from scipy.special import fdtrc

    n_tasks, n_methods = ranks.shape
    smallest = exp(-lgamma(n_methods + 1) * (n_tasks - 1))
    spread = ((ranks - (n_methods + 1) / 2) ** 2).sum() / (n_tasks * (n_methods - 1))
    if spread == 0:
        return 1.0
    between = n_tasks * ((ranks.mean(axis=0) - (n_methods + 1) / 2) ** 2).sum()
    chi_square = between / spread
    most = n_tasks * (n_methods - 1)
    if most - chi_square < 1e-9 * most:
        return smallest  # every task ranks the methods alike
    statistic = (n_tasks - 1) * chi_square / (most - chi_square)
    return max(smallest, float(fdtrc(n_methods - 1, (n_methods - 1) * (n_tasks - 1), statistic)))


def critical_distance(n_methods: int, n_tasks: int) -> float:
    """Distance of mean ranks that Nemenyi's test calls a difference (Demsar, 2006, section 3.2.2)."""
    from scipy.stats import studentized_range

    quantile = studentized_range.ppf(1 - SIGNIFICANCE, n_methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_tasks)))


def wilcoxon_holm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wilcoxon's signed-rank test for every pair of columns, Holm-adjusted (Benavoli et al., 2016).

    Parameters
    ----------
    values : float64 (n_tasks, n_methods)

    Returns
    -------
    p_values : float64 (n_methods, n_methods)
        Symmetric, 1 on the diagonal.
    """
    from scipy.stats import wilcoxon

    pairs = list(combinations(range(values.shape[1]), 2))
    raw = [
        1.0 if (values[:, i] == values[:, j]).all() else wilcoxon(values[:, i], values[:, j]).pvalue
        for i, j in pairs
    ]
    p_values = np.ones((values.shape[1], values.shape[1]))
    for (i, j), p in zip(pairs, holm(raw), strict=True):
        p_values[i, j] = p_values[j, i] = p
    return p_values
