"""Fitted scikit-learn estimators as bytes, by skops: its types are known before any is rebuilt."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from selbench.errors import DataError

MAX_BYTES = 2**31
"""Bytes that a file may inflate to: a forest of 1,000 deep trees takes a tenth of it."""

_DATA = {
    "DictNode", "JsonNode", "ListNode", "LossNode", "NdArrayNode", "ObjectNode", "RandomGeneratorNode",
    "RandomStateNode", "SetNode", "SliceNode", "TreeNode", "TupleNode", "TypeNode", "DTypeNode",
}  # fmt: skip
"""Kinds of node that are data. Functions, methods and partials are not: they do what the sender chose."""

_OBJECTS = {"LossNode", "ObjectNode", "TreeNode"}
"""Kinds whose class decides what they are; skops itself holds the others to plain types."""


def estimator_bytes(saved: dict[str, Any]) -> bytes:
    """Return a table of fitted estimators, arrays and numbers as a file's bytes."""
    from skops.io import dumps

    return bytes(dumps(saved, compression=ZIP_DEFLATED, compresslevel=1))


def foreign_types(data: bytes, allowed: Collection[str]) -> list[str]:
    """Return what a file holds beside plain data and the classes in `allowed`, by full name, sorted.

    Raises
    ------
    DataError
        If the file is damaged or inflates to too much.
    """
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            inflated = sum(member.file_size for member in archive.infolist())
            if inflated > MAX_BYTES:
                raise DataError(f"expected at most {MAX_BYTES:,} bytes, found {inflated:,} when inflated")
            schema = json.loads(archive.read("schema.json"))
        return sorted({name for name in _names(schema) if name not in allowed})
    except DataError:
        raise
    except Exception as problem:  # zipfile, json and recursion break each in their way
        raise DataError(_reason(problem)) from problem


def estimator_of(data: bytes, allowed: Collection[str]) -> Any:
    """Rebuild what `estimator_bytes` wrote, where `foreign_types` finds nothing.

    Raises
    ------
    DataError
        If it holds other types, or is damaged.
    """
    refused = foreign_types(data, allowed)
    if refused:
        raise DataError(f"holds {', '.join(refused)}, which a saved predictor may not contain")
    from skops.io import loads

    try:
        return loads(data, trusted=sorted(allowed))
    except Exception as problem:  # a damaged file breaks zipfile, numpy or scikit-learn, each in its way
        raise DataError(_reason(problem)) from problem


def read_estimator(path: Path, allowed: Collection[str]) -> Any:
    """Read a file of `estimator_bytes`; as `estimator_of`, with the path in every message."""
    if not path.is_file():
        raise DataError(f"{path}: expected a saved estimator, found no such file; train it again")
    try:
        return estimator_of(path.read_bytes(), allowed)
    except OSError as problem:
        raise DataError(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except DataError as problem:
        raise DataError(f"{path}: {problem}; train it again") from problem


def _names(node: Any) -> Iterator[str]:
    """Yield the full name of whatever is not plain data, over all nodes of a schema."""
    if isinstance(node, list):
        for item in node:
            yield from _names(item)
    elif isinstance(node, dict):
        if "__loader__" in node or "__class__" in node:
            yield from _own_name(node)
        for item in node.values():
            yield from _names(item)


def _own_name(node: dict[str, Any]) -> Iterator[str]:
    kind, name = node.get("__loader__"), f"{node.get('__module__')}.{node.get('__class__')}"
    if kind not in _DATA:
        yield f"{name} ({kind})"
    elif kind in _OBJECTS:
        yield name


def _reason(problem: Exception) -> str:
    return f"damaged ({' '.join(f'{type(problem).__name__}: {problem}'.split())[:200]})"
