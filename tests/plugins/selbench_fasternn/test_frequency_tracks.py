"""Tracks of distances and derived frequencies: by hand, and against plain numpy."""

import numpy as np
import pytest

from selbench import DataError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_fasternn.snps import FrequencyTrack


class TestFrequencyTrack(EncoderContract):
    component = FrequencyTrack(n_sites=6)


class TestFrequenciesAlone(EncoderContract):
    component = FrequencyTrack(n_sites=5, channels="frequency", target_bp=20.0)


SITES = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1], [0, 1, 0, 1]]
LONG = Windows.from_arrays([SITES], [[100, 300, 700, 710, 900]], sequence_length=1000)
SHORT = Windows.from_arrays([SITES[:3]], [[100, 300, 700]], sequence_length=1000)


@pytest.mark.parametrize(
    ("target_bp", "expected"),
    [
        (None, [[1.0, 0.25], [2.0, 0.5], [0.05, 0.75], [0, 0.25]]),  # 300 and 700 are as near: the first
        (0.0, [[1.0, 0.25], [2.0, 0.5], [0.05, 0.75], [0, 0.25]]),  # two sites must be left of the centre
        (640.0, [[1.0, 0.25], [2.0, 0.5], [0.05, 0.75], [0, 0.25]]),
        (900.0, [[1.0, 0.25], [2.0, 0.5], [0.05, 0.75], [0, 0.25]]),
    ],
)
def test_with_one_site_to_spare_there_is_one_centre(target_bp, expected):
    found = FrequencyTrack(n_sites=4, target_bp=target_bp).encode(LONG)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("target_bp", "first"), [(None, 0), (100.0, 0), (690.0, 1), (706.0, 2), (950.0, 2)])
def test_a_stretch_lies_around_the_site_nearest_to_the_target(target_bp, first):
    """Of sites 1, 2 and 3, which leave one on either side: 300, 700 and 710."""
    found = FrequencyTrack(n_sites=2, target_bp=target_bp).encode(LONG)[0]
    positions = [100, 300, 700, 710, 900]
    expected = [
        [(positions[first + 1] - positions[first]) / 200, np.mean(SITES[first])],
        [0, np.mean(SITES[first + 1])],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_too_few_sites_stand_in_the_middle_and_are_told():
    encoder = FrequencyTrack(n_sites=6)
    expected = np.zeros((6, 2))
    expected[2:5] = [[1.0, 0.25], [2.0, 0.5], [0, 0.75]]
    np.testing.assert_allclose(encoder.encode(SHORT)[0], expected, rtol=1e-6)
    assert encoder.remarks(SHORT) == (
        "1 of 1 training windows have fewer than 6 sites: 50 % of their columns are empty",
    )
    assert FrequencyTrack(n_sites=2).remarks(LONG) == ()


def plain(haplotypes, positions, length, n_sites):
    track, n = np.zeros((n_sites, 2)), len(positions)
    half = n_sites // 2
    if n > n_sites:
        centres = range(half, n - half)
        c = min(centres, key=lambda i: (abs(positions[i] - length / 2), i))
        first, count, column = c - half, n_sites, 0
    else:
        first, count, column = 0, n, half - n // 2
    kept = slice(first, first + count)
    track[column : column + count, 0] = np.diff(positions[kept], append=positions[kept][-1:]) / 200
    track[column : column + count, 1] = haplotypes[kept].mean(axis=1) if count else 0
    return track


@pytest.mark.parametrize("n_sites", [4, 10, 16])
def test_it_equals_plain_numpy(n_sites):
    windows = random_windows(40, seed=2, n_haplotypes=9, ploidy=1, mean_sites=10)
    expected = [plain(*window, 200, n_sites) for window in windows]
    np.testing.assert_allclose(FrequencyTrack(n_sites=n_sites).encode(windows), expected, rtol=1e-6)


def test_what_cannot_be_encoded_is_declined_with_the_reason():
    spec = WindowSpec(10, 1000, 2)
    assert "ancestral" in FrequencyTrack().unsupported(spec, "major")
    assert "outside" in FrequencyTrack(target_bp=1000.0).unsupported(spec, "ancestral")
    with pytest.raises(DataError, match="n_sites"):
        FrequencyTrack(n_sites=1)
    with pytest.raises(DataError, match="distance_bp"):
        FrequencyTrack(distance_bp=0.0)
