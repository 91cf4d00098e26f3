"""Consoles: words go to standard error, data and tables to standard output."""

from __future__ import annotations

import os
from functools import cache

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 160


@cache
def stderr() -> Console:
    """Return the console for what the user reads while waiting."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@cache
def stdout() -> Console:
    """Return the console for tables; wide where it is not a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        return Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    return console
