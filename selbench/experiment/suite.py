"""Suites: experiments whose tasks are frozen, and whose test windows have a published digest.

A suite is named after what it is about and its version, ``sweeps-1``. What is
changed in it makes another version: runs of one version stand in one table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from selbench.errors import ExperimentError
from selbench.experiment.task import Task
from selbench.tables import show

FIXED = ("tasks", "evaluate", "seed", "resample_training", "suite", "reduced_from")
"""Keys of a suite's file that nobody changes for a run: they decide what its windows are."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*-[1-9][0-9]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def parse_suite(text: str) -> tuple[str, int]:
    """Return the name of a suite and its version.

    Raises
    ------
    ExperimentError
        If it is not ``NAME-VERSION``.

    Examples
    --------
    >>> parse_suite("sweeps-1")
    ('sweeps', 1)
    """
    if not _NAME.fullmatch(text):
        raise ExperimentError(f"suite: expected NAME-VERSION, such as sweeps-1, found {show(text)}")
    name, _, version = text.rpartition("-")
    return name, int(version)


def check_test_digest(text: str) -> None:
    """Refuse what is no digest.

    Raises
    ------
    ExperimentError
        If it is not 64 hexadecimal digits in lower case.
    """
    if not _DIGEST.fullmatch(text):
        raise ExperimentError(
            "test_digest: expected 64 hexadecimal digits, as `selbench digest` prints them, found "
            f"{show(text)}"
        )


def digest_of_test_windows(classes: Mapping[tuple[Any, str], str]) -> str:
    """Return the digest of all test windows of a task, those for the threshold included.

    Parameters
    ----------
    classes : mapping of (split, class) to str
        The digest of the windows of each, as a run records it.

    Returns
    -------
    digest : str
        SHA-256 of one line ``SPLIT CLASS DIGEST`` for each, sorted, as 64 hexadecimal digits.
    """
    lines = "".join(f"{split} {label} {digest}\n" for (split, label), digest in sorted(classes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def expect_test_digests(suite: str, tasks: Iterable[Task], where: str) -> None:
    """Raise where a task of a suite has no digest of its test windows.

    Raises
    ------
    ExperimentError
        With the tasks, and how to come by what is missing.
    """
    lacking = [task.name for task in tasks if not task.test_digest and task.part_of is None]
    if lacking:
        raise ExperimentError(
            f"{where}: tasks.{lacking[0]}.test_digest: every task of a suite has one, and none is given for "
            f"{', '.join(lacking)}; `selbench digest {where}` prints them"
        )


def refuse_change(table: Mapping[str, Any], key: str, override: str) -> None:
    """Refuse to change what a suite holds fixed.

    Raises
    ------
    ExperimentError
        With what else can be done.
    """
    if table.get("suite") and key in FIXED:
        raise ExperimentError(
            f"--set {override!r}: {key} of the suite {table['suite']} is fixed, so that its runs stand in "
            "one table; use --reduced, or a copy of the file without suite and test_digest"
        )


def without_digest(task: Any) -> Any:
    """Return the table of a task without the digest of its test windows: another task has others."""
    return {k: v for k, v in task.items() if k != "test_digest"} if isinstance(task, Mapping) else task


def without_suite(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of an experiment as one that is no suite."""
    return {key: value for key, value in table.items() if key != "suite"}


def as_reduced(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of a reduced experiment: its test windows are others; of a suite it says which."""
    tasks, kept = table.get("tasks"), without_suite(table)
    if isinstance(tasks, Mapping):
        kept["tasks"] = {name: without_digest(task) for name, task in tasks.items()}
    return {**kept, "reduced_from": table["suite"]} if table.get("suite") else kept
