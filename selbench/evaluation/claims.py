"""What a comparison says of two methods: a verdict, and the sentence that a reader meets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Literal, get_args

from selbench.errors import DataError
from selbench.evaluation.metrics import METRICS
from selbench.plugin import Metric

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["better", "worse", "equivalent", "undecided", "one training", "too few windows"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

BEST_BASELINE = "best baseline"
"""The family that a report's headline is of: every trained method against the best baseline."""

ALL_PAIRS = "all pairs"
"""The family of all pairs of methods."""

OVER_WINDOWS = "windows"
OVER_TRAININGS = "windows and trainings"
OVER_SEEDS = "windows and seeds"
"""What an interval is over: trainings have windows of their own, or share them and vary by seed."""

CLAIM_COLUMNS = (
    "train_task", "test_task", "metric", "class", "family", "method", "other", "difference", "low", "high",
    "low_simultaneous", "high_simultaneous", "p", "p_adjusted", "n_repetitions", "other_n_repetitions",
    "over", "margin", "verdict",
)  # fmt: skip
"""Columns of a table of comparisons."""


@dataclass(frozen=True)
class Claim:
    """Two methods on one task, by one metric.

    Parameters
    ----------
    train_task, test_task, metric, of_class, family, method, other : str
        The family is the set of comparisons that are judged together.
    difference, low, high, p : float
        Of the metric, `method` minus `other`, averaged over trainings, with its
        95 % interval and two-sided p-value, as if it were the only comparison.
    low_simultaneous, high_simultaneous, p_adjusted : float
        The same, such that those of the whole family hold together.
    n_repetitions, other_n_repetitions : int
        Trainings.
    over : str
        What the intervals are over.
    margin : float or None
        Differences up to this do not matter; None where none was declared.
    verdict : str
        better, worse, equivalent or undecided, as `judge` says; "one training"
        where a method was trained once, "too few windows" where there is no interval.
    about : Metric, optional
        What the metric is, where it is a plugin's.
    """

    train_task: str
    test_task: str
    metric: str
    of_class: str
    family: str
    method: str
    other: str
    difference: float
    low: float
    high: float
    low_simultaneous: float
    high_simultaneous: float
    p: float
    p_adjusted: float
    n_repetitions: int
    other_n_repetitions: int
    over: str
    margin: float | None
    verdict: str
    about: Metric | None = None

    @property
    def shown(self) -> bool:
        """Whether one of the two is better."""
        return self.verdict in ("better", "worse")

    @property
    def has_interval(self) -> bool:
        """Whether there are windows enough for an interval."""
        return not (isnan(self.low_simultaneous) or isnan(self.high_simultaneous))

    @property
    def reverse(self) -> Claim:
        """The same comparison seen from the other method."""
        turned = {"better": "worse", "worse": "better"}
        return replace(
            self,
            method=self.other,
            other=self.method,
            difference=-self.difference,
            low=-self.high,
            high=-self.low,
            low_simultaneous=-self.high_simultaneous,
            high_simultaneous=-self.low_simultaneous,
            n_repetitions=self.other_n_repetitions,
            other_n_repetitions=self.n_repetitions,
            verdict=turned.get(self.verdict, self.verdict),
        )

    @property
    def better_first(self) -> Claim:
        """The same comparison with the method first that scored better."""
        return self.reverse if self._gain < 0 else self

    @property
    def sentence(self) -> str:
        """What follows from it, in words."""
        first = self.better_first
        said = {
            "better": first._better,
            "equivalent": first._equivalent,
            "undecided": first._undecided,
            "one training": first._one_training,
        }.get(first.verdict, first._too_few_windows)
        return said()

    @property
    def _about(self) -> Metric:
        return self.about or METRICS.get(self.metric) or Metric(self.metric, self.metric, "")

    @property
    def _gain(self) -> float:
        return self.difference if self._about.higher_is_better else -self.difference

    @property
    def _gains(self) -> tuple[float, float]:
        """The simultaneous interval, in the direction in which more is better."""
        limits = self.low_simultaneous, self.high_simultaneous
        return limits if self._about.higher_is_better else (-limits[1], -limits[0])

    @property
    def _for_whom(self) -> str:
        return " for this training set" if self.over == OVER_SEEDS else ""

    def _better(self) -> str:
        low, high = self._gains
        gain = f"{number(self._gain)} {self._about.label} ({number(low)} to {number(high)})"
        return f"{self.method} is better than {self.other} by {gain}{self._for_whom}"

    def _equivalent(self) -> str:
        margin = self.margin or 0.0
        low, high = (number(limit, levels=(0.0, -margin, margin)) for limit in self._gains)
        within = f"within {number(margin)} {self._about.label} ({low} to {high})"
        return f"{self.method} and {self.other} are equivalent {within}{self._for_whom}"

    def _undecided(self) -> str:
        low, high = self._gains
        possible = f"by up to {number(high)} {self._about.label}, or worse by up to {number(-low)}"
        return f"Undecided: {self.method} may be better than {self.other} {possible}{self._for_whom}"

    def _one_training(self) -> str:
        low, high = sorted((self.low, self.high))
        scored = "scored the same as"
        if self.difference:
            scored = f"scored {'higher' if self.difference > 0 else 'lower'} than"
        once = [
            m for m, n in ((self.method, self.n_repetitions), (self.other, self.other_n_repetitions)) if n < 2
        ]
        of_whom = "" if len(once) == 2 else f" of {once[0]}"
        values = f"{number(self.difference, signed=True)} {self._about.label}"
        if low == low:
            values += f", {number(low)} to {number(high)} over windows"
        return (
            f"Undecided: {self.method} {scored} {self.other} in one training{of_whom} ({values}); "
            "what a new training would change cannot be known from one"
        )

    def _too_few_windows(self) -> str:
        values = f"{number(self.difference, signed=True)} {self._about.label}"
        return f"{self.method} and {self.other}: too few test windows to say more than {values} on these"


def judge(low: float, high: float, margin: float | None, *, higher_is_better: bool = True) -> Verdict:
    """Return the verdict of a simultaneous interval (low, high) of a difference.

    Inside ± margin it is equivalence, whatever the sign (two one-sided tests;
    Schuirmann, 1987); else a difference where 0 is outside; else undecided.
    """
    if margin is not None and -margin < low and high < margin:
        return "equivalent"
    if low > 0 or high < 0:
        return "better" if (low > 0) == higher_is_better else "worse"
    return "undecided"


def number(value: float, *, signed: bool = False, levels: Iterable[float] = (0.0, 1.0)) -> str:
    """Return a value with three decimals, or more where those would put it on a level that it is not on.

    >>> number(0.0096), number(-0.00042), number(0.99987)
    ('0.010', '−0.0004', '0.9999')
    """
    decimals = 3
    near = [level for level in levels if value != level and abs(value - level) < 0.001]
    while decimals < 9 and any(float(f"{value:.{decimals}f}") == level for level in near):
        decimals += 1
    text = f"{value:{'+' if signed else ''}.{decimals}f}"
    return text.replace("-", "−") if float(text) or (signed and value > 0) else text.lstrip("+-")


def claims_table(claims: Iterable[Claim]) -> pd.DataFrame:
    """Return claims as a table with the columns `CLAIM_COLUMNS`; what is not known is missing."""
    import pandas as pd

    columns = [column if column != "class" else "of_class" for column in CLAIM_COLUMNS]
    rows = [[getattr(claim, column) for column in columns] for claim in claims]
    frame = pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))
    kinds = dict.fromkeys(("difference", "low", "high", "low_simultaneous", "high_simultaneous"), "float64")
    kinds |= dict.fromkeys(("p", "p_adjusted", "margin"), "float64")
    kinds |= dict.fromkeys(("n_repetitions", "other_n_repetitions"), "int64")
    return frame.astype(kinds)


def read_claims(table: pd.DataFrame) -> tuple[Claim, ...]:
    """Return the claims of a table that `claims_table` made.

    Raises
    ------
    DataError
        If a column is missing, or a verdict is none.
    """
    missing = [name for name in CLAIM_COLUMNS if name not in table.columns]
    if missing:
        raise DataError(
            f"comparisons: expected the columns {', '.join(CLAIM_COLUMNS)}, missing {', '.join(missing)}"
        )
    unknown = set(table["verdict"]) - set(VERDICTS)
    if unknown:
        raise DataError(
            f"comparisons: verdict: expected one of {', '.join(VERDICTS)}, found {min(unknown)!r}"
        )
    rows = table[list(CLAIM_COLUMNS)].itertuples(index=False, name=None)
    return tuple(_read_claim(dict(zip(CLAIM_COLUMNS, row, strict=True))) for row in rows)


def _read_claim(row: dict[str, Any]) -> Claim:
    margin = row.pop("margin")
    read: dict[str, Any] = {"of_class": str(row.pop("class"))}
    for name, value in row.items():
        if isinstance(value, str):
            read[name] = value
        elif name.endswith("n_repetitions"):
            read[name] = int(value)
        else:
            read[name] = nan if value is None else float(value)
    return Claim(**read, margin=None if margin is None or margin != margin else float(margin))
