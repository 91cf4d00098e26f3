"""Consoles: words go to standard error, data and tables to standard output."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from selbench.plugin import Registry

WIDTH_WITHOUT_TERMINAL = 160


@cache
def stderr() -> Console:
    """Return the console for what the user reads while waiting; brackets in names are brackets."""
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


@cache
def stdout() -> Console:
    """Return the console for tables; wide where it is not a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        return Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    return console


def warn(words: str) -> None:
    """Say what should not be overlooked."""
    stderr().print(Text.assemble(("warning", "yellow"), f"  {words}"))


def warn_of_broken_plugins(registry: Registry) -> None:
    """Say which plugins could not be loaded."""
    for broken in registry.broken:
        warn(str(broken))
