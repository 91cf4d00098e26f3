"""The contract of a batch of windows: what its arrays must be, and the first fault by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError

Polarisation = Literal["ancestral", "ref", "major"]
"""What a 0 means: the ancestral allele, the reference allele, or the major allele."""


NO_CALL = 255
"""What stands in haplotypes for an allele without a call."""

MOST_HAPLOTYPES = 2**24
"""Haplotypes of a window: several times those of the largest collections of genomes."""

LONGEST_BP = 2**40
"""Base pairs of a window: several times the largest genome; float64 tells them apart to thousandths."""


@dataclass(frozen=True)
class WindowSpec:
    """The shape that all windows of a batch share.

    Parameters
    ----------
    n_haplotypes : int
        Number of sampled chromosome copies.
    sequence_length : int
        Length of a window in base pairs; positions lie in [0, sequence_length).
    ploidy : int
        Haplotypes per individual; consecutive columns belong to one individual.
    """

    n_haplotypes: int
    sequence_length: int
    ploidy: int = 2

    def __post_init__(self) -> None:
        if not 2 <= self.n_haplotypes <= MOST_HAPLOTYPES:
            expected = "at least 2" if self.n_haplotypes < 2 else f"at most {MOST_HAPLOTYPES:,}"
            raise DataError(f"n_haplotypes: expected {expected}, found {self.n_haplotypes}")
        if not 1 <= self.sequence_length <= LONGEST_BP:
            expected = "at least 1 bp" if self.sequence_length < 1 else f"at most {LONGEST_BP:,} bp"
            raise DataError(f"sequence_length: expected {expected}, found {self.sequence_length}")
        if self.ploidy < 1 or self.n_haplotypes % self.ploidy:
            raise DataError(
                f"ploidy: expected a divisor of n_haplotypes = {self.n_haplotypes}, found {self.ploidy}"
            )

    def __str__(self) -> str:
        return f"{self.n_haplotypes} haplotypes, {self.sequence_length} bp, ploidy {self.ploidy}"


_WAYS_OUT = {
    1: "; a list with one matrix per window is wanted, also where there is one: [haplotypes], [positions]",
    3: "; genotypes (sites × individuals × ploidy) become one by genotypes.reshape(len(genotypes), -1)",
}
_FROM_ZERO = "here positions count from 0, in a VCF and in scikit-allel from 1: subtract 1"


_NO_CALL_WORDS = {False: "", True: " and 255 for no call"}


def as_alleles(matrix: ArrayLike, index: int, *, missing: bool = False) -> NDArray[np.uint8]:
    """Return the 0/1 matrix of window `index` as uint8 (n_sites, n_haplotypes); 255 where calls may miss.

    Raises
    ------
    DataError
        If it is not a matrix of 0 and 1; a bare cast would hide 256 or 0.5.
    """
    try:
        alleles = np.asarray(matrix)
    except ValueError as problem:
        raise DataError(f"window {index}: expected a (sites × haplotypes) matrix: {problem}") from problem
    if alleles.ndim != 2:
        raise DataError(
            f"window {index}: expected a (sites × haplotypes) matrix, found {alleles.ndim} dimension(s)"
            f"{_WAYS_OUT.get(alleles.ndim, '')}"
        )
    known = (alleles == 0) | (alleles == 1)  # np.isin takes many times as long for a small window
    if missing:
        known |= alleles == NO_CALL
    if not known.all():
        raise DataError(f"window {index}: expected alleles 0 and 1, found {alleles[~known].flat[0]}")
    return alleles.astype(np.uint8)


def as_positions(positions: ArrayLike, index: int, n_sites: int) -> NDArray[np.float64]:
    """Return the positions of window `index` as float64 (n_sites,).

    Raises
    ------
    DataError
        If they are not that many numbers.
    """
    if type(positions).__module__.partition(".")[0] == "allel":
        raise DataError(
            f"window {index}: found positions of scikit-allel; {_FROM_ZERO}, "
            "or build the windows by Windows.from_haplotype_arrays"
        )
    try:
        numbers = np.asarray(positions, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise DataError(f"window {index}: expected positions in bp: {problem}") from problem
    if numbers.shape != (n_sites,):
        raise DataError(
            f"window {index}: expected {n_sites} positions, one per site, found shape {numbers.shape}"
            + ("; a list with one array per window is wanted: [positions]" if not numbers.ndim else "")
        )
    return numbers


def check_windows(
    spec: WindowSpec,
    haplotypes: NDArray[Any],
    positions: NDArray[Any],
    offsets: NDArray[Any],
    *,
    polarisation: str,
    labels: NDArray[Any] | None,
    parameters: Mapping[str, NDArray[Any]],
    missing: bool,
    observed: NDArray[Any],
) -> None:
    """Raise `DataError` at the first array of a batch that breaks the contract; see `Windows` for each."""
    _check_sites(spec, haplotypes, positions, missing)
    _check_offsets(offsets, len(positions))
    _check_positions(spec, positions, offsets)
    n_windows = len(offsets) - 1
    if polarisation not in get_args(Polarisation):
        raise DataError(
            f"polarisation: expected one of {', '.join(get_args(Polarisation))}, found {polarisation!r}"
        )
    if labels is not None and labels.shape != (n_windows,):
        raise DataError(f"labels: expected one per window ({n_windows}), found shape {labels.shape}")
    if observed.shape != (n_windows,) or not ((observed >= 0) & (observed <= 1)).all():
        raise DataError(
            f"observed: expected a share in [0, 1] per window ({n_windows}), found shape {observed.shape}"
        )
    for name, values in parameters.items():
        if values.shape != (n_windows,):
            raise DataError(
                f"parameter {name}: expected one value per window ({n_windows}), found shape {values.shape}"
            )


def _check_sites(spec: WindowSpec, haplotypes: NDArray[Any], positions: NDArray[Any], missing: bool) -> None:
    if haplotypes.dtype != np.uint8 or haplotypes.ndim != 2 or haplotypes.shape[1] != spec.n_haplotypes:
        raise DataError(
            f"haplotypes: expected uint8 (n_sites, {spec.n_haplotypes}), "
            f"found {haplotypes.dtype} {haplotypes.shape}"
        )
    if haplotypes.size and haplotypes.max() > 1:
        strange = haplotypes[(haplotypes > 1) & ~(missing & (haplotypes == NO_CALL))]
        if strange.size:
            raise DataError(f"haplotypes: expected 0 and 1{_NO_CALL_WORDS[missing]}, found {strange.max()}")
    if positions.dtype != np.float64 or positions.shape != haplotypes.shape[:1]:
        raise DataError(
            f"positions: expected float64 ({len(haplotypes)},), found {positions.dtype} {positions.shape}"
        )


def _check_offsets(offsets: NDArray[Any], n_sites: int) -> None:
    if offsets.dtype != np.int64 or offsets.ndim != 1 or not len(offsets):
        raise DataError(f"offsets: expected int64 (n_windows + 1,), found {offsets.dtype} {offsets.shape}")
    if offsets[0] != 0 or offsets[-1] != n_sites:
        raise DataError(
            f"offsets: expected 0 first and {n_sites}, the number of sites, last, "
            f"found {offsets[0]} and {offsets[-1]}"
        )
    steps = np.diff(offsets)
    if (steps < 0).any():
        window = int((steps < 0).argmax())
        raise DataError(
            f"offsets: expected to rise, found {offsets[window + 1]} after {offsets[window]} "
            f"(window {window})"
        )


def _check_positions(spec: WindowSpec, positions: NDArray[Any], offsets: NDArray[Any]) -> None:
    length = spec.sequence_length
    outside = ~((positions >= 0) & (positions < length))
    if outside.any():
        row = int(outside.argmax())
        raise DataError(
            f"window {_owner(offsets, row)}: expected positions in [0, {length}) bp, found {positions[row]}"
            + (f"; {_FROM_ZERO}" if positions[row] == length else "")
        )
    falls = np.diff(positions) < 0
    starts = offsets[1:-1]
    starts = starts[(starts > 0) & (starts < len(positions))]
    falls[starts - 1] = False
    if falls.any():
        row = int(falls.argmax()) + 1
        raise DataError(
            f"window {_owner(offsets, row)}: expected positions in rising order, found "
            f"{positions[row]} after {positions[row - 1]}"
        )


def _owner(offsets: NDArray[Any], row: int) -> int:
    return int(np.searchsorted(offsets, row, side="right")) - 1
