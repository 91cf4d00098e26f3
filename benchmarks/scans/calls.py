"""Share of windows that scans call at a rate of 0.01, of genomes without selection under their true history.

    python benchmarks/scans/calls.py [N_GENOMES [ROW ...]]

Writes an experiment for a simulated genome with `fit-task`, trains on it, and
scans 20 other genomes of 200 unlinked windows each, 100 kb apart: whole, with 2 % of
the calls missing, with a hole of 40 kb in every megabase, without phase, and with all
of that. The history, its rates and how genomes are seen are right, so a window in a
hundred is to be called.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import selbench
from selbench.bench import Run, fit_task, run, scan
from selbench.formats.vcf_text import write_vcf
from selbench.windows import Windows

N_GENOMES, N_WINDOWS, N_INDIVIDUALS = 20, 200, 12
BLOCK_BP, WINDOW_BP = 100_000, 40_000
SIZE, RATE = 10_000, 1.25e-8
HOLE, HOLES_EVERY = (20_000, 60_000), 10
FPR, TOLERANCE = 0.01, 0.005
WINDOWS = {"train": 500, "validation": 100, "test": 100, "threshold": 5000}


@dataclass(frozen=True)
class Seen:
    """How genomes are seen."""

    title: str
    missing: float = 0.0
    has_holes: bool = False
    phased: bool = True


CONDITIONS = (
    Seen("whole"),
    Seen("2 % of calls missing", missing=0.02),
    Seen("holes of 40 kb", has_holes=True),
    Seen("unphased", phased=False),
    Seen("all three", missing=0.02, has_holes=True, phased=False),
)


def genome(seed: int, simulator: str = "ms", **selection: object) -> str:
    """Return a chromosome as VCF text: 200 blocks that are not linked, end to end; neutral by default."""
    windows = selbench.simulate(
        simulator, n_windows=N_WINDOWS, seed=seed, n_haplotypes=2 * N_INDIVIDUALS, sequence_length=BLOCK_BP,
        mutation_rate=RATE, recombination_rate=RATE, population_size=SIZE, **selection,
    )  # fmt: skip
    shifted = [positions + BLOCK_BP * block for block, (_, positions) in enumerate(windows)]
    whole = Windows.from_arrays(
        [windows.haplotypes], [np.concatenate(shifted)], sequence_length=N_WINDOWS * BLOCK_BP
    )
    stream = io.BytesIO()
    write_vcf([whole], stream, n_windows=1, source="selbench")
    return stream.getvalue().decode()


def seen(text: str, how: Seen, seed: int) -> str:
    """Return the VCF text as it would be seen."""
    rng = np.random.default_rng(seed)
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            words = line.split("\t")
            block, place = divmod(int(words[1]), BLOCK_BP)
            is_in_hole = HOLE[0] <= place < HOLE[1] and block % HOLES_EVERY == 0
            if how.has_holes and is_in_hole:
                continue
            calls = words[9:] if how.phased else ["/".join(sorted(call.split("|"))) for call in words[9:]]
            is_missing = rng.random(len(calls)) < how.missing
            gap = "./."
            words[9:] = [gap if lacks else call for call, lacks in zip(calls, is_missing, strict=True)]
            line = "\t".join(words)
        lines.append(line)
    return "\n".join(lines) + "\n"


def written(texts: list[str], how: Seen, folder: Path) -> list[Path]:
    """Write genomes as they would be seen."""
    folder.mkdir()
    paths = [folder / f"genome{number}.vcf" for number in range(len(texts))]
    for number, (path, text) in enumerate(zip(paths, texts, strict=True)):
        path.write_text(seen(text, how, number))
    return paths


def trained_for(path: Path, windows: Mapping[str, int] = WINDOWS) -> Run:
    """Write the experiment for a genome, and run it."""
    task = path.with_name("task.toml")
    fit_task(
        path,
        history=str(SIZE),
        mutation_rate=RATE,
        recombination_rate=RATE,
        window_bp=WINDOW_BP,
        out=task,
    )
    overrides = [f"tasks.genome.windows.{split}={count}" for split, count in windows.items()]
    return run(
        task, out=path.with_name("run"), repetitions=1, workers=0, methods=["logistic"], overrides=overrides,
        progress=False,
    )  # fmt: skip


def shares_called(texts: list[str], how: Seen, folder: Path) -> tuple[list[float], float]:
    """Return the share of windows called in each genome but the first, and how many were skipped in all."""
    paths = written(texts, how, folder)
    (method,) = trained_for(paths[0]).methods.values()
    shares, skipped = [], 0
    for path in paths[1:]:
        table = scan(method, path, step_bp=BLOCK_BP, fpr=FPR, progress=False).result.table
        asked = table["p_sim"].notna()
        skipped += int((~asked).sum())
        shares.append(float(table.loc[asked, "called"].mean()))
    return shares, skipped


def main() -> None:
    """Print a row per way of seeing genomes."""
    n_genomes = int(sys.argv[1]) if len(sys.argv) > 1 else N_GENOMES
    wanted = sys.argv[2:] or [how.title for how in CONDITIONS]
    texts = [genome(seed) for seed in range(100, 101 + n_genomes)]
    print("| genomes | windows each | mean share called | least | most | not asked | target | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number, how in enumerate(how for how in CONDITIONS if how.title in wanted):
            began = time.process_time()
            shares, skipped = shares_called(texts, how, Path(folder) / str(number))
            asked = f"{skipped} of {N_WINDOWS * n_genomes:,}"
            spread = f"{np.mean(shares):.4f} | {min(shares):.3f} | {max(shares):.3f}"
            seconds = f"{time.process_time() - began:.0f}"
            print(
                f"| {how.title} | {N_WINDOWS} | {spread} | {asked} | {FPR:g} ± {TOLERANCE:g} | {seconds} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
