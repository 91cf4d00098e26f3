"""The process that reads records by cyvcf2 and htslib, and may die of a damaged one.

It takes a request from standard input and gives batches of records as bytes,
each a line of JSON and the arrays that it announces; see `variants`.
"""

from __future__ import annotations

import gc
import json
import os
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

NO_PHASE_SET = -(2**31)
MOST_ALLELES = 2**15 - 1
"""Largest allele number that is told from larger ones."""

_END_OF_CALL = -(2**31) + 1
"""Stands behind a call that has fewer alleles than others of its record."""


def main() -> None:
    """Answer one request; what C code prints goes to standard error, never among the bytes."""
    gc.disable()  # nothing here refers to itself
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    length = int.from_bytes(os.read(0, 8), "little")
    content = b""
    while len(content) < length:
        content += os.read(0, length - len(content))
    request = json.loads(content)
    sender = _Sender(out, request)
    try:
        sender.send()
        _write(out, {"end": True})
    except Exception as problem:
        found = sender.blank or " ".join(f"{type(problem).__name__}: {problem}".split())[:300]
        _write(out, {"error": found})


class _Sender:
    def __init__(self, out: IO[bytes], request: dict[str, Any]) -> None:
        self.out = out
        self.request = request
        self.batch_records = int(request["batch_records"])
        self.rows = np.array(request["rows"], dtype=np.int64)
        self.chromosome = ""
        self.blank = ""
        """Where a blank line stands; only the last line of a file may be one."""

    def send(self) -> None:
        """Send all records of the file, or of a region that its index finds; those before a fault, too."""
        columns: list[list[Any]] = [[] for _ in range(7)]
        try:
            self._send(columns)
        finally:
            self._flush(columns)

    def _send(self, columns: list[list[Any]]) -> None:
        vcf, rows = self._opened()
        region = self.request["region"]
        starts, ends, alleles, filters, ancestral, calls, phase_sets = columns
        wants_sets, wants_ancestral = self.request["phase_sets"], self.request["ancestral"]
        here, n_records, most = None, 0, self.batch_records
        for record in vcf(region) if region else vcf:
            chromosome = record.CHROM
            if chromosome != here or n_records == most or self.blank:
                if not chromosome:
                    self.blank = (
                        f"a blank line after {f'{here}:{starts[-1] + 1}' if starts else 'the header'}"
                    )
                    continue
                if self.blank:
                    raise ValueError(self.blank)
                self._flush(columns)
                self.chromosome = here = chromosome
                n_records = 0
            n_records += 1
            texts = "\t".join((record.REF, *record.ALT))
            of_filter, of_ancestor = record.FILTER, record.INFO.get("AA") if wants_ancestral else None
            each = record.format("GT", int)  # as stored: `genotype.array()` wraps allele numbers at 16 bits
            if each is None:
                each = self._without_genotypes(record)
            if wants_sets:
                phase_sets.append(self._phase_sets(record, rows))
            starts.append(record.start)
            ends.append(record.end)
            alleles.append(texts)
            filters.append(of_filter)
            ancestral.append(of_ancestor)
            calls.append(each if rows is None else each[rows])

    def _opened(self) -> tuple[Any, NDArray[np.int64] | None]:
        """Open the file, and say which rows of its genotypes are wanted, where not all that it gives."""
        from cyvcf2 import VCF

        path, names = self.request["path"], self.request["names"]
        if names:
            return VCF(path, samples=names), None
        return VCF(path), None if len(self.rows) == self.request["n_individuals"] else self.rows

    def _without_genotypes(self, record: Any) -> NDArray[np.int32]:
        """Return missing calls of a record without genotypes; where it has some, they are damaged."""
        if "GT" in record.FORMAT:
            raise ValueError("damaged genotypes")
        return np.zeros((self.request["n_given"], 1), dtype=np.int32)

    def _phase_sets(self, record: Any, rows: NDArray[np.int64] | None) -> NDArray[np.int32]:
        sets = record.format("PS") if "PS" in record.FORMAT else None
        if sets is None or sets.dtype.kind != "i":
            return np.full(len(self.rows), NO_PHASE_SET, dtype=np.int32)
        first: NDArray[np.int32] = sets[:, 0].astype(np.int32)
        return first if rows is None else np.asarray(first[rows])

    def _flush(self, columns: list[list[Any]]) -> None:
        starts, ends, alleles, filters, ancestral, calls, phase_sets = columns
        if not starts:
            return
        texts = {"alleles": alleles, "filters": filters, "ancestral": ancestral}
        tables, codes = {}, {}
        for name, column in texts.items():
            known = {text: i for i, text in enumerate(dict.fromkeys(column))}
            tables[name] = ["" if text is None else str(text) for text in known]
            codes[name] = np.array([known[text] for text in column], dtype=np.int32)
        arrays: list[NDArray[Any]] = [
            np.array(starts, dtype=np.int64),
            np.array(ends, dtype=np.int64),
            *codes.values(),
        ]
        matrix = _decoded(calls)
        sets = np.stack(phase_sets) if phase_sets else np.empty((0, 0), dtype=np.int32)
        about = {
            "chromosome": self.chromosome,
            "n_records": len(starts),
            "calls": matrix.shape,
            "phase_sets": sets.shape,
            "texts": tables,
        }
        _write(self.out, about, *arrays, matrix, sets)
        for column in columns:
            column.clear()


def _decoded(stored: list[NDArray[np.int32]]) -> NDArray[np.int16]:
    """Return the calls of all records, int16 (ploidy + 1, n_records, n_individuals).

    Allele numbers, -1 missing, -2 beyond the ploidy of a call; last, whether it
    is phased. BCF stores an allele as twice its number plus 2, plus 1 where it is
    phased with the one before. Numbers beyond `MOST_ALLELES` become that.
    """
    widths = {each.shape[1] for each in stored}
    width = max(widths)
    if len(widths) > 1:
        ends = {n: ((0, 0), (0, width - n)) for n in widths}
        stored = [np.pad(each, ends[each.shape[1]], constant_values=_END_OF_CALL) for each in stored]
    codes = np.concatenate(stored).reshape(len(stored), -1, width)
    calls = np.empty((width + 1, *codes.shape[:2]), dtype=np.int16)
    phased = calls[width]
    phased.fill(1)
    for k in range(width):  # one matrix per allele of a call: numpy is slow along short axes
        code = np.ascontiguousarray(codes[..., k])
        calls[k] = np.clip((code >> 1) - 1, -1, MOST_ALLELES)
        calls[k][code == _END_OF_CALL] = -2
        if k:
            phased &= code.astype(np.int16) & 1  # the end of a call is odd
    return calls


def _write(out: IO[bytes], about: dict[str, Any], *arrays: NDArray[Any]) -> None:
    content = b"".join([json.dumps(about).encode(), b"\n", *(array.tobytes() for array in arrays)])
    while content:
        content = content[out.write(content) :]


if __name__ == "__main__":
    main()
