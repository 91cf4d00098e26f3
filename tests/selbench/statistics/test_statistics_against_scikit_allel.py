"""Every statistic that scikit-allel defines equals scikit-allel's."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import allel
import msprime
import numpy as np
import pytest

from selbench import Windows
from selbench.statistics import compute, site_frequency_spectra

SEQUENCE_LENGTH = 2000
MIN_FREQUENCY = 0.05
SIZES = [(20, 2), (20, 20), (20, 120), (40, 20), (48, 20), (100, 20), (300, 20)]


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: "{} haplotypes, about {} sites".format(*size))
def windows(request: pytest.FixtureRequest) -> Windows:
    """Neutral windows, scikit-allel's kind: no two sites on one base pair.

    A twentieth of the haplotypes is a whole number of all but 48; a byte holds the
    carriers of all but 300.
    """
    n_haplotypes, n_sites = request.param
    expected_theta = n_sites / np.sum(1 / np.arange(1, n_haplotypes))
    rate = expected_theta / (4 * 10_000 * SEQUENCE_LENGTH)
    trees = msprime.sim_ancestry(
        n_haplotypes // 2,
        population_size=10_000,
        sequence_length=SEQUENCE_LENGTH,
        recombination_rate=rate,
        num_replicates=60,
        random_seed=5,
    )
    mutated = [
        msprime.sim_mutations(tree, rate=rate, random_seed=i + 1, model=msprime.BinaryMutationModel())
        for i, tree in enumerate(trees)
    ]
    return Windows.from_arrays(
        [tree.genotype_matrix() for tree in mutated],
        [tree.tables.sites.position for tree in mutated],
        sequence_length=SEQUENCE_LENGTH,
    )


def per_window(windows: Windows, value: Callable[..., float], undefined: float) -> np.ndarray:
    """Apply scikit-allel window by window; windows without a segregating site get `undefined`."""
    values = []
    for haplotypes, positions in windows:
        counts = haplotypes.sum(axis=1)
        varies = (counts > 0) & (counts < windows.spec.n_haplotypes)
        rows = allel.HaplotypeArray(haplotypes[varies].astype("i1"))
        values.append(value(rows, positions[varies] + 1) if len(rows) else undefined)
    return np.array(values)


def largest_finite(scores: np.ndarray) -> float:
    scores = np.abs(scores[np.isfinite(scores)])
    return float(scores.max()) if len(scores) else 0.0


def nsl(rows: allel.HaplotypeArray, positions: np.ndarray) -> float:
    n_haplotypes, carriers = rows.shape[1], rows.sum(axis=1)
    common = np.minimum(carriers, n_haplotypes - carriers) / n_haplotypes >= MIN_FREQUENCY
    return largest_finite(allel.nsl(np.asarray(rows), use_threads=False)[common])


def ihs(rows: allel.HaplotypeArray, positions: np.ndarray) -> float:
    scores = allel.ihs(
        np.asarray(rows), positions, min_maf=MIN_FREQUENCY, include_edges=True, use_threads=False
    )
    return largest_finite(scores)


BY_SCIKIT_ALLEL: dict[str, tuple[Callable[..., float], float]] = {
    "segregating_sites": (lambda h, p: h.count_alleles().count_segregating(), 0),
    "nucleotide_diversity": (
        lambda h, p: SEQUENCE_LENGTH * allel.sequence_diversity(p, h.count_alleles(), 1, SEQUENCE_LENGTH),
        0,
    ),
    "theta_w": (
        lambda h, p: SEQUENCE_LENGTH * allel.watterson_theta(p, h.count_alleles(), 1, SEQUENCE_LENGTH),
        0,
    ),
    "tajimas_d": (lambda h, p: allel.tajima_d(h.count_alleles(), min_sites=1), 0),
    "distinct_haplotypes": (lambda h, p: len(h.distinct_counts()), 1),
    "haplotype_diversity": (lambda h, p: allel.haplotype_diversity(h), 0),
    "h1": (lambda h, p: allel.garud_h(h)[0], 1),
    "h12": (lambda h, p: allel.garud_h(h)[1], 1),
    "h123": (lambda h, p: allel.garud_h(h)[2], 1),
    "h2_h1": (lambda h, p: allel.garud_h(h)[3], 0),
}


@pytest.mark.parametrize("name", BY_SCIKIT_ALLEL)
def test_equals_scikit_allel(windows: Windows, name: str) -> None:
    value, undefined = BY_SCIKIT_ALLEL[name]
    np.testing.assert_allclose(
        compute(windows, [name])[:, 0], per_window(windows, value, undefined), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize(("name", "value"), [("max_nsl", nsl), ("max_ihs", ihs)])
def test_homozygosity_decay_equals_scikit_allel_bit_for_bit(
    windows: Windows, name: str, value: Callable[..., float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = per_window(windows, value, 0)
    assert compute(windows, [name])[:, 0].tolist() == expected.tolist()


def test_spectra_equal_scikit_allel(windows: Windows) -> None:
    n_haplotypes = windows.spec.n_haplotypes
    unfolded = site_frequency_spectra(windows)
    folded = site_frequency_spectra(windows, folded=True)
    for i, (haplotypes, _) in enumerate(windows):
        counts = haplotypes.sum(axis=1).astype("i4")
        counts = counts[counts < n_haplotypes]
        expected = np.zeros(n_haplotypes, dtype=int)
        expected[: counts.max(initial=0) + 1] = allel.sfs(counts) if len(counts) else 0
        assert unfolded[i].tolist() == expected[1:].tolist()
        both = np.stack([counts, n_haplotypes - counts], axis=1)
        expected = np.zeros(n_haplotypes // 2 + 1, dtype=int)
        if len(counts):
            spectrum = allel.sfs_folded(both)
            expected[: len(spectrum)] = spectrum
        assert folded[i].tolist() == expected[1:].tolist()
