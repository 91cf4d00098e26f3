"""Metrics: functions of the true classes and of what a method said, each a column of the leaderboard.

from selbench import hookimpl, metric

@metric("Good 1952, Journal of the Royal Statistical Society B 14:107", label="log loss",
        higher_is_better=False, lowest=0.0)
def log_loss(labels, probabilities):
    \"\"\"Mean negative logarithm of the probability of the true class.\"\"\"
    said = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(said, 1e-15))

@hookimpl
def register_metrics():
    return [log_loss]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

from selbench.errors import PluginError

MetricFunction = Callable[..., Any]
"""labels int64 (n_windows,), probabilities float64 (n_windows, n_classes) → a number, or one per window."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")

RESERVED = ("called_", "seconds_", "cpu_seconds_", "n_parameters", "peak_memory_bytes")
"""What the results table calls by such names is something else."""


@dataclass(frozen=True)
class Metric:
    """A metric as a reader meets it.

    Parameters
    ----------
    name : str
        In the results table.
    label : str
        In text and table heads.
    meaning : str
        One sentence.
    higher_is_better : bool
    margin : float or None
        A difference up to this does not matter; None where nobody has declared one.
    margin_of_rest : float or None
        And up to this share of what the better value lacks to 1, if not None.
    lowest, highest : float
        Values lie between these; intervals stay there too.
    threshold_windows : int
        It is told a third argument, the probabilities of null windows that serve nothing else, and is left
        out where there are fewer of them than this. 0: it is not told.
    citation : str
        Author, year and journal.
    function : callable
        Labels (codes, 0 is the null class) and probabilities → the value, or one number per window of which
        it is the mean: then the interval has a closed form, else windows are resampled.
    """

    name: str
    label: str
    meaning: str
    higher_is_better: bool = True
    margin: float | None = None
    margin_of_rest: float | None = None
    lowest: float = -inf
    highest: float = inf
    threshold_windows: int = 0
    citation: str = ""
    function: MetricFunction | None = field(default=None, compare=False, repr=False)

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return self.meaning

    def margin_at(self, better: float) -> float | None:
        """Return the difference that does not matter between two values of which the larger is `better`.

        >>> Metric("auc", "AUC", "", margin=0.01, margin_of_rest=0.1).margin_at(0.99)
        0.001
        """
        if self.margin is None or self.margin_of_rest is None:
            return self.margin
        return round(min(self.margin, self.margin_of_rest * (1 - better)), 12)


def metric(
    citation: str,
    *,
    label: str = "",
    higher_is_better: bool = True,
    margin: float | None = None,
    margin_of_rest: float | None = None,
    lowest: float = -inf,
    highest: float = inf,
    threshold_windows: int = 0,
) -> Callable[[MetricFunction], MetricFunction]:
    """Mark a function as a metric; its name is the metric's, the first line of its docstring the meaning.

    Parameters
    ----------
    citation, label, higher_is_better, margin, margin_of_rest, lowest, highest, threshold_windows
        As `Metric` has them; the label is the name with spaces where none is given.

    Raises
    ------
    PluginError
        If the name is not one of lower-case letters, digits and ``_``, or stands for something else in the
        results table; if there is no docstring, or a bound or margin is none.
    """

    def mark(function: MetricFunction) -> MetricFunction:
        name = getattr(function, "__name__", "")
        meaning = (function.__doc__ or "").strip().partition("\n\n")[0]
        if not _NAME.match(name) or name.startswith(RESERVED):
            raise PluginError(
                f"metric {name!r}: expected a name of lower-case letters, digits and '_', and none of "
                f"{', '.join(RESERVED)}"
            )
        if not meaning:
            raise PluginError(f"metric {name}: expected a docstring that says what it means")
        if not lowest < highest or (margin is not None and not (margin > 0 and isfinite(margin))):
            raise PluginError(f"metric {name}: expected lowest below highest, and a margin above 0")
        function.metric = Metric(  # type: ignore[attr-defined]
            name=name,
            label=label or name.replace("_", " "),
            meaning=" ".join(meaning.split()),
            higher_is_better=higher_is_better,
            margin=margin,
            margin_of_rest=margin_of_rest,
            lowest=lowest,
            highest=highest,
            threshold_windows=threshold_windows,
            citation=citation,
            function=function,
        )
        return function

    return mark
