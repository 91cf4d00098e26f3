"""Flex-sweep's statistics of a region around a centre: its HAF and its H12 (Lauterbur et al. 2023)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from selbench_scanners.kernels.bits import Floats, Haplotypes, Wholes

_BIN_BP = 100
_TOP_SHARE = 0.9
_MIN_FREQUENCY = 0.05
_ENOUGH = 10
_ALIKE = 0.2


def within(positions: Floats, centre: float, size_bp: float) -> NDArray[np.bool_]:
    """Mark the sites at most half the size away from the centre, bool (n_sites,)."""
    return np.abs(positions - centre) <= size_bp / 2


def high_allele_frequency_score(haplotypes: Haplotypes) -> float:
    """Return Flex-sweep's HAF of a region: Σ of the mean derived frequency over the top tenth of haplotypes.

    Per haplotype Σ x/n over its derived sites over their number (0 without any); the sum runs over the sorted
    values from index int(0.9·n) on.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1.
    """
    n = haplotypes.shape[1]
    frequency = haplotypes.sum(axis=1, dtype=np.int64) / n
    derived = haplotypes.sum(axis=0, dtype=np.int64)
    means = (frequency @ haplotypes) / np.maximum(derived, 1)
    return float(np.sort(means)[int(_TOP_SHARE * n) :].sum())


def joined_h12(haplotypes: Haplotypes, positions: Floats, centre: float) -> float:
    """Return Flex-sweep's H12 of a region: (p₁ + p₂)² of its two leading groups of similar haplotypes.

    Over sites of a derived frequency of 0.05 or more, but for the centre's own 100 bp. Kinds of
    haplotypes are taken by count, all of a count at once and in the order in which they first
    occur, until the lengths that the list has had add up to 10. Each joins the first before it that
    leads a group and differs at no more than a fifth of the sites where either is derived.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1.
    positions : float64 (n_sites,)
    centre : float
    """
    n = haplotypes.shape[1]
    frequency = haplotypes.sum(axis=1, dtype=np.int64) / n
    kept = (frequency >= _MIN_FREQUENCY) & (positions // _BIN_BP != centre // _BIN_BP)
    kinds, counts = _kinds(haplotypes[kept])
    taken, lengths = 0, 0
    for count in np.unique(counts)[::-1]:
        taken = int((counts >= count).sum())
        lengths += taken
        if lengths >= _ENOUGH:
            break
    groups: list[list[int]] = []
    for kind in range(taken):
        for group in groups:
            if _alike(kinds[:, group[0]], kinds[:, kind]):
                group.append(kind)
                break
        else:
            groups.append([kind])
    return float((sum(counts[group].sum() for group in groups[:2]) / n) ** 2)


def _kinds(haplotypes: Haplotypes) -> tuple[Haplotypes, Wholes]:
    """Return the different haplotypes and their counts, most frequent first, then by first occurrence."""
    kinds, first, counts = np.unique(haplotypes, axis=1, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    return kinds[:, order], np.asarray(counts[order], dtype=np.int64)


def _alike(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> bool:
    either = int(((a | b) == 1).sum())
    return bool((a != b).sum() <= _ALIKE * either)
