"""Consoles: words go to standard error, data and tables to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

    from selbench.plugin import Registry
    from selbench.scan.summary import Remark

P = ParamSpec("P")

WIDTH_WITHOUT_TERMINAL = 160

_data: list[TextIO] = []
"""Standard output, while whoever else prints is turned aside."""


def data() -> TextIO:
    """Return where data go: standard output, whatever `sys.stdout` stands for meanwhile."""
    return _data[-1] if _data else sys.stdout


def only_data(command: Callable[P, None]) -> Callable[P, None]:
    """Let only data of a command onto standard output: what plugins print goes to standard error."""

    @wraps(command)
    def run(*values: P.args, **options: P.kwargs) -> None:
        with _turned_aside():
            command(*values, **options)

    return run


@contextmanager
def _turned_aside() -> Iterator[None]:
    with _own_descriptor() as stream:
        _data.append(stream)
        try:
            with redirect_stdout(sys.stderr):
                yield
        finally:
            _data.pop()


@contextmanager
def _own_descriptor() -> Iterator[TextIO]:
    """Give standard output a descriptor that nobody else knows, and 1, which C code writes to, to errors."""
    stdout = sys.stdout
    try:
        is_known = (stdout.fileno(), sys.stderr.fileno()) == (1, 2)
    except (AttributeError, OSError, ValueError):  # closed, or a stream of Python's alone
        is_known = False
    if not is_known:
        yield stdout
        return
    stdout.flush()
    own = os.dup(1)
    stream = open(own, "w", encoding=stdout.encoding, errors=stdout.errors, newline="\n")  # noqa: SIM115
    stream.reconfigure(line_buffering=bool(stdout.line_buffering))
    os.dup2(2, 1)
    try:
        yield stream
    except BaseException:
        with suppress(OSError):
            _give_back(stream)
        raise
    _give_back(stream)


def _give_back(stream: TextIO) -> None:
    """Let descriptor 1 be standard output again, after all that was meant for errors has got there."""
    import ctypes

    ctypes.CDLL(None).fflush(None)
    os.dup2(stream.fileno(), 1)
    stream.close()


class _Data:
    """A stream that is wherever data go now: consoles outlive commands."""

    def __getattr__(self, name: str) -> Any:
        return getattr(data(), name)


@cache
def stderr() -> Console:
    """Return the console for what the user reads while waiting; brackets in names are brackets."""
    from selbench.tables.visible import text_console

    return text_console(stderr=True, soft_wrap=True)


@cache
def stdout() -> Console:
    """Return the console for tables; wide where it is not a terminal."""
    from selbench.tables.visible import text_console

    file = cast(TextIO, _Data())
    console = text_console(file=file)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        return text_console(file=file, width=WIDTH_WITHOUT_TERMINAL)
    return console


def warn(words: str) -> None:
    """Say what should not be overlooked."""
    from rich.text import Text

    stderr().print(Text.assemble(("warning", "yellow"), f"  {words}"))


def tell(remarks: Iterable[Remark]) -> None:
    """Say remarks in their order, and which of them should not be overlooked."""
    for remark in remarks:
        if remark.is_warning:
            warn(remark.words)
        else:
            stderr().print(remark.words)


def warn_of_broken_plugins(registry: Registry) -> None:
    """Say which plugins could not be loaded."""
    for broken in registry.broken:
        warn(str(broken))
