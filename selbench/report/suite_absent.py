"""Who has no row in the table of a suite, and why: absence is no defeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from selbench.plugin import Encoder, Registry, ThresholdModel, parse_spelling
from selbench.report.short_labels import in_short
from selbench.report.suite import SuiteTable
from selbench.run_folder import RunRecord, TrainingRecord
from selbench.windows import WindowSpec


def not_run(record: RunRecord, table: SuiteTable, registry: Registry) -> str:
    """Name the installed methods that have no row in a table, in groups; "" where all have one.

    A method is a model with the encoding of its paper; where that encoding has no row, it is named alone.
    """
    tasks = (*table.tasks, *table.on_fewer)
    rows = [record.methods[row.standing.method] for task in tasks for row in task.rows]
    encodings, models = {_name(row.encoder) for row in rows}, {_name(row.model) for row in rows}
    of_scanners = {f"scan-{name}" for name in registry.scanners}
    lacking = {
        entry.name: entry.value
        for entry in registry.encoders.entries()
        if entry.name not in encodings | of_scanners
    }
    absent = {entry.name: entry.value for entry in registry.models.entries() if entry.name not in models}
    scanners = [name for name in absent if name in of_scanners]
    thresholds = [name for name, model in absent.items() if issubclass(model, ThresholdModel)]
    others = [
        name
        for name, model in absent.items()
        if name not in (*scanners, *thresholds) and _name(model.default_encoder) not in lacking
    ]
    windows = WindowSpec(**record.tasks[table.tasks[0].board.test_task].spec)
    images = [name for name, encoder in lacking.items() if _is_image(encoder, windows)]
    groups = {
        "encodings as images": images,
        "other encodings": [name for name in lacking if name not in images],
        "models": others,
        "scanners": [name.removeprefix("scan-") for name in scanners],
    }
    told = [f"{noun} ({', '.join(names)})" for noun, names in groups.items() if names]
    told += [f"thresholds on {len(thresholds)} statistics"] if thresholds else []
    return f"Installed and not run here, so neither better nor worse: {', '.join(told)}." if told else ""


def _name(spelled: str) -> str:
    """Return the name of a component, without its options and the plugin that it comes with."""
    return parse_spelling(spelled)[0].rpartition(":")[2]


def _is_image(encoder: type[Encoder], windows: WindowSpec) -> bool:
    """Whether haplotypes are an axis of what it makes; no, where it cannot say so of these windows."""
    try:
        return any("haplotype" in axis for axis in encoder().feature_spec(windows).axes)
    except Exception:
        return False


def unfinished(record: RunRecord, table: SuiteTable) -> Iterator[str]:
    """Say of a run which methods have no row on a task because trainings failed or were skipped, and why.

    A method's first reason speaks for all of its trainings on a task.
    """
    standing = {
        (task.board.train_task, row.standing.method.partition(" @ ")[0])
        for task in table.tasks
        for row in task.rows
    }
    asked = Counter((training.train_task, training.method) for training in record.trainings)
    lost: dict[tuple[str, str], list[TrainingRecord]] = {}
    for training in record.unfinished:
        if (training.train_task, training.method) not in standing:
            lost.setdefault((training.train_task, training.method), []).append(training)
    told: dict[tuple[str, str], list[str]] = {}
    for (task, method), trainings in lost.items():
        of = f"{len(trainings)} of {asked[task, method]} trainings {trainings[0].status}"
        why = " ".join(trainings[0].reason.split())
        told.setdefault((task, f"{of}: {why}"), []).append(in_short(record.labels[method]))
    yield from (f"{task}: {', '.join(labels)}: {why}" for (task, why), labels in told.items())
