"""Speed of reading genomes, beside a bare loop over cyvcf2 on the same file in one run.

    python benchmarks/vcf.py

Simulates a BCF of 2,000 haplotypes, and reads 48 of them. Prints records per
CPU second of one process (with the process that reads for it): medians of
alternating pairs of runs. Haplotypes are compared in the same run, and a
difference ends it.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msprime
import numpy as np
from cyvcf2 import VCF, Writer
from tskit import TreeSequence

from selbench.formats.genome_windows import place_windows, windows_at
from selbench.formats.individuals import draw_individuals
from selbench.formats.vcf import read_vcf
from selbench.windows import WindowSpec

N_PAIRS = 3
N_INDIVIDUALS, N_DRAWN = 1000, 24
N_CHROMOSOMES, CHROMOSOME_BP, WINDOW_BP = 8, 3_000_000, 50_000
TARGET = 0.6
T = TypeVar("T")


def simulated(n_individuals: int, sequence_length: int) -> TreeSequence:
    """Simulate a chromosome of human size, rates and diversity."""
    ancestry = msprime.sim_ancestry(
        n_individuals,
        sequence_length=sequence_length,
        recombination_rate=1e-8,
        population_size=10_000,
        random_seed=3,
    )
    return msprime.sim_mutations(ancestry, rate=1.25e-8, random_seed=3)


def packed(text: Path, path: Path, mode: str = "wb") -> None:
    """Write the records of a VCF anew: as BCF, or with another mode of htslib."""
    vcf = VCF(str(text))
    writer = Writer(str(path), vcf, mode=mode)
    for record in vcf:
        writer.write_record(record)
    writer.close()


def write_bcf(path: Path) -> int:
    """Simulate a file of a few chromosomes that are alike; return its number of records."""
    sequence = simulated(N_INDIVIDUALS, CHROMOSOME_BP)
    text = path.with_suffix(".vcf")
    n_records = 0
    with text.open("w") as stream:
        for chromosome in range(1, N_CHROMOSOMES + 1):
            lines = sequence.as_vcf(contig_id=str(chromosome), position_transform=np.floor).splitlines(True)
            header = [line for line in lines if line.startswith("#")]
            if chromosome == 1:
                contigs = [f"##contig=<ID={i}>\n" for i in range(2, N_CHROMOSOMES + 1)]
                stream.writelines([header[0], *contigs, *header[1:]])
            stream.writelines(lines[len(header) :])
            n_records += len(lines) - len(header)
    packed(text, path)
    text.unlink()
    return n_records


def counted_one_by_one(path: Path, names: tuple[str, ...]) -> tuple[int, int]:
    """Count the sites that a scan keeps, and the alternative alleles there, record by record."""
    sites: dict[tuple[str, int], list[int]] = {}
    for record in VCF(str(path), samples=list(names)):
        if len(record.ALT) == 1:
            n_alternative = int(record.genotype.array()[:, :2].sum())
            sites.setdefault((record.CHROM, record.start), []).append(n_alternative)
    kept = [counts[0] for counts in sites.values() if len(counts) == 1 and 0 < counts[0] < 2 * len(names)]
    return len(kept), sum(kept)


def plain_loop(path: Path, names: tuple[str, ...]) -> None:
    """Iterate over all records with their genotypes, and do nothing with them."""
    for record in VCF(str(path), samples=list(names)):
        record.genotype.array()


def read_windows(path: Path, names: tuple[str, ...]) -> tuple[int, int]:
    """Read a genome as a scan does, cut it into windows; count its sites and alternative alleles."""
    genome = read_vcf(path, individuals=names, polarise="ref")
    places = place_windows(genome, WINDOW_BP, WINDOW_BP)
    windows = windows_at(genome, places, WindowSpec(2 * len(names), WINDOW_BP))
    assert len(windows) >= N_CHROMOSOMES * (CHROMOSOME_BP // WINDOW_BP - 1)
    return genome.n_sites, sum(int(chromosome.haplotypes.sum()) for chromosome in genome.chromosomes)


def measured(work: Callable[[], T]) -> tuple[T, float]:
    """Return what a function returns, and CPU seconds of this process and of those that it waited for."""

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = spent()
    result = work()
    return result, spent() - before


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genome.bcf"
        n_records = write_bcf(path)
        names = draw_individuals(path, N_DRAWN, seed=1)
        assert counted_one_by_one(path, names) == read_windows(path, names)
        pairs = [
            (measured(lambda: plain_loop(path, names))[1], measured(lambda: read_windows(path, names))[1])
            for _ in range(N_PAIRS)
        ]
    plain, ours = (n_records / np.median(seconds) for seconds in zip(*pairs, strict=True))
    print("| | records per CPU second |\n|---|---|")
    print(f"| cyvcf2 alone, genotypes of {N_DRAWN} of {N_INDIVIDUALS} individuals | {plain:,.0f} |")
    print(f"| selbench, to windows of {WINDOW_BP:,} bp | {ours:,.0f} |")
    ratio = np.median([bare / cut for bare, cut in pairs])
    print(f"\n{n_records:,} records; ratio {ratio:.2f}, target {TARGET}")


if __name__ == "__main__":
    main()
