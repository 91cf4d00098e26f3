"""Text of strangers is text: no markup, no control characters, no letters that turn a line round."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_KEPT = "\n\t"
_TURNING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories of what is not seen but acts: controls, directions of writing, halves of pairs."""


def visible(text: str) -> str:
    """Return text with whatever a terminal would obey, and not show, written out.

    Examples
    --------
    >>> visible("chr1\\x1b]0;hello")
    'chr1\\\\x1b]0;hello'
    >>> visible("ab\\u202ec")
    'ab\\\\u202ec'
    """
    if text.isprintable():
        return text
    return "".join(_written_out(letter) for letter in text)


def _written_out(letter: str) -> str:
    if letter in _KEPT or unicodedata.category(letter) not in _TURNING:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def inert(text: str) -> str:
    """Return text in one line of which nothing means anything in markdown.

    Examples
    --------
    >>> inert("a|b <script>")
    'a\\\\|b \\\\<script\\\\>'
    """
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return visible(" ".join(text.split()))


def text_console(**settings: Any) -> Console:
    """Return a console that takes every text as text, whoever wrote it; what is coloured is a `rich` Text.

    Parameters
    ----------
    settings
        Of `rich.console.Console`.
    """
    from rich.console import Console
    from rich.segment import Segment

    class TextConsole(Console):
        def render(self, *arguments: Any, **options: Any) -> Any:
            for segment in super().render(*arguments, **options):
                if segment.control or segment.text.isprintable():
                    yield segment
                else:
                    yield Segment(visible(segment.text), segment.style)

    return TextConsole(markup=False, highlight=False, emoji=False, **settings)
