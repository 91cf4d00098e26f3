"""Tree sequences: loaded by tskit, from plain files and gzip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

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


class Variant(NamedTuple):
    """One site of a tree sequence.

    Attributes
    ----------
    position : float
        In the units of the tree sequence, from 0.
    genotypes : int array (n_samples,)
        Indices into `alleles`; -1 is a missing call. The array is overwritten by the next site.
    alleles : tuple of str or None
        The ancestral allele first.
    """

    position: float
    genotypes: Any
    alleles: tuple[str | None, ...]


def variants(tree_sequence: Any, where: object, **options: Any) -> Iterator[Variant]:
    """Yield the variants of a tree sequence, as ``TreeSequence.variants(copy=False, **options)`` finds them.

    Raises
    ------
    DataError
        Where tskit finds that the tables contradict each other, or texts in them that are no UTF-8.
    """
    with contained(where, "a tree sequence"):
        iterator = tree_sequence.variants(copy=False, **options)
    while True:
        with contained(where, "a tree sequence"):
            found = next(iterator, None)
            # tskit decodes the texts of a site when they are asked for, so they are asked for here.
            variant = found and Variant(found.site.position, found.genotypes, found.alleles)
        if variant is None:
            return
        yield variant
