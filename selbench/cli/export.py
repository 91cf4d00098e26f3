"""``selbench export``: all windows of a task, in the layout that others read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from selbench.experiment import Experiment, Task
    from selbench.windows import Windows

ExportFormat = Literal["dataset", "png", "npz", "ms"]


def export(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="EXPERIMENT or EXPERIMENT:TASK, the experiment being a file or a shipped name.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; for a dataset, the file.")],
    format: Annotated[ExportFormat, typer.Option(help="What to write.")] = "dataset",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key: tasks.paper.windows.train=100."),
    ] = None,
    reduced: Annotated[bool, typer.Option("--reduced", help="The experiment's reduced form.")] = False,
    allow_programs: Annotated[
        bool, typer.Option("--allow-programs", help="Start the programs that the experiment names.")
    ] = False,
    repetition: Annotated[
        int, typer.Option(min=0, help="Whose training and validation windows: each repetition has its own.")
    ] = 0,
) -> None:
    """Write all classes and splits of a task: the very windows that a run trains and tests on.

    png is the study's layout: TRAIN, VALID and TEST, in each NEUTRAL and SELECTION, one lossless
    image per window, a row per base pair, a column per haplotype, a white pixel per derived allele.

    Examples:

        selbench export quickstart --format png --out images

        selbench export quickstart --format dataset --out quickstart.parquet

        selbench export my.toml:second-task --format ms --out ms-files
    """
    from rich.text import Text

    from selbench.bench.experiments import experiment_file
    from selbench.cli.console import stderr
    from selbench.experiment import expect_leave, programs_without_leave, read_experiment
    from selbench.plugin import Registry

    registry = Registry.installed()
    name, _, wanted = task.partition(":")
    experiment = read_experiment(
        experiment_file(name, registry), registry, overrides=set_ or (), reduced=reduced
    )
    programs = programs_without_leave(
        experiment, allow_programs=allow_programs, overrides=set_ or (), registry=registry
    )
    expect_leave(experiment, programs)
    chosen = _task(experiment, wanted)
    with stderr().status(Text(f"Simulating the windows of {chosen.name} …")):
        splits = _splits(experiment, chosen, repetition)
    with stderr().status(f"Writing {format} …"):
        message = _WRITERS[format](chosen, splits, out)
    stderr().print(f"{message} → {out}")


def _task(experiment: Experiment, wanted: str) -> Task:
    from selbench.errors import ExperimentError
    from selbench.tables import nearest

    if not wanted and len(experiment.tasks) == 1:
        return next(iter(experiment.tasks.values()))
    if wanted not in experiment.tasks:
        names = ", ".join(experiment.tasks)
        hint = f"unknown task {wanted!r}{nearest(wanted, experiment.tasks)}" if wanted else "which task?"
        raise ExperimentError(f"{hint}; {experiment.name} has {names}: write {experiment.name}:TASK")
    return experiment.tasks[wanted]


def _splits(experiment: Experiment, task: Task, repetition: int) -> dict[str, Windows]:
    from selbench.experiment import SPLITS
    from selbench.windows import Windows

    return {
        split: Windows.concatenate(
            [
                portion.source.complete(portion, experiment_seed=experiment.seed).windows
                for portion in experiment.portions(task, split=split, repetition=repetition)
            ]
        )
        for split in SPLITS
        if task.windows.of(split)
    }


def _write_dataset(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    from selbench.formats.dataset import DatasetMetadata, write_dataset

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
    from selbench.formats.png_folder import write_png_folder

    return str(write_png_folder(out, _without_threshold(splits), null=task.null, positive=task.positive))


def _write_npz(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    from selbench.formats.npz import write_npz

    write_npz(out, splits)
    return f"{sum(map(len, splits.values()))} windows"


def _write_ms(task: Task, splits: Mapping[str, Windows], out: Path) -> str:
    from selbench.files import complete_folder
    from selbench.formats.ms_text import write_ms

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


_WRITERS: Mapping[ExportFormat, Callable[[Task, Mapping[str, Windows], Path], str]] = {
    "dataset": _write_dataset,
    "png": _write_png,
    "npz": _write_npz,
    "ms": _write_ms,
}
