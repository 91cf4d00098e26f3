"""Do calls of two alleles stand for two haplotypes, or for one written twice?"""

from __future__ import annotations

from math import comb
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.genome import Genome

ENOUGH_SITES = 100
"""Variable sites from which on an individual without a heterozygous call is looked at."""

ENOUGH_SITES_FOR_ALL = 20
"""The same, where no chosen individual has one."""

BELIEVED = 1e-4
"""Probability below which chance does not explain so many individuals without a heterozygous call."""


def check_diploid(
    genome: Genome, without: NDArray[np.bool_], n_variable: int, path: str | Path
) -> tuple[str, ...]:
    """Refuse individuals whose two haplotypes are one; return what is to be known of doubtful ones.

    Haploid genomes (the X of males, plastids), pseudo-haploid calls of ancient
    DNA and inbred lines are often written as ``0/0`` and ``1/1``. An individual
    can also be homozygous along a whole stretch by descent, most of all where
    a sweep left one haplotype common. Then haplotypes of *different*
    individuals are equal as often as the two of one are: under random mating,
    the number of individuals with two equal ones is binomial, with the share of
    equal pairs between individuals as its probability.

    Parameters
    ----------
    without : bool (n_individuals,)
        Who has no heterozygous call.
    n_variable : int
        Sites that vary among the individuals.

    Raises
    ------
    DataError
        If no individual has a heterozygous call at `ENOUGH_SITES_FOR_ALL` sites
        or more; or some have none at `ENOUGH_SITES` or more, and that is not
        explained by how often haplotypes are equal.
    """
    n_without, n = int(without.sum()), len(without)
    if not n_without or n_variable < (ENOUGH_SITES_FOR_ALL if n_without == n else ENOUGH_SITES):
        return ()
    names = [name for name, lacks in zip(genome.individuals, without.tolist(), strict=True) if lacks]
    shown = ", ".join(names[:3]) + (" …" if n_without > 3 else "")
    found = f"none in {n_without:,} of {n:,} ({shown}) at {n_variable:,} variable sites"
    if n_without < n and at_least(n_without, n, equal_between(genome)) >= BELIEVED:
        return (
            f"chosen individuals have no heterozygous call: {found}. Haplotypes of different individuals are "
            "equal so often that this may be; if these are haploid genomes, read one of each (--haploid)",
        )
    raise DataError(
        f"{path}: expected heterozygous calls in every chosen individual, found {found}: these look like "
        "haploid genomes or inbred lines, each haplotype written twice; read one haplotype of each "
        "(--haploid), or choose other individuals"
    )


def equal_between(genome: Genome) -> float:
    """Return the share of pairs of haplotypes of different individuals that are equal at all sites."""
    matrix = np.concatenate([chromosome.haplotypes for chromosome in genome.chromosomes])
    n = matrix.shape[1]
    if not len(matrix) or n <= genome.ploidy:
        return 0.0
    _, haplotype = np.unique(matrix, axis=1, return_inverse=True)
    counts = np.bincount(haplotype.ravel())
    equal = int((counts * (counts - 1) // 2).sum())
    pairs = haplotype.reshape(-1, genome.ploidy)
    within = int((pairs[:, 0] == pairs[:, 1]).sum())
    return (equal - within) / (n * (n - 1) // 2 - n // 2)


def at_least(k: int, n: int, p: float) -> float:
    """Return the probability of `k` or more among `n`, each with probability `p`.

    Examples
    --------
    >>> at_least(1, 2, 0.5)
    0.75
    """
    return float(sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)))
