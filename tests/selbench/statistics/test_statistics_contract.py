"""What holds for every statistic: undefined values, polarisation, names, batches, sites that vary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selbench import DataError, PluginError, UnsupportedError, Windows, statistic
from selbench.plugin import statistics as entered
from selbench.statistics import STATISTICS, compute, site_frequency_spectra
from selbench.testing import random_windows

ALL = tuple(STATISTICS)
FREE = tuple(name for name in ALL if not STATISTICS[name].needs_ancestral)


def test_the_named_statistics_are_there() -> None:
    assert len(ALL) == 25
    assert set(ALL) - set(FREE) == {
        *("theta_h", "theta_l", "fay_wu_h", "zeng_e", "singletons", "max_nsl", "max_ihs"),
        "largest_derived_frequency",
    }


@pytest.mark.parametrize("name", ALL)
def test_a_window_without_segregating_sites_has_the_stated_value(name: str) -> None:
    empty = np.zeros((0, 6), dtype=np.uint8)
    fixed = np.repeat([[1], [0]], 6, axis=1)
    windows = Windows.from_arrays([empty, fixed], [[], [1.0, 2.0]], sequence_length=10)
    assert (compute(windows, [name]) == STATISTICS[name].undefined_value).all()


@pytest.mark.parametrize("n_haplotypes", [2, 3, 4])
def test_tiny_samples_give_finite_values(n_haplotypes: int) -> None:
    windows = random_windows(40, seed=1, n_haplotypes=n_haplotypes, ploidy=1, mean_sites=4)
    assert np.isfinite(compute(windows, ALL)).all()
    if n_haplotypes < 4:
        assert (compute(windows, ["tajimas_d"]) == 0).all()


@pytest.mark.parametrize("name", ALL)
def test_every_statistic_says_what_it_is(name: str) -> None:
    statistic = STATISTICS[name]
    assert statistic.name == name
    assert statistic.summary
    assert statistic.formula
    assert any(character.isdigit() for character in statistic.citation)


@pytest.mark.parametrize("name", ALL)
def test_what_needs_ancestral_states_declines_without_them(name: str) -> None:
    windows = random_windows(4, seed=1, polarisation="major")
    if STATISTICS[name].needs_ancestral:
        with pytest.raises(UnsupportedError, match=f"{name}: needs ancestral states, .*'major'"):
            compute(windows, [name])
    else:
        compute(windows, [name])


@pytest.mark.parametrize("name", FREE)
def test_what_needs_no_ancestral_states_is_the_same_with_alleles_exchanged(name: str) -> None:
    windows = random_windows(30, seed=2)
    flip = np.random.default_rng(0).integers(0, 2, len(windows.haplotypes)).astype(np.uint8)
    flipped = replace(windows, haplotypes=windows.haplotypes ^ flip[:, None], polarisation="ref")
    np.testing.assert_array_equal(compute(flipped, [name]), compute(windows, [name]))


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(DataError, match=r"'tajima_d'.*did you mean 'tajimas_d'"):
        compute(random_windows(2, seed=1), ["h12", "tajima_d"])


def test_columns_follow_the_names_asked_for() -> None:
    windows = random_windows(5, seed=1)
    both = compute(windows, ["h12", "segregating_sites"])
    np.testing.assert_array_equal(both[:, 1], windows.n_sites)
    np.testing.assert_array_equal(both[:, :1], compute(windows, ["h12"]))
    assert compute(windows, []).shape == (5, 0)
    assert compute(windows.take([]), ALL).shape == (0, len(ALL))


def test_sites_that_do_not_vary_change_nothing() -> None:
    windows = random_windows(20, seed=6)
    padded = []
    for haplotypes, positions in windows:
        fixed = np.insert(haplotypes, len(haplotypes) // 2, 1, axis=0)
        padded.append((np.insert(fixed, 0, 0, axis=0), np.sort(np.append(positions, [0.0, 0.0]))))
    with_fixed = Windows.from_arrays([h for h, _ in padded], [p for _, p in padded], sequence_length=200)
    names = [name for name in ALL if name != "max_ihs"]  # positions had to change
    np.testing.assert_array_equal(compute(with_fixed, names), compute(windows, names))
    np.testing.assert_array_equal(site_frequency_spectra(with_fixed), site_frequency_spectra(windows))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([2, 5, 63, 64, 65, 129]),
    st.sampled_from([1.0, 7.0, 70.0, 150.0]),
)
def test_a_window_does_not_depend_on_its_batch(seed: int, n_haplotypes: int, mean_sites: float) -> None:
    windows = random_windows(4, seed=seed, n_haplotypes=n_haplotypes, ploidy=1, mean_sites=mean_sites)
    together = compute(windows, ALL)
    assert np.isfinite(together).all()
    for i in range(len(windows)):
        np.testing.assert_array_equal(compute(windows.take([i]), ALL)[0], together[i])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([3, 8, 48, 70]))
def test_the_order_of_haplotypes_does_not_matter(seed: int, n_haplotypes: int) -> None:
    windows = random_windows(3, seed=seed, n_haplotypes=n_haplotypes, ploidy=1, mean_sites=20)
    order = np.random.default_rng(seed).permutation(n_haplotypes)
    shuffled = replace(windows, haplotypes=windows.haplotypes[:, order])
    np.testing.assert_array_equal(compute(shuffled, ALL), compute(windows, ALL))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 70))
def test_spectra_count_every_segregating_site_once(seed: int, n_haplotypes: int) -> None:
    windows = random_windows(6, seed=seed, n_haplotypes=n_haplotypes, ploidy=1)
    unfolded = site_frequency_spectra(windows)
    folded = site_frequency_spectra(windows, folded=True)
    assert unfolded.dtype == folded.dtype == np.int64
    assert unfolded.shape == (6, n_haplotypes - 1)
    assert folded.shape == (6, n_haplotypes // 2)
    np.testing.assert_array_equal(unfolded.sum(axis=1), compute(windows, ["segregating_sites"])[:, 0])
    both = unfolded + unfolded[:, ::-1]
    if n_haplotypes % 2 == 0:
        both[:, n_haplotypes // 2 - 1] //= 2
    np.testing.assert_array_equal(folded, both[:, : n_haplotypes // 2])


def test_unfolded_spectra_need_ancestral_states() -> None:
    windows = random_windows(3, seed=1, polarisation="ref")
    with pytest.raises(UnsupportedError, match="unfolded"):
        site_frequency_spectra(windows)
    assert site_frequency_spectra(windows, folded=True).sum() == windows.n_sites.sum()


def test_read_only_arrays_are_taken() -> None:
    windows = random_windows(3, seed=1)
    expected = compute(windows, ALL)
    for array in (windows.haplotypes, windows.positions, windows.offsets):
        array.flags.writeable = False
    np.testing.assert_array_equal(compute(windows, ALL), expected)


def test_gaps_too_long_leave_ihs_undefined() -> None:
    """A gap of more than 200 kb is not bridged; one of 100 kb counts as 20 kb."""
    rng = np.random.default_rng(1)
    haplotypes = (rng.random((12, 10)) < 0.5).astype(np.uint8)
    haplotypes[:, 0], haplotypes[:, 1] = 0, 1
    steps = np.full(11, 1000.0)

    def at(gap: float) -> float:
        positions = np.cumsum(np.append(0, np.where(np.arange(11) == 5, gap, steps)))
        windows = Windows.from_arrays([haplotypes], [positions], sequence_length=10**6)
        return float(compute(windows, ["max_ihs"])[0, 0])

    assert at(100_000.0) == at(20_000.0) != at(19_000.0)
    assert at(200_001.0) != at(200_000.0)


def test_a_statistic_that_fails_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @statistic("nobody", needs_ancestral=False, needs_phase=False, undefined_value=0.0)
    def out_of_order(m):
        """Fail."""
        return {}["x"]

    monkeypatch.setitem(entered._ENTERED, "out_of_order", {"mine": out_of_order.statistic})
    said = r"statistic out_of_order: KeyError: 'x' \(.*test_statistics_contract\.py:\d+\)"
    with pytest.raises(PluginError, match=said):
        compute(random_windows(2, seed=1), ["out_of_order"])
