"""Which encoding to take: the best method of every task in its two parts, and every encoding at its best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from selbench.plugin import Registry, parse_spelling
from selbench.report.leaderboard import POWER
from selbench.report.short_labels import in_short, short_labels
from selbench.report.suite import SuiteRow, SuiteTable, SuiteTask
from selbench.run_folder import RunRecord

BESIDE = (
    "It stands beside GHIST (2025), a yearly challenge whose answers are hidden, and Gower et al. 2025 "
    "(Molecular Biology and Evolution, msaf236): here windows and answers are open, and methods are trained."
)

_ASKED = {
    "s": "s {}",
    "w_Aa": "heterozygotes of fitness {}",
    "onset_frequency": "selected from a frequency of {}",
    "present_frequency": "at a frequency of {} today",
    "fixation_time": "fixed {} generations ago",
    "onset_time": "selected for {} generations",
}
"""What of the selection of a task tells it from others."""


@dataclass(frozen=True)
class Choice:
    """What to take on a task: the best method.

    Parameters
    ----------
    task : SuiteTask
    selection : str
        What is looked for.
    encoder, model : str
        The two parts of the best method, in short.
    cheapest : SuiteRow
        Of the methods that it is not shown to be better than, and itself, the one that costs least.
    is_gain_of_model : bool
        Whether the best method that is no baseline and the best baseline have the same encoding, so that
        the gain of one over the other is the model's.
    """

    task: SuiteTask
    selection: str
    encoder: str
    model: str
    cheapest: SuiteRow
    is_gain_of_model: bool

    @property
    def has_cheaper(self) -> bool:
        """Whether another one that is not shown to be worse costs less than half."""
        return self.cheapest.cpu_seconds < 0.5 * self.task.best.cpu_seconds


@dataclass(frozen=True)
class EncodingBest:
    """The best method with an encoding on a task; its model in short."""

    row: SuiteRow
    model: str


def choices(record: RunRecord, table: SuiteTable) -> tuple[Choice, ...]:
    """Return what to take on every task."""
    called = _encodings_in_short(record)
    return tuple(_choice(record, task, called) for task in table.tasks)


def _encodings_in_short(record: RunRecord) -> dict[str, str]:
    return short_labels(dict.fromkeys(method.encoder for method in record.methods.values()))


def _choice(record: RunRecord, task: SuiteTask, called: Mapping[str, str]) -> Choice:
    best = record.methods[task.best.standing.method]
    as_good = [row for row in task.rows if row.is_tied and row.cpu_seconds == row.cpu_seconds]
    return Choice(
        task,
        selection_said(record, task),
        called[best.encoder],
        in_short(best.model),
        min(as_good, key=lambda row: row.cpu_seconds, default=task.best),
        _is_gain_of_model(record, task),
    )


def _is_gain_of_model(record: RunRecord, task: SuiteTask) -> bool:
    if task.gain is None:
        return False
    encoders = {
        record.methods[row.standing.method].encoder
        for row in task.rows
        if row.label in (task.gain.method, task.gain.other)
    }
    return len(encoders) == 1


def columns_explained(table: SuiteTable) -> str:
    """Say what the columns of the choices mean: power, rivals, the cheapest, and what gains are over."""
    rows = (row for task in table.tasks for row in task.rows)
    baselines = dict.fromkeys(row.label for row in rows if row.standing.is_baseline)
    said = (
        "Power: the share of selected windows that are called where exactly 1 % of windows without "
        "selection are; AUC where a task has too few windows for it. Not shown to be worse: the best "
        "method's lead over them is not significant among all pairs of the task; where the trainings of a "
        "method differ much, even a large lead may not be. Cheapest: of these and the best, what takes the "
        "fewest CPU seconds to encode, fit and predict in one training, where that is less than half of what "
        "the best takes."
    )
    if not any(task.gain for task in table.tasks):
        return said
    return (
        f"{said} Gain: the best method that is no baseline minus the best "
        f"baseline of the task, of {len(baselines)} ({', '.join(baselines)}), chosen by AUC on validation "
        "windows where the runs recorded any; with an interval that holds for all methods against that "
        "baseline at once. Same encoding: both have it, and the gain is that of one model over another; "
        "elsewhere encoding and model both have a part in it."
    )


def encodings_explained(record: RunRecord, table: SuiteTable, registry: Registry) -> str:
    """Say in a line what the encodings of the best methods are, as their plugins describe them."""
    best = (record.methods[task.best.standing.method].encoder for task in table.tasks)
    names = dict.fromkeys(parse_spelling(spelled)[0] for spelled in best)
    known = [name for name in names if name in registry.encoders]
    return " ".join(f"{name}: {registry.encoders.entry(name).summary}" for name in known)


def selection_said(record: RunRecord, task: SuiteTask) -> str:
    """Say what selection a task is about, by the settings of its scenario; "" where it has none."""
    told = record.tasks[task.board.test_task]
    selection = (told.scenarios.get(told.positive) or {}).get("selection") or {}
    asked = [
        text.format(_range(value))
        for key, text in _ASKED.items()
        if (value := selection.get(key)) is not None and not (key == "s" and value == 0)
    ]
    return "; ".join(asked)


def _range(value: Any) -> str:
    if isinstance(value, Mapping):
        limits = next(iter(value.values()))
        numbers = limits if isinstance(limits, list | tuple) else [limits]
        return f"{_number(numbers[0])}–{_number(numbers[-1])}"
    return _number(value)


def _number(value: Any) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.5g}"  # never 2e+05


def encodings(record: RunRecord, table: SuiteTable) -> dict[str, dict[str, EncodingBest]]:
    """Return per encoding, best mean place first, its best method on every task, by the task's name."""
    called = _encodings_in_short(record)
    found: dict[str, dict[str, EncodingBest]] = {}
    places: dict[str, list[float]] = {}
    for task in table.tasks:
        for place, row in enumerate(task.rows):
            method = record.methods[row.standing.method]
            encoding = called[method.encoder]
            on_tasks = found.setdefault(encoding, {})
            if task.name not in on_tasks:
                on_tasks[task.name] = EncodingBest(row, in_short(method.model))
                places.setdefault(encoding, []).append(place / len(task.rows))
    return {name: found[name] for name in sorted(found, key=lambda name: fmean(places[name]))}


def headline_said(record: RunRecord, table: SuiteTable) -> str:
    """Say in a sentence which encoding leads how often, and how often training is shown to be worth it."""
    chosen, n_tasks = choices(record, table), len(table.tasks)
    if n_tasks == 1:
        return _headline_of_one(chosen[0])
    leaders = Counter(choice.encoder for choice in chosen)
    ((leader, n_led),) = leaders.most_common(1)
    gains = [task.gain for task in table.tasks if task.gain is not None]
    won = [choice for choice in chosen if choice.task.gain and choice.task.gain.verdict == "better"]
    n_of_model = sum(choice.is_gain_of_model for choice in won)
    leads = "stands first" if table.by_area else "has the highest power"
    led = f"{leader} {leads} on {n_led} of {n_tasks} tasks"
    if not gains:
        return led
    of_compared = "" if len(gains) == n_tasks else f" of the {len(gains)} that have one"
    by_model = f", on {n_of_model} of these with the baseline's own encoding" if n_of_model else ""
    return (
        f"{led}; a method is shown to be better than the best baseline on {len(won)}{of_compared}{by_model}"
    )


def _headline_of_one(choice: Choice) -> str:
    leads = "finds most" if choice.task.metric == POWER else "has the highest AUC"
    if len(choice.task.rows) == 1:
        leads = "is the only method"
    return f"{choice.task.name}: {choice.encoder} with {choice.model} {leads}"


def evidence_said(table: SuiteTable) -> Iterator[str]:
    """Yield how the headline was come to, what the table stands beside, and what it does not ask."""
    counted = ", ".join(f"{n} {noun}" for n, noun in table.counts)
    yield f"{counted}, each counted by itself." if len(table.counts) > 1 else f"{counted}."
    yield _metric_said(table)
    if any(task.gain for task in table.tasks):
        yield (
            "Differences have 95 % intervals over test windows and trainings that hold for all methods of a "
            "task against its best baseline at once (max-T)."
        )
    yield f"{BESIDE} {table.not_tested}"


def _metric_said(table: SuiteTable) -> str:
    if len(table.by_area) == len(table.tasks):
        return "By AUC."
    said = "By power at 1 % false positives, AUC second"
    if table.by_area:
        have = "has" if len(table.by_area) == 1 else "have"
        said += f"; by AUC on {', '.join(table.by_area)}, which {have} too few windows for it"
    return f"{said}."
