"""Do calls of two alleles stand for two haplotypes, or for one written twice?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, lgamma, log, log1p
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
    individuals: Sequence[str],
    without: NDArray[np.bool_],
    n_variable: int,
    numbered: Callable[[], NDArray[np.int64]],
    path: str | Path,
) -> tuple[str, ...]:
    """Refuse individuals whose two haplotypes are one; return what is to be known of doubtful ones.

    Haploid genomes (the X of males, plastids), pseudo-haploid calls of ancient
    DNA and inbred lines are often written as ``0/0`` and ``1/1``. An individual
    can also be homozygous along a whole stretch by descent, most of all where
    a sweep left one haplotype common. Then haplotypes of *different*
    individuals are equal as often as the two of one are: under random mating,
    the number of individuals with two equal ones is binomial, with the share of
    equal pairs between individuals as its probability. Those whose haplotype
    others have too are not counted: a sample of several populations has more
    of them than random mating makes.

    Parameters
    ----------
    without : bool (n_individuals,)
        Who has no heterozygous call.
    n_variable : int
        Sites that vary among the individuals.
    numbered : callable
        Returns the numbers of their haplotypes (see `haplotype_numbers`); called where it matters.

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
    names = [name for name, lacks in zip(individuals, without.tolist(), strict=True) if lacks]
    shown = ", ".join(names[:3]) + (" …" if n_without > 3 else "")
    found = f"none in {n_without:,} of {n:,} ({shown}) at {n_variable:,} variable sites"
    numbers = numbered()
    of_one = np.bincount(numbers)[numbers[::2]] <= 2  # nobody else has that haplotype
    n_strange = int((without & of_one).sum())
    if n_without < n and at_least(n_strange, n, equal_between(numbers)) >= BELIEVED:
        return (
            f"chosen individuals have no heterozygous call: {found}. Haplotypes of different individuals are "
            "equal so often that this may be; if these are haploid genomes, read one of each (--haploid)",
        )
    raise DataError(
        f"{path}: expected heterozygous calls in every chosen individual, found {found}: these look like "
        "haploid genomes or inbred lines, each haplotype written twice; read one haplotype of each "
        "(--haploid), or choose other individuals"
    )


def haplotype_numbers(genome: Genome) -> NDArray[np.int64]:
    """Number the different haplotypes of a genome, int64 (n_haplotypes,): equal ones have equal numbers."""
    matrix = np.concatenate([chromosome.haplotypes for chromosome in genome.chromosomes])
    if not len(matrix):
        return np.arange(matrix.shape[1])
    return np.unique(matrix, axis=1, return_inverse=True)[1].ravel().astype(np.int64)


def equal_between(numbers: NDArray[np.int64]) -> float:
    """Return the share of pairs of haplotypes of different individuals that are equal at all sites.

    Examples
    --------
    >>> equal_between(np.array([0, 0, 0, 1]))
    0.5
    """
    counts, n = np.bincount(numbers), len(numbers)
    equal = int((counts * (counts - 1) // 2).sum())
    pairs = numbers.reshape(-1, 2)
    within = int((pairs[:, 0] == pairs[:, 1]).sum())
    return float((equal - within) / max(1, n * (n - 1) // 2 - n // 2))


def at_least(k: int, n: int, p: float) -> float:
    """Return the probability of `k` or more among `n`, each with probability `p`.

    Examples
    --------
    >>> round(at_least(1, 2, 0.5), 12)
    0.75
    """
    if not 0 < p < 1:
        return float(k == 0 or p >= 1)
    logs = (
        lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log1p(-p)
        for i in range(k, n + 1)
    )
    return min(1.0, sum(map(exp, logs)))
