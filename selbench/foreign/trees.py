"""Tree sequences: loaded by tskit, from plain files and gzip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.foreign.containment import contained, said
from selbench.foreign.gzip import is_gzip, opened, plain_copy

_MAGIC = b"\x89KAS\r\n\x1a\n"


def begins_as_trees(path: Path) -> bool:
    """Whether a file, plain or gzip, begins as tree sequences do."""
    try:
        with opened(path, "a tree sequence") as stream:
            return stream.block(len(_MAGIC)) == _MAGIC
    except DataError:
        return False


def load_trees(path: str | Path) -> Any:
    """Load a ``tskit.TreeSequence`` from a file, plain or gzip.

    Raises
    ------
    DataError
        If the file is absent, damaged, or of a version that this tskit cannot read.
    """
    import tskit

    path = Path(path)
    try:
        packed = is_gzip(path)
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}: expected a tree-sequence file ({said(problem)})") from problem
    with contained(path, "a tree-sequence file that tskit can read"):
        if not packed:
            return tskit.load(path)
        with plain_copy(path, ".trees") as plain:
            return tskit.load(plain)


def variants(tree_sequence: Any, where: object, **options: Any) -> Iterator[Any]:
    """Yield the variants of a tree sequence, as ``TreeSequence.variants(copy=False, **options)`` does.

    Raises
    ------
    DataError
        Where tskit finds that the tables contradict each other.
    """
    with contained(where, "a tree sequence"):
        iterator = tree_sequence.variants(copy=False, **options)
    while True:
        with contained(where, "a tree sequence"):
            variant = next(iterator, None)
        if variant is None:
            return
        yield variant
