"""Copies with something changed are found; windows that are alike by chance are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Registry, Scenario, Windows
from selbench.audit.audited import AuditedData, in_batches
from selbench.audit.near_copies import NearCopy, beyond_chance, near_copies
from selbench.audit.sites import MOST_SITES, Sites
from selbench.audit.survey import Survey, take_survey

Bench = Any
Arrays = tuple[NDArray[np.uint8], NDArray[np.float64]]
Change = Callable[[NDArray[np.uint8], NDArray[np.float64], np.random.Generator], Arrays]
CHECK = "Near copies"
LENGTH = 10_000


def neutral(
    n_windows: int, *, seed: int, length: int = LENGTH, n_haplotypes: int = 48, **rates: float
) -> Windows:
    table = {
        "sample": {"n_haplotypes": n_haplotypes},
        "locus": {"sequence_length": length, "mutation_rate": 1e-8, "recombination_rate": 1e-8, **rates},
        "population": {"size": 80_000},
    }
    simulator = Registry.installed().simulators["ms"]()
    windows = simulator.simulate(Scenario.from_table(table, where="x"), windows=range(n_windows), seed=seed)
    return windows.with_label("neutral")


def survey_of(train: Windows, test: Windows) -> Survey:
    data = AuditedData(
        "bench",
        ("neutral", "sweep"),
        lambda: (
            b for split, w in (("train", train), ("test", test)) for b in in_batches(w, split, "neutral")
        ),
    )
    return take_survey(data)


def changed(windows: Windows, change: Change, seed: int = 0) -> Windows:
    rng = np.random.default_rng(seed)
    found = [change(h.copy(), p.copy(), rng) for h, p in windows]
    spec = windows.spec
    return Windows.from_arrays(
        [h for h, _ in found], [p for _, p in found], sequence_length=spec.sequence_length,
        ploidy=spec.ploidy, n_haplotypes=spec.n_haplotypes,
    ).with_label("neutral")  # fmt: skip


def flipped(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    h[rng.integers(len(h)), rng.integers(h.shape[1])] ^= 1
    return h, p


def dropped(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    site = rng.integers(len(h))
    return np.delete(h, site, 0), np.delete(p, site)


def moved(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    p[rng.integers(len(p))] = rng.random() * LENGTH
    order = np.argsort(p)
    return h[order], p[order]


def shifted(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    return h, np.minimum(p + 1, LENGTH - 0.001)


def mirrored(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    return h[::-1], np.maximum(LENGTH - 0.001 - p[::-1], 0)


def permuted_and_moved(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    return moved(h[:, rng.permutation(h.shape[1])], p, rng)


def half(h: NDArray[np.uint8], p: NDArray[np.float64], rng: np.random.Generator) -> Arrays:
    right = p >= LENGTH / 2
    return h[right], p[right] - LENGTH / 2


@pytest.fixture(scope="module")
def clean_windows() -> tuple[Windows, Windows]:
    return neutral(300, seed=1), neutral(200, seed=2)


@pytest.mark.parametrize("change", [flipped, dropped, moved, shifted, mirrored, permuted_and_moved, half])
def test_copies_with_something_changed_are_found(
    clean_windows: tuple[Windows, Windows], change: Change
) -> None:
    train, test = clean_windows
    copies = changed(train.take(range(10)), change)
    survey = survey_of(train, Windows.concatenate([test.take(range(190)).with_label("neutral"), copies]))
    found = beyond_chance(near_copies(*survey.groups))
    assert {copy.window for copy in found} == set(range(190, 200))
    assert all(copy.partner == copy.window - 190 for copy in found)


def test_one_window_that_overlaps_another_is_red_and_named(clean: Bench) -> None:
    assert clean.finding(CHECK).verdict == "green"
    train = clean.windows["train", "neutral"]
    rich = train.take(np.argsort(-train.n_sites, kind="stable")[:1])
    leaking = clean.planted(
        "test", "neutral",
        lambda w: Windows.concatenate([w.take(slice(1, None)), changed(rich, flipped)]),
    )  # fmt: skip
    finding = leaking.finding(CHECK)
    assert finding.verdict == "red"
    assert (
        "1 of 300 windows of test/neutral (0.3%) are much like windows of train/neutral" in finding.headline
    )
    assert "test/neutral window 299 ~ train/neutral window" in finding.evidence[1]


@pytest.mark.slow
def test_clean_windows_of_any_shape_are_not_alike_beyond_chance() -> None:
    rng = np.random.default_rng(5)
    for seed in range(60):
        length = int(rng.choice([500, 1000, 3000, 10_000, 30_000, 60_000]))
        shape = {"length": length, "n_haplotypes": int(rng.choice([10, 20, 48, 100, 200]))}
        rates = {
            "mutation_rate": float(rng.choice([1e-8, 1e-7])) if length <= 1000 else 1e-8,
            "recombination_rate": float(rng.choice([0, 1e-8])),
        }
        n_windows = 200 if length < 20_000 else 60
        survey = survey_of(*(neutral(n_windows, seed=2 * seed + i, **shape, **rates) for i in (0, 1)))
        assert not beyond_chance(near_copies(*survey.groups)), (seed, shape, rates)


def test_a_row_s_number_for_a_position_tells_nothing() -> None:
    windows = [neutral(150, seed=seed, length=2000) for seed in (3, 4)]
    rows = [changed(w, lambda h, p, _: (h, np.arange(len(p)) * 1.0)) for w in windows]
    even = [changed(w, lambda h, p, _: (h, np.linspace(0, 1999, len(p)))) for w in windows]
    for train, test in (rows, even):
        assert not beyond_chance(near_copies(*survey_of(train, test).groups))


def test_many_unlikely_pairs_are_beyond_chance_where_one_is_not() -> None:
    def pairs(n: int, chance: float) -> list[NearCopy]:
        return [NearCopy(i, 0, 3, 10, chance) for i in range(n)]

    assert beyond_chance(pairs(1, 1e-3)) == []
    assert len(beyond_chance(pairs(4, 1e-3))) == 4
    assert len(beyond_chance([*pairs(1, 1e-8), *pairs(1, 0.5)])) == 1
    assert beyond_chance([]) == []


def once(n_sites: int) -> NDArray[np.uint8]:
    return np.eye(n_sites, 6, dtype=np.uint8)


def test_triples_stay_inside_their_window_and_have_no_direction() -> None:
    windows = Windows.from_arrays(
        [once(4), once(0), np.ones((2, 6), np.uint8), once(3)],
        [np.array([1.0, 5, 10, 50]), np.array([]), np.array([3.0, 4]), np.array([0.0, 4, 9])],
        sequence_length=100, ploidy=1, n_haplotypes=6,
    )  # fmt: skip
    sites = Sites.joined([Sites.of(windows), Sites.of(windows.take([0]))])
    assert sites.n_sites.tolist() == [4, 0, 2, 3, 4]
    at, digests = sites.triples()
    assert at.tolist() == [0, 1, 6, 9, 10]
    assert digests[0] == digests[2] == digests[3], "gaps of 4 and 5, each site carried once"
    assert digests[1] != digests[0]
    turned = Windows.from_arrays(
        [np.eye(3, 6, dtype=np.uint8)],
        [np.array([10.0, 15, 19])],
        sequence_length=100,
        ploidy=1,
        n_haplotypes=6,
    )
    assert Sites.of(turned).triples()[1][0] == digests[0]


def test_no_more_sites_of_a_window_are_remembered_than_that() -> None:
    n_sites = MOST_SITES + 10
    long = Windows.from_arrays(
        [np.ones((n_sites, 2), np.uint8)], [np.arange(n_sites) * 2.0], sequence_length=10**5, ploidy=1,
        n_haplotypes=2,
    )  # fmt: skip
    sites = Sites.of(long)
    assert sites.n_sites.tolist() == [MOST_SITES]
    assert sites.gaps[-2:].tolist() == [2, 0]
