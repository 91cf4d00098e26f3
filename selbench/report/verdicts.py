"""What a run shows, in sentences: who is better than whom, and whether anyone beats the baselines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from selbench.errors import DataError
from selbench.evaluation.claims import ALL_PAIRS, BEST_BASELINE, OVER_WINDOWS, Claim, read_claims
from selbench.report.leaderboard import Leaderboard
from selbench.run_folder import RunRecord
from selbench.run_folder.layout import MAKE_AGAIN


def claims(
    record: RunRecord, metrics: Collection[str], pairs: Collection[tuple[str, str]]
) -> tuple[Claim, ...]:
    """Return the run's comparisons by these metrics on these pairs of training and test task, by label."""
    table = record.comparisons
    tasks = zip(table["train_task"], table["test_task"], strict=True)
    is_of_pairs = np.fromiter((pair in pairs for pair in tasks), bool, len(table))
    wanted = table[table["metric"].isin(list(metrics)) & is_of_pairs]
    return tuple(
        replace(
            found,
            method=record.labels[found.method],
            other=record.labels[found.other],
            about=record.brought.get(found.metric),
        )
        for found in read_claims(wanted)
    )


@dataclass(frozen=True)
class Verdict:
    """What a task's leaderboard comes down to.

    Parameters
    ----------
    claim : Claim
        Of the best trained method and the best baseline, or of the two best methods.
    aside : str
        Who the best baseline is and what it was chosen on, if it is one of the two.
    n_claims : int
        Comparisons that it is judged together with, itself included.
    """

    claim: Claim
    aside: str
    n_claims: int

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return self.claim.sentence + "."

    @property
    def note(self) -> str:
        """How the verdict was come to, for a statistician."""
        return how_judged(self.claim, self.n_claims)


def how_judged(claim: Claim, n_claims: int) -> str:
    """Say what the interval of a claim is over, and what it holds together with."""
    if claim.verdict == "too few windows":
        return "An interval needs two test windows of each class."
    one, other = claim.n_repetitions, claim.other_n_repetitions
    trainings = f"{one} and {other} trainings" if one != other else f"{one} trainings each"
    over = "test windows" if claim.over == OVER_WINDOWS else f"test {claim.over} ({trainings})"
    together = f", for all {n_claims} comparisons of this family at once (max-T)" if n_claims > 1 else ""
    return f"95 % interval over {over}{together}; {p_value(claim.p_adjusted)}."


def how_chosen(board: Leaderboard, baseline: str) -> str:
    """Say that a baseline is the best, and on which windows it was chosen."""
    if baseline == board.best_baseline:
        return f"{baseline} is the best of the baselines on validation windows."
    return (
        f"{baseline} is the best of the baselines on these test windows, for nothing is recorded of "
        "validation windows: that errs in its favour."
    )


def p_value(value: float) -> str:
    """Return a p-value as text."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def verdict(board: Leaderboard, found: Sequence[Claim]) -> Verdict | None:
    """Compare the best trained method with the best baseline; without either, the two best methods.

    Parameters
    ----------
    found : sequence of Claim
        Must hold the AUC comparisons of the board's pair of tasks.

    Returns
    -------
    verdict : Verdict or None
        None where there is one method alone, or the windows are a genome's.
    """
    labels = [standing.label for standing in board.standings]
    if len(labels) < 2 or board.is_genome:
        return None
    against_baseline = claims_of(board, found, BEST_BASELINE)
    if against_baseline:
        best = min(against_baseline, key=lambda claim: labels.index(claim.method))
        return Verdict(best, how_chosen(board, best.other), len(against_baseline))
    of_all = pair_claims(board, found)
    return Verdict(pair_claim(board, of_all, labels[0], labels[1]), "", len(of_all) // 2)


def claims_of(
    board: Leaderboard, found: Sequence[Claim], family: str, metric: str = "roc_auc"
) -> tuple[Claim, ...]:
    """Return the claims of one family and metric on a board."""
    wanted = (board.train_task, board.test_task, metric, family)
    return tuple(c for c in found if (c.train_task, c.test_task, c.metric, c.family) == wanted)


def pair_claims(
    board: Leaderboard, found: Sequence[Claim], metric: str = "roc_auc"
) -> dict[tuple[str, str], Claim]:
    """Return a board's claims among all pairs by one metric, each from both sides, by (method, other)."""
    of_all = claims_of(board, found, ALL_PAIRS, metric)
    reverse = {(claim.other, claim.method): claim.reverse for claim in of_all}
    return {(claim.method, claim.other): claim for claim in of_all} | reverse


def pair_claim(board: Leaderboard, pairs: Mapping[tuple[str, str], Claim], method: str, other: str) -> Claim:
    """Return the claim of two methods on a board out of its `pair_claims`, `method` first."""
    claim = pairs.get((method, other))
    if claim is None:
        raise DataError(
            f"comparisons on {board.title}: expected {method} against {other}, found none; {MAKE_AGAIN}"
        )
    return claim
