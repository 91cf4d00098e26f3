"""Methods over several tasks: the middle of their trainings, pairs, and whether ranks may be tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from selbench.evaluation.across_tasks import (
    PairOverTasks,
    Scores,
    Summary,
    fewest_tasks,
    interquartile_mean,
    pairs_over_tasks,
)
from selbench.evaluation.ranks import FEWEST_TASKS, RankComparison, compare_ranks
from selbench.plugin import Metric
from selbench.report.leaderboard import AUC, Leaderboard
from selbench.report.verdicts import p_value
from selbench.run_folder import RunRecord, TaskRecord

_DONE = {"train": "trained", "test": "tested"}


@dataclass(frozen=True)
class MethodOverTasks:
    """A method over all tasks, by AUC or power.

    Parameters
    ----------
    label : str
    is_baseline : bool
    values : tuple of float
        Per task, the mean over trainings.
    interquartile_mean : Summary
        Of all its trainings on all tasks.
    mean_rank : float
        1 is best.
    """

    label: str
    is_baseline: bool
    values: tuple[float, ...]
    interquartile_mean: Summary
    mean_rank: float


@dataclass(frozen=True, eq=False)
class AcrossTasks:
    """What several tasks say of the methods that stand on all of them.

    Parameters
    ----------
    tasks : tuple of str
        Titles of their leaderboards.
    methods : tuple of MethodOverTasks
        Largest interquartile mean first.
    scores : mapping of str to sequence of float64 (n_repetitions,)
        The value of every training, by label, per task.
    left_out : tuple of str
        Methods that are missing from a task.
    ranks : RankComparison
    shared : str
        What tasks have in common, so that their ranks are not independent; "" where nothing.
    seed : int
    metric : Metric
        What methods are compared by.
    without : tuple of str
        Tasks that were left out, so that more methods have the others in common.
    """

    tasks: tuple[str, ...]
    methods: tuple[MethodOverTasks, ...]
    scores: Scores
    left_out: tuple[str, ...]
    ranks: RankComparison
    shared: str
    seed: int
    metric: Metric
    without: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Over which tasks: ``Over all tasks``, or ``Over 12 of 13 tasks``."""
        n_tasks = len(self.tasks)
        return f"Over {n_tasks} of {n_tasks + len(self.without)} tasks" if self.without else "Over all tasks"

    @cached_property
    def pairs(self) -> dict[tuple[str, str], PairOverTasks]:
        """Every method against every other, by labels."""
        return {(pair.method, pair.other): pair for pair in pairs_over_tasks(self.scores, seed=self.seed)}

    @property
    def n_trainings(self) -> int:
        """Most trainings that a method has on a task."""
        return max(len(of) for of_tasks in self.scores.values() for of in of_tasks)

    @property
    def are_ranks_tested(self) -> bool:
        """Whether there is a p-value: tasks of their own, and enough of them."""
        return not self.shared and len(self.tasks) >= FEWEST_TASKS

    @property
    def are_pairs_tested(self) -> bool:
        """Whether Wilcoxon's test can reject at all."""
        return self.are_ranks_tested and len(self.tasks) >= fewest_tasks(len(self.methods))

    @property
    def about_methods(self) -> str:
        """Who is ranked over which tasks, and who is not; "" where all are over all."""
        n_methods, n_tasks = len(self.methods), len(self.tasks)
        if not self.left_out and not self.without:
            return ""
        told = [
            f"Ranked are the {n_methods} of {n_methods + len(self.left_out)} methods that stand on each of "
            f"{n_tasks} tasks."
        ]
        if self.without:
            told.append(f"Without {', '.join(self.without)}, which fewer methods can take or were run on.")
        if self.left_out:
            told.append(f"Not on every one of them, and left out: {', '.join(self.left_out)}.")
        return " ".join(told)

    @property
    def about_intervals(self) -> str:
        """What the values are, and what their intervals are over."""
        label = self.metric.label
        told = [f"Interquartile mean: of the middle half of {label} of all trainings on these tasks."]
        if self.n_trainings > 1:
            told.append(
                "Its 95 % interval is over trainings, drawn again within tasks, for just these tasks."
            )
        else:
            told.append("Each method was trained once on a task, so there are no intervals over trainings.")
        return " ".join(told)

    @property
    def about_ranks(self) -> str:
        """Whether the ranks differ by more than chance, or why nobody can know."""
        n_tasks, n_methods = len(self.tasks), len(self.methods)
        needed = fewest_tasks(n_methods)
        if self.shared:
            return f"Mean ranks have no p-value here: {self.shared}, so tasks do not speak independently."
        told = [f"Mean ranks by {self.metric.label} over {n_tasks} tasks, 1 is best."]
        if self.are_ranks_tested:
            told.append(f"Friedman’s test that all methods are alike: {p_value(self.ranks.p_value)}.")
        else:
            told.append(f"They are tested from {FEWEST_TASKS} tasks on.")
        if not self.are_pairs_tested:
            told.append(
                f"Of {n_methods} methods Wilcoxon’s test, corrected for all pairs (Holm), can tell two apart "
                f"from {needed} tasks on, and there are {n_tasks}."
            )
        return " ".join(told)

    @property
    def note(self) -> str:
        """All of it in one paragraph."""
        return " ".join(filter(None, (self.about_methods, self.about_intervals, self.about_ranks)))


def across_tasks(record: RunRecord, boards: Sequence[Leaderboard], metric: str = AUC) -> AcrossTasks | None:
    """Put the leaderboards of several tasks side by side.

    Parameters
    ----------
    metric : {AUC, POWER}
        What methods are compared by; every method of every board has a value of it.

    Returns
    -------
    found : AcrossTasks or None
        None with fewer than two tasks, or two methods that stand on all of them.
    """
    on_boards = [{standing.label: standing for standing in board.standings} for board in boards]
    everywhere = [label for label in record.labels.values() if all(label in board for board in on_boards)]
    if len(boards) < 2 or len(everywhere) < 2:
        return None
    scores = {
        label: [np.array(list(board[label].by_repetition(metric).values())) for board in on_boards]
        for label in everywhere
    }
    values = np.array([[of.mean() for of in of_tasks] for of_tasks in scores.values()]).T
    ranks = compare_ranks(values, tuple(everywhere))
    mean_ranks = dict(zip(ranks.methods, ranks.mean_ranks.tolist(), strict=True))
    methods = [
        MethodOverTasks(
            label,
            on_boards[0][label].is_baseline,
            tuple(float(of.mean()) for of in scores[label]),
            interquartile_mean(scores[label], seed=record.seed),
            mean_ranks[label],
        )
        for label in everywhere
    ]
    known = {label for board in on_boards for label in board}
    return AcrossTasks(
        tuple(board.title for board in boards),
        tuple(sorted(methods, key=lambda method: -method.interquartile_mean.value)),
        scores,
        tuple(label for label in record.labels.values() if label in known.difference(everywhere)),
        ranks,
        shared_by_tasks(record, [(board.train_task, board.test_task) for board in boards]),
        record.seed,
        record.metrics[metric],
    )


def across_most_tasks(
    record: RunRecord, boards: Sequence[Leaderboard], metric: str = AUC
) -> AcrossTasks | None:
    """Put leaderboards side by side without the few tasks that most methods do not stand on.

    More than half of the tasks stay: those that make the most of methods times the tasks that all of these
    share.
    """
    kept = _most_in_common(boards)
    found = across_tasks(record, kept, metric)
    if found is None:
        return None
    ranked = {method.label for method in found.methods}
    known = {standing.label for board in boards for standing in board.standings}
    return replace(
        found,
        left_out=tuple(label for label in record.labels.values() if label in known - ranked),
        without=tuple(board.title for board in boards if board not in kept),
    )


def _most_in_common(boards: Sequence[Leaderboard]) -> Sequence[Leaderboard]:
    """Return more than half of the leaderboards: those with most of methods times boards that all share."""
    on_boards = [{standing.label for standing in board.standings} for board in boards]
    counts = Counter(label for labels in on_boards for label in labels)
    best, most = boards, 0
    for fewest in sorted(set(counts.values()), reverse=True):
        methods = {label for label, count in counts.items() if count >= fewest}
        kept = [board for board, labels in zip(boards, on_boards, strict=True) if methods <= labels]
        if 2 * len(kept) > len(boards) and len(methods) * len(kept) > most:
            best, most = kept, len(methods) * len(kept)
    return best


def shared_by_tasks(record: RunRecord, pairs: Collection[tuple[str, str]]) -> str:
    """Say what pairs of training and test task have in common, by the names of tasks, digests and files."""
    trains, tests = zip(*pairs, strict=True)
    for split, tasks in (("train", trains), ("test", tests)):
        owners: dict[tuple[str, str], str] = {}
        for task in tasks:
            if task in owners.values():
                return f"methods are {_DONE[split]} on {task} more than once"
            marks = _marks(record.tasks[task], split)
            for mark in marks & owners.keys():
                return f"{owners[mark]} and {task} have {split} windows in common"
            owners |= dict.fromkeys(marks | {("task", task)}, task)
    return ""


def _marks(task: TaskRecord, split: str) -> set[tuple[str, str]]:
    """Return what tells the windows of a split: digests where the run wrote them, and files they are from."""
    digests = {("digest", c.digest) for c in task.counts if c.split == split and c.kept and c.digest}
    read = task.simulators.keys() - task.scenarios.keys()
    return digests | {(task.simulators[label].spelling, label) for label in read}
