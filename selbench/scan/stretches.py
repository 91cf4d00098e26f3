"""Files as stretches of sequence to scan: ms text, VCF, tree sequences, datasets, tables of counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from selbench.errors import DataError
from selbench.formats.individuals import read_individuals
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import Choices, Filter, Polarise
from selbench.plugin import Stretch
from selbench.windows import Windows

_VCF = (".vcf", ".vcf.gz", ".vcf.bgz", ".bcf")


@dataclass(frozen=True)
class Reading:
    """How files are read.

    Parameters
    ----------
    sequence_length : int, optional
        bp; needed for ms text. In a VCF it replaces the position of the last record.
    region : Region, optional
        Of a VCF.
    individuals : tuple of str, optional
        Of a VCF; all by default.
    polarise : {"aa", "ref", "major"}, optional
        What is derived in a VCF. ``"ref"`` says that the reference allele is ancestral. By default
        INFO/AA says so where records carry it, and else nobody knows.
    filters : {"any", "pass"}
        Whether records of a VCF whose FILTER is not PASS are used.
    """

    sequence_length: int | None = None
    region: Region | None = None
    individuals: tuple[str, ...] | None = None
    polarise: Polarise | None = None
    filters: Filter = "any"

    @classmethod
    def of(
        cls,
        sequence_length: int | None,
        region: str | None,
        listed: Path | None,
        polarise: Polarise | None,
        filters: Filter = "any",
    ) -> Reading:
        """Return how to read, from a region as typed and a file that lists individuals.

        Raises
        ------
        DataError
            If the region or the file is malformed.
        """
        return cls(
            sequence_length,
            None if region is None else Region.parse(region),
            None if listed is None else read_individuals(listed),
            polarise,
            filters,
        )


@dataclass(frozen=True)
class Place:
    """Where a stretch comes from.

    Parameters
    ----------
    file : Path
    column : {"chromosome", "replicate"}
    name : str
        Of the chromosome, or the number of the replicate, from 1.
    warnings : tuple of str
        What a reader must know of how the file was read.
    """

    file: Path
    column: str
    name: str
    warnings: tuple[str, ...] = ()


def read_stretches(path: Path, reading: Reading) -> Iterator[tuple[Place, Stretch]]:
    """Read everything that one file holds.

    Positions are base pairs from 1, as in a VCF; but those of ms text are its fractions times the length.
    Sites with missing and with unphased calls are there: what becomes of them is for a scanner to say.

    Raises
    ------
    DataError
        If the file cannot be read, or an option does not fit its kind.
    """
    from selbench.formats.tree_sequences import is_tree_sequence, read_tree_sequences
    from selbench.scan.site_tables import is_count_table

    if not path.is_file():
        raise DataError(
            f"{path}: no such file; expected ms text, a VCF, a tree sequence, a dataset or counts"
        )
    if path.name.endswith(_VCF):
        yield from _of_vcf(path, reading)
        return
    _refuse_vcf_options(path, reading)
    if path.suffix == ".parquet":
        from selbench.formats.dataset import iterate_dataset

        yield from _of_windows(path, (windows for _, windows in iterate_dataset(path)), first_bp=1)
    elif is_tree_sequence(path):
        yield from _of_windows(path, read_tree_sequences([path]), first_bp=1)
    elif is_count_table(path):
        yield _of_counts(path, reading)
    else:
        from selbench.formats.ms_text import read_ms

        if reading.sequence_length is None:
            raise DataError(
                f"{path}: --sequence-length: ms text does not say how long its windows are: give it in bp"
            )
        yield from _of_windows(
            path, read_ms(path, sequence_length=reading.sequence_length, ploidy=1), first_bp=0
        )


def _of_vcf(path: Path, reading: Reading) -> Iterator[tuple[Place, Stretch]]:
    from selbench.formats.vcf import check_not_empty, read_genotypes

    choices = Choices(filters=reading.filters, max_missing=1.0, keep_unphased=True)
    genotypes = read_genotypes(path, individuals=reading.individuals, region=reading.region, choices=choices)
    polarise = reading.polarise or ("aa" if genotypes.names_ancestral_alleles else "ref")
    genome = genotypes.polarised(polarise)
    check_not_empty(genome, path)
    says_ancestral = polarise == "aa" or reading.polarise == "ref"
    for chromosome in genome.chromosomes:
        region = reading.region
        length = (
            chromosome.records_end
            if region is None or region.start is None
            else (chromosome.end - chromosome.start)
        )
        yield (
            Place(path, "chromosome", chromosome.name, genome.warnings),
            Stretch(
                chromosome.positions.astype(np.float64) + 1,
                float(reading.sequence_length or length),
                chromosome.haplotypes,
                polarisation="ancestral" if says_ancestral else genome.polarisation,
                phased=genome.phased,
            ),
        )


def _of_windows(path: Path, batches: Iterator[Windows], *, first_bp: int) -> Iterator[tuple[Place, Stretch]]:
    number = 0
    for windows in batches:
        for i in range(len(windows)):
            number += 1
            stretch = Stretch.of(windows, i)
            if first_bp:
                stretch = replace(stretch, positions=stretch.positions + first_bp)
            yield Place(path, "replicate", str(number), _told(windows, i)), stretch


def _told(windows: Windows, i: int) -> tuple[str, ...]:
    """Return what is to be known of a window that came from a tree sequence."""
    from selbench.formats.tree_sequences import pooling_told

    n_populations, n_times = (
        int(windows.parameters[name][i]) if name in windows.parameters else 1
        for name in ("n_populations", "n_times")
    )
    return tuple(pooling_told(n_populations, n_times, float(windows.observed[i])))


def _of_counts(path: Path, reading: Reading) -> tuple[Place, Stretch]:
    from selbench.scan.site_tables import read_counts

    positions, derived, called, folded = read_counts(path)
    length = reading.sequence_length or positions[-1]
    stretch = Stretch(positions, float(length), None, derived, called, folded)
    return Place(path, "replicate", "1"), stretch


def _refuse_vcf_options(path: Path, reading: Reading) -> None:
    for name in ("region", "individuals", "polarise"):
        if getattr(reading, name) is not None:
            raise DataError(f"--{name}: is for VCF and BCF files, found {path}; leave it out")


def read_all(paths: Sequence[Path], reading: Reading) -> list[tuple[Place, Stretch]]:
    """Read several files."""
    return [found for path in paths for found in read_stretches(path, reading)]
