"""Consoles: words go to standard error, data and tables to standard output."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from rich.text import Text

from selbench.tables.visible import text_console

if TYPE_CHECKING:
    from rich.console import Console

    from selbench.plugin import Registry

WIDTH_WITHOUT_TERMINAL = 160


@cache
def stderr() -> Console:
    """Return the console for what the user reads while waiting; brackets in names are brackets."""
    return text_console(stderr=True, soft_wrap=True)


@cache
def stdout() -> Console:
    """Return the console for tables; wide where it is not a terminal."""
    console = text_console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        return text_console(width=WIDTH_WITHOUT_TERMINAL)
    return console


def warn(words: str) -> None:
    """Say what should not be overlooked."""
    stderr().print(Text.assemble(("warning", "yellow"), f"  {words}"))


def warn_of_broken_plugins(registry: Registry) -> None:
    """Say which plugins could not be loaded."""
    for broken in registry.broken:
        warn(str(broken))
