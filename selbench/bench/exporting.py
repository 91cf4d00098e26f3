"""All windows of a task, in the layouts that others read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from selbench.bench.experiments import experiment_file
from selbench.bench.watching import Watch, watch_of
from selbench.errors import ExperimentError
from selbench.experiment import (
    SPLITS,
    Experiment,
    Task,
    expect_leave,
    programs_without_leave,
    read_experiment,
)
from selbench.files import complete_folder
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.ms_text import write_ms
from selbench.formats.npz import write_npz
from selbench.formats.png_folder import write_png_folder
from selbench.plugin import Registry
from selbench.tables import nearest
from selbench.windows import Windows

Layout = Literal["dataset", "png", "npz", "ms"]


def export_task(
    task: str,
    out: Path,
    layout: Layout = "dataset",
    *,
    overrides: Sequence[str] = (),
    reduced: bool = False,
    allow_programs: bool = False,
    repetition: int | None = 0,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> str:
    """Write all classes and splits of a task: the very windows that a run trains and tests on.

    Parameters
    ----------
    task : str
        ``EXPERIMENT`` or ``EXPERIMENT:TASK``, the experiment being a file or a shipped name.
    out : Path
        Folder to write; for a dataset, the file. With every repetition, a folder that holds one export of
        each: ``repetition-0.parquet``, or the folders ``repetition-0`` and so on.
    repetition : int or None
        Whose training and validation windows; None: every repetition's. Test windows are the same in all.

    Returns
    -------
    written : str
        What was written, in words.

    Raises
    ------
    ExperimentError
        If there is no such task, or programs would be started without leave.
    """
    registry, watch = registry or Registry.installed(), watch_of(progress)
    name, _, wanted = task.partition(":")
    experiment = read_experiment(
        experiment_file(name, registry), registry, overrides=overrides, reduced=reduced
    )
    programs = programs_without_leave(
        experiment, allow_programs=allow_programs, overrides=overrides, registry=registry
    )
    expect_leave(experiment, programs)
    chosen = _task(experiment, wanted)
    has_own = any(p.repetition is not None for p in experiment.portions(chosen, split="train"))
    if repetition is not None or not has_own:
        written = _export(experiment, chosen, out, layout, repetition or 0, watch)
        return f"{written}, training and validation as in repetition {repetition}" if has_own else written
    with complete_folder(out) as folder:
        written_each = [
            _export(
                experiment, chosen, folder / f"repetition-{n}{_SUFFIXES.get(layout, '')}", layout, n, watch
            )
            for n in range(experiment.repetitions)
        ]
    return f"{experiment.repetitions} repetitions, each of {written_each[0]}"


def _export(
    experiment: Experiment, task: Task, out: Path, layout: Layout, repetition: int, watch: Watch
) -> str:
    with watch.wait(f"Simulating the windows of {task.name} …"):
        splits = _splits(experiment, task, repetition)
    with watch.wait(f"Writing {layout} …"):
        return _WRITERS[layout](task, splits, out)


def _task(experiment: Experiment, wanted: str) -> Task:
    if not wanted and len(experiment.tasks) == 1:
        return next(iter(experiment.tasks.values()))
    if wanted not in experiment.tasks:
        names = ", ".join(experiment.tasks)
        hint = f"unknown task {wanted!r}{nearest(wanted, experiment.tasks)}" if wanted else "which task?"
        raise ExperimentError(f"{hint}; {experiment.name} has {names}: write {experiment.name}:TASK")
    return experiment.tasks[wanted]


def _splits(experiment: Experiment, task: Task, repetition: int) -> dict[str, Windows]:
    return {
        split: Windows.concatenate(
            [
                portion.source.complete(portion, experiment_seed=experiment.seed).windows
                for portion in experiment.portions(task, split=split, repetition=repetition)
            ]
        )
        for split in SPLITS
        if task.has(split)
    }


def _write_dataset(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    provenance = {
        label: {
            "simulator": source.spelling if source.simulators else "",
            "scenario": source.scenario_table,
        }
        for label, source in task.sources.items()
    }
    first = next(iter(splits.values()))
    metadata = DatasetMetadata(task.spec, first.polarisation, task.classes, provenance)
    return f"{write_dataset(out, splits.items(), metadata)} windows"


def _write_png(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    return str(write_png_folder(out, _without_threshold(splits), null=task.null, positive=task.positive))


def _write_npz(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    write_npz(out, splits)
    return f"{sum(map(len, splits.values()))} windows"


def _write_ms(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    with complete_folder(out) as folder:
        for split, windows in splits.items():
            assert windows.labels is not None
            for label in dict.fromkeys(windows.labels.tolist()):
                part = windows.take(windows.labels == label)
                with (folder / f"{split}.{label}.ms").open("wb") as stream:
                    write_ms(
                        part, stream, command=f"ms {task.spec.n_haplotypes} {len(part)} (selbench {label})"
                    )
    return f"{sum(map(len, splits.values()))} windows"


def _without_threshold(splits: Mapping[str, Windows]) -> dict[str, Windows]:
    return {split: windows for split, windows in splits.items() if split != "threshold"}


_SUFFIXES: Mapping[Layout, str] = {"dataset": ".parquet", "npz": ".npz"}

_WRITERS: Mapping[Layout, Callable[[Task, Mapping[str, Windows], Path], str]] = {
    "dataset": _write_dataset,
    "png": _write_png,
    "npz": _write_npz,
    "ms": _write_ms,
}
