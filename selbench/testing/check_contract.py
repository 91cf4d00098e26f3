"""What every check of an audit keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from selbench.audit.audited import AuditedData, Batch, ReadProblem, in_batches
from selbench.audit.survey import Survey, take_survey
from selbench.plugin import Answer, Check
from selbench.run_folder import Finding
from selbench.testing.small_windows import random_windows
from selbench.windows import Windows

Placed = Mapping[tuple[str, str], Windows]
"""Windows by (split, class)."""


def survey_of(windows: Placed) -> Survey:
    """Return a survey of windows by (split, class), the null class first, as an audit takes it."""

    def batches() -> Iterator[Batch | ReadProblem]:
        for (split, label), of_place in windows.items():
            yield from in_batches(of_place, split, label)

    classes = tuple(dict.fromkeys(label for _, label in windows))
    return take_survey(AuditedData("windows made up for a test", classes, batches))


def some_windows(n_windows: int = 120, *, splits: tuple[str, ...] = ("train", "test")) -> Placed:
    """Return random windows of two classes, none of them twice."""
    return {
        (split, label): random_windows(n_windows, seed=10 * place + code)
        for place, split in enumerate(splits)
        for code, label in enumerate(("neutral", "sweep"))
    }


class CheckContract:
    """What every check keeps.

    Attributes
    ----------
    check : function marked with `selbench.check`, in a ``staticmethod``, or a `Check`
    fine, faulty : mapping of (split, class) to Windows
        Windows that it has nothing against, and windows that it is there to find. Without `faulty` only you
        know whether it ever finds anything.
    """

    check: ClassVar[Any]
    fine: ClassVar[Placed] = some_windows()
    faulty: ClassVar[Placed | None] = None

    @property
    def described(self) -> Check:
        found = getattr(self.check, "check", self.check)
        assert isinstance(found, Check), "expected a function marked with @check(…)"
        return found

    def answers(self, windows: Placed) -> list[Answer | Finding]:
        assert self.described.function is not None, "expected a function"
        found = self.described.function(survey_of(windows))
        answers = [found] if isinstance(found, Answer | Finding) else list(found or [])
        assert all(isinstance(each, Answer | Finding) for each in answers), "expected an Answer, or None"
        return answers

    def test_it_has_nothing_against_windows_that_are_fine(self) -> None:
        assert all(each.verdict == "green" for each in self.answers(self.fine))

    def test_it_finds_what_it_is_there_to_find(self) -> None:
        if self.faulty is None:
            pytest.skip("name windows that it finds something in, faulty = {…}, in a test of your own")
        assert any(each.verdict != "green" for each in self.answers(self.faulty)), "it found nothing"

    @pytest.mark.parametrize("what", ["one split", "three splits", "few windows", "no sites"])
    def test_it_answers_of_all_kinds_of_windows(self, what: str) -> None:
        windows = {
            "one split": some_windows(30, splits=("all",)),
            "three splits": some_windows(30, splits=("train", "validation", "test")),
            "few windows": some_windows(2),
            "no sites": some_windows(1),
        }[what]
        self.answers(windows)

    def test_it_is_red_and_amber_only_where_it_says_when(self) -> None:
        answers = [*self.answers(self.fine), *(self.answers(self.faulty) if self.faulty else ())]
        verdicts = {each.verdict for each in answers}
        assert self.described.red or "red" not in verdicts, "say when it is red"
        assert self.described.amber or "amber" not in verdicts, "say when it is amber"

    def test_it_changes_nothing_and_repeats(self) -> None:
        assert self.answers(self.fine) == self.answers(self.fine)

    def test_it_says_what_it_asks_and_what_to_do(self) -> None:
        assert self.described.title
        assert self.described.question
        assert self.described.advice
        assert self.described.red or self.described.amber
