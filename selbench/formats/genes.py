"""Genes by where they lie: GFF3, GTF and BED files, plain or gzip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened

_KINDS = frozenset({"gene", "ncRNA_gene", "pseudogene"})
_NAMES = ("Name", "gene_name", "gene", "gene_id", "ID")
"""Attributes that name a gene, the first that is there."""

_EXPECTED = "genes as GFF3, GTF or BED"


@dataclass(frozen=True, eq=False)
class Genes:
    """Named stretches.

    Parameters
    ----------
    stretches : mapping of str to int64 (n_genes, 2)
        By chromosome; 0-based, half-open, in order of their starts.
    names : mapping of str to tuple of str
    """

    stretches: Mapping[str, NDArray[np.int64]]
    names: Mapping[str, tuple[str, ...]]

    def within(self, chromosome: str, start: int, end: int) -> tuple[str, ...]:
        """Return the names of those that share a base pair with a stretch, in genome order, each once."""
        if chromosome not in self.names:
            return ()
        bounds = self.stretches[chromosome]
        here = np.flatnonzero((bounds[:, 0] < end) & (bounds[:, 1] > start))
        return tuple(dict.fromkeys(self.names[chromosome][i] for i in here.tolist()))


def read_genes(path: str | Path) -> Genes:
    """Read the genes of a GFF3 or GTF file, or the named stretches of a BED file.

    Raises
    ------
    DataError
        If it names none, or a line is not of its form; the message names file and line.
    """
    found: dict[str, list[tuple[int, int, str]]] = {}
    with opened(path, _EXPECTED) as stream:
        number = 0
        while line := stream.line():
            number += 1
            text = line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")
            if text.startswith("##FASTA"):
                break
            if not text.strip() or text.startswith(("#", "track", "browser")):
                continue
            gene = _gene(text.split("\t") if "\t" in text else text.split(), f"{path}, line {number}")
            if gene is not None:
                found.setdefault(gene[0], []).append(gene[1:])
    if not found:
        raise DataError(f"{path}: expected {_EXPECTED}, found none")
    ordered = {name: sorted(genes) for name, genes in found.items()}
    return Genes(
        {name: np.array([gene[:2] for gene in genes], dtype=np.int64) for name, genes in ordered.items()},
        {name: tuple(gene[2] for gene in genes) for name, genes in ordered.items()},
    )


def check_chromosomes(found: Iterable[str], genome: Iterable[str], what: str) -> None:
    """Refuse a file that shares no chromosome with a genome, with names of both.

    Raises
    ------
    DataError
        As for "chr1" in the one and "1" in the other.
    """
    there, asked = list(dict.fromkeys(found)), list(genome)
    if not set(there) & set(asked):
        raise DataError(
            f"{what}: names its chromosomes {', '.join(there[:3])}, the genome {', '.join(asked[:3])}: "
            "none is in both; write them alike"
        )


def _gene(words: list[str], where: str) -> tuple[str, int, int, str] | None:
    """Return chromosome, start, end and name; None for a line of GFF that is not of a gene."""
    is_gff = len(words) == 9 and not words[1].isdigit()
    if is_gff and words[2] not in _KINDS:
        return None
    bounds = words[3:5] if is_gff else words[1:3]
    if len(bounds) < 2 or not all(word.isascii() and word.isdigit() and len(word) < 13 for word in bounds):
        raise DataError(f"{where}: expected {_EXPECTED}, found {words[:5]}")
    start, end = int(bounds[0]) - is_gff, int(bounds[1])
    if not 0 <= start < end:
        raise DataError(f"{where}: expected a start and an end that lies behind it, found {' '.join(bounds)}")
    name = _name(words[8]) if is_gff else (words[3] if len(words) > 3 else "")
    return words[0], start, end, name or f"{words[0]}:{start + 1}-{end}"


def _name(attributes: str) -> str:
    """Return the name among ``key=value`` (GFF3) or ``key "value"`` (GTF); "" where none is given."""
    pairs: dict[str, str] = {}
    for pair in attributes.split(";"):
        key, equals, value = pair.strip().partition("=")
        if not equals:
            key, _, value = key.partition(" ")
        pairs.setdefault(key, value.strip().strip('"'))
    return next((pairs[key] for key in _NAMES if pairs.get(key)), "")
