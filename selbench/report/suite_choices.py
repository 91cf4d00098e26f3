"""Which encoding to take: the best method of every task in its two parts, and every encoding at its best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

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
    """

    task: SuiteTask
    selection: str
    encoder: str
    model: str
    cheapest: SuiteRow

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
    return tuple(_choice(record, task) for task in table.tasks)


def _choice(record: RunRecord, task: SuiteTask) -> Choice:
    best = record.methods[task.best.standing.method]
    as_good = [row for row in task.rows if row.is_tied and row.cpu_seconds == row.cpu_seconds]
    return Choice(
        task,
        selection_said(record, task),
        in_short(best.encoder),
        in_short(best.model),
        min(as_good, key=lambda row: row.cpu_seconds, default=task.best),
    )


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
    called = short_labels(dict.fromkeys(method.encoder for method in record.methods.values()))
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
    n_tasks = len(table.tasks)
    if n_tasks == 1:
        (choice,) = choices(record, table)
        return f"{choice.task.name}: {choice.encoder} with {choice.model} finds most"
    leaders = Counter(choice.encoder for choice in choices(record, table))
    ((leader, n_led),) = leaders.most_common(1)
    gains = [task.gain for task in table.tasks if task.gain is not None]
    n_wins = sum(gain.verdict == "better" for gain in gains)
    led = f"{leader} has the highest power on {n_led} of {n_tasks} tasks"
    if not gains:
        return led
    of_compared = "" if len(gains) == n_tasks else f" of the {len(gains)} that have one"
    return f"{led}; a trained method is shown to be better than the best baseline on {n_wins}{of_compared}"


def evidence_said(table: SuiteTable) -> Iterator[str]:
    """Yield how the headline was come to, what the table stands beside, and what it does not ask."""
    yield f"{', '.join(f'{n} {noun}' for n, noun in table.counts)}, each counted by itself."
    metric = "power at 1 % false positives" if all(t.metric == POWER for t in table.tasks) else "the headline"
    yield (
        f"By {metric}, AUC second. For each task: 95 % intervals over test windows that hold for all "
        "trained methods against the best baseline at once (max-T)."
    )
    yield f"{BESIDE} {table.not_tested}"
