"""One window as scikit-allel holds it, and back: a HaplotypeArray, and positions that count from 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError
from selbench.windows.contract import NO_CALL


def to_haplotype_array(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return ``allel.HaplotypeArray`` (n_sites, n_haplotypes) and ``allel.SortedIndex`` (n_sites,).

    A site that lies at ``position`` stands in base pair ``floor(position)`` counted
    from 0, and therefore at ``floor(position) + 1`` there. No call becomes -1.
    """
    import allel

    base_pairs = np.floor(positions).astype(np.int64) + 1
    alleles = np.where(haplotypes == NO_CALL, -1, haplotypes.astype(np.int8))
    return allel.HaplotypeArray(alleles), allel.SortedIndex(base_pairs)


def of_haplotype_array(
    haplotypes: Any, positions: ArrayLike, index: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the matrix (n_sites, n_haplotypes) and the positions, from 0, of window `index`.

    Parameters
    ----------
    haplotypes : allel.HaplotypeArray or allel.GenotypeArray
        Or anything that numpy makes such an array of: (n_sites, n_haplotypes), or
        (n_sites, n_individuals, ploidy), whose individuals become consecutive columns.
    positions : integers (n_sites,)
        Base pairs from 1.

    Raises
    ------
    DataError
        If a position is below 1: then they count from 0, and belong into ``from_arrays``.
    """
    matrix = np.asarray(haplotypes)
    if matrix.ndim == 3:
        matrix = matrix.reshape(len(matrix), -1)
    matrix = np.where(matrix < 0, np.int64(NO_CALL), matrix)  # wide enough for 255, whatever it came in
    base_pairs = np.asarray(positions, dtype=np.float64)
    if base_pairs.size and base_pairs.min() < 1:
        raise DataError(
            f"window {index}: expected positions that count from 1, as scikit-allel's do, found "
            f"{base_pairs.min():g}; Windows.from_arrays takes those that count from 0"
        )
    return matrix, base_pairs - 1
