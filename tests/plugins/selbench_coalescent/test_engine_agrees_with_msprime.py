"""The engine against msprime, where msprime can do the same."""

from __future__ import annotations

import numpy as np
import pytest

from selbench import Epoch, Locus, Population, Sample, Scenario, Selection, Simulator
from selbench.statistics import compute
from selbench_coalescent.ms import Ms
from selbench_coalescent.msprime_simulator import Msprime
from selbench_coalescent.mssel import Mssel

STATISTICS = [
    "segregating_sites",
    "nucleotide_diversity",
    "singletons",
    "theta_h",
    "distinct_haplotypes",
    "h1",
    "kelly_zns",
]
GROWN = Population(20_000.0, 0.002, (Epoch(1_000.0, 2_700.0), Epoch(3_000.0, 10_000.0)))


def neutral(population: Population, recombination_rate: float = 2e-8) -> Scenario:
    return Scenario(Sample(20), Locus(10_000, 2e-8, recombination_rate), population)


def swept(**selection: float) -> Scenario:
    return Scenario(
        Sample(20),
        Locus(10_000, 2e-8, 2e-8),
        Population(10_000.0),
        Selection(s=0.02, position=5_000.0, carriers="all", **selection),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("simulator", "scenario", "n_windows", "bias"),
    [
        (Ms(), neutral(Population(10_000.0)), 2_500, 0.0),
        (Ms(), neutral(Population(10_000.0), 2e-7), 1_000, 0.0),
        (Ms(), neutral(GROWN), 2_500, 0.0),
        # msprime's sweeps are known to be a little off: see its docstring
        (Mssel(), swept(fixation_time=0.0), 600, 0.03),
    ],
    ids=["neutral", "recombining", "size changes", "complete sweep"],
)
def test_statistics_agree_with_msprime(
    simulator: Simulator, scenario: Scenario, n_windows: int, bias: float
) -> None:
    """Means within 5 standard errors of the difference, seven statistics."""
    theirs = compute(Msprime().simulate(scenario, windows=range(n_windows), seed=7), STATISTICS)
    ours = compute(simulator.simulate(scenario, windows=range(4 * n_windows), seed=7), STATISTICS)
    spread = np.sqrt(theirs.var(axis=0) / len(theirs) + ours.var(axis=0) / len(ours))
    allowed = 5 * spread + bias * abs(theirs.mean(axis=0))
    assert (abs(theirs.mean(axis=0) - ours.mean(axis=0)) < allowed).all()
