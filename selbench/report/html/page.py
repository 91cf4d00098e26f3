"""What every section of the page draws on, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from selbench.evaluation.claims import Claim
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import TaskPredictions
from selbench.evaluation.samples import COMPARED
from selbench.report.html.palette import Style, styles
from selbench.report.leaderboard import Leaderboard, at_home, leaderboards
from selbench.report.verdicts import claims
from selbench.run_folder import RunRecord


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    anchor, title : str
    content : mapping
        What its template reads.
    layout : str
        The template, where it is not named after the anchor.
    """

    anchor: str
    title: str
    content: Mapping[str, Any]
    layout: str = ""

    @property
    def template(self) -> str:
        """The file that lays it out."""
        return self.layout or f"{self.anchor}.html.jinja"


@dataclass(frozen=True, eq=False)
class Page:
    """A run with all that its sections share."""

    record: RunRecord

    @cached_property
    def boards(self) -> tuple[Leaderboard, ...]:
        """All leaderboards."""
        return leaderboards(self.record)

    @cached_property
    def main_boards(self) -> tuple[Leaderboard, ...]:
        """Leaderboards of tasks tested on themselves; all, where there are none."""
        return at_home(self.boards)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """All comparisons of methods on the main tasks, by every metric."""
        compared = (*COMPARED, *self.record.brought)
        return claims(self.record, compared, [(b.train_task, b.test_task) for b in self.main_boards])

    @cached_property
    def styles(self) -> dict[str, Style]:
        """How each method is drawn, by label."""
        return styles(self.record)

    @cached_property
    def predictions(self) -> dict[tuple[str, str], TaskPredictions]:
        """What methods said on the main tasks, by (train_task, test_task)."""
        pairs = {(board.train_task, board.test_task) for board in self.main_boards}
        return {
            (task.train_task, task.test_task): task
            for task in by_task(self.record.read_predictions(), self.record.roles, pairs)
        }
