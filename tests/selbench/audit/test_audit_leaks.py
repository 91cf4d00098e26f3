"""Leaks planted into clean windows are found, and coincidences are not taken for leaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selbench import Windows
from selbench.audit.coincidence import Side, dealt_matches, expected_with_positions, is_beyond_chance
from selbench.audit.identity import Identities

Bench = Any
ACROSS = "Identical windows across splits"
ALIKE = "order or positions aside"


def with_copies(target: Windows, source: Windows, n_copies: int) -> Windows:
    """Replace the first windows of a batch by copies of the richest of another."""
    rich = np.argsort(-source.n_sites, kind="stable")[:n_copies]
    plain = replace(source.take(rich), parameters={})
    return Windows.concatenate([plain, replace(target, parameters={}).take(slice(n_copies, None))])


def reordered(windows: Windows, seed: int) -> Windows:
    """Shuffle the haplotypes of every window, each in its own way."""
    rng = np.random.default_rng(seed)
    parts = [matrix[:, rng.permutation(matrix.shape[1])] for matrix, _ in windows]
    return replace(windows, haplotypes=np.concatenate(parts))


def moved(windows: Windows, base_pairs: float) -> Windows:
    """Shift all positions, up to the end of the window."""
    return replace(windows, positions=np.minimum(windows.positions + base_pairs, 999.5))


@pytest.mark.parametrize("label", ["neutral", "sweep"])
@pytest.mark.parametrize("n_copies", [1, 30])
def test_copies_of_training_windows_in_the_test_are_found(clean: Bench, label: str, n_copies: int) -> None:
    leaking = clean.planted("test", label, lambda w: with_copies(w, clean.windows["train", label], n_copies))
    finding = leaking.finding(ACROSS)
    assert finding.verdict == "red"
    assert f"{n_copies} of 300 windows of test/{label}" in finding.headline
    assert any("window" in line and "=" in line for line in finding.evidence), "examples are shown"
    assert leaking.finding("Repeated windows").verdict == "green"


@pytest.mark.parametrize("label", ["neutral", "sweep"])
def test_reordered_haplotypes_do_not_hide_a_leak(clean: Bench, label: str) -> None:
    leaking = clean.planted(
        "test", label, lambda w: with_copies(w, reordered(clean.windows["train", label], 1), 20)
    )
    assert leaking.finding(ACROSS).verdict == "green", "no window is identical"
    finding = leaking.finding(ALIKE)
    assert finding.verdict == "red"
    assert any("order of haplotypes" in line for line in finding.evidence)


@pytest.mark.parametrize(("label", "n_copies"), [("neutral", 30), ("sweep", 60)])
def test_moved_positions_do_not_hide_a_leak(clean: Bench, label: str, n_copies: int) -> None:
    leaking = clean.planted(
        "test", label, lambda w: with_copies(w, moved(clean.windows["train", label], 3), n_copies)
    )
    assert leaking.finding(ACROSS).verdict == "green"
    finding = leaking.finding(ALIKE)
    assert finding.verdict == "red"
    assert any("positions aside" in line for line in finding.evidence)


def test_a_leak_reordered_and_moved_at_once_is_found(clean: Bench) -> None:
    changed = reordered(moved(clean.windows["train", "neutral"], 3), 4)
    leaking = clean.planted("test", "neutral", lambda w: with_copies(w, changed, 30))
    assert leaking.finding(ALIKE).verdict == "red"


def test_copies_within_a_split_are_found_by_their_share(clean: Bench) -> None:
    few = clean.planted("test", "sweep", lambda w: with_copies(w, w.take(range(290, 300)), 10))
    assert few.finding("Repeated windows").verdict == "amber"
    many = clean.planted("test", "sweep", lambda w: with_copies(w, w.take(range(200, 300)), 100))
    assert many.finding("Repeated windows").verdict == "red"
    assert many.finding(ACROSS).verdict == "green"


def test_windows_under_two_labels_are_found(clean: Bench) -> None:
    mislabelled = clean.planted(
        "train", "sweep", lambda w: with_copies(w, clean.windows["train", "neutral"], 5).with_label("sweep")
    )
    finding = mislabelled.finding("two labels")
    assert finding.verdict == "red"
    assert finding.headline.startswith("5 windows")


def test_windows_without_sites_are_never_a_leak(clean: Bench) -> None:
    nothing = Windows.from_arrays(
        [np.empty((0, 48))] * 100, [[]] * 100, sequence_length=1000, n_haplotypes=48
    )

    def add(windows: Windows) -> Windows:
        return Windows.concatenate([replace(windows, parameters={}), nothing])

    empties = clean.planted("test", "sweep", add).planted("train", "sweep", add)
    finding = empties.finding(ACROSS)
    assert finding.verdict == "green"
    assert any("test/sweep 100 of 400" in line for line in finding.evidence), "they are counted apart"
    assert empties.finding("Repeated windows").verdict == "green"
    assert empties.finding(ALIKE).verdict == "green"


def test_one_seed_file_for_every_folder_is_found_as_in_the_public_dataset(clean: Bench) -> None:
    same = clean.planted("test", "neutral", lambda _: clean.windows["train", "neutral"].take(range(300)))
    finding = same.finding(ACROSS)
    assert "300 of 300 windows of test/neutral" in finding.headline


def test_coincidences_of_the_studys_setting_stay_green(new_bench: Callable[..., Bench]) -> None:
    """Of 500 selected test windows some 200 have the matrix of one of 5,000 for training, order aside."""
    bench = new_bench(9, {"train": 5000, "validation": 500, "test": 500})
    finding = bench.finding(ALIKE)
    assert finding.verdict == "green"
    observed = sum(
        d.observed
        for d in dealt_matches(
            *(side_of(bench.windows[split, "sweep"], ordered=False) for split in ("train", "test")),
            np.random.default_rng(1),
        )
    )
    assert 150 < observed < 300
    assert bench.finding(ACROSS).verdict == "green"


def side_of(windows: Windows, *, ordered: bool = True) -> Side:
    identities = Identities.of(windows)
    matrix = identities.matrix if ordered else identities.unordered_matrix
    return Side(windows.n_sites, identities.exact, matrix)


def test_expected_coincidences_with_positions_match_what_simulations_give() -> None:
    """Windows of one site, rounded to 20 base pairs: chance makes many of them identical."""
    rng = np.random.default_rng(4)

    def draw(n_windows: int) -> Windows:
        carriers = rng.integers(0, 3, n_windows)
        return Windows.from_arrays(
            [np.eye(6, dtype=np.uint8)[[c]] for c in carriers],
            [[float(p)] for p in rng.integers(0, 20, n_windows)],
            sequence_length=20,
        )

    pairs, expected = [], []
    for _ in range(40):
        a, b = side_of(draw(200)), side_of(draw(80))
        pairs.append(int((a.positioned[:, None] == b.positioned).sum()))
        expected.append(expected_with_positions(a, b, sequence_length=20, unevenness=1.0)[1])
    assert np.mean(pairs) == pytest.approx(200 * 80 / 60, rel=0.1), "theory: 20 places, 3 carriers"
    assert np.mean(expected) == pytest.approx(np.mean(pairs), rel=0.1)


def test_dealing_labels_anew_has_the_mean_of_exchangeable_windows() -> None:
    """Digests drawn from one urn: observed matches lie where dealing says."""
    rng = np.random.default_rng(5)
    z = []
    for _ in range(60):
        digests = rng.integers(0, 400, 600).astype(np.uint64)
        n_sites = np.full(600, 2)
        first = Side(n_sites[:400], digests[:400], digests[:400])
        second = Side(n_sites[400:], digests[400:], digests[400:])
        (dealt,) = dealt_matches(first, second, rng)
        z.append((dealt.observed - dealt.expected) / dealt.deviation)
        assert not dealt.is_beyond_chance
    assert abs(np.mean(z)) < 5 / np.sqrt(60)
    assert 0.7 < np.std(z) < 1.4


def test_beyond_chance_needs_more_than_a_poisson_surprise() -> None:
    assert not is_beyond_chance(np.array([], dtype=np.int64), {1: 0.0})
    assert is_beyond_chance(np.array([12]), {12: 1e-8})
    assert not is_beyond_chance(np.array([1]), {1: 0.01})
    assert not is_beyond_chance(np.full(110, 1), {1: 100.0})
    assert is_beyond_chance(np.full(300, 1), {1: 100.0})
    assert is_beyond_chance(np.array([*[1] * 100, 14]), {1: 100.0, 14: 1e-9}), "one rich window is enough"


def test_digests_agree_exactly_when_windows_do(study: Callable[..., Windows]) -> None:
    windows = study("neutral", n_windows=50, seed=3)
    a, b = Identities.of(windows), Identities.of(reordered(windows, 2))
    assert (a.exact == Identities.of(windows).exact).all()
    assert (a.unordered == b.unordered).all()
    assert (a.unordered_matrix == Identities.of(moved(windows, 5)).unordered_matrix).all()
    assert (a.matrix == Identities.of(moved(windows, 5)).matrix).all()
    assert (a.exact != b.exact).mean() > 0.9
    assert len(np.unique(a.unordered)) == 50
