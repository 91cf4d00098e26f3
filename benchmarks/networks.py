"""Speed of the encoders of the field's networks beside plain numpy and, for diploS/HIC, its own code.

    python benchmarks/networks.py

100 kb of 128 haplotypes, about 870 sites. CPU milliseconds per window and their ratio:
medians of alternating pairs of runs, each of as many calls as make up a twentieth of a
second. Features are compared in the same run, and a difference ends it. The original's
code is measured where the module ``diploshic`` can be imported: its wheel unpacked into a
folder on PYTHONPATH.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench import Encoder, Registry, Windows, WindowSpec
from selbench.testing import neutral_scenario
from selbench_cecil.images import CecilImage
from selbench_diploshic.vectors import HAPLOID, DiploshicVectors
from selbench_fasternn.snps import FrequencyTrack
from selbench_flagel.alignments import FlagelAlignment
from selbench_genomatnn.densities import GenomatnnDensity
from selbench_pggan.regions import PgGanRegion
from selbench_sweepnet.images import SweepnetImage

N_WINDOWS, N_PAIRS, LENGTH = 20, 5, 99_000
LEAST_SECONDS = 0.05
Encode = Callable[[Windows], NDArray[Any]]


@dataclass(frozen=True)
class Contest:
    """An encoder and another way to the same features."""

    name: str
    encoder: Encoder
    other: Encode
    target: str


def one_by_one(encode: Callable[[NDArray[np.uint8], NDArray[np.float64]], Any]) -> Encode:
    """Encode one window after the other."""
    return lambda windows: np.stack([encode(*window) for window in windows])


def track(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances and frequencies of 128 sites around the middle."""
    allowed = positions[64 : len(positions) - 64]
    first = int(np.abs(allowed - LENGTH / 2).argmin())
    kept = slice(first, first + 128)
    distances = np.diff(positions[kept], append=positions[kept][-1]) / 200
    return np.column_stack([distances, haplotypes[kept].mean(axis=1)])


def region(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signs of minor alleles and distances of the 36 middle sites."""
    first = len(positions) // 2 - 18
    distances = np.diff(positions, prepend=positions[0])[first : first + 36] / LENGTH
    rows = haplotypes[first : first + 36].T.astype(float)
    signs = np.where(rows.mean(axis=0) > 0.5, 1 - 2 * rows, 2 * rows - 1)
    return np.stack([signs, np.tile(distances, (len(rows), 1))], axis=2)


def density(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Minor alleles in 256 bins, columns by distance to their mean."""
    frequency = haplotypes.mean(axis=1)
    minor = np.where((frequency > 0.5)[:, None], 1 - haplotypes, haplotypes)
    common = np.minimum(frequency, 1 - frequency) >= 0.05
    image = np.zeros((256, haplotypes.shape[1]), dtype=np.int64)
    np.add.at(image, (positions[common] * 256 / LENGTH).astype(int), minor[common])
    distance = ((image.shape[1] * image - image.sum(axis=1, keepdims=True)) ** 2).sum(axis=0)
    return image[:, distance.argsort(kind="stable")]


def around_medoid(haplotypes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Order haplotypes by differences from their medoid, ties by falling pattern."""
    rows = haplotypes.T.astype(np.int64)
    falling = np.lexsort(-rows.T[::-1])
    rows = rows[falling]
    differing = np.stack([np.abs(rows - row).sum(axis=1) for row in rows])
    return falling[differing[differing.sum(axis=1).argmin()].argsort(kind="stable")]


def alignment(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sorted alignment of 1,500 rows and its positions."""
    found = np.zeros((1500, haplotypes.shape[1] + 1))
    found[:, -1] = -1
    found[: len(positions), :-1] = haplotypes[:, around_medoid(haplotypes)]
    found[: len(positions), -1] = positions / LENGTH
    return found


def sweepnet(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """The 128 middle sites, rows and columns sorted."""
    first = len(positions) // 2 - 64
    middle = haplotypes[first : first + 128]
    rows = middle.T[around_medoid(middle)].astype(np.int64)
    return 255 * (1 - rows[:, (-rows.sum(axis=0)).argsort(kind="stable")])


def trimmed(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The 128 middle sites, minor alleles, rows by how often they occur."""
    start = (len(positions) - 128) // 2
    often = haplotypes.mean(axis=1) > 0.5
    rows = np.where(often[:, None], 1 - haplotypes, haplotypes)[start : start + 128].T
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    order = np.lexsort((-np.arange(len(counts)), -counts))
    return np.repeat(patterns[order], counts[order], axis=0)


def diploshic(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vector by the functions of the original, as its script calls them."""
    import allel
    from diploshic import fvTools, msTools

    places = np.array(msTools.msPositionsToIntegerPositions((positions / LENGTH).tolist(), LENGTH))
    array, values = allel.HaplotypeArray(haplotypes, dtype="i1"), {name: [[]] for name in HAPLOID}
    counts, unmasked = array.count_alleles(max_allele=1), np.ones(LENGTH, dtype=bool)
    for part in range(11):
        start, stop = part * LENGTH // 11 + 1, (part + 1) * LENGTH // 11
        here = np.flatnonzero((places >= start) & (places <= stop))
        fvTools.calcAllStatsForSubWin(
            counts, places, start, stop, values, 0, part, array.subset(sel0=here), unmasked, {}
        )
    return np.array([fvTools.normalizeFeatureVec(values[name][0]) for name in HAPLOID])


def contests() -> list[Contest]:
    """Every encoder that numpy can imitate, and diploS/HIC's beside the original."""
    plain = [
        ("frequency-track", FrequencyTrack(), track),
        ("pg-gan", PgGanRegion(), region),
        ("genomatnn", GenomatnnDensity(), density),
        ("flagel[n_sites=1500]", FlagelAlignment(n_sites=1500), alignment),
        ("sweepnet", SweepnetImage(), sweepnet),
        ("cecil[width=trim]", CecilImage(width="trim"), trimmed),
    ]
    found = [Contest(name, encoder, one_by_one(encode), "10×") for name, encoder, encode in plain]
    if find_spec("diploshic") is not None:
        own = DiploshicVectors(positions="ms")
        found.append(Contest("diploshic, beside diploshic 1.1.0", own, one_by_one(diploshic), "20×"))
    return found


def simulated() -> Windows:
    """Windows of 128 haplotypes with about 870 sites, by the built-in `ms`."""
    scenario = neutral_scenario(n_haplotypes=128, sequence_length=LENGTH)
    rates = type(scenario.locus)(LENGTH, 4e-8, 2e-8)
    scenario = type(scenario)(scenario.sample, rates, scenario.population)
    windows = Registry.installed().simulators.build("ms").simulate(scenario, windows=range(N_WINDOWS), seed=1)
    assert windows.spec == WindowSpec(128, LENGTH, 2)
    return windows


def milliseconds(encode: Encode, windows: Windows) -> float:
    """CPU milliseconds per window over some calls."""
    started, n_calls, spent = time.process_time(), 0, 0.0
    while spent < LEAST_SECONDS:
        encode(windows)
        n_calls += 1
        spent = time.process_time() - started
    return spent / n_calls / len(windows) * 1e3


def main() -> None:
    """Run every contest and print the table."""
    warnings.simplefilter("ignore")
    windows = simulated()
    print("| features | selbench ms | other ms | ratio | target |")
    print("|---|---|---|---|---|")
    for contest in contests():
        found, expected = contest.encoder.encode(windows), contest.other(windows)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        pairs = np.array(
            [
                (milliseconds(contest.encoder.encode, windows), milliseconds(contest.other, windows))
                for _ in range(N_PAIRS)
            ]
        )
        ours, other = np.median(pairs, axis=0)
        ratio = np.median(pairs[:, 1] / pairs[:, 0])
        print(f"| {contest.name} | {ours:.3f} | {other:.2f} | {ratio:.0f}× | {contest.target} |", flush=True)


if __name__ == "__main__":
    main()
