"""The encoders `statistics` and `sfs`: options, names, sub-windows, scalings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selbench import DataError, PluginError, Registry, Windows
from selbench.statistics import STATISTICS, compute
from selbench.testing import random_windows
from selbench_statistics.spectrum import SiteFrequencySpectrum
from selbench_statistics.summaries import SummaryStatistics


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.sampled_from([1, 5, 200]))
def test_sub_windows_are_windows_of_their_own(seed: int, n_parts: int, sequence_length: int) -> None:
    windows = random_windows(5, seed=seed, sequence_length=sequence_length)
    names = ("segregating_sites", "h12", "kelly_zns")
    found = SummaryStatistics(names=names, sub_windows=n_parts).encode(windows)
    edges = np.arange(n_parts + 1) * sequence_length / n_parts
    for i, (haplotypes, positions) in enumerate(windows):
        parts = [(positions >= low) & (positions < high) for low, high in pairwise(edges)]
        alone = Windows.from_arrays(
            [haplotypes[part] for part in parts],
            [positions[part] for part in parts],
            sequence_length=sequence_length,
        )
        np.testing.assert_array_equal(found[i], compute(alone, names).ravel())


@pytest.mark.parametrize("n_parts", [2, 3, 5, 6, 7])
@pytest.mark.parametrize("sequence_length", [200, 1000, 10_000])
def test_a_site_at_the_right_border_is_in_the_last_sub_window(n_parts: int, sequence_length: int) -> None:
    last, site = np.nextafter(sequence_length, 0), [[1, 0]]
    windows = Windows.from_arrays(
        [site * 2, np.empty((0, 2)), site], [[0, last], [], [last]], sequence_length=sequence_length
    )
    found = SummaryStatistics(names=("segregating_sites",), sub_windows=n_parts).encode(windows)
    expected = np.zeros((3, n_parts))
    expected[0, [0, -1]] = expected[2, -1] = 1
    np.testing.assert_array_equal(found, expected)


def test_sub_windows_take_samples_above_255_haplotypes() -> None:
    carriers = np.array([255, 256, 257, 511, 512, 599])
    alleles = np.arange(600) < carriers[:, None]
    windows = Windows.from_arrays([alleles], [[0, 1, 2, 5, 6, 7]], sequence_length=8)
    found = SummaryStatistics(names=("segregating_sites", "theta_l"), sub_windows=2).encode(windows)[0]
    expected = [3, (255 + 256 + 257) / 599, 3, (511 + 512 + 599) / 599]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_features_carry_the_names_of_statistics() -> None:
    windows = random_windows(3, seed=1)
    assert SummaryStatistics(names=("h12", "theta_w")).feature_spec(windows.spec).names == ("h12", "theta_w")
    spec = SummaryStatistics(names=("h12", "theta_w"), sub_windows=2).feature_spec(windows.spec)
    assert spec.names == ("h12@1/2", "theta_w@1/2", "h12@2/2", "theta_w@2/2")
    assert spec.shape == (4,)


def test_it_is_spelled_with_semicolons() -> None:
    built = Registry.installed().encoders.build("statistics[names=h12;theta_w,sub_windows=3]")
    assert built == SummaryStatistics(names=("h12", "theta_w"), sub_windows=3)


@pytest.mark.parametrize(
    ("spelled", "message"),
    [
        ("statistics[names=tajima_d]", "did you mean 'tajimas_d'"),
        ("statistics[names=h12;h12]", "each statistic once"),
        ("statistics[sub_windows=0]", "sub_windows"),
        ("statistics[name=h12]", "did you mean 'names'"),
        ("sfs[invariant=true,scaled=true]", "raw counts"),
        ("sfs[folded=yes]", "true or false"),
    ],
)
def test_bad_options_are_refused_in_one_line(spelled: str, message: str) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        Registry.installed().encoders.build(spelled)
    assert "\n" not in str(caught.value)


def test_no_names_are_refused() -> None:
    with pytest.raises(DataError, match="at least one"):
        SummaryStatistics(names=())


def test_statistics_of_derived_alleles_are_declined_without_ancestral_states() -> None:
    spec = random_windows(2, seed=1).spec
    everything = SummaryStatistics(names=tuple(STATISTICS))
    assert everything.unsupported(spec, "ancestral") is None
    reason = everything.unsupported(spec, "ref")
    assert reason is not None
    assert "theta_h" in reason
    assert "tajimas_d" not in reason
    assert SummaryStatistics().unsupported(spec, "major") is None
    assert SiteFrequencySpectrum().unsupported(spec, "ref") is not None
    assert SiteFrequencySpectrum(folded=True).unsupported(spec, "ref") is None


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("n_haplotypes", [9, 10])
def test_scaling_makes_the_neutral_expectation_flat(folded: bool, n_haplotypes: int) -> None:
    """ξᵢ ∝ 1/i: one window in which site counts are exactly a multiple of that."""
    multiple = 2520  # of 1 … 10
    carriers = [i for i in range(1, n_haplotypes) for _ in range(multiple // i)]
    haplotypes = np.arange(n_haplotypes)[None, :] < np.array(carriers)[:, None]
    windows = Windows.from_arrays([haplotypes], [np.zeros(len(carriers))], sequence_length=1, ploidy=1)
    scaled = SiteFrequencySpectrum(folded=folded, scaled=True).encode(windows)[0]
    np.testing.assert_allclose(scaled, multiple)


SPECTRA = [  # n, carriers of each site, then for unfolded and folded the scaled counts and their total
    (4, [1, 1, 2, 3], ([2, 2, 3], 7), ([3 * 3 / 4, 1 * 2 * 4 / 4], 17 / 4)),
    (5, [1, 2, 3, 3, 4], ([1, 2, 6, 4], 13), ([2 * 4 / 5, 3 * 6 / 5], 26 / 5)),
]


@pytest.mark.parametrize(("n_haplotypes", "carriers", "unfolded", "folded"), SPECTRA)
def test_spectra_are_scaled_before_they_are_normalised(
    n_haplotypes: int,
    carriers: list[int],
    unfolded: tuple[list[float], float],
    folded: tuple[list[float], float],
) -> None:
    alleles = np.arange(n_haplotypes) < np.array(carriers)[:, None]
    windows = Windows.from_arrays([alleles], [range(len(carriers))], sequence_length=9, ploidy=1)
    for fold, (scaled, total) in ((False, unfolded), (True, folded)):
        raw = SiteFrequencySpectrum(folded=fold, scaled=True).encode(windows)[0]
        np.testing.assert_allclose(raw, scaled, rtol=1e-12)
        shares = SiteFrequencySpectrum(folded=fold, scaled=True, normalised=True).encode(windows)[0]
        np.testing.assert_allclose(shares, np.array(scaled) / total, rtol=1e-12)


def test_normalised_spectra_sum_to_one_and_empty_ones_to_zero() -> None:
    windows = random_windows(20, seed=3)
    for encoder in (
        SiteFrequencySpectrum(normalised=True),
        SiteFrequencySpectrum(normalised=True, scaled=True, folded=True),
    ):
        totals = encoder.encode(windows).sum(axis=1)
        np.testing.assert_allclose(totals, windows.n_sites > 0)


def test_invariant_base_pairs_complete_the_window() -> None:
    windows = random_windows(20, seed=3)
    for folded in (False, True):
        encoder = SiteFrequencySpectrum(invariant=True, folded=folded)
        features = encoder.encode(windows)
        np.testing.assert_array_equal(features.sum(axis=1), windows.spec.sequence_length)
        np.testing.assert_array_equal(features[:, 1:], SiteFrequencySpectrum(folded=folded).encode(windows))
        assert encoder.feature_spec(windows.spec).names[:2] == ("invariant", "1 of 12")
