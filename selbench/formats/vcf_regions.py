"""Stretches of a genome: as people type them, as an index finds them, as a BED file lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened
from selbench.foreign.variant_zarr import is_variant_zarr
from selbench.foreign.variants import Stretch
from selbench.formats.genome import joined

_REGION = re.compile(r"(?P<chromosome>[^\s]+?)(?::(?P<first>[\d,]{1,20})-(?P<last>[\d,]{0,20}))?")


@dataclass(frozen=True)
class Region:
    """A stretch of a chromosome, 0-based and half-open; None: from the first, to the last record."""

    chromosome: str
    start: int | None = None
    end: int | None = None

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read ``chr``, ``chr:from-`` or ``chr:from-to``, 1-based and inclusive as bcftools has it.

        Raises
        ------
        DataError
            If the text is none of these, or empty.

        Examples
        --------
        >>> Region.parse("2:1,001-2,000")
        Region(chromosome='2', start=1000, end=2000)
        """
        found = _REGION.fullmatch(text)
        first, last = (_number(found["first"]), _number(found["last"])) if found else (None, None)
        start = None if first is None else first - 1
        if found is None or (start is not None and not 0 <= start < (last or start + 1) <= 2**40):
            raise DataError(
                f"region: expected chromosome:from-to (1-based, such as 2:1-50000), found {text!r}"
            )
        return cls(found["chromosome"], start, last)

    def __str__(self) -> str:
        if self.start is None:
            return self.chromosome
        return f"{self.chromosome}:{self.start + 1}-{self.end or ''}"


def stretch_of(path: str | Path, region: Region | None) -> tuple[Stretch | None, tuple[str, ...]]:
    """Return where to read, and what is to be known of it: an index older than its file is not believed.

    A folder of VCF Zarr is its own index."""
    if region is None:
        return None, ()
    if is_variant_zarr(path):
        return Stretch(region.chromosome, region.start or 0, region.end, Path(path)), ()
    indices = [Path(f"{path}{suffix}") for suffix in (".tbi", ".csi")]
    there = [index for index in indices if index.is_file()]
    stale = [index for index in there if index.stat().st_mtime < Path(path).stat().st_mtime]
    remarks = tuple(
        f"{index} is older than its file and was not used: the file is read through; "
        "make it again with: bcftools index"
        for index in stale
    )
    spelt_plainly = re.fullmatch(r"[A-Za-z0-9_.]+", region.chromosome) is not None
    index = there[0] if there and not stale and spelt_plainly else None
    return Stretch(region.chromosome, region.start or 0, region.end, index), remarks


def read_bed(path: str | Path) -> Mapping[str, NDArray[np.int64]]:
    """Read the stretches of a BED file, plain or gzip: by chromosome, rising and apart.

    Returns
    -------
    stretches : mapping of str to int64 (n_stretches, 2)
        0-based, half-open.

    Raises
    ------
    DataError
        If a line does not begin with a chromosome, a start and an end that lies behind it.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    with opened(path, "a BED file") as stream:
        number = 0
        while line := stream.line():
            number += 1
            words = line.decode("utf-8", "replace").removeprefix("\ufeff").split()
            if not words or words[0] in ("track", "browser") or words[0].startswith("#"):
                continue
            numbers = [
                int(word) for word in words[1:3] if word.isascii() and word.isdigit() and len(word) < 13
            ]
            if len(numbers) < 2 or numbers[0] >= numbers[1]:
                raise DataError(
                    f"{path}, line {number}: expected chromosome, start and a greater end, found {words[:3]}"
                )
            found.setdefault(words[0], []).append((numbers[0], numbers[1]))
    if not found:
        raise DataError(f"{path}: expected the stretches of a BED file, found none")
    return {name: joined(np.array(stretches, dtype=np.int64)) for name, stretches in found.items()}


def _number(text: str | None) -> int | None:
    digits = (text or "").replace(",", "")
    return int(digits) if digits else None
