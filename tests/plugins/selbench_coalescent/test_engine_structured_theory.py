"""The structured coalescent along a trajectory, against exact solutions and exact neutrality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Epoch, Locus, Population, Sample, Scenario, Selection, Trajectory
from selbench.statistics import compute
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel

SIZE = 1_000.0
SEED = 1988


def pair_times(carriers: int, frequency: float, distance_bp: float, rate: float) -> float:
    """Return the mean coalescence time of a pair beside an allele of constant frequency for ever.

    States: 2, 1 or 0 of the pair's ancestors carry the allele; each changes
    sides by crossing over, and a pair on one side coalesces there.
    """
    to_favoured, to_other = rate * distance_bp * frequency, rate * distance_bp * (1 - frequency)
    generator = np.array(
        [
            [-(2 * to_other + 1 / (2 * SIZE * frequency)), 2 * to_other, 0.0],
            [to_favoured, -(to_favoured + to_other), to_other],
            [0.0, 2 * to_favoured, -(2 * to_favoured + 1 / (2 * SIZE * (1 - frequency)))],
        ]
    )
    times: NDArray[np.float64] = np.linalg.solve(generator, -np.ones(3))
    return float(times[2 - carriers])


@pytest.mark.parametrize("carriers", [0, 1, 2])
@pytest.mark.parametrize("position", [-2_000.0, 3_000.5])
def test_pairs_beside_an_allele_of_constant_frequency(carriers: int, position: float) -> None:
    """A base pair's mean pairwise difference is 2μ times the solution of the three linear equations."""
    endless = (Trajectory((0.0, 1e9), (0.3, 0.0)),)
    scenario = Scenario(
        Sample(2),
        Locus(1, mutation_rate=1e-4, recombination_rate=1e-6),
        Population(SIZE),
        Selection(given_trajectories=endless, carriers=carriers, position=position),
    )
    sites = Mssel().simulate(scenario, windows=range(40_000), seed=SEED).n_sites
    expected = 2e-4 * pair_times(carriers, 0.3, abs(position - 0.5), 1e-6)
    assert abs(sites.mean() - expected) < 5.5 * sites.std() / np.sqrt(len(sites))


def test_carriers_coalesce_at_a_single_origin_at_the_latest() -> None:
    """T is exponential at rate 1/2Np until the origin, and ends there."""
    trajectory = (Trajectory((0.0, 150.0), (0.1, 0.0)),)
    scenario = Scenario(
        Sample(2),
        Locus(100, mutation_rate=1e-4),
        Population(SIZE),
        Selection(given_trajectories=trajectory, carriers="all"),
    )
    sites = Mssel().simulate(scenario, windows=range(40_000), seed=SEED).n_sites
    mean_time = 200 * (1 - np.exp(-150 / 200))
    assert abs(sites.mean() - 2e-2 * mean_time) < 5.5 * sites.std() / np.sqrt(len(sites))


HISTORIES = {
    "constant": Population(SIZE),
    "bottleneck": Population(SIZE, 0.0, (Epoch(100.0, 100.0), Epoch(180.0, 2_000.0))),
    "growth": Population(5_000.0, 0.01, (Epoch(160.0, 1_000.0),)),
}


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("position", [400.0, 2_500.0])
def test_a_neutral_allele_of_unrelated_copies_changes_nothing(history: str, position: float) -> None:
    """s = 0, merging copies, carriers as chance has it: exactly neutral, whatever the size history."""
    neutral = Scenario(Sample(16), Locus(1000, 2e-6, 1e-6), HISTORIES[history])
    allele = Selection(s=0.0, origin="multiple", onset_time=200, onset_frequency=0.3, position=position)
    names = ["segregating_sites", "nucleotide_diversity", "singletons", "distinct_haplotypes", "theta_h"]
    expected = compute(Ms().simulate(neutral, windows=range(8_000), seed=SEED), names)
    found = compute(
        Msms().simulate(replace(neutral, selection=allele), windows=range(8_000), seed=SEED), names
    )
    spread = np.sqrt((expected.var(axis=0) + found.var(axis=0)) / len(found))
    assert (abs(expected.mean(axis=0) - found.mean(axis=0)) < 5.5 * spread).all()


def test_placebos_are_neutral() -> None:
    neutral = Scenario(Sample(16), Locus(1000, 1e-6, 1e-7), Population(SIZE))
    selection = Selection(s=0.05, present_frequency=0.5, carriers="all", position=400.0)
    expected = Ms().simulate(neutral, windows=range(8_000), seed=SEED).n_sites
    for simulator in (Mssel(), Msms()):
        placebo = simulator.placebo(replace(neutral, selection=selection))
        assert placebo is not None
        found = simulator.simulate(placebo, windows=range(8_000), seed=SEED).n_sites
        spread = np.sqrt((expected.var() + found.var()) / len(found))
        assert abs(expected.mean() - found.mean()) < 5.5 * spread


def test_conditioned_neutral_carriers_are_not_neutral() -> None:
    """48 carriers of an allele at 22 % are closer relatives than 48 at random: S about 9.9, not 14.2."""
    scenario = Scenario(
        Sample(48),
        Locus(1000, 1e-8, 1e-8),
        Population(80_000.0),
        Selection(s=0.0, present_frequency=0.22, carriers="all", position=4999.0),
    )
    sites = Mssel().simulate(scenario, windows=range(8_000), seed=SEED).n_sites
    assert abs(sites.mean() - 9.9) < 0.4
