"""What a run shows, in sentences: who is better than whom, and whether anyone beats the baselines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from selbench.evaluation.comparison import Difference, compare
from selbench.report.leaderboard import Leaderboard
from selbench.report.run_folder import RunRecord


def differences(
    record: RunRecord, metrics: Collection[str], pairs: Collection[tuple[str, str]]
) -> tuple[Difference, ...]:
    """Compare methods, called by their labels, on these pairs of training and test task."""
    predictions = record.predictions
    tasks = zip(predictions["train_task"], predictions["test_task"], strict=True)
    wanted = predictions[[pair in pairs for pair in tasks]]
    return tuple(
        replace(found, method=record.labels[found.method], other=record.labels[found.other])
        for found in compare(wanted, record.roles, metrics=metrics, seed=record.seed)
    )


@dataclass(frozen=True)
class Verdict:
    """What a task's leaderboard comes down to.

    Parameters
    ----------
    difference : Difference
        Of the best trained method and the best baseline, or of the two best methods.
    baseline : str
        The best baseline's label, if it is one of the two.
    """

    difference: Difference
    baseline: str

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return self.difference.sentence + "."

    @property
    def aside(self) -> str:
        """Who the baseline is, in words."""
        return f"{self.baseline} is the best of the baselines." if self.baseline else ""


def verdict(board: Leaderboard, found: Sequence[Difference]) -> Verdict | None:
    """Compare the best trained method with the best baseline; without either, the two best methods.

    Parameters
    ----------
    found : sequence of Difference
        Must hold the AUC differences of the board's pair of tasks.

    Returns
    -------
    verdict : Verdict or None
        None where there is one method alone.
    """
    labels = [standing.label for standing in board.standings]
    trained = [standing.label for standing in board.standings if not standing.is_baseline]
    baselines = [standing.label for standing in board.standings if standing.is_baseline]
    if len(labels) < 2:
        return None
    if trained and baselines:
        return Verdict(auc_difference(board, found, trained[0], baselines[0]), baselines[0])
    return Verdict(auc_difference(board, found, labels[0], labels[1]), "")


def auc_difference(board: Leaderboard, found: Sequence[Difference], method: str, other: str) -> Difference:
    """Return the AUC difference of two methods on a board, `method` first."""
    difference = next(
        d
        for d in found
        if (d.train_task, d.test_task, d.metric) == (board.train_task, board.test_task, "roc_auc")
        and {d.method, d.other} == {method, other}
    )
    return difference if difference.method == method else difference.reverse
