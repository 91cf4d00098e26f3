"""The matrix of variable sites."""

import numpy as np
import pytest

from selbench import DataError, Windows
from selbench.testing import EncoderContract
from selbench_imagene.sites import Sites

ALLELES = np.array([[1, 0], [1, 1], [0, 1], [1, 0]])
POSITIONS = np.array([10.0, 25.0, 50.0, 90.0])
WINDOW = Windows.from_arrays([ALLELES], [POSITIONS], sequence_length=100)


class TestSites(EncoderContract):
    component = Sites(n_sites=7)


class TestSitesWithDistances(EncoderContract):
    component = Sites(n_sites=7, keep="central", row="distances")


@pytest.mark.parametrize(
    ("n_sites", "keep", "kept", "before"),
    [
        (2, "first", slice(0, 2), 0),
        (2, "central", slice(1, 3), 0),
        (3, "central", slice(0, 3), 0),
        (4, "central", slice(0, 4), 0),
        (7, "first", slice(0, 4), 0),
        (7, "central", slice(0, 4), 1),
        (8, "central", slice(0, 4), 2),
    ],
)
def test_sites_are_kept_and_padded(n_sites, keep, kept, before):
    features = Sites(n_sites=n_sites, keep=keep).encode(WINDOW)[0]
    expected = np.zeros((2, n_sites), dtype=np.uint8)
    expected[:, before : before + len(ALLELES[kept])] = 255 * ALLELES[kept].T
    np.testing.assert_array_equal(features, expected)


@pytest.mark.parametrize(
    ("n_sites", "keep", "positions", "distances"),
    [
        (2, "first", [0.1, 0.25], [0.1, 0.15]),
        (2, "central", [0.25, 0.5], [0.15, 0.25]),
        (4, "central", [0.1, 0.25, 0.5, 0.9], [0.1, 0.15, 0.25, 0.4]),
        (6, "first", [0.1, 0.25, 0.5, 0.9, 0, 0], [0.1, 0.15, 0.25, 0.4, 0, 0]),
        (7, "central", [0, 0.1, 0.25, 0.5, 0.9, 0, 0], [0, 0.1, 0.15, 0.25, 0.4, 0, 0]),
    ],
)
def test_the_row_below_says_where_the_sites_above_it_are(n_sites, keep, positions, distances):
    haplotypes = Sites(n_sites=n_sites, keep=keep).encode(WINDOW)[0]
    for row, expected in (("positions", positions), ("distances", distances)):
        features = Sites(n_sites=n_sites, keep=keep, row=row).encode(WINDOW)[0]
        np.testing.assert_array_equal(features[:-1], haplotypes)
        np.testing.assert_allclose(features[-1], 255 * np.array(expected), rtol=1e-6)


def test_no_sites_are_refused():
    with pytest.raises(DataError, match="n_sites"):
        Sites(n_sites=0)
