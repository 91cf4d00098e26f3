"""What a run shows, in sentences: who is better than whom, and whether anyone beats the baselines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from selbench.evaluation.comparison import Difference, compare
from selbench.report.leaderboard import Leaderboard
from selbench.report.run_folder import RunRecord


def differences(record: RunRecord, metrics: Collection[str]) -> tuple[Difference, ...]:
    """Compare all pairs of methods on every task, methods called by their labels."""
    return tuple(
        replace(found, method=record.labels[found.method], other=record.labels[found.other])
        for found in compare(record.predictions, record.roles, metrics=metrics, seed=record.seed)
    )


def verdict(board: Leaderboard, found: Sequence[Difference]) -> str:
    """Say whether the best trained method beats the best baseline, or how the two best methods compare.

    Parameters
    ----------
    found : sequence of Difference
        Must hold the AUC differences of the board's pair of tasks.
    """
    trained = [standing.label for standing in board.standings if not standing.is_baseline]
    baselines = [standing.label for standing in board.standings if standing.is_baseline]
    if len(trained) + len(baselines) < 2:
        return ""
    rivals = [*trained[:1], *baselines[:1]] if trained and baselines else [*trained, *baselines][:2]
    difference = auc_difference(board, found, rivals[0], rivals[1])
    ending = f"; {baselines[0]} is the best of the baselines." if trained and baselines else "."
    return difference.sentence + ending


def auc_difference(board: Leaderboard, found: Sequence[Difference], method: str, other: str) -> Difference:
    """Return the AUC difference of two methods on a board, `method` first."""
    difference = next(
        d
        for d in found
        if (d.train_task, d.test_task, d.metric) == (board.train_task, board.test_task, "roc_auc")
        and {d.method, d.other} == {method, other}
    )
    return difference if difference.method == method else difference.reverse
