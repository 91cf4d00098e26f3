"""Genotypes of strangers, whatever they are stored in: VCF, BCF, or a folder of VCF Zarr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from selbench.foreign.variant_header import VariantHeader, read_variant_header
from selbench.foreign.variant_index import extents_of
from selbench.foreign.variant_zarr import ZarrHeader, is_variant_zarr, read_zarr_header
from selbench.foreign.variant_zarr_records import ZarrRecords
from selbench.foreign.variants import RecordBatch, Stretch, Unread, VariantFile


class Records(Protocol):
    """Records of some individuals, a batch at a time, and what was said while they were read."""

    heard: list[str]

    def __iter__(self) -> Iterator[RecordBatch | Unread]:
        """Yield records in order."""


GenotypeHeader = VariantHeader | ZarrHeader
"""What a file says of its individuals and chromosomes."""


def read_genotype_header(path: str | Path) -> GenotypeHeader:
    """Read what a file says of itself.

    Raises
    ------
    DataError
        If it is absent, damaged, or none of genotypes.
    UnsupportedError
        If it is VCF Zarr, and zarr is not installed.
    """
    return read_zarr_header(path) if is_variant_zarr(path) else read_variant_header(path)


def genotype_records(
    path: str | Path, header: GenotypeHeader, rows: Sequence[int], stretch: Stretch | None = None
) -> Records:
    """Return the records of a file, not yet read.

    Parameters
    ----------
    rows : sequence of int
        Which of its individuals, rising.
    stretch : Stretch, optional
        All of the file when not given.
    """
    if isinstance(header, ZarrHeader):
        return ZarrRecords(header, rows, stretch)
    return VariantFile(path, header, rows, stretch)


def chromosome_extents(index: Path, header: GenotypeHeader) -> Mapping[str, int]:
    """Return the chromosomes that have records, each with a bound that none of them begins beyond, bp.

    Parameters
    ----------
    index : Path
        Of the file; VCF Zarr is its own.

    Raises
    ------
    DataError
        If the index is damaged.
    """
    if isinstance(header, ZarrHeader):
        return header.extents()
    return extents_of(index, header.contig_names())
