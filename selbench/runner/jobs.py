"""The jobs that workers do: simulate a block, and do one training and test it.

A job writes nothing; it returns bytes. It reads files where they lie, or carries
their contents to a machine that does not see them.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.experiment import Method, Portion, Split, Task
from selbench.files import readers_of, write_files
from selbench.plugin import Encoder, Learned, Predictor, spelling
from selbench.plugin.faults import title_of
from selbench.runner.blocks import windows_to_bytes
from selbench.runner.portion_files import PortionFiles, TestSet, carrying, load
from selbench.statistics import STATISTICS
from selbench.trained import MethodDescription, TrainedMethod, TrainingRanges, training_ranges
from selbench.windows import Examples, FeatureSpec, Windows

N_TRIED, EQUAL_WITHIN = 64, 1e-5
"""Of how many training windows a saved predictor is asked; how far it may be from the trained one."""

COST = "cost.json"
"""What a job cost, among its files."""

RANGES = "ranges.json"
"""The ranges of training windows, as the store has them."""

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class BlockJob:
    """Simulate one block of a portion."""

    name: str
    kind: str
    portion: Portion
    block: int
    experiment_seed: int

    def run(self, report: Report) -> BlockResult:
        """Simulate; the result travels as bytes."""
        report(0.0, "simulating; the first time, simulators are compiled")
        began = time.perf_counter(), time.process_time()
        portion = self.portion
        windows = portion.source.simulate(portion, block=self.block, experiment_seed=self.experiment_seed)
        return BlockResult(
            windows_to_bytes(windows), time.perf_counter() - began[0], time.process_time() - began[1]
        )

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return nothing: a scenario is all that a block is made of."""
        return {}

    def carrying(self, contents: Mapping[str, bytes]) -> BlockJob:
        """Return the job."""
        return self


@dataclass(frozen=True)
class BlockResult:
    """A simulated block and what it cost."""

    content: bytes
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class TrainingJob:
    """Train one method on one task, unless it is trained already, and test it.

    Parameters
    ----------
    fitted : Path, mapping of str to bytes, or None
        Folder of the trained method, or its files by name, where it is in the store already.
    ranges : Path, bytes or None
        Where the ranges of the training windows lie, or will once a training has measured them; or those.
    """

    name: str
    kind: str
    task: Task
    method: Method
    train: tuple[PortionFiles, ...]
    validation: tuple[PortionFiles, ...]
    tests: tuple[TestSet, ...]
    seed: int
    provenance: Mapping[str, Any]
    target: tuple[PortionFiles, ...] = ()
    fitted: Path | Mapping[str, bytes] | None = None
    ranges: Path | bytes | None = None

    def run(self, report: Report) -> TrainingResult:
        """Train and test; files and predictions travel as bytes."""
        files: dict[str, bytes] = {}
        ranges = b""
        if self.fitted is None:
            trained, train, shared, cost = _train(self, report)
            files, unsaved = _saved(trained, train)
            if unsaved:
                cost["remarks"].append(f"its predictor is not saved: {unsaved}")
            files[COST] = json.dumps(cost, indent=1).encode()
            ranges = shared.to_json()
        else:
            trained = self._load(self.fitted)
        predictions: dict[tuple[str, Split], bytes] = {}
        for i, test in enumerate(self.tests):
            report(0.9 + 0.1 * i / len(self.tests), f"asking about {test.split} windows of {test.task.name}")
            predictions[test.task.name, test.split] = _predict(trained, test)
        return TrainingResult(files, predictions, ranges)

    def known_ranges(self) -> TrainingRanges | None:
        """Return the ranges of the training windows, if a training before this one measured them."""
        if self.ranges is None:
            return None
        with suppress(OSError, DataError):  # not there yet, or damaged: they are measured
            content = self.ranges.read_bytes() if isinstance(self.ranges, Path) else self.ranges
            return TrainingRanges.from_json(content, "ranges of training windows")
        return None

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return how to read each file of windows and of the trained method, by a name of its own."""
        inputs: dict[str, Callable[[], bytes]] = {}
        for files in (
            *self.train,
            *self.validation,
            *self.target,
            *(file for test in self.tests for file in test.files),
        ):
            inputs |= files.inputs()
        if isinstance(self.fitted, Path):
            inputs |= {f"{self.fitted}/{name}": read for name, read in readers_of(self.fitted).items()}
        if isinstance(self.ranges, Path) and self.ranges.is_file():
            inputs[str(self.ranges)] = self.ranges.read_bytes
        return inputs

    def carrying(self, contents: Mapping[str, bytes]) -> TrainingJob:
        """Return the job with contents in place of files."""
        fitted = self.fitted
        if isinstance(fitted, Path):
            folder = f"{fitted}/"
            fitted = {
                name.removeprefix(folder): content
                for name, content in contents.items()
                if name.startswith(folder)
            }
        return replace(
            self,
            train=carrying(self.train, contents),
            validation=carrying(self.validation, contents),
            target=carrying(self.target, contents),
            tests=tuple(test.carrying(contents) for test in self.tests),
            fitted=fitted,
            ranges=contents.get(str(self.ranges)),
        )

    def _load(self, fitted: Path | Mapping[str, bytes]) -> TrainedMethod:
        if isinstance(fitted, Path):
            return TrainedMethod.load_with(fitted, self.method.encoder, self.method.model)
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), fitted)
            return self._load(Path(folder))


@dataclass(frozen=True)
class TrainingResult:
    """The files of a trained method and the ranges of its training windows (empty where it was there
    already), and its predictions."""

    files: Mapping[str, bytes]
    predictions: Mapping[tuple[str, Split], bytes] = field(default_factory=dict)
    ranges: bytes = b""


class _Timed:
    """Encode, and remember how long encoding took."""

    def __init__(self, encoder: Encoder, learned: Learned) -> None:
        self.encoder = encoder
        self.learned = learned
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    def __call__(self, windows: Windows) -> NDArray[Any]:
        began = time.perf_counter(), time.process_time()
        features = self.encoder.encode_with(windows, self.learned)
        self.seconds += time.perf_counter() - began[0]
        self.cpu_seconds += time.process_time() - began[1]
        return features


class _Fitted(NamedTuple):
    """A trained method, its training windows and their ranges that all methods share, and what it cost."""

    trained: TrainedMethod
    train: Windows
    ranges: TrainingRanges
    cost: dict[str, Any]


def _train(job: TrainingJob, report: Report) -> _Fitted:
    encoder, model, classes = job.method.encoder, job.method.model, job.task.classes
    train, validation = load(job.train), load(job.validation)
    _expect_supported(job, train)
    encoder.check_takes(train)
    spec = encoder.feature_spec(train.spec)
    report(0.0, "training")
    _forget_peak_memory()
    began = time.perf_counter(), time.process_time()
    encode = _Timed(encoder, _learned(encoder, train, classes[0]))
    encode.seconds, encode.cpu_seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    unlabelled = replace(load(job.target), labels=None) if job.target else None
    title = title_of(encoder)
    target = None if unlabelled is None else Examples(unlabelled, encode, spec, classes, encoded_by=title)
    fitted = model.fit(
        Examples(train, encode, spec, classes, target, encoded_by=title),
        Examples(validation, encode, spec, classes, encoded_by=title),
        seed=job.seed,
        progress=lambda fraction, message: report(0.9 * fraction, message),
    )
    predictor = _checked(fitted, spelling(model))
    seconds, cpu_seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    cost = {
        "seconds": {"encode": encode.seconds, "fit": seconds - encode.seconds},
        "cpu_seconds": {"encode": encode.cpu_seconds, "fit": cpu_seconds - encode.cpu_seconds},
        "peak_memory_bytes": _peak_memory_bytes(),
        "n_parameters": predictor.n_parameters,
        "device": predictor.device,
        "history": {name: list(values) for name, values in predictor.history.items()},
        "remarks": [*encoder.remarks(train), *predictor.remarks],
    }
    shared = job.known_ranges() or training_ranges(train, classes)
    brought = [name for name in dict.fromkeys(encoder.statistics_used()) if name not in STATISTICS]
    ranges = shared.with_more(training_ranges(train, classes, brought)) if brought else shared
    description = MethodDescription.of(
        encoder,
        model,
        train.spec,
        job.task.roles,
        empty_windows=job.task.empty_windows,
        polarisation=train.polarisation,
        training_range=ranges.overall,
        class_ranges=ranges.of_classes,
        provenance=dict(job.provenance),
    )
    trained = TrainedMethod(encoder, model, predictor, description, encode.learned)
    return _Fitted(trained, train, shared, cost)


def _expect_supported(job: TrainingJob, train: Windows) -> None:
    """Ask anew what the plan asked: a component that raised there is met again, and its training fails."""
    encoder, model = job.method.encoder, job.method.model
    encoder.unsupported(train.spec, train.polarisation)
    spec = encoder.feature_spec(train.spec)
    if not isinstance(spec, FeatureSpec):
        raise DataError(
            f"{title_of(encoder)}: feature_spec returned {type(spec).__name__}, expected a FeatureSpec"
        )
    model.unsupported(spec)


def _learned(encoder: Encoder, train: Windows, null: str) -> Learned:
    learned = encoder.learn(train, null=null)
    if not isinstance(learned, Mapping) or not all(isinstance(each, np.ndarray) for each in learned.values()):
        raise DataError(
            f"{title_of(encoder)}: learn returned {type(learned).__name__}, expected arrays by name"
        )
    return learned


def _saved(trained: TrainedMethod, train: Windows) -> tuple[dict[str, bytes], str]:
    """Return a trained method's files, if what is loaded from them answers as it does; else none, and why.

    A network or estimator that would answer otherwise, or be refused, at its first
    scan is not handed out; what it predicted stands.
    """
    some = train.take(np.unique(np.linspace(0, len(train) - 1, N_TRIED).astype(np.int64)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "method"
        try:
            trained.save(folder)
            again = TrainedMethod.load_with(folder, trained.encoder, trained.model)
            ours, theirs = trained.predict(some), again.predict(some)
            both_decline = np.isnan(ours) & np.isnan(theirs)
            difference = float(np.where(both_decline, 0, np.abs(ours - theirs)).max())
        except Exception as problem:  # a plugin's own words, told in table and report
            within = rf"{re.escape(name)}/(method|\.method-[^/]+/made)(/|: )"  # saved, or not yet whole
            return {}, " ".join(re.sub(within, "", str(problem)).split())
        if not difference <= EQUAL_WITHIN:  # NaN where one alone declines
            return (
                {},
                f"loaded again, it answers otherwise (by up to {difference:.2g}) than it was trained to",
            )
        return _files_of(folder), ""


def _checked(predictor: Predictor, name: str) -> Predictor:
    if not isinstance(predictor, Predictor):
        raise DataError(f"model {name}: fit returned {type(predictor).__name__}, expected a Predictor")
    return predictor


def _predict(trained: TrainedMethod, test: TestSet) -> bytes:
    windows = load(test.files)
    began = time.perf_counter()
    probabilities = trained.predict(windows)
    seconds = time.perf_counter() - began
    assert windows.labels is not None
    buffer = io.BytesIO()
    np.savez(buffer, probabilities=probabilities, labels=windows.labels, seconds=np.float64(seconds))
    return buffer.getvalue()


def _files_of(folder: Path) -> dict[str, bytes]:
    return {name: read() for name, read in readers_of(folder).items()}


def _forget_peak_memory() -> None:
    """Start the process's memory high-water mark afresh, where the system can (Linux)."""
    mark = Path("/proc/self/clear_refs")
    if mark.exists():
        try:
            mark.write_text("5")
        except OSError:
            return


def _peak_memory_bytes() -> int | None:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
