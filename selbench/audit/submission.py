"""May a run stand in the table of a suite? Each refusal by name; what a run finished counts by itself.

Only what the run wrote down is read: nothing that it names is loaded or started.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selbench.errors import ExperimentError
from selbench.experiment import Experiment, Task
from selbench.experiment.suite import parse_suite
from selbench.foreign.json import parse_json
from selbench.plugin import Registry, parse_spelling
from selbench.run_folder import RunRecord, TaskRecord
from selbench.run_folder.stored_json import json_text
from selbench.tables import count_of, show, to_table, without_folders


@dataclass(frozen=True)
class Entry:
    """A method that was trained on a task and tested on one.

    Parameters
    ----------
    method : str
        Its spelling.
    label : str
    train_task, test_task : str
    n_trainings : int
        Finished ones.
    refusals : tuple of str
        Why it may not stand in the table.
    """

    method: str
    label: str
    train_task: str
    test_task: str
    n_trainings: int
    refusals: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it may stand in the table."""
        return not self.refusals


@dataclass(frozen=True)
class Submission:
    """What of a run may stand in the table of a suite.

    Parameters
    ----------
    suite : str
    refusals : tuple of str
        Why nothing of it may; empty where that is a matter of each entry.
    entries : tuple of Entry
        Every method on every pair of training and test task that it has results of.
    """

    suite: str
    refusals: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def standing(self) -> tuple[Entry, ...]:
        """The entries that may stand in the table."""
        return () if self.refusals else tuple(entry for entry in self.entries if entry.stands)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason once, with the methods and tasks that it keeps out."""
        return (*self.refusals, *(f"{reason} ({_in_short(of)})" for reason, of in self._kept_out.items()))

    @property
    def reasons_alone(self) -> tuple[str, ...]:
        """The same, without the methods and tasks."""
        return (*self.refusals, *self._kept_out)

    @property
    def standing_said(self) -> str:
        """How much of it may stand, tasks trained on by how many methods: ``13 methods × 2 tasks``."""
        methods: dict[str, set[str]] = {}
        for entry in self.standing:
            methods.setdefault(entry.train_task, set()).add(entry.method)
        sizes = Counter(len(of_task) for of_task in methods.values())
        counted = ((count_of(n, "method"), count_of(n_tasks, "task")) for n, n_tasks in sizes.most_common())
        return ", ".join(f"{of_methods} × {of_tasks}" for of_methods, of_tasks in counted) or "nothing"

    @property
    def _kept_out(self) -> dict[str, list[str]]:
        kept_out: dict[str, list[str]] = {}
        for entry in self.entries:
            for reason in entry.refusals:
                kept_out.setdefault(reason, []).append(
                    f"{entry.label}, {entry.train_task} → {entry.test_task}"
                )
        return kept_out


def _in_short(names: Sequence[str]) -> str:
    more = f" and {len(names) - 2:,} more" if len(names) > 2 else ""
    return "; ".join(names[:2]) + more


def check_submission(record: RunRecord, suite: Experiment, registry: Registry) -> Submission:
    """Say what of a run may stand in the table of a suite.

    Parameters
    ----------
    suite : Experiment
        As it is installed here: its tasks, digests and trainings are what counts.
    registry : Registry
        Knows the methods that are installed here.

    Raises
    ------
    ExperimentError
        If `suite` is none.
    """
    if not suite.suite:
        raise ExperimentError(f"{suite.name}: expected a suite, found no suite = … in its file")
    refused = tuple(_of_run(record, suite))
    tasks = {name: tuple(_of_task(record, name, suite)) for name in record.tasks}
    methods = {method: tuple(_of_method(record, method, registry)) for method in record.methods}
    entries, pairs = [], _pairs(suite)
    for (train, test, method), n_trainings in _trainings(record).items():
        few = n_trainings < suite.repetitions
        reasons = (
            *tasks[train],
            *tasks[test],
            *([] if (train, test) in pairs else [f"{suite.suite} does not test {train} on {test}"]),
            *methods[method],
            *([f"{n_trainings} of {suite.repetitions} trainings"] if few else []),
        )
        unique = tuple(dict.fromkeys(reasons))
        entries.append(Entry(method, record.labels[method], train, test, n_trainings, unique))
    return Submission(suite.suite, refused, tuple(entries))


def _of_run(record: RunRecord, suite: Experiment) -> Iterator[str]:
    """Say what refuses a run as a whole."""
    info = record.info
    if info.reduced_from:
        yield (
            f"it is the reduced form of {info.reduced_from}, whose windows are others: "
            "run it without --reduced"
        )
        return
    if not info.suite:
        yield f"it is no run of a suite: `selbench run {suite.suite}` makes one"
        return
    if info.suite != suite.suite:
        same = info.suite.rpartition("-")[0] == parse_suite(suite.suite)[0]
        kind = "another version" if same else "another suite"
        yield f"it is a run of {info.suite}, {kind}; the table is of {suite.suite}"
        return
    if record.seed != suite.seed:
        yield f"its seed is {record.seed}, and that of the suite {suite.seed}"
    for what, found in (
        ("selbench", info.selbench),
        ("packages", info.packages),
        ("platform", info.platform),
    ):
        if not found:
            yield f"versions are not recorded: run.json holds no {what}"


def _of_task(record: RunRecord, name: str, suite: Experiment) -> Iterator[str]:
    """Say what refuses everything on a task."""
    if name not in suite.tasks:
        yield f"task {name} is not in {suite.suite}, which has {', '.join(suite.tasks)}"
        return
    task, found = suite.tasks[name], record.tasks[name]
    yield from _differences(task, found)
    digest = found.test_digest
    if not digest:
        yield f"task {name}: the digest of its test windows is not recorded"
    elif digest != task.test_digest:
        ours, theirs = f"{digest[:12]}…", f"{task.test_digest[:12]}…"
        yield f"task {name}: its test windows have the digest {ours}, and the suite's {theirs}"
    yield from _of_audit(record, task.whole.name)


def _differences(task: Task, found: TaskRecord) -> Iterator[str]:
    """Say in what a task as it was run is not that of the suite."""
    expected = {
        "classes": list(task.classes),
        "null": task.null,
        "positive": task.positive,
        "empty_windows": task.empty_windows,
        "windows": to_table(task.windows),
        "scenarios": {
            label: source.scenario_table
            | ({"observation": seen} if (seen := source.observation_table) else {})
            for label, source in task.sources.items()
            if source.scenario_table
        },
        "simulators": {label: source.spelling for label, source in task.sources.items()},
    }
    said = {key: getattr(found, key) for key in expected} | {
        "classes": list(found.classes),
        "simulators": {label: source.spelling for label, source in found.simulators.items()},
    }
    as_written = parse_json(json_text(expected), task.name)
    for key, ours in as_written.items():
        other = _first_difference(key, without_folders(ours), without_folders(said[key]))
        if other is not None:
            where, of_suite, of_run = other
            yield f"task {task.name}: {where}: {show(of_run)}, and in the suite {show(of_suite)}"


def _first_difference(key: str, ours: object, theirs: object) -> tuple[str, object, object] | None:
    """Return where two values of JSON first differ, and both."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in dict.fromkeys((*ours, *theirs)):
            found = _first_difference(f"{key}.{name}", ours.get(name), theirs.get(name))
            if found is not None:
                return found
        return None
    return None if ours == theirs else (key, ours, theirs)


def _of_audit(record: RunRecord, task: str) -> Iterator[str]:
    audit = next((a for a in record.audits if a.subject in (task, f"{record.name}:{task}")), None)
    if audit is None:
        yield f"task {task}: its windows were not audited: audit.json says nothing of it"
    for finding in audit.findings if audit is not None else ():
        if finding.verdict == "red":
            yield f"task {task}: the audit is red: {finding.check}: {finding.headline}"


def _of_method(record: RunRecord, method: str, registry: Registry) -> Iterator[str]:
    """Say what refuses a method; its name is looked up, and nothing of it is built."""
    told = record.methods[method]
    for spelled, known in ((told.encoder, registry.encoders), (told.model, registry.models)):
        name, _ = parse_spelling(spelled)
        if name not in known:
            way = f": {'; '.join(record.info.install)}" if record.info.install else ""
            yield f"method {name} is not known here; install what it comes with{way}"
    if not told.plugin:
        yield f"method {record.labels[method]}: the version of what it comes with is not recorded"


def _pairs(suite: Experiment) -> set[tuple[str, str]]:
    """Return every (train_task, test_task) of a suite."""
    return {(train, test) for train, tests in suite.tests().items() for test in tests}


def _trainings(record: RunRecord) -> dict[tuple[str, str, str], int]:
    """Count the trainings behind the results of every (train_task, test_task, method)."""
    keys = ["train_task", "test_task", "method"]
    measured = record.results[(record.results["n_windows"] > 0) & record.results["repetition"].notna()]
    each = measured[[*keys, "repetition"]].drop_duplicates()
    counted = each.groupby(keys, observed=True, sort=False).size().reset_index(name="count")
    columns = [counted[key].astype(str).tolist() for key in keys]
    return dict(zip(zip(*columns, strict=True), counted["count"].tolist(), strict=True))
