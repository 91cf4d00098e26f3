"""Speed of the features of the field's networks beside plain numpy, and beside the code of two originals.

    python benchmarks/networks.py

100 kb of 128 haplotypes, about 870 sites. CPU milliseconds per window and their ratio:
medians of alternating pairs of runs, each of as many calls as make up a twentieth of a
second. Features are compared in the same run, and a difference ends it. Code of originals
is measured where it is found: the wheels of diploshic 1.1.0 and flexsweep 2.0 (with polars)
unpacked into a folder on PYTHONPATH. Flex-sweep's is asked for the eleven statistics that
`sub-window-statistics` has as well, over 1.2 Mb in twelve parts, by the function that its
own commands call; reading and tables are left out. Its ω is a difference of sums in single
precision, so that values agree to 1 %.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from types import ModuleType
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
from selbench_statistics.summaries import SubWindowStatistics
from selbench_sweepnet.images import SweepnetImage

N_WINDOWS, N_PAIRS, LENGTH = 20, 5, 99_000
FLEXSWEEP_PARTS, FLEXSWEEP_LENGTH = 12, 1_200_000
FLEXSWEEP_COLUMNS = {  # the name of each statistic here
    "pi": "nucleotide_diversity",
    "theta_w": "theta_w",
    "tajima_d": "tajimas_d",
    "theta_h": "theta_h",
    "fay_wu_h": "fay_wu_h",
    "k_counts": "distinct_haplotypes",
    "h1": "h1",
    "h12": "h12",
    "h2_h1": "h2_h1",
    "zns": "kelly_zns",
    "omega_max": "kim_nielsen_omega_inner",
}
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


def flexsweep() -> Encode:
    """Return Flex-sweep's statistics of twelve parts, scaled to those here, by its own function."""
    package = ModuleType("flexsweep")  # its own __init__ asks for TensorFlow and the rest
    spec = find_spec("flexsweep")
    assert spec is not None
    import polars

    package.__path__ = list(spec.submodule_search_locations or ())
    package.np, package.pl = np, polars  # type: ignore[attr-defined]
    sys.modules["flexsweep"] = package
    from flexsweep import fv

    columns = list(FLEXSWEEP_COLUMNS)
    groups = {fv.WINDOW_STAT_REGISTRY[column][0] for column in columns}
    statistics = partial(fv.compute_window_stats, stat_cols=columns, groups_needed=groups)
    part_bp = FLEXSWEEP_LENGTH // FLEXSWEEP_PARTS
    parts = [(part_bp // 2 + part_bp * part, part_bp) for part in range(FLEXSWEEP_PARTS)]

    def encode(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.float64]:
        derived = haplotypes.sum(axis=1)
        counts = np.column_stack([haplotypes.shape[1] - derived, derived])
        matrix, places = haplotypes.astype(np.float64), positions.astype(np.int32)
        found = fv.batch_windowed_stats_flat(matrix, counts, places, parts, statistics, columns)
        return np.array([values for _, _, values in found])

    return one_by_one(encode)


def same_as_flexsweep(ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    """Hold the features to each other: its π and θ_W are per bp; its H, normalised, has no counterpart."""
    columns = list(FLEXSWEEP_COLUMNS)
    scaled = theirs.copy()
    scaled[..., [columns.index("pi"), columns.index("theta_w")]] *= FLEXSWEEP_LENGTH // FLEXSWEEP_PARTS
    known = np.arange(len(columns)) != columns.index("fay_wu_h")
    np.testing.assert_allclose(
        ours.reshape(theirs.shape)[..., known], scaled[..., known], rtol=0.01, atol=1e-3
    )


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


def simulated(length: int, mutation_rate: float, recombination_rate: float, n_windows: int) -> Windows:
    """Windows of 128 haplotypes by the built-in `ms`."""
    scenario = neutral_scenario(n_haplotypes=128, sequence_length=length)
    rates = type(scenario.locus)(length, mutation_rate, recombination_rate)
    scenario = type(scenario)(scenario.sample, rates, scenario.population)
    windows = Registry.installed().simulators.build("ms").simulate(scenario, windows=range(n_windows), seed=1)
    assert windows.spec == WindowSpec(128, length, 2)
    return windows


def milliseconds(encode: Encode, windows: Windows) -> float:
    """CPU milliseconds per window over some calls."""
    started, n_calls, spent = time.process_time(), 0, 0.0
    while spent < LEAST_SECONDS:
        encode(windows)
        n_calls += 1
        spent = time.process_time() - started
    return spent / n_calls / len(windows) * 1e3


def row(name: str, ours: Encode, other: Encode, windows: Windows, target: str, n_pairs: int) -> str:
    """Time both in alternating pairs, and return a row of the table."""
    pairs = np.array([(milliseconds(ours, windows), milliseconds(other, windows)) for _ in range(n_pairs)])
    medians = np.median(pairs, axis=0)
    ratio = np.median(pairs[:, 1] / pairs[:, 0])
    return f"| {name} | {medians[0]:.3f} | {medians[1]:.2f} | {ratio:.1f}× | {target} |"


def main() -> None:
    """Run every contest and print the table."""
    warnings.simplefilter("ignore")
    print("| features | selbench ms | other ms | ratio | target |")
    print("|---|---|---|---|---|")
    windows = simulated(LENGTH, 4e-8, 2e-8, N_WINDOWS)
    for contest in contests():
        found, expected = contest.encoder.encode(windows), contest.other(windows)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        ours = contest.encoder.encode
        print(row(contest.name, ours, contest.other, windows, contest.target, N_PAIRS), flush=True)
    if find_spec("flexsweep") is not None:
        windows = simulated(FLEXSWEEP_LENGTH, 1.3e-8, 1e-8, N_WINDOWS // 4)
        names = tuple(FLEXSWEEP_COLUMNS.values())
        encoder, theirs = SubWindowStatistics(names=names, sub_windows=FLEXSWEEP_PARTS), flexsweep()
        same_as_flexsweep(encoder.encode(windows), theirs(windows))
        name = "sub-window-statistics, 1.2 Mb, beside flexsweep 2.0"
        print(row(name, encoder.encode, theirs, windows, "8×", 5 * N_PAIRS), flush=True)


if __name__ == "__main__":
    main()
