"""Training on one task, testing on another: no window may be in both."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from selbench.audit.leaks import matches_of
from selbench.audit.survey import Survey
from selbench.run_folder import Finding


def transfer_findings(
    surveys: Mapping[str, Survey], tests: Mapping[str, Collection[str]]
) -> dict[str, Finding]:
    """Look for training windows of a task among the test windows of others.

    Parameters
    ----------
    surveys : mapping of str to Survey
        By task.
    tests : mapping of str to collection of str
        By training task, the tasks it is tested on.

    Returns
    -------
    findings : dict of str to Finding
        By training task; none for tasks that are tested on themselves alone.
    """
    return {
        train: _finding(train, surveys, others)
        for train, tasks in tests.items()
        if train in surveys and (others := [task for task in tasks if task != train and task in surveys])
    }


def _finding(train: str, surveys: Mapping[str, Survey], others: Collection[str]) -> Finding:
    check = "Training windows in the tests of other tasks"
    learned = [group for group in surveys[train].groups if group.split == "train"]
    leaks = {
        task: [
            matches
            for first in learned
            for second in surveys[task].groups
            if second.split == "test" and (matches := matches_of(first, second, surveys[task])).is_leak
        ]
        for task in others
    }
    evidence = [
        f"{task}: {line}" for task, found in leaks.items() for matches in found for line in matches.lines()
    ]
    if not evidence:
        return Finding(
            check, "green", f"No test window of {', '.join(others)} is a training window of {train}."
        )
    leaking = ", ".join(task for task, found in leaks.items() if found)
    return Finding(
        check,
        "red",
        f"Tests of {leaking} hold training windows of {train}.",
        tuple(evidence),
        "How well a method transfers is measured on windows that it has learned by heart.",
        "Give the tasks windows of their own: other files, or other seeds.",
    )
