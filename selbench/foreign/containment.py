"""What a library raises becomes one error of ours, and what it returns is held to bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selbench.errors import DataError, SelbenchError

MOST_BYTES = 2**28
"""Bytes of a text (JSON, TOML) that are read."""

DEEPEST = 64
"""Tables within tables of a text."""

LARGEST_INTEGER = 2**64
"""Whole numbers of a text lie below this, and above minus this: seeds are the largest that anyone needs."""


@contextmanager
def contained(
    where: object, expected: str, *, way_out: str = "", error: type[SelbenchError] = DataError
) -> Iterator[None]:
    """Turn whatever is raised inside into one error that says where, and what was expected.

    Libraries that parse raise what they please: bare `Exception`, errors of
    their own, `RecursionError`, `MemoryError`. Here, and in this room only, all
    of them mean a damaged file.

    Examples
    --------
    >>> with contained("a.json", "a number"):
    ...     int("x")
    Traceback (most recent call last):
    selbench.errors.DataError: a.json: damaged, expected a number: invalid literal for int() ...
    """
    try:
        yield
    except SelbenchError:
        raise
    except Exception as problem:
        mend = f"; {way_out}" if way_out else ""
        raise error(f"{where}: damaged, expected {expected}: {said(problem)}{mend}") from problem


def said(problem: BaseException) -> str:
    """Return what an exception says, on one short line; its kind where it says nothing."""
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    words = " ".join(str(problem).split())
    text = (
        words if words and not isinstance(problem, KeyError) else f"{type(problem).__name__} {words}".strip()
    )
    return text if len(text) <= 200 else f"{text[:197]}..."


def whole_bytes(
    path: str | Path, expected: str, *, most: int = MOST_BYTES, error: type[SelbenchError] = DataError
) -> bytes:
    """Read a file of bounded size.

    Raises
    ------
    SelbenchError
        Of the kind `error`: it is absent, cannot be read, or is larger than `most` bytes.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except FileNotFoundError:
        raise error(f"{path}: cannot be read: not found; expected {expected}") from None
    except (OSError, ValueError) as problem:  # a name with a null byte is a ValueError
        raise error(f"{path}: cannot be read: {said(problem)}; expected {expected}") from problem
    if len(content) > most:
        raise error(f"{path}: expected {expected} of at most {most:,} bytes, found more")
    return content


def bounded(value: Any, where: object, *, error: type[SelbenchError] = DataError) -> Any:
    """Return a value read from a text, its nesting, numbers and characters within bounds.

    Raises
    ------
    SelbenchError
        Of the kind `error`: nested deeper than `DEEPEST`, a whole number beyond
        `LARGEST_INTEGER`, or half of a surrogate pair, which no file can hold.
    """
    level = [value]
    for _ in range(DEEPEST):
        inside: list[Any] = []
        for item in level:
            if isinstance(item, str):
                if not item.isascii():
                    _check_characters(item, where, error)
            elif isinstance(item, dict):
                inside += item
                inside += item.values()
            elif isinstance(item, list):
                inside += item
            elif isinstance(item, int) and not -LARGEST_INTEGER < item < LARGEST_INTEGER:
                raise error(f"{where}: expected whole numbers below 2^64, found a larger one")
        level = inside
        if not level:
            return value
    raise error(f"{where}: expected at most {DEEPEST} levels of nesting, found more")


def _check_characters(text: str, where: object, error: type[SelbenchError]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise error(f"{where}: expected text, found half of a surrogate pair ({ascii(text)[:60]})") from None
