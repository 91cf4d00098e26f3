"""JSON of strangers: one size, one depth, numbers that a machine can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from selbench.errors import DataError, SelbenchError
from selbench.foreign.containment import MOST_BYTES, bounded, contained, whole_bytes


def read_json(
    path: str | Path,
    *,
    expected: str = "JSON",
    way_out: str = "",
    most: int = MOST_BYTES,
    error: type[SelbenchError] = DataError,
) -> Any:
    """Read a JSON file.

    Parameters
    ----------
    expected : str
        What the file should be, as a message says it.
    way_out : str
        What a message advises where it is damaged.
    most : int
        Bytes at most.
    error : type of SelbenchError
        What to raise.

    Raises
    ------
    SelbenchError
        If it is absent, too large, damaged, nested deeper than 64 levels, or
        holds a whole number beyond 2^64.
    """
    content = whole_bytes(path, expected, most=most, error=error)
    return parse_json(content, str(path), expected=expected, way_out=way_out, error=error)


def parse_json(
    text: str | bytes,
    where: str,
    *,
    expected: str = "JSON",
    way_out: str = "",
    error: type[SelbenchError] = DataError,
) -> Any:
    """Read JSON from a text, as `read_json` does from a file.

    Examples
    --------
    >>> parse_json('{"a": [1, 2]}', "a text")
    {'a': [1, 2]}
    """
    with contained(where, expected, way_out=way_out, error=error):
        value = json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    return bounded(value, where, error=error)
