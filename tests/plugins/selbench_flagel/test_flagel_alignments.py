"""The sorted alignment with its positions: by hand, and against plain numpy."""

import numpy as np
import pytest

from selbench import DataError, Windows
from selbench.testing import EncoderContract, random_windows
from selbench_flagel.alignments import FlagelAlignment


class TestFlagelAlignment(EncoderContract):
    component = FlagelAlignment(n_sites=7)


class TestSignedAlignment(EncoderContract):
    component = FlagelAlignment(n_sites=12, alleles="-1/+1")


SITES = [[1, 0, 0, 0, 1], [1, 1, 0, 0, 1], [1, 1, 0, 1, 0]]
"""Haplotypes 111 011 000 001 110: differences from 011, the medoid, are 1 0 2 1 2."""
WINDOW = Windows.from_arrays([SITES], [[10, 20, 50]], sequence_length=100, ploidy=1)
IN_ORDER = [1, 0, 3, 4, 2]


def test_an_alignment_by_hand():
    alignment = FlagelAlignment(n_sites=5).encode(WINDOW)[0]
    np.testing.assert_array_equal(alignment[:3, :-1], np.array(SITES)[:, IN_ORDER])
    np.testing.assert_array_equal(alignment[3:, :-1], np.zeros((2, 5)))
    np.testing.assert_allclose(alignment[:, -1], [0.1, 0.2, 0.5, -1, -1], rtol=1e-6)
    signed = FlagelAlignment(n_sites=5, alleles="-1/+1").encode(WINDOW)[0]
    np.testing.assert_array_equal(signed[:3, :-1], 2 * np.array(SITES)[:, IN_ORDER] - 1)
    np.testing.assert_array_equal(signed[3:], alignment[3:])


def test_of_too_many_sites_the_middle_ones_stay_and_that_is_told():
    encoder = FlagelAlignment(n_sites=1)
    alignment = encoder.encode(WINDOW)[0]
    np.testing.assert_allclose(alignment, [[*np.array(SITES)[1, IN_ORDER], 0.2]], rtol=1e-6)
    assert encoder.remarks(WINDOW) == (
        "1 of 1 training windows have more than 1 sites: 67 % of their sites are left out",
    )
    assert FlagelAlignment(n_sites=5).remarks(WINDOW) == (), "padding is the rule here"


def plain(haplotypes, positions, n_sites):
    rows = haplotypes.T.astype(int)
    falling = sorted(range(len(rows)), key=lambda i: (*(-rows[i]).tolist(), i))
    distances = [[np.abs(rows[i] - rows[j]).sum() for j in falling] for i in falling]
    medoid = int(np.argmin(np.sum(distances, axis=1)))
    order = [falling[k] for k in np.argsort(distances[medoid], kind="stable")]
    alignment = np.zeros((n_sites, len(rows) + 1))
    alignment[:, -1] = -1
    start = max(0, len(positions) // 2 - n_sites // 2) if len(positions) > n_sites else 0
    kept = slice(start, start + n_sites)
    alignment[: len(positions[kept]), :-1] = rows[order].T[kept]
    alignment[: len(positions[kept]), -1] = positions[kept] / 200
    return alignment


@pytest.mark.parametrize("n_sites", [3, 8, 20])
def test_it_equals_plain_numpy(n_sites):
    windows = random_windows(30, seed=4, n_haplotypes=14, mean_sites=7)
    expected = [plain(*window, n_sites) for window in windows]
    np.testing.assert_allclose(FlagelAlignment(n_sites=n_sites).encode(windows), expected, rtol=1e-6)


def test_no_sites_are_refused():
    with pytest.raises(DataError, match="n_sites"):
        FlagelAlignment(n_sites=0)
