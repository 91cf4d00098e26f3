"""Who watches a use case: a display on a console, or nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from selbench.runner.events import Listener, ignore

if TYPE_CHECKING:
    from rich.console import Console

Advance = Callable[[float, str], None]
"""Takes how much of a bar's total is done, and what to say beside it."""


class Watch:
    """Shows nothing. `ConsoleWatch` shows how far things are."""

    def run(self, workers: int) -> AbstractContextManager[Listener]:
        """Watch the jobs of a run."""
        return nullcontext(ignore)

    def bar(self, title: str, total: float | None) -> AbstractContextManager[Advance]:
        """Watch something that has a length; without a total it is not known how long."""
        return nullcontext(lambda done, state: None)

    def wait(self, words: str) -> AbstractContextManager[Any]:
        """Watch something short."""
        return nullcontext()

    def say(self, words: str) -> None:
        """Take a line that whoever watches should read."""


class ConsoleWatch(Watch):
    """Shows live displays on a terminal or in a notebook, and lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def run(self, workers: int) -> AbstractContextManager[Listener]:
        """Show the jobs of a run."""
        from selbench.bench.display import RunDisplay

        return RunDisplay(self.console, workers=workers)

    @contextmanager
    def bar(self, title: str, total: float | None) -> Iterator[Advance]:
        """Show a bar; without a total it pulses. Nothing without a terminal: old rich ends it in a line."""
        if not self.console.is_terminal:
            yield lambda done, state: None
            return
        from rich.progress import BarColumn, Progress, TextColumn

        columns: tuple[Any, ...] = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[state]}", markup=False),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=total, state="")
            yield lambda done, state: progress.update(task, completed=done, state=state)

    def wait(self, words: str) -> AbstractContextManager[Any]:
        """Show a spinner with words."""
        from rich.text import Text

        return self.console.status(Text(words))

    def say(self, words: str) -> None:
        """Show a line."""
        self.console.print(words, markup=False)


def watch_of(progress: bool | Watch | None) -> Watch:
    """Return who watches: as told, or a display where a person sits at a prompt or a notebook.

    Parameters
    ----------
    progress : bool or Watch, optional
        None: a display in a notebook or an interactive terminal, none in a script.
    """
    if isinstance(progress, Watch):
        return progress
    if progress or (progress is None and _is_interactive()):
        from selbench.tables.visible import text_console

        return ConsoleWatch(text_console(stderr=True, soft_wrap=True))
    return Watch()


def _is_interactive() -> bool:
    """Whether a person types into this Python: at its prompt, or in a notebook."""
    shell = sys.modules.get("IPython")
    return hasattr(sys, "ps1") or (shell is not None and shell.get_ipython() is not None)
