"""The records of VCF Zarr, a few chunks of its arrays at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.variant_worker import MOST_ALLELES, NO_PHASE_SET
from selbench.foreign.variant_zarr import INTEGERS, TEXT, ZarrHeader, text_of
from selbench.foreign.variants import RecordBatch, Stretch, TextColumn

_BATCH_RECORDS, _BATCH_CALLS = 4096, 2**22


class ZarrRecords:
    """The records of some individuals, in the order of the folder.

    Parameters
    ----------
    header : ZarrHeader
    rows : sequence of int
        Which of its individuals, rising.
    stretch : Stretch, optional
        All of the folder when not given.

    Attributes
    ----------
    heard : list of str
        Empty: nothing speaks while it reads.
    """

    def __init__(self, header: ZarrHeader, rows: Sequence[int], stretch: Stretch | None = None) -> None:
        self.header, self.rows, self.stretch = header, list(rows), stretch
        self.heard: list[str] = []

    def __iter__(self) -> Iterator[RecordBatch]:
        """Yield records, whole chunks at a time where they are of usual size.

        Raises
        ------
        DataError
            If the folder is damaged.
        """
        header, columns = self.header, _Columns.of(self.header)
        rows_of_chunk = int(columns.genotype.chunks[0])
        at_once = max(1, min(_BATCH_RECORDS, _BATCH_CALLS // max(1, len(self.rows))))
        step = max(1, at_once // rows_of_chunk) * rows_of_chunk
        runs = header.runs
        if self.stretch is not None:
            runs = {self.stretch.chromosome: header.rows_of(self.stretch)}
        for name, (first, end) in runs.items():
            while first < end:
                last = min(end, (first // step + 1) * step)
                yield columns.batch(name, slice(first, last), self.rows)
                first = last


@dataclass(frozen=True, eq=False)
class _Columns:
    """The arrays that records are made of; None where the folder has none."""

    header: ZarrHeader
    position: Any
    length: Any
    allele: Any
    ancestral: Any
    filter: Any
    filter_names: tuple[str, ...]
    genotype: Any
    phased: Any
    phase_set: Any

    @classmethod
    def of(cls, header: ZarrHeader) -> _Columns:
        def maybe(name: str, kinds: str, n_dimensions: int = 1) -> Any:
            return header.array(name, kinds, n_dimensions) if header.has(name) else None

        has_filters = header.has("filter_id") and header.has("variant_filter")
        filters = header.names("filter_id") if has_filters else ()
        genotype = header.array("call_genotype", INTEGERS, 3)
        if genotype.shape[1] != len(header.individuals):
            raise DataError(
                f"{header.path}, call_genotype: expected {len(header.individuals)} individuals, found "
                f"{genotype.shape[1]}"
            )
        return cls(
            header=header,
            position=header.array("variant_position", INTEGERS),
            length=maybe("variant_length", INTEGERS),
            allele=header.array("variant_allele", TEXT, 2),
            ancestral=maybe("variant_AA", TEXT),
            filter=maybe("variant_filter", "b", 2) if filters else None,
            filter_names=filters,
            genotype=genotype,
            phased=maybe("call_genotype_phased", "b", 2),
            phase_set=maybe("call_PS", INTEGERS, 2),
        )

    def batch(self, chromosome: str, rows: slice, individuals: Sequence[int]) -> RecordBatch:
        """Read some records of a chromosome."""
        read = self.header.read
        starts = read(self.position, rows).astype(np.int64) - 1
        alleles = ["\t".join(_alleles(each)) for each in read(self.allele, rows).tolist()]
        if self.length is None:
            lengths = np.array([len(text.partition("\t")[0]) for text in alleles], dtype=np.int64)
        else:
            lengths = np.maximum(1, read(self.length, rows).astype(np.int64))
        filters = [""] * len(alleles)
        if self.filter is not None:
            names = self.filter_names
            for row, column in np.argwhere(read(self.filter, rows)[:, : len(names)]).tolist():
                if names[column] != "PASS":
                    filters[row] = f"{filters[row]};{names[column]}".lstrip(";")
        ancestral = [""] * len(alleles)
        if self.ancestral is not None:
            ancestral = [
                text if text != "." else "" for text in map(text_of, read(self.ancestral, rows).tolist())
            ]
        sets = np.empty((0, 0), dtype=np.int32)
        if self.phase_set is not None:
            found = read(self.phase_set, rows, individuals)
            sets = np.where(found < 0, NO_PHASE_SET, found.astype(np.int64)).astype(np.int32)
        return RecordBatch(
            chromosome, starts, starts + lengths, _column(alleles), _column(filters), _column(ancestral),
            self._calls(rows, individuals), sets,
        )  # fmt: skip

    def _calls(self, rows: slice, individuals: Sequence[int]) -> NDArray[np.int16]:
        """Return calls as `RecordBatch` has them; a call without any allele is missing."""
        genotypes = self.header.read(self.genotype, rows, individuals)
        if genotypes.size and genotypes.min() < -2:
            raise DataError(f"{self.header.path}, call_genotype: expected -2 or more, found less")
        n_records, n_individuals, ploidy = genotypes.shape
        calls = np.empty((ploidy + 1, n_records, n_individuals), dtype=np.int16)
        for k in range(ploidy):
            calls[k] = np.minimum(genotypes[..., k].astype(np.int64), MOST_ALLELES)
        calls[0][calls[0] == -2] = -1
        calls[ploidy] = 0 if self.phased is None else self.header.read(self.phased, rows, individuals)
        return calls.transpose(1, 2, 0)


def _alleles(texts: Sequence[object]) -> Iterator[str]:
    """Yield REF and every ALT of a record; what stands for none is left out."""
    for number, text in enumerate(map(text_of, texts)):
        if number == 0 or text not in ("", "."):
            yield text


def _column(values: list[str]) -> TextColumn:
    known = {text: i for i, text in enumerate(dict.fromkeys(values))}
    return TextColumn(np.array([known[text] for text in values], dtype=np.int32), tuple(known))
