"""Methods against each other on the same test windows: claims over windows and trainings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError
from selbench.evaluation.claims import (
    ALL_PAIRS,
    BEST_BASELINE,
    OVER_SEEDS,
    OVER_TRAININGS,
    OVER_WINDOWS,
    Claim,
    claims_table,
    judge,
)
from selbench.evaluation.classification import called_class
from selbench.evaluation.intervals import NORMAL_QUANTILE, wilson
from selbench.evaluation.metrics import METRICS
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, TaskPredictions
from selbench.evaluation.rivals import Ranking, best_ranked
from selbench.evaluation.sampled import Sampled, contrast
from selbench.evaluation.samples import COMPARED, sample
from selbench.evaluation.significance import mcnemar_p_value
from selbench.evaluation.simultaneous import Family, Pair
from selbench.plugin import Metric
from selbench.streams import generator

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Terms:
    """On what terms methods are compared.

    Parameters
    ----------
    baselines : collection of str
        Methods that a trained one has to beat.
    ranking : mapping of str to sequence of str
        Baselines by training task, the best on validation windows first. Where one is not in it, the best
        is the one with the largest area on the test windows themselves, which errs in its favour.
    shared_training : collection of str
        Training tasks whose windows are the same in every training: those vary by seed alone.
    margins : mapping of str to float
        By metric, differences that do not matter; others than the metrics' own.
    seed : int
    n_resamples : int
    brought : sequence of Metric
        Metrics of plugins, by which methods are compared as well.
    """

    baselines: Collection[str] = ()
    ranking: Ranking = field(default_factory=dict)
    shared_training: Collection[str] = ()
    margins: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    n_resamples: int = 1000
    brought: Sequence[Metric] = ()

    @property
    def about(self) -> Mapping[str, Metric]:
        """What each metric is, by name."""
        return {**METRICS, **{metric.name: metric for metric in self.brought}}


def compare_methods(
    predictions: pd.DataFrame,
    tasks: Mapping[str, ClassRoles],
    methods: Sequence[str] | None = None,
    *,
    baselines: Collection[str] = (),
    seed: int,
    ranking: Ranking | None = None,
    shared_training: Collection[str] = (),
    margins: Mapping[str, float] | None = None,
    metrics: Collection[str] = COMPARED,
    n_resamples: int = 1000,
    brought: Sequence[Metric] = (),
) -> pd.DataFrame:
    """Compare methods on every task: the table of ``comparisons.parquet``.

    Two families per task and metric: every trained method against the best
    baseline, and all pairs; none on the windows of a genome. Trainings and test
    windows are both taken as drawn at random, so that a claim is about methods (Obuchowski & Rockette, 1995;
    Hillis, 2007); p-values and intervals of a family hold together (max-T).

    Parameters
    ----------
    predictions : DataFrame
        As `evaluate` takes them.
    tasks : mapping of str to ClassRoles
    methods : sequence of str, optional
        Those to compare; all by default.
    baselines, ranking, shared_training, margins, n_resamples, seed, brought
        See `Terms`.
    metrics : collection of str
        Of `COMPARED`.

    Returns
    -------
    comparisons : DataFrame
        Columns `claims.CLAIM_COLUMNS`.

    Raises
    ------
    DataError
        If predictions break their contract, see `prediction_table.by_task`.
    """
    terms = Terms(baselines, ranking or {}, shared_training, margins or {}, seed, n_resamples, brought)
    if methods is not None:
        predictions = predictions[predictions["method"].isin(list(methods))]
    return claims_table(
        claim
        for task in by_task(predictions, tasks)
        if not task.roles.is_genome
        for claim in compare_task(task, terms, metrics)
    )


def compare_scores(
    scores: Mapping[str, ArrayLike],
    labels: ArrayLike,
    *,
    threshold_scores: Mapping[str, ArrayLike] | None = None,
    baselines: Collection[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Compare scores of the same windows in a notebook: higher speaks for the positive class.

    Parameters
    ----------
    scores : mapping of str to (n_windows,) or (n_repetitions, n_windows)
        By method. Probabilities are compared by accuracy and Brier score as well.
    labels : (n_windows,)
        0 or False for the null class, 1 or True for the positive one.
    threshold_scores : mapping of str to the same with (n_threshold_windows,), optional
        Of null windows that serve nothing else: without them there is no power.
    baselines : collection of str

    Returns
    -------
    comparisons : DataFrame
        As `compare_methods` returns it.

    Raises
    ------
    DataError
        If shapes do not fit, a score is no number, or a class has no windows.

    >>> truth = [0] * 50 + [1] * 50
    >>> table = compare_scores({"a": range(100), "b": [i % 50 for i in range(100)]}, truth)
    >>> table["difference"].round(2).tolist()
    [0.5, 0.5]
    """
    truth = np.asarray(labels).astype(np.int64)
    if truth.ndim != 1 or set(np.unique(truth)) != {0, 1}:
        raise DataError(
            f"labels: expected 0 and 1 along one axis, found {np.unique(truth)[:5]}, shape {truth.shape}"
        )
    order = np.argsort(truth, kind="stable")
    threshold_scores = threshold_scores or {}
    methods = []
    for name, given in scores.items():
        test = _two_axes(name, given, len(truth))
        aside = _two_axes(name, threshold_scores.get(name, np.empty((len(test), 0))))
        methods.append(
            MethodPredictions(
                name, tuple(range(len(test))), _both_classes(test[:, order]), _both_classes(aside)
            )
        )
    roles = ClassRoles(("null", "positive"), "null", "positive")
    task = TaskPredictions("", "", roles, truth[order], tuple(methods))
    probable = all((m.test >= 0).all() and (m.test <= 1).all() for m in methods)
    metrics = [m for m in COMPARED if probable or m not in ("accuracy", "brier")]
    return claims_table(compare_task(task, Terms(baselines=baselines, seed=seed), metrics))


def compare_task(task: TaskPredictions, terms: Terms, metrics: Collection[str] = COMPARED) -> Iterator[Claim]:
    """Compare the methods of one task by several metrics, the headline's family first."""
    if len(task.methods) < 2:
        return
    measured = sample(
        task,
        {*metrics, "roc_auc"},
        n_resamples=terms.n_resamples,
        seed=terms.seed,
        brought=terms.brought,
    )
    wanted = [*(m for m in COMPARED if m in metrics), *(m.name for m in terms.brought)]
    rival = _rival(task, terms, measured["roc_auc"])
    for metric in (metric for metric in wanted if metric in measured):
        if rival:
            trained = [name for name in measured[metric] if name not in terms.baselines]
            pairs = [(name, rival) for name in trained]
            yield from _family(task, terms, metric, measured[metric], BEST_BASELINE, pairs)
        yield from _family(
            task, terms, metric, measured[metric], ALL_PAIRS, list(combinations(measured[metric], 2))
        )


def mcnemar(
    method: MethodPredictions, other: MethodPredictions, labels: NDArray[np.int64]
) -> dict[int, float]:
    """Test the calls of two methods against each other, training by training (McNemar, 1947).

    Each p-value is about one pair of trainings, not about the methods: it belongs in a footnote.

    Returns
    -------
    p_values : dict of int to float
        By repetition, of those that both have.
    """
    found = {}
    for repetition in method.repetitions:
        if repetition in other.repetitions:
            right, other_right = (
                called_class(of.only(repetition).test[0]) == labels for of in (method, other)
            )
            only_one = int((right & ~other_right).sum()), int((other_right & ~right).sum())
            found[repetition] = mcnemar_p_value(*only_one)
    return found


def _rival(task: TaskPredictions, terms: Terms, areas: Mapping[str, Sampled]) -> str:
    baselines = [name for name in areas if name in terms.baselines]
    if not baselines or len(baselines) == len(areas):
        return ""
    chosen = best_ranked(baselines, terms.ranking.get(task.train_task, ()))
    return chosen or max(baselines, key=lambda name: areas[name].mean)


def _family(
    task: TaskPredictions,
    terms: Terms,
    metric: str,
    measured: Mapping[str, Sampled],
    name: str,
    pairs: Sequence[tuple[str, str]],
) -> Iterator[Claim]:
    names = list(dict.fromkeys(method for pair in pairs for method in pair))
    places: list[Pair] = [(names.index(a), names.index(b)) for a, b in pairs]
    sampled = [measured[method] for method in names]
    least = _least_variance(task.labels)
    rng = generator(terms.seed, "claims", task.test_task, metric, name)
    over = OVER_SEEDS if task.train_task in terms.shared_training else OVER_TRAININGS
    family = Family.of(sampled, places, rng, least_variance=least)
    for (method, other), together in zip(pairs, family.contrasts, strict=True):
        a, b = measured[method], measured[other]
        alone = contrast(a, b, least_variance=least)
        low, high = alone.interval()
        limits = _hull((low, high), together.interval(family.tail))
        once = min(a.n_repetitions, b.n_repetitions) < 2
        margin = _margin(metric, terms, max(a.mean, b.mean))
        verdict = judge(*limits, margin, higher_is_better=terms.about[metric].higher_is_better)
        yield Claim(
            task.train_task, task.test_task, metric, "", name, method, other, alone.value, low, high, *limits,
            alone.p_value, max(alone.p_value, family.adjusted(together.p_value)),
            a.n_repetitions, b.n_repetitions, OVER_WINDOWS if once else over, margin,
            "too few windows" if limits[0] != limits[0] else "one training" if once else verdict,
        )  # fmt: skip


def _hull(alone: tuple[float, float], together: tuple[float, float]) -> tuple[float, float]:
    """Return an interval that holds both: what is said of a family is true of each of it by itself."""
    return min(alone[0], together[0]), max(alone[1], together[1])


def _margin(metric: str, terms: Terms, better: float) -> float | None:
    return terms.margins.get(metric, terms.about[metric].margin_at(better))


def _least_variance(labels: NDArray[np.int64]) -> float:
    """Return the variance of a difference that no window of the smaller class shows: Wilson's of 0 of n."""
    return float((wilson(0.0, int(np.bincount(labels).min()))[1] / NORMAL_QUANTILE) ** 2)


def _two_axes(name: str, given: ArrayLike, n_windows: int | None = None) -> NDArray[np.float64]:
    values = np.atleast_2d(np.asarray(given, dtype=np.float64))
    if values.ndim != 2 or n_windows not in (None, values.shape[1]):
        raise DataError(
            f"scores of {name}: expected shape ({n_windows},) or (n_repetitions, {n_windows}), "
            f"found {np.shape(given)}"
        )
    if not np.isfinite(values).all():
        raise DataError(f"scores of {name}: expected finite numbers, found {values[~np.isfinite(values)][0]}")
    return values


def _both_classes(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([1 - scores, scores], axis=-1)
