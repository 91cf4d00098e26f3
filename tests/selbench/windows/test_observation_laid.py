"""What is seen of a genome, laid on simulated windows."""

from __future__ import annotations

import numpy as np
import pytest

from selbench.windows import Observation, SeenWindow, Windows, class_of

N_SITES, LENGTH = 40, 1000


def windows_of(n_windows: int, n_haplotypes: int = 8) -> Windows:
    rng = np.random.default_rng(2)
    return Windows.from_arrays(
        [rng.integers(0, 2, (N_SITES, n_haplotypes)).astype(np.uint8) for _ in range(n_windows)],
        [np.sort(rng.random(N_SITES) * LENGTH) for _ in range(n_windows)],
        sequence_length=LENGTH,
    )


def seen(observed: list[list[int]], lost: tuple[bool, ...] = ()) -> SeenWindow:
    return SeenWindow(np.array(observed).reshape(-1, 2), np.array(lost, bool))


def test_a_window_takes_gaps_and_losses_of_one_of_the_genomes_windows_and_knows_its_share() -> None:
    patterns = (seen([[0, 300], [700, 800]]), seen([[0, 1000]], (True, False)))
    windows = windows_of(60)
    laid = Observation(patterns).laid_on(windows, indices=range(60), seed=1)
    taken = set()
    for i, ((haplotypes, positions), (before, at)) in enumerate(zip(laid, windows, strict=True)):
        gaps = (at < 300) | ((at >= 700) & (at < 800))
        in_turn = np.arange(len(at)) % 2 == 1
        of_gaps = gaps.copy()
        of_gaps[gaps] = in_turn[: gaps.sum()]  # it has no site of its own: those of the next window
        kept = (of_gaps, in_turn)
        (chosen,) = [k for k, inside in enumerate(kept) if np.array_equal(at[inside], positions)]
        np.testing.assert_array_equal(haplotypes, before[kept[chosen]])
        assert laid.observed[i] == (0.4, 1.0)[chosen]
        taken.add(chosen)
    assert taken == {0, 1}
    assert Observation(patterns).share_lost == 0.5


def test_sites_that_a_genome_lost_each_by_itself_are_lost_so() -> None:
    """A site that shared its neighbour's loss would make the number that is left vary more than by chance."""
    rng = np.random.default_rng(2)
    patterns = tuple(seen([[0, 1000]], tuple(rng.random(N_SITES) < 0.2)) for _ in range(400))
    windows = windows_of(2000)
    laid = Observation(patterns).laid_on(windows, indices=range(2000), seed=1)
    assert laid.n_sites.mean() == pytest.approx(0.8 * N_SITES, rel=0.03)
    assert laid.n_sites.var() == pytest.approx(0.16 * N_SITES, rel=0.15)


def test_sites_that_a_genome_lost_together_are_lost_together() -> None:
    pattern = seen([[0, 1000]], (*[False] * 5, *[True] * 10, *[False] * (N_SITES - 15)))
    windows = windows_of(3)
    laid = Observation((pattern,)).laid_on(windows, indices=range(3), seed=1)
    for (_, positions), (_, at) in zip(laid, windows, strict=True):
        np.testing.assert_array_equal(positions, np.delete(at, np.arange(5, 15)))


def test_what_is_laid_on_a_window_hangs_on_seed_and_index_alone() -> None:
    whole = Observation((seen([[0, 400]]), seen([[300, 900]])), False, 0.3, "ref")
    windows = windows_of(20)
    laid = whole.laid_on(windows, indices=range(100, 120), seed=5)
    part = whole.laid_on(windows[7:12], indices=range(107, 112), seed=5)
    assert part.digests() == laid[7:12].digests()
    assert whole.laid_on(windows, indices=range(100, 120), seed=6).digests() != laid.digests()


def test_unphased_windows_tell_genotypes_and_no_more() -> None:
    windows = windows_of(5)
    laid = Observation(phased=False).laid_on(windows, indices=range(5), seed=1)
    pairs = laid.haplotypes.reshape(-1, 4, 2)
    assert not laid.phased
    assert (pairs[..., 0] <= pairs[..., 1]).all()
    np.testing.assert_array_equal(pairs.sum(axis=2), windows.haplotypes.reshape(-1, 4, 2).sum(axis=2))


def test_inbred_individuals_carry_one_haplotype_twice_at_the_rate_and_every_site_varies() -> None:
    laid = Observation(inbreeding=0.25).laid_on(windows_of(300, 6), indices=range(300), seed=1)
    is_one = [(w.haplotypes[:, ::2] == w.haplotypes[:, 1::2]).all(axis=0) for w in laid]
    assert np.mean(is_one) == pytest.approx(0.25, abs=0.05)
    carriers = laid.haplotypes.sum(axis=1)
    assert ((carriers > 0) & (carriers < 6)).all()


def test_a_zero_is_the_more_frequent_allele_or_that_of_a_haplotype_of_the_window() -> None:
    windows = windows_of(4)
    major = Observation(polarisation="major").laid_on(windows, indices=range(4), seed=1)
    assert (2 * major.haplotypes.sum(axis=1) <= 8).all()
    ref = Observation(polarisation="ref").laid_on(windows, indices=range(4), seed=1)
    assert ref.polarisation == "ref"
    for turned, before in zip(ref, windows, strict=True):
        assert (turned.haplotypes == 0).all(axis=0).any()
        np.testing.assert_array_equal(
            np.ptp(turned.haplotypes ^ before.haplotypes, axis=1), np.zeros(len(turned.positions))
        )


def test_shares_fall_into_classes_none_under_a_quarter() -> None:
    assert class_of(np.array([0.24, 0.25, 0.5, 0.75, 0.95])).tolist() == [-1, 0, 1, 2, 3]


def test_sites_are_lost_by_chance_and_by_their_own_streams() -> None:
    windows = windows_of(200)
    laid = Observation(site_loss=0.2).laid_on(windows, indices=range(200), seed=1)
    assert laid.n_sites.sum() / windows.n_sites.sum() == pytest.approx(0.8, abs=0.02)
    assert Observation((seen([[0, 1000]], (True, False)),), site_loss=0.2).share_lost == 0.6
    part = Observation(site_loss=0.2).laid_on(windows[50:60], indices=range(50, 60), seed=1)
    assert part.digests() == laid[50:60].digests()


def test_a_share_of_sites_is_turned_and_the_rest_is_as_it_was() -> None:
    windows = windows_of(200)
    laid = Observation(mispolarised=0.02).laid_on(windows, indices=range(200), seed=1)
    turned = laid.haplotypes != windows.haplotypes
    assert (turned.all(axis=1) == turned.any(axis=1)).all()
    assert turned.any(axis=1).mean() == pytest.approx(0.02, abs=0.005)
    assert (laid.polarisation, laid.phased) == ("ancestral", True)
