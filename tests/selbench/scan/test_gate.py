"""The gate: a null that does not fit the genome is told by what does not fit."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from selbench.scan.gate import fit_of
from selbench.trained import Portrait
from selbench.windows import Windows

N = 20
FLAT = np.linspace(0.05, 1, 20)
"""p_sim of a genome that the null fits."""


def windows_with(n_windows: int, seed: int, sites: int = 30, drop_singletons: bool = False) -> Windows:
    """Make windows of unlinked sites whose carriers are as in a constant population: share 1/i."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, N)
    haplotypes, positions = [], []
    for _ in range(n_windows):
        carriers = rng.choice(np.arange(1, N), rng.poisson(sites), p=weights / weights.sum())
        if drop_singletons:
            carriers = carriers[(carriers > 1) & (carriers < N - 1)]
        ranks = rng.random((len(carriers), N)).argsort(axis=1)
        haplotypes.append((ranks < carriers[:, None]).astype(np.uint8))
        positions.append(np.sort(rng.random(len(carriers)) * 1000))
    return Windows.from_arrays(haplotypes, positions, sequence_length=1000, n_haplotypes=N)


@pytest.fixture(scope="module")
def null() -> Portrait:
    return Portrait.of(windows_with(300, seed=1))


def test_windows_of_the_same_making_fit(null: Portrait) -> None:
    fit = fit_of(Portrait.of(windows_with(200, seed=2)), null, FLAT)
    assert fit.misfits == ()
    assert sum(fit.p_histogram) == 20
    assert {
        "segregating_sites",
        "nucleotide_diversity",
        "minor_1",
        "minor_2-3",
        "minor_8-10",
        "r2_6%-12%",
    } <= set(fit.compared)


def test_a_portrait_is_what_its_definitions_say(null: Portrait) -> None:
    windows = windows_with(5, seed=3)
    found = Portrait.of(windows).measures
    assert found["segregating_sites"][0] == pytest.approx(windows.n_sites.mean())
    pairs = [(a != b).sum() for one, _ in windows for a, b in combinations(one.T, 2)]
    assert found["nucleotide_diversity"][0] == pytest.approx(np.mean(pairs))
    assert sum(value for name, (value, _) in found.items() if name.startswith("minor")) == pytest.approx(1)


def test_missing_singletons_are_told(null: Portrait) -> None:
    fit = fit_of(Portrait.of(windows_with(50, seed=4, drop_singletons=True)), null, FLAT)
    (words,) = [words for words in fit.misfits if "singletons" in words]
    assert "filtered by frequency, or of a chip" in words


def test_more_variation_than_the_history_makes_is_told(null: Portrait) -> None:
    fit = fit_of(Portrait.of(windows_with(50, seed=5, sites=60)), null, FLAT)
    assert any(words.startswith("segregating sites per window: ") for words in fit.misfits)


def test_a_difference_within_chance_is_no_misfit(null: Portrait) -> None:
    fit = fit_of(Portrait.of(windows_with(1, seed=9, sites=42)), null, FLAT)
    assert not any("segregating" in words for words in fit.misfits)


def test_p_that_are_low_everywhere_are_told_even_without_a_portrait() -> None:
    fit = fit_of(Portrait.of(windows_with(5, seed=6)), None, FLAT**3)
    assert fit.misfits == ("the median of p_sim is 0.15 where ½ is expected",)
    assert fit.compared == {}


def test_half_observed_windows_count_as_if_all_had_been_and_missing_calls_are_left_out() -> None:
    windows = windows_with(30, seed=7)
    half = replace(windows, observed=np.full(30, 0.5))
    assert Portrait.of(half).measures["segregating_sites"][0] == pytest.approx(
        2 * Portrait.of(windows).measures["segregating_sites"][0]
    )
    haplotypes = windows.haplotypes.copy()
    haplotypes[::2, 0] = 255
    holed = Portrait.of(replace(windows, haplotypes=haplotypes, missing=True)).measures
    whole = Portrait.of(windows.take(range(30))).measures
    assert abs(holed["minor_1"][0] - whole["minor_1"][0]) < 0.1
    assert not any(name.startswith("r2") for name in Portrait.of(replace(windows, phased=False)).measures)
