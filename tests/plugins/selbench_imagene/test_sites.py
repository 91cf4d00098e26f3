"""The matrix of variable sites."""

import numpy as np
import pytest

from selbench import DataError, Windows
from selbench.testing import EncoderContract
from selbench_imagene.sites import Sites

ALLELES = np.array([[1, 0], [1, 1], [0, 1], [1, 0]])
POSITIONS = np.array([10.0, 20.0, 50.0, 90.0])
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


@pytest.mark.parametrize(("row", "expected"), [("positions", [0.2, 0.5, 0]), ("distances", [0.1, 0.3, 0])])
def test_the_row_below_says_where_the_sites_are(row, expected):
    shortened = Windows.from_arrays([ALLELES[1:3]], [POSITIONS[1:3]], sequence_length=100)
    features = Sites(n_sites=3, row=row).encode(shortened)[0]
    if row == "distances":
        expected = [0.2, 0.3, 0]
    np.testing.assert_allclose(features[-1], 255 * np.array(expected), rtol=1e-6)


def test_distances_at_a_trimmed_edge_are_from_the_true_neighbour():
    features = Sites(n_sites=2, keep="central", row="distances").encode(WINDOW)[0]
    np.testing.assert_allclose(features[-1], 255 * np.array([0.1, 0.3]), rtol=1e-6)


def test_no_sites_are_refused():
    with pytest.raises(DataError, match="n_sites"):
        Sites(n_sites=0)
