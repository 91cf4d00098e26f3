"""What does a method read? The area that it keeps on test windows as a ladder of shuffles empties them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.audit.areas import area, family_quantile, gain
from selbench.audit.ladder import RUNGS, Rung, climb
from selbench.audit.reading import Reading, reading_finding
from selbench.errors import SelbenchError
from selbench.evaluation.delong import Placements, placements
from selbench.evaluation.predictions import MethodPredictions, at_null_median
from selbench.experiment import Experiment, Task, portions
from selbench.plugin import Registry, spelling
from selbench.run_folder import Finding, RunRecord, TrainingRecord
from selbench.runner.events import JobEnded, JobStarted, Listener, StageBegan, ignore
from selbench.runner.opening import earlier_outcome
from selbench.runner.portion_files import digest_of_windows
from selbench.runner.run import RunOutcome
from selbench.trained import TrainedMethod
from selbench.windows import Windows

MOST_WINDOWS = 1000
"""Test windows per class that are shuffled; the first ones."""

KEPT_BYTES = 2**26
"""Features of an encoder, all rungs together, up to which they are kept for its other trainings."""


@dataclass(frozen=True, eq=False)
class TestWindows:
    """Test windows of a task, untouched and on every rung.

    Parameters
    ----------
    labels : int64 (n_windows,)
        Codes of the classes.
    untouched : Windows
    rungs : tuple of (Rung, Windows)
    remade : bool
        Whether they were simulated again and are not those of the run to the byte.
    """

    __test__ = False
    labels: NDArray[np.int64]
    untouched: Windows
    rungs: tuple[tuple[Rung, Windows], ...]
    remade: bool

    @property
    def asked(self) -> tuple[Windows, ...]:
        """What a method is asked about: the windows untouched, then every rung."""
        return self.untouched, *(shuffled for _, shuffled in self.rungs)


class FeatureSets:
    """Test windows of a task as encoders show them: encoded once for all trainings of an encoder.

    An encoder that learns from training windows shows each training others, and features that
    take much memory are not kept; both are encoded when asked for.
    """

    def __init__(self, windows: TestWindows) -> None:
        self._windows = windows
        self._kept: dict[str, list[list[NDArray[Any]]]] = {}

    def of(self, trained: TrainedMethod) -> Iterator[Iterable[NDArray[Any]]]:
        """Yield the batches of features of every rung, untouched first."""
        examples = [trained.examples(windows) for windows in self._windows.asked]
        if trained.learned or sum(len(each) * each.spec.n_bytes for each in examples) > KEPT_BYTES:
            return (each.batches() for each in examples)
        encoder = spelling(trained.encoder)
        if encoder not in self._kept:
            self._kept[encoder] = [list(each.batches()) for each in examples]
        return iter(self._kept[encoder])


def shuffle_findings(
    run_folder: Path, registry: Registry, *, store: Path | None = None, observe: Listener = ignore
) -> list[Finding]:
    """Ask every trained method of a run about its test windows, shuffled rung by rung.

    Parameters
    ----------
    store : Path, optional
        Where the run keeps its windows; those that are not there are simulated again.

    Returns
    -------
    findings : list of Finding
        One per task that was trained on, but for parts of another. Amber where
        a method reads the order of haplotypes, which no sample has.

    Raises
    ------
    DataError, ExperimentError, PluginError
        If the folder is no finished run, or what made it is not installed.
    """
    record = RunRecord.read(run_folder)
    outcome = earlier_outcome(run_folder, registry, store)
    experiment = outcome.plan.experiment
    trainings = _trainings_by_task(record)
    names = [
        training.name
        for of_task in trainings.values()
        for of_method in of_task.values()
        for training in of_method
    ]
    observe(StageBegan("ask", tuple((name, name.rpartition(" · ")[0]) for name in names), 0))
    quantile = family_quantile(sum(map(len, trainings.values())) * len(RUNGS))
    findings = []
    for name, methods in trainings.items():
        windows = _test_windows(outcome, experiment, experiment.tasks[name], record)
        features = FeatureSets(windows)
        readings, troubles = [], []
        for method, trained in methods.items():
            try:
                readings.append(
                    _reading(record, registry, method, trained, windows.labels, features, observe)
                )
            except SelbenchError as problem:
                troubles.append(f"not asked: {record.labels[method]}: {problem}")
        notes = (*troubles, *_notes(windows, experiment.tasks[name]))
        findings.append(reading_finding(name, readings, quantile, notes))
    return findings


def _trainings_by_task(record: RunRecord) -> dict[str, dict[str, list[TrainingRecord]]]:
    """Return the finished trainings, by training task and method."""
    trainings: dict[str, dict[str, list[TrainingRecord]]] = {}
    for training in record.trainings:
        if training.status == "done" and not record.tasks[training.train_task].part_of:
            trainings.setdefault(training.train_task, {}).setdefault(training.method, []).append(training)
    return trainings


def _test_windows(outcome: RunOutcome, experiment: Experiment, task: Task, record: RunRecord) -> TestWindows:
    parts = [(portion, outcome.kept(portion).windows) for portion in portions(task, split="test")]
    about = record.tasks[task.name]
    remade = any(
        about.digest(portion.split, portion.label) not in ("", digest_of_windows(windows))
        for portion, windows in parts
    )
    chosen = [windows.take(range(min(MOST_WINDOWS, len(windows)))) for _, windows in parts]
    untouched = Windows.concatenate(chosen)
    labels = np.repeat(np.arange(len(chosen)), [len(windows) for windows in chosen])
    rungs = tuple(climb(untouched, seed=experiment.seed, task=task.name))
    return TestWindows(labels, untouched, rungs, remade)


def _notes(windows: TestWindows, task: Task) -> Iterator[str]:
    sizes = zip(np.bincount(windows.labels), task.classes, strict=True)
    yield (
        f"{', '.join(f'{size:,} {name}' for size, name in sizes)} test windows, the same for all methods and "
        "rungs; ± is a 95 % interval over windows, repetitions averaged"
    )
    if windows.remade:
        yield "these windows are of the run's streams, but other code than the run's made them"


def _reading(
    record: RunRecord,
    registry: Registry,
    method: str,
    trainings: Sequence[TrainingRecord],
    labels: NDArray[np.int64],
    features: FeatureSets,
    observe: Listener,
) -> Reading:
    """Ask all repetitions of a method about all rungs."""
    found: list[list[NDArray[np.float64]]] = []
    for training in trainings:
        observe(JobStarted(training.name))
        began = time.perf_counter()
        try:
            trained = TrainedMethod.load(record.folder / training.predictor, registry)
            said = [trained.predict_features(batches) for batches in features.of(trained)]
            found.append([of_rung.astype(np.float64) for of_rung in said])
        except SelbenchError as problem:
            observe(JobEnded(training.name, time.perf_counter() - began, str(problem)))
            raise
        observe(JobEnded(training.name, time.perf_counter() - began))
    placed = [_placed(np.stack(of_rung), labels) for of_rung in zip(*found, strict=True)]
    untouched, shuffled = placed[0], placed[1:]
    return Reading(
        method=record.labels[method],
        untouched=area(untouched),
        left={rung: area(there) for rung, there in zip(RUNGS, shuffled, strict=True)},
        lost={rung: gain(untouched, there) for rung, there in zip(RUNGS, shuffled, strict=True)},
    )


def _placed(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Placements:
    """Place what one method said, float64 (n_repetitions, n_windows, n_classes), NaN where it declined."""
    probabilities = np.stack([at_null_median(of_one, labels == 0) for of_one in probabilities])
    n_repetitions, _, n_classes = probabilities.shape
    none = np.empty((n_repetitions, 0, n_classes))
    return placements(MethodPredictions("", tuple(range(n_repetitions)), probabilities, none), labels)
