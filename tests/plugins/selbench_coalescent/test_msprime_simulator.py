"""msprime as a simulator: what it refuses, and theory for what it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selbench import Epoch, Locus, Population, Sample, Scenario, Selection, Trajectory, UnsupportedError
from selbench.scenario import Prior
from selbench.testing import SimulatorContract
from selbench_coalescent.msprime_simulator import Msprime

NEUTRAL = Scenario(Sample(12), Locus(1000, 1e-7, 1e-8), Population(10_000))
SWEEP = replace(NEUTRAL, selection=Selection(s=0.05, position=500, fixation_time=0))


class TestNeutral(SimulatorContract):
    component = Msprime()
    scenario = NEUTRAL


class TestSweepWithPriors(SimulatorContract):
    component = Msprime()
    scenario = Scenario(
        Sample(8),
        Locus(100_000, Prior("uniform", 1e-8, 2e-8), 1e-8),
        Population(1_000),
        Selection(s=Prior("log_uniform", 0.05, 0.2), position=30_000, fixation_time=100),
    )


@pytest.mark.slow
def test_neutral_means_are_those_of_theory() -> None:
    windows = Msprime().simulate(NEUTRAL, windows=range(1500), seed=1)
    theta, n = 4.0, 12
    a1, a2 = (sum(1 / i**power for i in range(1, n)) for power in (1, 2))
    error = np.sqrt((theta * a1 + theta**2 * a2) / 1500)
    assert abs(windows.n_sites.mean() - theta * a1) < 6 * error
    assert (windows.positions % 1 != 0).all()


@pytest.mark.slow
def test_a_sweep_takes_diversity_near_it_and_leaves_it_far_away() -> None:
    scenario = Scenario(
        Sample(10),
        Locus(200_000, 2e-8, 1e-7),
        Population(1000),
        Selection(s=0.05, position=0, fixation_time=0),
    )
    swept = Msprime().simulate(scenario, windows=range(400), seed=1)
    neutral_per_window = 4 * 1000 * 2e-8 * 200_000 * sum(1 / i for i in range(1, 10))
    near = (swept.positions < 10_000).sum() / 400 / (neutral_per_window / 20)
    far = (swept.positions >= 190_000).sum() / 400 / (neutral_per_window / 20)
    assert near < 0.5
    assert 0.85 < far < 1.15


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(s=0.1), "either present_frequency or fixation_time"),
        (Selection(s=0.1, present_frequency=0.5, fixation_time=0), "either present_frequency"),
        (Selection(s=0.1, h=0.2, fixation_time=0), "fitnesses 1.1, 1.02, 1: expected additive"),
        (Selection(s=-0.1, fixation_time=0), "expected an advantage"),
        (Selection(s=Prior("uniform", -0.1, 0.1), fixation_time=0), "expected an advantage"),
        (Selection(s=0.1, fixation_time=0, position=-1), "position = -1"),
        (Selection(s=0.1, fixation_time=0, position=Prior("uniform", 500, 1500)), "position = 1500"),
        (Selection(s=0.1, fixation_time=0, carriers=12), "carriers = 12"),
        (Selection(s=0.1, present_frequency=0.5, carriers="conditioned"), "carriers = conditioned"),
        (Selection(s=0.1, present_frequency=1e-5), "present_frequency = 1e-05"),
        (Selection(s=0.1, fixation_time=0, keep_selected_site=True), "keep_selected_site"),
        (Selection(s=0.1, fixation_time=0, origin="multiple"), "origin = multiple"),
        (Selection(s=0.1, fixation_time=0, dynamics="wright-fisher"), "dynamics = wright-fisher"),
        (Selection(s=0.1, fixation_time=0, trajectories="shared"), "trajectories = shared"),
        (Selection(s=0.1, onset_time=100, present_frequency=0.5), "onset"),
        (Selection(given_trajectories=(Trajectory((0, 9), (0.5, 0)),)), "trajectory_file"),
    ],
)
def test_its_limits_are_refused_by_name(selection: Selection, expected: str) -> None:
    scenario = replace(NEUTRAL, selection=selection)
    reason = Msprime().unsupported(scenario)
    assert reason is not None
    assert expected in reason
    with pytest.raises(UnsupportedError, match="msprime"):
        Msprime().simulate(scenario, windows=range(1), seed=1)


def test_a_sweep_while_the_size_changes_is_refused() -> None:
    changing = replace(SWEEP, population=Population(1000, 0.0, (Epoch(10, 100),)))
    assert "constant size" in (Msprime().unsupported(changing) or "")
    assert Msprime().unsupported(replace(changing, selection=None)) is None
