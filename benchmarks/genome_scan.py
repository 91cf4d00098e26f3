"""Cost of scanning a genome: one worker and two, memory of a worker, the windows of 3 Gb, and reading.

    python benchmarks/genome_scan.py

Simulates an indexed BCF of 2,504 people, and scans 48 of their haplotypes with a method of statistics. CPU
seconds are those of all processes. A worker's start, mostly the import of scikit-learn, does not grow with
the genome: it is measured apart, on a region of one window, and both ratios are given. The tables of both
scans are equal, or the run ends. Then windows every 10 kb along chromosomes of 3 Gb in all are planned,
judged and written; and the same people are read by selbench and by scikit-allel, which find the same
sites, or the run ends.
"""

from __future__ import annotations

import ctypes
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import allel
import numpy as np
from cyvcf2 import cyvcf2
from vcf import measured, packed, simulated

import selbench
from selbench import Registry, bench
from selbench.formats.genome import Chromosome, Genome
from selbench.formats.genome_windows import place_windows
from selbench.formats.individuals import draw_individuals
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import EXCLUSIONS
from selbench.scan import ScanResult, vcf
from selbench.scan.profile import Given, profile_files
from selbench.scan.stretches import Reading
from selbench.scan.tracks import bed_graph_text
from selbench.scan.yardstick import Yardstick, judge
from selbench.trained import TrainedMethod
from selbench.windows import Windows

N_INDIVIDUALS, N_DRAWN = 2504, 24
CHROMOSOME_BP, PIECE_BP = 10_000_000, 2_500_000
WINDOW_BP, STEP_BP = 50_000, 500
GENOME_BP, GENOME_STEP_BP, N_CHROMOSOMES = 3_000_000_000, 10_000, 24
MOST_RATIO, MOST_BYTES = 1.1, 10**9


def write_genome(path: Path) -> int:
    """Simulate a chromosome; write it as BCF with its index, and as bgzip VCF; return its records."""
    sequence = simulated(N_INDIVIDUALS, CHROMOSOME_BP)
    text = path.with_suffix(".vcf")
    with text.open("w") as stream:
        sequence.write_vcf(stream, contig_id="1", position_transform=np.floor)
    packed(text, path)
    packed(text, path.with_suffix(".vcf.gz"), "wz")
    text.unlink()
    assert ctypes.CDLL(cyvcf2.__file__).bcf_index_build(str(path).encode(), 14) == 0
    return int(sequence.num_sites)


def read_by_selbench(path: Path, names: tuple[str, ...]) -> tuple[int, int]:
    """Read the sites that a scan keeps; count them, and the alternative alleles there."""
    genome = read_vcf(path, individuals=names, polarise="ref")
    return genome.n_sites, sum(int(chromosome.haplotypes.sum()) for chromosome in genome.chromosomes)


def read_by_scikit_allel(path: Path, names: tuple[str, ...]) -> tuple[int, int]:
    """Do the same with the arrays of scikit-allel's reader, which reads no BCF."""
    fields = ["variants/POS", "variants/ALT", "calldata/GT"]
    read = allel.read_vcf(str(path), fields=fields, samples=list(names), alt_number=3)
    is_single = read["variants/ALT"][:, 1] == ""
    positions, counts = read["variants/POS"][is_single], read["calldata/GT"][is_single].sum(axis=(1, 2))
    _, first, n_records = np.unique(positions, return_index=True, return_counts=True)
    counts = counts[first[n_records == 1]].astype(np.int64)
    kept = counts[(counts > 0) & (counts < 2 * len(names))]
    return len(kept), int(kept.sum())


def beside_others(path: Path, n_records: int) -> None:
    """Print what reading costs here and by scikit-allel, and RAiSD's statistic along the file."""
    names, zipped = draw_individuals(path, N_DRAWN, seed=1), path.with_suffix(".vcf.gz")
    raisd, reading = Registry.installed().scanners.build("raisd"), Reading(individuals=names)
    start = replace(reading, region=Region("1", 0, 200_000))
    profile_files([raisd], [path], start, Given())  # what is compiled once
    rows: dict[str, Callable[[], tuple[int, int]]] = {
        "selbench, BCF": lambda: read_by_selbench(path, names),
        "selbench, bgzip VCF": lambda: read_by_selbench(zipped, names),
        "scikit-allel, bgzip VCF": lambda: read_by_scikit_allel(zipped, names),
    }
    found = {name: measured(work) for name, work in rows.items()}
    assert len({counts for counts, _ in found.values()}) == 1
    print(f"\nReading {N_DRAWN} of the {N_INDIVIDUALS:,} people:\n")
    print("| reader | CPU seconds | records per CPU second |\n|---|---|---|")
    for name, (_, seconds) in found.items():
        print(f"| {name} | {seconds:.1f} | {n_records / seconds:,.0f} |")
    result, seconds = measured(lambda: profile_files([raisd], [path], reading, Given()))
    n_values = len(result.table())
    print(f"\n`selbench profile raisd` of the same people along the BCF: {n_values:,} values in")
    print(
        f"{seconds:.1f} CPU seconds. RAiSD itself was not at hand: what is known of it stands under scanners."
    )


def trained(folder: Path) -> TrainedMethod:
    """Train on a few windows; how well is not the question here."""
    shape = {"n_haplotypes": 2 * N_DRAWN, "sequence_length": WINDOW_BP, "n_windows": 200, "seed": 1}
    classes = [
        selbench.simulate("ms", label=label, mutation_rate=rate, **shape)
        for label, rate in (("neutral", 1.25e-8), ("sweep", 6e-9))
    ]
    selbench.fit("statistics+logistic", Windows.concatenate(classes)).save(folder)
    return bench.load_method(str(folder))


def scanned(
    method: TrainedMethod, path: Path, workers: int, region: str | None = None
) -> tuple[str, float, float]:
    """Scan; return the table, CPU seconds of all processes, and wall seconds."""

    wall = time.perf_counter()
    done, cpu = measured(
        lambda: bench.scan(
            method, path, draw=N_DRAWN, step_bp=STEP_BP, region=region, workers=workers, progress=False
        )
    )
    return done.result.table.to_csv(), cpu, time.perf_counter() - wall


def whole_genome(folder: Path) -> tuple[int, float]:
    """Plan, judge and write the windows of 3 Gb with scores drawn; return how many, and CPU seconds."""
    begun = time.process_time()
    nothing, length = np.empty(0, dtype=np.int64), GENOME_BP // N_CHROMOSOMES
    empty = Chromosome(
        "", 0, length, 0, length, nothing, np.empty((0, 2 * N_DRAWN), dtype=np.uint8),
        np.empty(0, dtype=np.uint8), nothing, nothing, np.array([[0, length]]), True, nothing.reshape(0, 2),
    )  # fmt: skip
    chromosomes = tuple(replace(empty, name=f"chr{i + 1}") for i in range(N_CHROMOSOMES))
    genome = Genome(
        chromosomes,
        tuple(map(str, range(N_DRAWN))),
        2,
        "ref",
        0,
        0,
        dict.fromkeys(EXCLUSIONS, 0),
        True,
        {},
        0,
    )
    places = place_windows(genome, WINDOW_BP, GENOME_STEP_BP)
    n, random = len(places), np.random.default_rng(1)
    scores = random.random(n).astype(np.float32)
    yardstick = Yardstick(np.sort(random.random(1_000_000)))
    result = ScanResult(
        genome, places, np.full(n, 150), scores, np.ones(n), ("",) * n, np.zeros(n), ((),) * n,
        (("neutral",),) * n, judge(yardstick, places, scores, step_bp=GENOME_STEP_BP),
    )  # fmt: skip
    result.table.to_csv(folder / "scan.csv", index=False, float_format="%.6g")
    (folder / "scan.bedGraph").write_text(bed_graph_text(result, GENOME_STEP_BP))
    return n, time.process_time() - begun


def main() -> None:
    """Print the tables."""
    vcf.PIECE_BP = PIECE_BP  # so that a short chromosome has pieces to share out
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n_records = write_genome(folder / "genome.bcf")
        method = trained(folder / "method")
        little = f"1:1-{WINDOW_BP}"
        scanned(method, folder / "genome.bcf", 1, little)  # what is compiled and imported once
        _, least, _ = scanned(method, folder / "genome.bcf", 1, little)
        _, begun, _ = scanned(method, folder / "genome.bcf", 2, little)  # one part, so one worker
        alone, *of_one = scanned(method, folder / "genome.bcf", 1)
        shared, *of_two = scanned(method, folder / "genome.bcf", 2)
        assert alone == shared
        most = 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        n_windows, seconds = whole_genome(folder)
        print(f"{n_records:,} records of {N_INDIVIDUALS:,} people, {alone.count(chr(10)) - 1:,} windows\n")
        print("| workers | CPU seconds | wall seconds |\n|---|---|---|")
        for workers, (cpu, wall) in ((1, of_one), (2, of_two)):
            print(f"| {workers} | {cpu:.1f} | {wall:.1f} |")
        start = begun - least
        without = (of_two[0] - 2 * start) / of_one[0]
        print(f"\nCPU of two over one: {without:.2f}, target {MOST_RATIO}; with the start of the workers,")
        print(f"{start:.1f} CPU seconds each: {of_two[0] / of_one[0]:.2f}. Their tables are equal.")
        print(f"Largest worker: {most / 1e6:,.0f} MB, target {MOST_BYTES / 1e6:,.0f}.")
        print(f"{GENOME_BP / 1e9:g} Gb every {GENOME_STEP_BP:,} bp: {n_windows:,} windows planned, held")
        print(f"against a million null scores, and written in {seconds:.1f} CPU seconds.")
        beside_others(folder / "genome.bcf", n_records)


if __name__ == "__main__":
    main()
