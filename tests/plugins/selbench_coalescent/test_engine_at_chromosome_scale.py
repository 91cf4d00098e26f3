"""Long windows: from ρ = 1,000 on ancestors are found by blocks, which must change nothing but rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import (
    Epoch,
    Locus,
    Population,
    Sample,
    Scenario,
    Selection,
    Simulator,
    Trajectory,
    Windows,
)
from selbench.testing import assert_same_windows
from selbench_coalescent.engine import run
from selbench_coalescent.engine.workspace import Capacity
from selbench_coalescent.ms import Ms
from selbench_coalescent.mssel import Mssel

LENGTH = 1_000_000
# ρ = 4N₀rL is reckoned with the size today: both are the same but for an instant. Where a crossing-over falls
# depends on a sum over all ancestors, so that rounding soon makes other windows of the same kind
INDEXED = Population(10_000.0)
NOT_INDEXED = Population(4_000.0, epochs=(Epoch(1e-9, 10_000.0),))
NEUTRAL = Scenario(Sample(30), Locus(LENGTH, 1e-8, 2.6e-8), INDEXED)
SWEPT = replace(
    NEUTRAL,
    selection=Selection(
        given_trajectories=(Trajectory((0.0, 100.0, 300.0, 600.0), (0.9, 0.5, 0.1, 0.0)),),
        position=LENGTH / 3,
        carriers=20,
    ),
)


def counts(windows: Windows) -> NDArray[np.float64]:
    """Return sites, singletons, pairwise differences, and sites in the tenth around the selected one."""
    derived = windows.haplotypes.sum(axis=1)
    near = abs(windows.positions - LENGTH / 3) < LENGTH / 20
    of_each = np.stack([np.ones(len(derived)), derived == 1, derived * (30 - derived) / 435, near])
    return np.add.reduceat(of_each, windows.offsets[:-1], axis=1)


@pytest.mark.slow
@pytest.mark.parametrize(("simulator", "scenario"), [(Ms(), NEUTRAL), (Mssel(), SWEPT)])
def test_blocks_of_ancestors_make_the_same_windows(simulator: Simulator, scenario: Scenario) -> None:
    windows = range(120)
    by_blocks, one_by_one = (
        counts(simulator.simulate(replace(scenario, population=population), windows=windows, seed=seed))
        for population, seed in ((INDEXED, 3), (NOT_INDEXED, 4))
    )
    assert (by_blocks != one_by_one).any()
    for ours, others in zip(by_blocks, one_by_one, strict=True):
        spread = np.hypot(ours.std(), others.std()) / np.sqrt(len(windows))
        assert abs(ours.mean() - others.mean()) < 4.5 * spread
        # of a variance, for counts near enough to normal
        assert abs(np.log(ours.var() / others.var())) < 4.5 * np.sqrt(4 / len(windows))


@pytest.mark.parametrize(("simulator", "scenario"), [(Ms(), NEUTRAL), (Mssel(), SWEPT)])
def test_a_long_window_depends_on_seed_and_index_alone(simulator: Simulator, scenario: Scenario) -> None:
    whole = simulator.simulate(scenario, windows=range(5), seed=3)
    for part in (range(4, 5), range(4, -1, -2)):
        assert_same_windows(simulator.simulate(scenario, windows=part, seed=3), whole.take(part))


def test_a_guess_of_memory_that_was_too_small_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Ms().simulate(NEUTRAL, windows=range(3), seed=3)
    monkeypatch.setattr(run, "expected_capacity", lambda plan: Capacity(64, 32, 16, 1))
    assert_same_windows(Ms().simulate(NEUTRAL, windows=range(3), seed=3), whole)
