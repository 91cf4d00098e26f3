"""How the windows of a scan were seen, and p among windows that were seen alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selbench.formats.genome import Chromosome, Genome
from selbench.formats.genome_windows import Places, observed_at
from selbench.scan.observation import GenomeSeen
from selbench.scan.yardstick import Yardstick, judge
from selbench.windows import WHOLE, Observation


def genome(lost: list[int], observed: list[list[int]]) -> Genome:
    """Return a site in every ten of 400 bp, some lost."""
    sites = np.setdiff1d(np.arange(5, 400, 10), lost)
    chromosome = Chromosome(
        "1", 0, 400, 0, 400, sites, np.zeros((len(sites), 4), np.uint8), np.zeros(len(sites), np.uint8),
        sites, sites, np.array(observed), True, np.empty((0, 2), np.int64), np.array(lost, dtype=np.int64),
    )  # fmt: skip
    variable = {"missing": len(lost), "filtered": 7}
    return Genome((chromosome,), ("a", "b"), 2, "ref", 40, 0, {}, True, variable, 0)


PLACES = Places(np.zeros(4, dtype=np.int64), np.arange(0, 400, 100), 100)


def seen_of(found: Genome) -> GenomeSeen:
    return GenomeSeen.of(found, PLACES, observed_at(found, PLACES))


def test_windows_stand_by_how_much_was_observed_with_their_own_gaps_and_losses() -> None:
    found = seen_of(genome([15, 205, 215], [[0, 160], [200, 400]]))
    assert found.lost == pytest.approx(3 / 40)
    assert {number: len(windows) for number, windows in found.by_class.items()} == {1: 1, WHOLE: 3}
    (gap,) = found.by_class[1]
    assert (gap.observed.tolist(), gap.observed_bp) == ([[0, 60]], 60)
    first, third, _ = found.by_class[WHOLE]
    assert np.flatnonzero(first.lost).tolist() == [1]  # of sites at 5, 15, …
    assert np.flatnonzero(third.lost).tolist() == [0, 1]


def test_a_genome_that_was_seen_whole_and_lost_little_lays_nothing() -> None:
    assert seen_of(genome([], [[0, 400]])).by_class == {}
    with_gap = seen_of(genome([], [[0, 160], [200, 400]]))
    assert (with_gap.lost, list(with_gap.by_class)) == (0.0, [1])


def test_stretches_are_seen_as_whole_windows_end_to_end() -> None:
    laid = seen_of(genome([15, 205], [[0, 400]])).along(100, 250, Observation(inbreeding=0.1))
    assert laid.inbreeding == 0.1
    assert laid.seen[0].observed.tolist() == [[0, 100], [100, 200], [200, 250]]
    assert np.flatnonzero(laid.seen[0].lost).tolist() == [1, 20]


def test_p_compares_windows_that_were_observed_alike() -> None:
    yardstick = Yardstick(np.linspace(0, 0.5, 99), 0.05, partly={1: np.linspace(0.5, 1, 99)})
    places = Places(np.zeros(3, dtype=np.int64), np.array([0, 100, 200]), 100)
    observed = np.array([1.0, 0.6, 0.3])
    found = judge(yardstick, places, np.full(3, 0.75), step_bp=100, observed=observed)
    assert found.p_sim[0] == 0.01
    assert found.p_sim[1] == pytest.approx(0.5, abs=0.02)
    assert np.isnan(found.p_sim[2])
    assert found.called.tolist() == [True, False, False]
    assert found.apart.tolist() == [True, True, False]


def test_without_null_windows_of_its_kind_a_window_has_no_p() -> None:
    yardstick = replace(Yardstick(np.linspace(0, 1, 99)), null=np.empty(0))
    assert np.isnan(yardstick.p_sim(np.array([0.5]))).all()
