"""What run.json holds: everything about a run that is not a table, as the runner fills it and all read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from selbench.errors import DataError
from selbench.evaluation.predictions import ClassRoles
from selbench.experiment.suite import digest_of_test_windows
from selbench.plugin import Metric
from selbench.run_folder.layout import RECORD
from selbench.run_folder.names import MethodName, name_methods
from selbench.run_folder.stored_json import Record, json_text, read_json, read_record
from selbench.tables import method_labels, show

FORMAT = 2
"""The version of run.json that is written."""

READABLE = (1, 2)
"""Those that are read. In the first, trainings were ``cells``, and methods had neither label nor folder."""

Status = Literal["done", "skipped", "failed"]

_SPLITS = ("train", "validation", "test", "threshold")


@dataclass(frozen=True)
class WindowCount(Record):
    """Windows of a class in a split: how many it keeps, were looked at for it, had no site among those.

    The digest, where the run wrote one, is that of all windows kept. A repetition is named where each has
    windows of its own.
    """

    label: str = field(metadata={"key": "class"})
    split: str
    kept: int
    attempted: int
    empty: int
    digest: str = ""
    repetition: int | None = None


@dataclass(frozen=True)
class SourceRecord(Record):
    """What made the windows of a class: a simulator as it is spelled, or a file, and what is known of it."""

    spelling: str = "–"
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GenomeRecord(Record):
    """What labelled regions say of a genome: the locus of each positive test window; windows left out.

    `left_out` are touched by a region, `skipped` were hardly observed; `regions_outside` lie in no window.
    """

    loci: tuple[int, ...]
    left_out: int = 0
    skipped: int = 0
    regions_outside: int = 0


@dataclass(frozen=True)
class TaskRecord(Record):
    """A task; `part_of` names the one whose training windows it takes a part of.

    With `shared_training` all trainings have the same windows of one class at least, and vary by seed.
    Of a genome with labelled regions, `genome` says what those tell.
    """

    classes: tuple[str, ...]
    null: str
    positive: str
    windows: Mapping[str, int]
    empty_windows: str
    spec: Mapping[str, int]
    counts: tuple[WindowCount, ...] = ()
    simulators: Mapping[str, SourceRecord] = field(default_factory=dict)
    scenarios: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    part_of: str = ""
    shared_training: bool = True
    genome: GenomeRecord | None = None

    def __post_init__(self) -> None:
        for key, needed in (("windows", _SPLITS), ("spec", ("n_haplotypes", "sequence_length"))):
            if missing := [name for name in needed if name not in getattr(self, key)]:
                raise DataError(f"{key}: missing {', '.join(missing)}")
        ClassRoles(self.classes, self.null, self.positive)

    @property
    def roles(self) -> ClassRoles:
        """Its classes as an evaluation wants them."""
        return ClassRoles(self.classes, self.null, self.positive, is_genome=self.genome is not None)

    def tested(self, label: str) -> int:
        """Return the number of test windows of a class."""
        found = self.counted("test", label)
        return self.windows["test"] if found is None or self.genome is None else found.kept

    def digest(self, split: str, label: str, repetition: int | None = None) -> str:
        """Return the digest of the windows of a class in a split; "" where the run wrote none."""
        wanted = (split, label, repetition)
        return next((c.digest for c in self.counts if (c.split, c.label, c.repetition) == wanted), "")

    @property
    def test_digest(self) -> str:
        """Digest of its test windows and those for the threshold; "" where the run did not write them all."""
        wanted = {("test", label) for label in self.classes} | (
            {("threshold", self.null)} if self.windows["threshold"] else set()
        )
        digests = {key: digest for key in wanted if (digest := self.digest(*key))}
        return digest_of_test_windows(digests) if len(digests) == len(wanted) else ""

    def counted(self, split: str, label: str) -> WindowCount | None:
        """Return the counts of a class in a split, of all repetitions together; None where nobody counted."""
        found = [c for c in self.counts if (c.split, c.label) == (split, label)]
        if not found:
            return None
        return WindowCount(
            label,
            split,
            sum(c.kept for c in found),
            sum(c.attempted for c in found),
            sum(c.empty for c in found),
        )


@dataclass(frozen=True)
class DesignRecord(Record):
    """Windows that a method was made for.

    Parameters
    ----------
    sequence_lengths : tuple of int
        bp; none where that is not known.
    n_sites : int or None
        Sites that it takes of a window; None: all of them.
    source : str
        Who says so: authors, year and journal.
    """

    sequence_lengths: tuple[int, ...] = ()
    n_sites: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        sites = () if self.n_sites is None else (self.n_sites,)
        for key, numbers in (("sequence_lengths", self.sequence_lengths), ("n_sites", sites)):
            if min(numbers, default=1) < 1:
                raise DataError(f"{key}: expected numbers of at least 1, found {min(numbers)}")

    @property
    def lengths(self) -> str:
        """The lengths in words: ``55 kb or 1.1 Mb``."""
        return " or ".join(map(length_text, self.sequence_lengths))

    @property
    def words(self) -> str:
        """Everything in words: ``made for 100 kb, 512 sites (van den Belt and Alachiotis 2025, …)``."""
        sites = "" if self.n_sites is None else f"{self.n_sites:,} sites"
        numbers = ", ".join(filter(None, (self.lengths, sites)))
        return f"made for {numbers}{f' ({self.source})' if self.source else ''}" if numbers else ""


def length_text(bp: int) -> str:
    """Return a length in its largest unit.

    >>> length_text(1_100_000), length_text(10_000), length_text(500)
    ('1.1 Mb', '10 kb', '500 bp')
    """
    size, unit = next(each for each in ((1_000_000, "Mb"), (1000, "kb"), (1, "bp")) if bp >= each[0])
    return f"{bp / size:,.10g} {unit}"


@dataclass(frozen=True)
class MethodRecord(Record):
    """A method: its label and folder name, what it is made of, where it comes from, what it was made for."""

    encoder: str
    model: str
    is_baseline: bool
    summary: str = ""
    plugin: str = ""
    default_encoder: str = ""
    method_label: str = ""
    method_folder: str = ""
    designed_for: DesignRecord | None = None

    def not_as_designed(self, sequence_length: int) -> str:
        """Say that it was made for windows of another length; "" where it was not, or that is not known."""
        design = self.designed_for
        if design is None or not design.sequence_lengths or sequence_length in design.sequence_lengths:
            return ""
        return f"not as designed: {length_text(sequence_length)}, made for {design.lengths}"


@dataclass(frozen=True)
class TrainingRecord(Record):
    """One training: what became of it, what it cost.

    Parameters
    ----------
    predictor : str
        Its folder, relative to that of the run; "" where there is none.
    predictor_key : str
        Of the trained method in the store.
    seconds, cpu_seconds : mapping of str to float
        Of encode, fit and predict.
    device : str
        What it was fitted on, such as ``cpu``.
    history : mapping of str to tuple of float
        By epoch.
    """

    train_task: str
    method: str
    repetition: int
    status: Status
    reason: str = ""
    predictor: str = ""
    predictor_key: str = ""
    method_label: str = ""
    method_folder: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_bytes: int | None = None
    n_parameters: int | None = None
    device: str = ""
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    traceback: str = ""

    def __post_init__(self) -> None:
        for key in ("seconds", "cpu_seconds"):
            check_seconds(key, getattr(self, key))
        check_inside("predictor", self.predictor)

    @property
    def total_seconds(self) -> float:
        """Wall seconds to encode, fit and predict."""
        return sum(self.seconds.values())

    @property
    def name(self) -> str:
        """How the training is called in text."""
        return f"{self.train_task} · {self.method_label or self.method} · repetition {self.repetition}"


@dataclass(frozen=True)
class ImageRecord(Record):
    """An example image of a class as an encoder makes it."""

    task: str
    encoder: str
    label: str = field(metadata={"key": "class"})
    file: str = ""
    folder: Path = field(default=Path(), metadata={"key": None})

    def __post_init__(self) -> None:
        check_inside("images", self.file)


@dataclass(frozen=True)
class MetricRecord(Record):
    """A metric that a plugin brought: what a reader has to know of it."""

    label: str
    meaning: str = ""
    higher_is_better: bool = True
    margin: float | None = None
    margin_of_rest: float | None = None
    citation: str = ""

    @classmethod
    def of(cls, metric: Metric) -> MetricRecord:
        """Return what a reader has to know of a metric."""
        return cls(
            metric.label,
            metric.meaning,
            metric.higher_is_better,
            metric.margin,
            metric.margin_of_rest,
            metric.citation,
        )

    def metric(self, name: str) -> Metric:
        """Return it as a report has metrics; it cannot be asked for values."""
        return Metric(
            name,
            self.label,
            self.meaning,
            self.higher_is_better,
            self.margin,
            self.margin_of_rest,
            citation=self.citation,
        )


@dataclass(frozen=True)
class CitationRecord(Record):
    """A publication, and which components it stands behind."""

    component: str
    bibtex: str


@dataclass(frozen=True)
class RunInfo(Record):
    """All of run.json.

    Parameters
    ----------
    experiment : str
        The experiment's name.
    selbench : str
        The version that wrote it.
    started, finished : str
        ISO 8601, UTC.
    seconds : float
        Wall time of the last session.
    install : tuple of str
        Shell lines that install selbench and the packages of others whose plugins took part.
    simulate_seconds : mapping of str to float
        Spent on the windows of each task, whenever that was.
    metrics : mapping of str to MetricRecord
        Those that plugins brought, by name.
    suite : str
        The suite that was run, such as ``sweeps-1``.
    reduced_from : str
        The suite whose reduced form was run.
    """

    format: int
    experiment: str
    seed: int
    tasks: Mapping[str, TaskRecord]
    methods: Mapping[str, MethodRecord]
    trainings: tuple[TrainingRecord, ...]
    selbench: str = ""
    description: str = ""
    repetitions: int = 1
    threads: int = 1
    started: str = ""
    finished: str = ""
    seconds: float = 0.0
    command: tuple[str, ...] = ()
    platform: Mapping[str, str | int | None] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    install: tuple[str, ...] = ()
    simulate_seconds: Mapping[str, float] = field(default_factory=dict)
    citations: tuple[CitationRecord, ...] = ()
    images: tuple[ImageRecord, ...] = ()
    metrics: Mapping[str, MetricRecord] = field(default_factory=dict)
    suite: str = ""
    reduced_from: str = ""

    def __post_init__(self) -> None:
        check_seconds("simulate_seconds", self.simulate_seconds)
        check_seconds("seconds", {"": self.seconds})
        for training in self.trainings:
            for key, name, known in (
                ("train_task", training.train_task, self.tasks),
                ("method", training.method, self.methods),
            ):
                if name not in known:
                    raise DataError(f"trainings: {key}: expected one of this run, found {name!r}")

    @cached_property
    def names(self) -> Mapping[str, MethodName]:
        """The names of every method, by id."""
        return {
            method: MethodName(method, record.method_label, record.method_folder)
            for method, record in self.methods.items()
        }


def check_seconds(key: str, seconds: Mapping[str, float]) -> None:
    """Refuse times that are none: negative, endless, or no number."""
    for stage, value in seconds.items():
        if not (isfinite(value) and value >= 0):
            raise DataError(f"{'.'.join(filter(None, (key, stage)))}: expected seconds, found {value}")


def check_inside(key: str, path: str) -> None:
    """Refuse a path that leads out of the run folder."""
    parts = PurePosixPath(path).parts
    if "\\" in path or "\0" in path or ".." in parts or PurePosixPath(path).is_absolute():
        raise DataError(f"{key}: expected a file inside the folder, found {path!r}")


def write_info(info: RunInfo) -> bytes:
    """Return the content of run.json."""
    return json_text(info.to_table()).encode()


def read_info(folder: Path) -> RunInfo:
    """Read run.json from a run folder.

    Raises
    ------
    DataError
        If it is missing, damaged, or of another version; naming file and key.
    """
    path = folder / RECORD
    table = read_json(path)
    found = table.get("format") if isinstance(table, dict) else table
    if type(found) is not int or found not in READABLE:
        raise DataError(
            f"{path}: expected format {' or '.join(map(str, READABLE))}, found {show(found)}; "
            "use the selbench version that wrote it"
        )
    if found == 1:
        table["trainings"] = table.pop("cells", None)
    info = read_record(RunInfo, table, path)
    if not all(method.method_label and method.method_folder for method in info.methods.values()):
        info = named(info)
    for key in ("method_label", "method_folder"):
        found_names = [getattr(method, key) for method in info.methods.values()]
        if len(set(found_names)) < len(found_names):
            raise DataError(f"{path}: methods: {key}: expected one for each, found one twice")
    return info


def named(info: RunInfo) -> RunInfo:
    """Return a record with the labels and folder names that follow from the spellings of its methods."""
    labels = method_labels(
        {name: (m.encoder, m.model, m.default_encoder) for name, m in info.methods.items()}
    )
    names = name_methods(labels)

    def name(record: Any, method: str) -> Any:
        return replace(record, method_label=names[method].label, method_folder=names[method].folder)

    return replace(
        info,
        methods={method: name(record, method) for method, record in info.methods.items()},
        trainings=tuple(name(training, training.method) for training in info.trainings),
    )
