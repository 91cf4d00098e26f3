"""What was read: how a folder was understood, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from selbench.audit.survey import Survey
from selbench.run_folder import Finding

MANY_LOST = 0.01
"""A larger share of files that cannot be read is red."""

N_EXAMPLES = 3


def coverage_finding(survey: Survey) -> Finding:
    """Say what was read, and what was not."""
    check = "What was read"
    n_windows = sum(map(len, survey.groups))
    layout = (survey.data.layout,) if survey.data.layout else ()
    if len(survey.labels) < 2:
        found = f"one class only, {survey.labels[0]}" if survey.labels else "no windows"
        return Finding(
            check,
            "red",
            f"Found {found}.",
            (*layout, *_problems(survey)),
            "A comparison needs windows of two classes or more.",
            "Point to a folder SPLIT/CLASS/files, or to a dataset with labels.",
        )
    said = f"{n_windows:,} windows: {', '.join(survey.splits)} × {', '.join(survey.labels)}"
    if not survey.problems:
        return Finding(check, "green", f"{said}.", layout)
    lost = [problem for problem in survey.problems if problem.lost]
    kinds = Counter(problem.kind for problem in survey.problems)
    counted = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())
    return Finding(
        check,
        "red" if len(lost) > MANY_LOST * (n_windows + len(lost)) else "amber",
        f"{said}; {counted}.",
        (*layout, *_problems(survey)),
        "The rest was audited; what could not be read may hide something, and a program that skips it in "
        "silence trains on fewer windows than you think."
        if lost
        else "Everything was audited, as described.",
        "Make or copy these files again, or remove them." if lost else "",
    )


def _problems(survey: Survey) -> Iterator[str]:
    shown: Counter[str] = Counter()
    for problem in survey.problems:
        shown[problem.kind] += 1
        if shown[problem.kind] <= N_EXAMPLES:
            yield f"{problem.where}: {problem.what}"
