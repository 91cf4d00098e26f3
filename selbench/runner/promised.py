"""Test windows that a suite promises: those made here must have their published digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import Experiment, Split, Task, portions
from selbench.experiment.suite import digest_of_test_windows
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.portion_files import PortionFiles, digest_of_windows

JUDGED: tuple[Split, ...] = ("test", "threshold")
"""The splits that a digest of test windows is over."""


def expect_promised_windows(
    plan: Plan, wanted: Sequence[PlannedTraining], blocks: Mapping[str, tuple[Path, ...]]
) -> None:
    """Hold the test windows that are about to be used against what their tasks promise.

    Tasks whose windows could not be made are left to the trainings, which fail for it.

    Raises
    ------
    DataError
        If windows are others than were published: with the task, both digests, and the way out.
    """
    tasks: dict[str, Task] = {}
    for planned in wanted:
        if not planned.skip and not plan.is_done(planned):
            tasks |= {task.whole.name: task.whole for task, _ in planned.tests if task.test_digest}
    for task in tasks.values():
        files = [
            PortionFiles(portion, blocks.get(plan.portion_key(portion), ()))
            for split in JUDGED
            for portion in portions(task, split=split)
            if portion.n_windows
        ]
        if all(each.blocks or not each.portion.source.makes_more for each in files):
            made = {
                (each.portion.split, each.portion.label): digest_of_windows(each.load()) for each in files
            }
            _expect(plan.experiment.suite or plan.experiment.name, task, digest_of_test_windows(made))


def digest_of_task(experiment: Experiment, task: Task) -> str:
    """Make the test windows of a task in this process, and return their digest."""
    return digest_of_test_windows(
        {
            (portion.split, portion.label): digest_of_windows(
                portion.source.complete(portion, experiment_seed=experiment.seed).windows
            )
            for split in JUDGED
            for portion in portions(task, split=split)
            if portion.n_windows
        }
    )


def _expect(name: str, task: Task, found: str) -> None:
    if found != task.test_digest:
        raise DataError(
            f"{name}: task {task.name!r}: expected test windows with the digest {task.test_digest}, found "
            f"{found}: what simulates them is another version, or works otherwise on this machine; install "
            "the version of selbench that the suite was published with, or run another version of the suite"
        )
