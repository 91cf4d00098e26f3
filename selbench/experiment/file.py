"""The file of an experiment: read, reduced, and overridden from the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from selbench.errors import DataError, ExperimentError
from selbench.experiment.labelled_genomes import anchored_genome
from selbench.experiment.observation import anchored_observation, with_digests
from selbench.experiment.populations import anchored_population
from selbench.experiment.suite import as_reduced, refuse_change, without_digest, without_suite
from selbench.foreign.toml import parse_toml, read_toml
from selbench.plugin import Registry
from selbench.tables import check_keys, nearest, parse_text, show

_PATH_KEYS = ("dataset", "trajectory_file")
_OF_NAMES = ("tasks", "classes")


def load_table(
    path: Path,
    registry: Registry,
    *,
    overrides: Sequence[str] = (),
    reduced: bool = False,
    as_suite: bool = True,
) -> dict[str, Any]:
    """Read the table of an experiment file, without its ``[reduced]`` table.

    A task that is ``like`` another stands there in full.

    Parameters
    ----------
    registry : Registry
        Knows which parameters of populations by name are paths.
    overrides : sequence of str
        ``KEY=VALUE`` with dotted keys, applied last; tasks that are ``like`` another take after that.
    reduced : bool
        Apply the ``[reduced]`` table first; the name says so. Of a suite it is none any more.
    as_suite : bool
        Take a suite as one; else it is read as an experiment like any other.

    Raises
    ------
    ExperimentError
        If the file cannot be read, or an override leads nowhere.
    """
    table = _read(path, registry)
    suite = {key: table[key] for key in ("suite",) if key in table}
    if reduced or not as_suite:
        table = without_suite(table)
    for override in overrides:  # tasks that are like the changed one take after it
        _apply(table, override, path.name)
    table = {**_written_out(table, path.name), **suite}
    if reduced:
        table = as_reduced(_reduced(table, path.name))
        table["name"] = f"{table.get('name') or path.stem}-reduced"
    elif not as_suite:
        table = without_suite(table)
    table.pop("reduced", None)
    for override in overrides:
        _apply(table, override, path.name)
    return _with_digests(table, path.name)


def _read(path: Path, registry: Registry) -> dict[str, Any]:
    table = read_toml(path, expected="an experiment", error=ExperimentError)
    return _anchored(table, path.parent.resolve(), registry)


def _anchored(table: Mapping[str, Any], folder: Path, registry: Registry) -> dict[str, Any]:
    """Make the paths that a file names start from the folder of the file."""

    def anchored(key: str, value: Any) -> Any:
        if key in _OF_NAMES and isinstance(value, dict):  # the keys are names, and may be any word
            return {name: anchored("", task) for name, task in value.items()}
        if key == "population":
            return anchored_population(value, registry, folder)
        if key == "observation":
            return anchored_observation(value, folder)
        if key == "genome":
            return anchored_genome(value, folder)
        if isinstance(value, dict):
            return _anchored(value, folder, registry)
        return str(folder / value) if key in _PATH_KEYS and isinstance(value, str) else value

    return {key: anchored(key, value) for key, value in table.items()}


def _with_digests(table: dict[str, Any], name: str) -> dict[str, Any]:
    """Write beside what tasks take from a genome what its files hold: a run records it."""
    tasks = table.get("tasks")
    for task, own in tasks.items() if isinstance(tasks, dict) else ():
        if isinstance(own, dict) and "observation" in own:
            own["observation"] = with_digests(own["observation"], f"{name}: tasks.{task}.observation")
    return table


def _written_out(table: dict[str, Any], name: str) -> dict[str, Any]:
    """Write out every task that is ``like`` another: the other's table, and on it the task's own."""
    tasks = table.get("tasks")
    if not isinstance(tasks, Mapping):
        return table

    def whole(task: str, above: tuple[str, ...]) -> Any:
        own = tasks[task]
        if not isinstance(own, Mapping) or "like" not in own:
            return own
        base, where = own["like"], f"{name}: tasks.{task}.like"
        if not isinstance(base, str) or base not in tasks:
            raise ExperimentError(
                f"{where}: expected another task{nearest(str(base), tasks)}, found {show(base)}; "
                f"tasks: {', '.join(tasks)}"
            )
        if base in (*above, task):
            raise ExperimentError(f"{where}: goes round in a circle: {' → '.join((*above, task, base))}")
        changes = {key: value for key, value in own.items() if key != "like"}
        return _merged(without_digest(whole(base, (*above, task))), changes)

    return {**table, "tasks": {task: whole(task, ()) for task in tasks}}


def _reduced(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Apply ``[reduced]``: its `windows` to every task, and then what it says of single tasks."""
    changes = table.get("reduced")
    if not isinstance(changes, Mapping):
        raise ExperimentError(f"{name}: has no [reduced] table; run it in full, or use --set")
    check_keys(changes, ["repetitions", "methods", "windows", "tasks"], where=f"{name}: reduced")
    for key in ("windows", "tasks"):
        if not isinstance(changes.get(key, {}), Mapping):
            raise ExperimentError(f"{name}: reduced.{key}: expected a table, found {show(changes[key])}")
    tasks = table.get("tasks")
    names = list(tasks) if isinstance(tasks, Mapping) else []
    check_keys(changes.get("tasks", {}), names, where=f"{name}: reduced.tasks")
    simulated = [task for task in names if isinstance(tasks, Mapping) and not _is_genome(tasks[task])]
    everywhere = {"tasks": {task: {"windows": changes.get("windows", {})} for task in simulated}}
    return _merged(
        _merged(table, everywhere), {key: value for key, value in changes.items() if key != "windows"}
    )


def _is_genome(task: object) -> bool:
    """Whether a task has the windows of a genome, and asks for no number of them."""
    return isinstance(task, Mapping) and "genome" in task


def _merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = deepcopy(dict(table))
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = _merged(result[key], value) if both else deepcopy(value)
    return result


def _apply(table: dict[str, Any], override: str, name: str) -> None:
    key, equals, text = override.partition("=")
    path = _dotted(key)
    if not equals or not path:
        raise ExperimentError(f"--set {override!r}: expected KEY=VALUE, such as repetitions=5")
    refuse_change(table, path[0], override)
    tasks = table.get("tasks")
    if path[0] == "tasks" and len(path) > 2 and isinstance(tasks, dict) and path[1] not in tasks:
        raise ExperimentError(
            f"--set {override!r}: unknown task {path[1]!r}{nearest(path[1], tasks)}; "
            f"{name} has {', '.join(tasks)}"
        )
    for parent in path[:-1]:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise ExperimentError(f"--set {override!r}: {parent} in {name} is not a table")
    table[path[-1]] = parse_text(text.strip())


def _dotted(key: str) -> list[str]:
    """Return the parts of a TOML key, ``tasks."s = 0.5".windows``; none where it is not one."""
    try:
        table: Any = parse_toml(f"{key} = 0", key)
    except DataError:
        return []
    path = []
    while isinstance(table, dict):
        ((part, table),) = table.items()
        path.append(part)
    return path
