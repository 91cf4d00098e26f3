"""Under the neutral coalescent the estimators of θ agree, and their differences vary as stated."""

from __future__ import annotations

import msprime
import numpy as np
import pytest

from selbench import Windows
from selbench.statistics import compute

N_HAPLOTYPES = 20
THETA = 10.0
N_WINDOWS = 1500


@pytest.fixture(scope="module")
def windows() -> Windows:
    """Neutral windows of one genealogy each; mutations are infinitely many sites."""
    trees = msprime.sim_ancestry(
        N_HAPLOTYPES, ploidy=1, population_size=1, num_replicates=N_WINDOWS, random_seed=3, sequence_length=1
    )
    matrices, positions = [], []
    for seed, tree in enumerate(trees, start=1):
        # haploid time: pairs coalesce after 1 generation on average, so θ = 2μ
        mutated = msprime.sim_mutations(tree, rate=THETA / 2, random_seed=seed, discrete_genome=False)
        matrices.append(np.minimum(mutated.genotype_matrix(), 1))
        positions.append(mutated.tables.sites.position)
    return Windows.from_arrays(matrices, positions, sequence_length=1, n_haplotypes=N_HAPLOTYPES)


@pytest.mark.parametrize("name", ["nucleotide_diversity", "theta_w", "theta_h", "theta_l", "singletons"])
def test_estimators_of_theta_are_unbiased(windows: Windows, name: str) -> None:
    values = compute(windows, [name])[:, 0]
    error = values.std() / N_WINDOWS**0.5
    assert abs(values.mean() - THETA) < 5.5 * error


@pytest.mark.parametrize("name", ["tajimas_d", "zeng_e"])
def test_normalised_differences_have_mean_near_0_and_variance_near_1(windows: Windows, name: str) -> None:
    """Near only: the variance in the denominator is estimated from S."""
    values = compute(windows, [name])[:, 0]
    assert abs(values.mean()) < 0.15
    assert 0.75 < values.var() < 1.25
