"""Windows as VCF text: phased genotypes, a chromosome per window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows, WindowSpec

_ANCESTRAL, _DERIVED = "A", "T"


def write_vcf(batches: Iterable[Windows], stream: IO[bytes], *, n_windows: int, source: str) -> None:
    """Write windows as the chromosomes 1, 2, … of individuals i1, i2, …

    Consecutive columns are the haplotypes of an individual. A 0 is written as the
    reference allele A and a 1 as T; where a 0 is ancestral, INFO/AA says so. Two
    sites that share a base pair become two records.

    Parameters
    ----------
    batches : iterable of Windows
        Of one shape, at least one.
    n_windows : int
        Of all batches: VCF names its chromosomes first.
    source : str
        What made them, for the header.
    """
    remaining = iter(batches)
    first = next(remaining)
    stream.write(_header(first.spec, n_windows, source).encode())
    number = 0
    for windows in chain([first], remaining):
        windows.check_complete("VCF text")
        has_ancestral = windows.polarisation == "ancestral"
        for haplotypes, positions in windows:
            number += 1
            for line in _records(number, haplotypes, positions, first.spec.ploidy, has_ancestral):
                stream.write(line.encode())


def _header(spec: WindowSpec, n_windows: int, source: str) -> str:
    contigs = [f"##contig=<ID={i},length={spec.sequence_length}>" for i in range(1, n_windows + 1)]
    individuals = [f"i{i}" for i in range(1, spec.n_haplotypes // spec.ploidy + 1)]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *individuals]
    lines = [
        "##fileformat=VCFv4.3",
        f"##source={source}",
        *contigs,
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "\t".join(columns),
    ]
    return "\n".join(lines) + "\n"


def _records(
    number: int,
    haplotypes: NDArray[np.uint8],
    positions: NDArray[np.float64],
    ploidy: int,
    has_ancestral: bool,
) -> Iterator[str]:
    info = f"AA={_ANCESTRAL}" if has_ancestral else "."
    alleles = haplotypes.astype("U1").reshape(len(haplotypes), -1, ploidy)
    for row, position in zip(alleles.tolist(), np.floor(positions).astype(np.int64).tolist(), strict=True):
        genotypes = "\t".join("|".join(of_one) for of_one in row)
        yield f"{number}\t{position + 1}\t.\t{_ANCESTRAL}\t{_DERIVED}\t.\tPASS\t{info}\tGT\t{genotypes}\n"
