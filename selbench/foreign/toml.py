"""TOML of strangers: one size, one depth, numbers that a machine can hold."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from selbench.errors import DataError, SelbenchError
from selbench.foreign.containment import bounded, contained, said, whole_bytes

TOMLDecodeError = tomllib.TOMLDecodeError


def read_toml(
    path: str | Path, *, expected: str = "a TOML file", error: type[SelbenchError] = DataError
) -> dict[str, Any]:
    """Read a TOML file; a byte-order mark before it is passed over.

    Raises
    ------
    SelbenchError
        Of the kind `error`: it is absent, no TOML, nested too deep, or holds a
        whole number beyond 2^64.
    """
    content = whole_bytes(path, expected, error=error)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise error(f"{path}: cannot be read: {problem}; expected {expected} in UTF-8") from problem
    return parse_toml(text, str(path), error=error)


def parse_toml(text: str, where: str, *, error: type[SelbenchError] = DataError) -> dict[str, Any]:
    """Read TOML from a text, as `read_toml` does from a file.

    Examples
    --------
    >>> parse_toml("a = [1, 2]", "a text")
    {'a': [1, 2]}
    """
    with contained(where, "a TOML file", error=error):
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            raise error(f"{where}: not valid TOML: {said(problem)}") from problem
    found: dict[str, Any] = bounded(table, where, error=error)
    return found
