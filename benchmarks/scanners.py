"""Speed of selbench's scanners: along 10 Mb of 100 haplotypes, and over a batch of windows of 100 kb.

    python benchmarks/scanners.py [NAME=PATH …]

Prints CPU seconds of one thread. The times of the original programs were measured
once on another machine, with other programs beside them; where the path of one is
given (``raisd=/opt/RAiSD``), it is timed here too, on the same sequence. A program's
call for a window of 100 kb takes at least a hundredth of what it takes for 10 Mb: its
start, and a table that it makes first, come on top.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msprime
import numpy as np

from selbench import Stretch, Windows
from selbench.plugin import Registry, Scanner
from selbench.plugin.registry import Shelf
from selbench_scanners.kernels.spectra import SiteCounts, estimate_spectrum

LENGTH = 10_000_000
N_HAPLOTYPES = 100
WINDOW_BP = 100_000
N_WINDOWS = 10_000
N_SIMULATED = 100
SITES_1_MB = 3_100


@dataclass(frozen=True)
class Contest:
    """A scanner, the program's CPU seconds as measured elsewhere, and how many times faster is asked for."""

    scanner: str
    program: str
    program_seconds: float
    target: float
    length_bp: int = LENGTH
    command: str = ""


CONTESTS = (
    Contest("raisd", "RAiSD", 0.47, 1, command="{} -n x -I x.ms -L 10000000 -R -f"),
    Contest(
        "omegaplus[grid_points=1000]", "OmegaPlus", 0.21, 1,
        command="{} -name x -input x.ms -length 10000000 -grid 1000 -minwin 1000 -maxwin 50000 -seed 1",
    ),
    Contest(
        "sweepfinder2[grid_points=1000]", "SweepFinder2", 17.7, 3, command="{} -l 1000 x.sf x.spectrum x.out"
    ),
    Contest(
        "sweed[grid_points=1000]", "SweeD", 3.7, 0,
        command="{} -name x -input x.ms -length 10000000 -grid 1000",
    ),
    Contest("ihs", "selscan", 33.6, 5, command="{} --ihs --vcf x.vcf --map x.map --threads 1 --out x"),
    Contest("nsl", "selscan", 3.2, 0, command="{} --nsl --vcf x.vcf --threads 1 --out x"),
    Contest("lassi", "lassip", 0.93, 0),
    Contest("saltilassi", "lassip", 68.0, 30, length_bp=1_000_000),
    Contest("isafe", "iSAFE", 0.56, 0, length_bp=1_000_000),
)  # fmt: skip

BATCH = {
    "raisd": 0.47, "omegaplus[grid_points=10]": 0.21, "sweepfinder2[grid_points=10]": 17.7,
    "sweed[grid_points=10]": 3.7, "ihs": 33.6, "nsl": 3.2, "lassi": 0.93, "saltilassi": None,
    "h12[window_sites=100]": None, "isafe": None, "dind": None,
}  # fmt: skip
"""Scanners with as many points as the programs had in 100 kb, and what these took for 10 Mb, CPU seconds."""


def simulated(length: int, n_replicates: int, seed: int) -> Windows:
    """Neutral sequences with about 31 sites per 10 kb, at distinct whole positions."""
    trees = msprime.sim_ancestry(
        N_HAPLOTYPES // 2,
        population_size=10_000,
        sequence_length=length,
        recombination_rate=1e-8,
        num_replicates=n_replicates,
        random_seed=seed,
    )
    matrices, positions = [], []
    for number, tree in enumerate(trees):
        mutated = msprime.sim_mutations(
            tree, rate=1.5e-8, random_seed=seed + number, model=msprime.BinaryMutationModel()
        )
        matrix = mutated.genotype_matrix().astype(np.uint8)
        varies = np.ptp(matrix, axis=1) > 0
        matrices.append(matrix[varies])
        positions.append(mutated.tables.sites.position[varies])
    return Windows.from_arrays(matrices, positions, sequence_length=length)


def cut(windows: Windows, length: int) -> Windows:
    """Return the first stretch of the first window."""
    haplotypes, positions = windows.window(0)
    inside = positions < length
    return Windows.from_arrays([haplotypes[inside]], [positions[inside]], sequence_length=length)


def seconds(call: Callable[[], object], repeats: int = 3) -> float:
    """Return the median of CPU seconds of some calls."""
    times = []
    for _ in range(repeats):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return float(np.median(times))


def scan(scanner: Scanner, windows: Windows) -> Callable[[], object]:
    """Return a call that scans all windows, the background being known."""
    first = [Stretch.of(windows, i) for i in range(min(len(windows), 50))]
    learned = scanner.background(first)
    scanner.profile(first[0], learned)  # compile

    def call() -> None:
        for i in range(len(windows)):
            scanner.profile(Stretch.of(windows, i), learned)

    return call


def command_seconds(scanner: str, file: Path) -> float:
    """Return CPU seconds of the whole command, Python's start and reading included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "selbench", "profile", scanner, str(file), "--polarise", "ref"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def write_inputs(windows: Windows, folder: Path) -> None:
    """Write the sequence in every form that a program reads: x.ms, x.vcf, x.map, x.sf and x.spectrum."""
    haplotypes, positions = windows.window(0)
    whole = np.floor(positions).astype(int) + 1
    carriers = haplotypes.sum(axis=1)
    rows = ["".join(map(str, row)) for row in haplotypes.T.tolist()]
    fractions = " ".join(f"{(at - 0.5) / LENGTH:.8f}" for at in whole)
    head = f"ms {N_HAPLOTYPES} 1\n1 1 1\n\n//\nsegsites: {len(whole)}\npositions: {fractions}\n"
    (folder / "x.ms").write_text(head + "\n".join(rows) + "\n")
    counts = (f"{at}\t{x}\t{N_HAPLOTYPES}\t0" for at, x in zip(whole, carriers, strict=True))
    (folder / "x.sf").write_text("position\tx\tn\tfolded\n" + "\n".join(counts) + "\n")
    called = np.full(len(whole), N_HAPLOTYPES)
    spectrum = estimate_spectrum(SiteCounts.of(positions, carriers.astype(np.int64), called), 0)
    (folder / "x.spectrum").write_text("".join(f"{i}\t{p:.6e}\n" for i, p in enumerate(spectrum)))
    (folder / "x.map").write_text("".join(f"1 s{at} {at * 1e-6:.6f} {at}\n" for at in whole))
    with (folder / "x.vcf").open("w") as file:
        names = "\t".join(f"i{i}" for i in range(N_HAPLOTYPES // 2))
        file.write(f"##fileformat=VCFv4.2\n##contig=<ID=1,length={LENGTH}>\n")
        file.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write(f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n")
        for at, row in zip(whole, haplotypes.tolist(), strict=True):
            calls = "\t".join(f"{a}|{b}" for a, b in zip(row[::2], row[1::2], strict=True))
            file.write(f"1\t{at}\ts{at}\tA\tC\t.\tPASS\t.\tGT\t{calls}\n")


def original_seconds(contest: Contest, program: str, folder: Path) -> float:
    """Return CPU seconds of an original program on the same sequence."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = contest.command.format(program).split()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print both tables."""
    programs = dict(argument.split("=", 1) for argument in sys.argv[1:])
    shelf = Registry.installed().scanners
    sequence = simulated(LENGTH, 1, seed=5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(sequence, folder)
        print(f"{sequence.n_sites[0]:,} sites in 10 Mb, {N_HAPLOTYPES} haplotypes\n")
        heads = ("scanner", "selbench s", "whole command s", "program", "its s, elsewhere", "its s, here")
        print(f"| {' | '.join(heads)} | ratio | target |")
        print("|---|---|---|---|---|---|---|---|")
        for contest in CONTESTS:
            windows = sequence if contest.length_bp == LENGTH else cut(sequence, contest.length_bp)
            ours = seconds(scan(shelf.build(contest.scanner), windows))
            whole = (
                command_seconds(contest.scanner, folder / "x.vcf") if contest.length_bp == LENGTH else None
            )
            path = programs.get(contest.program.lower())
            here = original_seconds(contest, path, folder) if path and contest.command else None
            ratio = (here or contest.program_seconds) / ours
            print(
                f"| {contest.scanner}{'' if contest.length_bp == LENGTH else ', 1 Mb'} | {ours:.3g} | "
                f"{'' if whole is None else f'{whole:.1f}'} | {contest.program} | "
                f"{contest.program_seconds:g} | "
                f"{'' if here is None else f'{here:.2f}'} | {ratio:.1f}× | "
                f"{f'{contest.target:g}×' if contest.target else ''} |",
                flush=True,
            )
    print_batch(shelf)


def print_batch(shelf: Shelf[Scanner]) -> None:
    """Print what a window of a batch takes, beside the least that a call of the program does."""
    some = simulated(WINDOW_BP, N_SIMULATED, seed=9)
    heads = f"scanner, 100 kb, {some.n_sites.mean():.0f} sites | µs per window | s for 10,000"
    print(f"\n| {heads} | a call of the program, at least µs | ratio, at least | target |")
    print("|---|---|---|---|---|---|")
    for name, of_program in BATCH.items():
        each = seconds(scan(shelf.build(name), some)) / N_SIMULATED
        call = None if of_program is None else of_program * WINDOW_BP / LENGTH
        beside = " | | |" if call is None else f"{call * 1e6:,.0f} | {call / each:.0f}× | 20× |"
        print(f"| {name} | {each * 1e6:.0f} | {each * N_WINDOWS:.1f} | {beside}", flush=True)


if __name__ == "__main__":
    main()
