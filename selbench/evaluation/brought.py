"""Metrics that plugins bring: asked for their values, and for how test windows move them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import PluginError
from selbench.evaluation.bootstrap import Counts, Resamples
from selbench.evaluation.measures import sampled_means
from selbench.evaluation.predictions import MethodPredictions
from selbench.evaluation.sampled import Sampled
from selbench.plugin import Metric
from selbench.plugin.faults import fault_in

N_CALLS = 200
"""How often a metric that is one number is asked about resampled windows."""

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Asked:
    """A metric, and the resampled windows that it is asked about.

    Parameters
    ----------
    metric : Metric
    windows : list of int64 (n_windows,)
        Test windows; themselves first.
    threshold : list of int64 (n_threshold_windows,)
        Threshold windows likewise.
    """

    metric: Metric
    windows: Sequence[NDArray[np.intp]]
    threshold: Sequence[NDArray[np.intp]]

    def of(self, method: MethodPredictions, labels: Labels) -> Sampled:
        first = [
            value_of(self.metric, labels, test, threshold)
            for test, threshold in zip(method.test, method.threshold, strict=True)
        ]
        if first[0].ndim:
            return sampled_means(np.array(first), labels)
        resampled = np.array(
            [
                [
                    float(value_of(self.metric, labels[at], test[at], threshold[aside]))
                    for at, aside in zip(self.windows[1:], self.threshold[1:], strict=True)
                ]
                for test, threshold in zip(method.test, method.threshold, strict=True)
            ]
        )
        deviations = (resampled - resampled.mean(axis=1, keepdims=True)) / np.sqrt(resampled.shape[1] - 1)
        enough = np.bincount(labels).min() > 1
        return Sampled(np.array(first), deviations if enough else np.full_like(deviations, np.nan))


def sampled_brought(
    metrics: Iterable[Metric], methods: Sequence[MethodPredictions], labels: Labels, resamples: Resamples
) -> dict[str, dict[str, Sampled]]:
    """Measure methods by metrics of plugins, training by training: by metric, then by method.

    A metric that is one number per window is their mean, and its variance has a closed form; one that is a
    single number is asked about resampled windows as well, the same for all methods. One that needs more
    threshold windows than there are is left out.

    Raises
    ------
    PluginError
        If a metric fails, or returns something else than finite numbers.
    """
    n_threshold = methods[0].threshold.shape[1] if methods else 0
    wanted = [metric for metric in metrics if n_threshold >= metric.threshold_windows]
    if not wanted:
        return {}
    windows, threshold = list(_joined(resamples.test, labels)), list(_indices(resamples.threshold))
    return {
        metric.name: {method.method: asked.of(method, labels) for method in methods}
        for metric in wanted
        for asked in [_Asked(metric, windows, threshold)]
    }


def value_of(metric: Metric, labels: Labels, probabilities: Floats, threshold: Floats) -> Floats:
    """Ask a metric for its value: float64 () or one number per window, (n_windows,).

    Raises
    ------
    PluginError
        If it fails, or returns something else than finite numbers; naming it, and its line.
    """
    function = metric.function
    if function is None:
        raise PluginError(f"metric {metric.name}: expected a function, found none")
    told = (labels.copy(), probabilities.copy(), threshold.copy())
    try:
        returned = function(*told) if metric.threshold_windows else function(*told[:2])
        value = np.asarray(returned, dtype=np.float64)
    except (Exception, SystemExit) as problem:
        own = getattr(function, "__module__", "").partition(".")[0]
        raise PluginError(f"metric {metric.name}: {fault_in(problem, own)}") from problem
    if value.shape not in ((), (len(labels),)):
        raise PluginError(
            f"metric {metric.name}: expected a number, or one per window, shape ({len(labels)},), "
            f"found shape {value.shape}"
        )
    if not np.isfinite(value).all():
        raise PluginError(
            f"metric {metric.name}: expected finite numbers, found {value[~np.isfinite(value)].flat[0]}"
        )
    return value


def expect_to_work(metric: Metric, n_classes: int) -> None:
    """Ask a metric about a few made-up windows, so that what does not work at all fails before a training.

    Raises
    ------
    PluginError
        See `value_of`.
    """
    labels = np.repeat(np.arange(n_classes), 4)
    said = np.full((len(labels), n_classes), 0.2)
    said[np.arange(len(labels)), (labels + np.arange(len(labels)) % 2) % n_classes] = 0.6
    said /= said.sum(axis=1, keepdims=True)
    value_of(metric, labels, said, np.repeat(said[:4], max(1, metric.threshold_windows // 4), axis=0))


def _joined(of_classes: Sequence[Counts], labels: Labels) -> Iterator[NDArray[np.intp]]:
    """Yield which test windows each resample holds, classes keeping their sizes."""
    places = [np.flatnonzero(labels == code) for code in range(len(of_classes))]
    drawn = [_indices(counts) for counts in of_classes]
    for parts in zip(*drawn, strict=True):
        yield np.concatenate([place[part] for place, part in zip(places, parts, strict=True)])


def _indices(counts: Counts) -> Iterator[NDArray[np.intp]]:
    for row in counts[: N_CALLS + 1]:
        yield np.repeat(np.arange(counts.shape[1]), row)
