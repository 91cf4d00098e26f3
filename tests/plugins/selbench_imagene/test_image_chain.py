"""ImaGene's image from alleles to pixels, held against numpy.unique and scikit-image step by step."""

import numpy as np
import pytest
from skimage.transform import resize

from selbench import Windows
from selbench_imagene.images import ImaGeneImage

SIZE = 128


def mosaic_windows(n_haplotypes):
    """Windows whose haplotypes are few and differ a little: repeated rows, repeated columns and ties."""
    rng = np.random.default_rng(n_haplotypes)
    matrices = []
    for n_sites, n_founders in [(0, 1), (1, 2), (5, 3), (14, 4), (30, 6), (90, 9), (200, 12)]:
        founders = rng.random((n_founders, n_sites)) < rng.beta(0.4, 0.4, n_sites)
        rows = founders[rng.integers(0, n_founders, n_haplotypes)]
        rows = rows ^ (rng.random(rows.shape) < 0.002)
        matrices.append(np.repeat(rows, rng.integers(1, 3, n_sites), axis=1).T)
    return Windows.from_arrays(
        matrices, [np.arange(len(matrix)) for matrix in matrices], sequence_length=1000
    )


def common_sites(rows, maf):
    rows = np.where(rows.mean(axis=0) > 0.5, 1 - rows, rows)
    return rows[:, rows.mean(axis=0) >= maf]


def sorted_rows(rows, by):
    """Sort the distinct rows stably, and repeat each as often as it occurs."""
    if not rows.size:
        return rows
    distinct, counts = np.unique(rows, axis=0, return_counts=True)
    frequency_order = np.argsort(counts, kind="stable")[::-1]
    if by == "frequency":
        order = frequency_order
    else:
        order = np.argsort(np.abs(distinct - distinct[frequency_order[0]]).mean(axis=1), kind="stable")
    return np.repeat(distinct[order], counts[order], axis=0)


def sorted_matrix(rows, sort, by):
    if sort in ("rows", "both"):
        rows = sorted_rows(rows, by)
    if sort in ("columns", "both"):
        rows = sorted_rows(rows.T, by).T
    return rows


def drawn(rows, threshold):
    if not rows.size:
        return np.zeros((SIZE, SIZE))
    grey = 255 * resize(rows.astype(float), (SIZE, SIZE), order=1, mode="reflect", anti_aliasing=True)
    whole = np.floor(grey + 1e-9)
    return np.where(whole < 128, 0, 255) if threshold else whole


@pytest.mark.parametrize("n_haplotypes", [20, 128, 198])
@pytest.mark.parametrize("by", ["frequency", "distance"])
@pytest.mark.parametrize("sort", ["none", "rows", "columns", "both"])
def test_every_image_equals_the_steps_one_by_one(sort, by, n_haplotypes):
    windows = mosaic_windows(n_haplotypes)
    expected = [
        sorted_matrix(common_sites(haplotypes.T.astype(int), 0.01), sort, by) for haplotypes, _ in windows
    ]
    prepared = ImaGeneImage(sort=sort, by=by).prepare(windows)
    for (haplotypes, _), rows in zip(prepared, expected, strict=True):
        np.testing.assert_array_equal(haplotypes.T, rows)
    for threshold in (True, False):
        images = ImaGeneImage(sort=sort, by=by, threshold=threshold).encode(windows)
        np.testing.assert_array_equal(images, [drawn(rows, threshold) for rows in expected])
