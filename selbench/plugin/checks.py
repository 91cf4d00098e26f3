"""Checks of an audit: a question about labelled windows, when the answer is red or amber, what to do then.

from selbench import Answer, check, hookimpl

@check("Enough windows", red="a class with fewer than 10 windows in a split", amber="fewer than 100",
       advice="Simulate more.")
def enough_windows(survey):
    \"\"\"Does every split hold enough windows of every class?\"\"\"
    least = min(survey.groups, key=len)
    said = f"The least is {len(least)} windows, of {least.place}."
    return Answer("red" if len(least) < 10 else "amber" if len(least) < 100 else "green", said)

@hookimpl
def register_checks():
    return [enough_windows]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from selbench.errors import PluginError

CheckFunction = Callable[[Any], Any]
"""A survey of labelled windows → an `Answer`, or None where there is nothing to be said."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")


@dataclass(frozen=True)
class Answer:
    """What a check found.

    Parameters
    ----------
    verdict : {"green", "amber", "red"}
        Fine; worth knowing; a comparison on these windows is not to be believed.
    headline : str
        One sentence with the figure that decides.
    evidence : tuple of str
        Lines with counts, intervals and examples.
    meaning : str
        What it means for a comparison.
    advice : str
        What to do, where that is more than what the check itself says.
    """

    verdict: Literal["green", "amber", "red"]
    headline: str
    evidence: tuple[str, ...] = ()
    meaning: str = ""
    advice: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in ("green", "amber", "red"):
            raise PluginError(f"verdict: expected green, amber or red, found {self.verdict!r}")
        texts = (self.headline, self.meaning, self.advice, *self.evidence)
        if not self.headline or not all(isinstance(text, str) for text in texts):
            raise PluginError(f"answer: expected a headline and lines of text, found {texts!r}")


@dataclass(frozen=True)
class Check:
    """A check as a reader meets it.

    Parameters
    ----------
    name : str
    title : str
        The heading in an audit.
    question : str
    red, amber : str
        When the answer is that; "" where it never is.
    advice : str
        What to do about it.
    function : callable
        A survey → an `Answer`, or None where there is nothing to be said.
    """

    name: str
    title: str
    question: str
    red: str = ""
    amber: str = ""
    advice: str = ""
    function: CheckFunction | None = field(default=None, compare=False, repr=False)

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return self.question


def check(
    title: str, *, red: str = "", amber: str = "", advice: str
) -> Callable[[CheckFunction], CheckFunction]:
    """Mark a function as a check; its name is the check's, the first line of its docstring the question.

    Parameters
    ----------
    title, red, amber, advice : str
        As `Check` has them.

    Raises
    ------
    PluginError
        If the name is not one of lower-case letters, digits and ``_``, or a text is missing.
    """

    def mark(function: CheckFunction) -> CheckFunction:
        name = getattr(function, "__name__", "")
        question = " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
        if not _NAME.match(name):
            raise PluginError(f"check {name!r}: expected a name of lower-case letters, digits and '_'")
        if not (title and question and advice and (red or amber)):
            raise PluginError(
                f"check {name}: expected a title, a question as docstring, what is red or amber, and advice"
            )
        function.check = Check(name, title, question, red, amber, advice, function)  # type: ignore[attr-defined]
        return function

    return mark
