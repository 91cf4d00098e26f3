"""Speed of selbench's statistics beside a loop over scikit-allel, on the same windows in one run.

    python benchmarks/statistics.py

Prints CPU microseconds per window and their ratio: medians of alternating pairs
of runs. Values are compared in the same run, and a difference ends it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import allel
import msprime
import numpy as np
from numpy.typing import NDArray

from selbench import Windows
from selbench.statistics import compute, site_frequency_spectra

N_HAPLOTYPES = 48
SEQUENCE_LENGTH = 100_000
N_WINDOWS = 200
N_PAIRS = 7
POPULATION_SIZE = 10_000
NAMES = (
    "segregating_sites",
    "nucleotide_diversity",
    "theta_w",
    "tajimas_d",
    "h1",
    "h12",
    "h123",
    "h2_h1",
    "haplotype_diversity",
)


@dataclass(frozen=True)
class Contest:
    """Two ways to the same values."""

    name: str
    target: dict[int, float]
    ours: Callable[[Windows], NDArray[np.float64]]
    theirs: Callable[[Windows], NDArray[np.float64]]
    tolerance: float


def neutral_windows(n_sites: int) -> Windows:
    """Neutral windows with about `n_sites` segregating sites each, and at least one."""
    theta = n_sites / np.sum(1 / np.arange(1, N_HAPLOTYPES))
    trees = msprime.sim_ancestry(
        N_HAPLOTYPES // 2,
        population_size=POPULATION_SIZE,
        sequence_length=SEQUENCE_LENGTH,
        recombination_rate=theta / (4 * POPULATION_SIZE * SEQUENCE_LENGTH),
        num_replicates=2 * N_WINDOWS,
        random_seed=n_sites,
    )
    matrices, positions = [], []
    for seed, tree in enumerate(trees, start=1):
        mutated = msprime.sim_mutations(
            tree,
            rate=theta / (4 * POPULATION_SIZE * SEQUENCE_LENGTH),
            random_seed=seed,
            model=msprime.BinaryMutationModel(),
        )
        matrix = mutated.genotype_matrix()
        varies = np.ptp(matrix, axis=1) > 0
        if varies.any() and len(matrices) < N_WINDOWS:
            matrices.append(matrix[varies])
            positions.append(mutated.tables.sites.position[varies])
    return Windows.from_arrays(matrices, positions, sequence_length=SEQUENCE_LENGTH)


def summaries(windows: Windows) -> NDArray[np.float64]:
    """Statistics and spectrum of every window, by selbench."""
    return np.hstack([compute(windows, NAMES), site_frequency_spectra(windows)])


def summaries_by_allel(windows: Windows) -> NDArray[np.float64]:
    """The same, by one scikit-allel call per window and statistic."""
    rows = []
    for haplotypes, positions in windows:
        matrix = allel.HaplotypeArray(haplotypes.astype("i1"))
        counts = matrix.count_alleles()
        spectrum = allel.sfs(counts[:, 1])
        rows.append(
            [
                counts.count_segregating(),
                allel.sequence_diversity(positions + 1, counts, 1, SEQUENCE_LENGTH) * SEQUENCE_LENGTH,
                allel.watterson_theta(positions + 1, counts, 1, SEQUENCE_LENGTH) * SEQUENCE_LENGTH,
                allel.tajima_d(counts, min_sites=1),
                *allel.garud_h(matrix),
                allel.haplotype_diversity(matrix),
                *np.pad(spectrum, (0, N_HAPLOTYPES - len(spectrum)))[1:],
            ]
        )
    return np.array(rows)


def nsl_by_allel(windows: Windows) -> NDArray[np.float64]:
    """Largest absolute nSL of every window, by scikit-allel without threads."""
    largest = []
    for haplotypes, _ in windows:
        scores = np.abs(allel.nsl(haplotypes.astype("i1"), use_threads=False))
        carriers = haplotypes.sum(axis=1)
        common = np.minimum(carriers, N_HAPLOTYPES - carriers) / N_HAPLOTYPES >= 0.05
        largest.append(scores[common & np.isfinite(scores)].max(initial=0))
    return np.array(largest)[:, None]


def ihs_by_allel(windows: Windows) -> NDArray[np.float64]:
    """Largest absolute iHS of every window, by scikit-allel without threads."""
    largest = []
    for haplotypes, positions in windows:
        scores = np.abs(allel.ihs(haplotypes.astype("i1"), positions, include_edges=True, use_threads=False))
        largest.append(scores[np.isfinite(scores)].max(initial=0))
    return np.array(largest)[:, None]


CONTESTS = (
    Contest("S, π, θ_W, D, Garud, SFS", {3: 50, 30: 50, 200: 40}, summaries, summaries_by_allel, 1e-12),
    Contest("nSL", {3: 4, 30: 4, 200: 4}, lambda w: compute(w, ["max_nsl"]), nsl_by_allel, 0.0),
    Contest("iHS", {3: 4, 30: 4, 200: 4}, lambda w: compute(w, ["max_ihs"]), ihs_by_allel, 0.0),
)


def microseconds(call: Callable[[Windows], object], windows: Windows) -> float:
    """CPU microseconds per window of one call."""
    started = time.process_time()
    call(windows)
    return (time.process_time() - started) / len(windows) * 1e6


def main() -> None:
    """Run every contest at 3, 30 and 200 sites and print the table."""
    warnings.simplefilter("ignore", RuntimeWarning)
    print("| values | sites | selbench µs | scikit-allel µs | ratio | target |")
    print("|---|---|---|---|---|---|")
    for n_sites in (3, 30, 200):
        windows = neutral_windows(n_sites)
        many = windows.take(np.tile(np.arange(len(windows)), 20))
        for contest in CONTESTS:
            np.testing.assert_allclose(
                contest.ours(windows), contest.theirs(windows), rtol=contest.tolerance, atol=contest.tolerance
            )
            pairs = np.array(
                [
                    (microseconds(contest.ours, many), microseconds(contest.theirs, windows))
                    for _ in range(N_PAIRS)
                ]
            )
            ours, theirs = np.median(pairs, axis=0)
            ratio = np.median(pairs[:, 1] / pairs[:, 0])
            print(
                f"| {contest.name} | {n_sites} | {ours:.2f} | {theirs:.0f} | {ratio:.0f}× "
                f"| ≥ {contest.target[n_sites]}× |"
            )


if __name__ == "__main__":
    main()
