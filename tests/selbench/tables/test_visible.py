"""What strangers wrote is shown as they wrote it, and does nothing."""

from __future__ import annotations

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from selbench.tables.visible import inert, text_console, visible

NASTY = "[/x] [red]\x1b[31m\u202eabc[/red] :smile: $x_1$"


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = visible(text)
    left = {unicodedata.category(letter) for letter in shown if letter not in "\n\t"}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert visible(shown) == shown


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_a_console_takes_every_text_as_text() -> None:
    for renderable in (NASTY, Text(NASTY), _table(NASTY)):
        out = io.StringIO()
        text_console(file=out, width=200, force_terminal=False).print(renderable)
        assert "[/x] [red]\\x1b[31m\\u202eabc" in out.getvalue()
        assert "[/red]" in out.getvalue()
        assert not {"\x1b", "\u202e"} & set(out.getvalue())


def test_a_terminal_still_gets_its_own_colours() -> None:
    out = io.StringIO()
    text_console(file=out, width=200, force_terminal=True, color_system="standard").print(
        Text.assemble(("warning", "yellow"), f"  {NASTY}")
    )
    assert out.getvalue().startswith("\x1b[33mwarning\x1b[0m")
    assert out.getvalue().count("\x1b") == 2


def _table(text: str) -> Table:
    table = Table("name")
    table.add_row(text)
    return table


def test_markdown_of_a_stranger_means_nothing() -> None:
    shown = inert("<script>alert(1)</script> # | `x` *y* _z_ [a](b)\n\x1b")
    for mark in "<>#|`*_[]":
        assert all(shown[i - 1] == "\\" for i, letter in enumerate(shown) if letter == mark)
    assert "\n" not in shown
    assert "\x1b" not in shown
