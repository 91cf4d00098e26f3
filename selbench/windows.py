"""Windows: the ragged batch of haplotype matrices that everything here works on.

Simulators make them, files are read into them, encoders and statistics take
them. The contract is checked once, when a batch is built; inside, it is trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError

Polarisation = Literal["ancestral", "ref", "major"]
"""What a 0 means: the ancestral allele, the reference allele, or the major allele."""


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
        if self.n_haplotypes < 2:
            raise DataError(f"n_haplotypes: expected at least 2, found {self.n_haplotypes}")
        if self.sequence_length < 1:
            raise DataError(f"sequence_length: expected at least 1 bp, found {self.sequence_length}")
        if self.ploidy < 1 or self.n_haplotypes % self.ploidy:
            raise DataError(
                f"ploidy: expected a divisor of n_haplotypes = {self.n_haplotypes}, found {self.ploidy}"
            )


@dataclass(frozen=True, eq=False)
class Windows:
    """A batch of windows, ragged in sites.

    Sites of all windows stand end to end; window ``i`` owns the rows
    ``offsets[i]:offsets[i + 1]``.

    Parameters
    ----------
    spec : WindowSpec
    haplotypes : uint8 (total_sites, n_haplotypes)
        0 ancestral, 1 derived (or as `polarisation` says).
    positions : float64 (total_sites,)
        Base pairs, 0-based, non-decreasing within a window; the base pair of a
        site is ``floor(position)``.
    offsets : int64 (n_windows + 1,)
    polarisation : {"ancestral", "ref", "major"}
    labels : str (n_windows,) or None
        Class names.
    parameters : mapping of str to array (n_windows,)
        What each window was made with, by dotted name (``selection.s``).

    Raises
    ------
    DataError
        If an array breaks this contract; the message names the first fault.
    """

    spec: WindowSpec
    haplotypes: NDArray[np.uint8]
    positions: NDArray[np.float64]
    offsets: NDArray[np.int64]
    polarisation: Polarisation = "ancestral"
    labels: NDArray[np.str_] | None = None
    parameters: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "haplotypes", np.ascontiguousarray(self.haplotypes))
        object.__setattr__(self, "positions", np.ascontiguousarray(self.positions))
        object.__setattr__(self, "parameters", dict(self.parameters))
        if self.labels is not None:
            object.__setattr__(self, "labels", np.asarray(self.labels, dtype=np.str_))
        _check(self)

    @classmethod
    def from_arrays(
        cls,
        haplotypes: Sequence[ArrayLike],
        positions: Sequence[ArrayLike],
        *,
        sequence_length: int,
        ploidy: int = 2,
        n_haplotypes: int | None = None,
        polarisation: Polarisation = "ancestral",
        labels: Sequence[str] | None = None,
        parameters: Mapping[str, NDArray[Any]] | None = None,
    ) -> Windows:
        """Build a batch from one (sites × haplotypes) matrix and one position array per window.

        Parameters
        ----------
        haplotypes : sequence of 0/1 arrays (n_sites, n_haplotypes)
        positions : sequence of arrays (n_sites,)
            Base pairs, 0-based.
        n_haplotypes : int, optional
            Needed only when there is no window to read it from.

        Raises
        ------
        DataError
            If the arrays disagree with each other or break the contract.
        """
        if len(haplotypes) != len(positions):
            raise DataError(
                f"expected as many position arrays as windows ({len(haplotypes)}), found {len(positions)}"
            )
        matrices = [_as_alleles(matrix, i) for i, matrix in enumerate(haplotypes)]
        if n_haplotypes is None:
            if not matrices:
                raise DataError("n_haplotypes: must be given when there are no windows")
            n_haplotypes = matrices[0].shape[1]
        for i, (matrix, at) in enumerate(zip(matrices, positions, strict=True)):
            if matrix.shape[1] != n_haplotypes:
                raise DataError(f"window {i}: expected {n_haplotypes} haplotypes, found {matrix.shape[1]}")
            if len(np.atleast_1d(at)) != len(matrix):
                raise DataError(
                    f"window {i}: expected {len(matrix)} positions, one per site, "
                    f"found {len(np.atleast_1d(at))}"
                )
        empty = np.empty((0, n_haplotypes), dtype=np.uint8)
        return cls(
            spec=WindowSpec(n_haplotypes, sequence_length, ploidy),
            haplotypes=np.concatenate([empty, *matrices]),
            positions=np.concatenate([np.empty(0), *(np.asarray(at, dtype=np.float64) for at in positions)]),
            offsets=np.concatenate([[0], np.cumsum([len(m) for m in matrices], dtype=np.int64)]).astype(
                np.int64
            ),
            polarisation=polarisation,
            labels=None if labels is None else np.asarray(labels, dtype=np.str_),
            parameters=parameters or {},
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_sites(self) -> NDArray[np.int64]:
        """Number of sites of each window, int64 (n_windows,)."""
        return np.diff(self.offsets)

    def window(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return the haplotypes (n_sites, n_haplotypes) and positions (n_sites,) of one window."""
        rows = slice(self.offsets[index], self.offsets[index + 1])
        return self.haplotypes[rows], self.positions[rows]

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
        return (self.window(i) for i in range(len(self)))

    def take(self, indices: ArrayLike | slice | range) -> Windows:
        """Return the windows at `indices`, in that order (a boolean mask works too)."""
        chosen = np.arange(len(self))[indices if isinstance(indices, slice | list) else np.asarray(indices)]
        counts = self.n_sites[chosen]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], counts)
        return replace(
            self,
            haplotypes=self.haplotypes[rows],
            positions=self.positions[rows],
            offsets=offsets,
            labels=None if self.labels is None else self.labels[chosen],
            parameters={name: values[chosen] for name, values in self.parameters.items()},
        )

    def with_label(self, label: str) -> Windows:
        """Return the same windows, all of class `label`."""
        return replace(self, labels=np.full(len(self), label))

    @staticmethod
    def concatenate(batches: Sequence[Windows]) -> Windows:
        """Join batches of one shape and polarisation, in order.

        Labels survive where every batch has them; a parameter that a batch
        lacks is NaN there.
        """
        if not batches:
            raise DataError("expected at least one batch of windows, found none")
        first = batches[0]
        for batch in batches[1:]:
            if batch.spec != first.spec or batch.polarisation != first.polarisation:
                raise DataError(
                    f"windows do not fit together: {first.spec}, {first.polarisation} "
                    f"and {batch.spec}, {batch.polarisation}"
                )
        starts = np.cumsum([0, *(batch.offsets[-1] for batch in batches)])
        labels = [batch.labels for batch in batches]
        return replace(
            first,
            haplotypes=np.concatenate([batch.haplotypes for batch in batches]),
            positions=np.concatenate([batch.positions for batch in batches]),
            offsets=np.concatenate(
                [[0], *(batch.offsets[1:] + start for batch, start in zip(batches, starts, strict=False))]
            ).astype(np.int64),
            labels=None if any(part is None for part in labels) else np.concatenate(cast(Any, labels)),
            parameters=_joined_parameters(batches),
        )

    def digests(self) -> list[bytes]:
        """SHA-256 of (n_haplotypes, base-pair positions, matrix), 32 bytes per window.

        Equal digests mean the same matrix at the same base pairs, whatever the
        printed precision of the positions.
        """
        base_pairs = np.floor(self.positions).astype("<i8")
        packed = np.packbits(self.haplotypes, axis=1)
        head = np.int64(self.spec.n_haplotypes).astype("<i8").tobytes()
        return [
            hashlib.sha256(head + base_pairs[a:b].tobytes() + packed[a:b].tobytes()).digest()
            for a, b in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True)
        ]


def _as_alleles(matrix: ArrayLike, index: int) -> NDArray[np.uint8]:
    """Return a 2-D 0/1 matrix as uint8, refusing values that a cast would hide."""
    alleles = np.asarray(matrix)
    if alleles.ndim != 2:
        raise DataError(
            f"window {index}: expected a (sites × haplotypes) matrix, found {alleles.ndim} dimension(s)"
        )
    if alleles.size and not np.isin(alleles, (0, 1)).all():
        raise DataError(f"window {index}: expected alleles 0 and 1, found {_first_other(alleles)}")
    return alleles.astype(np.uint8)


def _first_other(alleles: NDArray[Any]) -> Any:
    return alleles[~np.isin(alleles, (0, 1))].flat[0]


def _joined_parameters(batches: Sequence[Windows]) -> dict[str, NDArray[Any]]:
    names = dict.fromkeys(name for batch in batches for name in batch.parameters)
    return {
        name: np.concatenate([batch.parameters.get(name, np.full(len(batch), np.nan)) for batch in batches])
        for name in names
    }


def _check(windows: Windows) -> None:
    spec, offsets = windows.spec, windows.offsets
    haplotypes, positions = windows.haplotypes, windows.positions
    if haplotypes.dtype != np.uint8 or haplotypes.ndim != 2 or haplotypes.shape[1] != spec.n_haplotypes:
        raise DataError(
            f"haplotypes: expected uint8 (n_sites, {spec.n_haplotypes}), "
            f"found {haplotypes.dtype} {haplotypes.shape}"
        )
    if haplotypes.size and haplotypes.max() > 1:
        raise DataError(f"haplotypes: expected 0 and 1, found {haplotypes.max()}")
    if positions.dtype != np.float64 or positions.shape != haplotypes.shape[:1]:
        raise DataError(
            f"positions: expected float64 ({len(haplotypes)},), found {positions.dtype} {positions.shape}"
        )
    if (
        offsets.dtype != np.int64
        or offsets.ndim != 1
        or not len(offsets)
        or offsets[0] != 0
        or offsets[-1] != len(positions)
        or (np.diff(offsets) < 0).any()
    ):
        raise DataError(f"offsets: expected int64, rising from 0 to {len(positions)}")
    _check_positions(windows)
    if windows.polarisation not in get_args(Polarisation):
        raise DataError(
            f"polarisation: expected one of {', '.join(get_args(Polarisation))}, "
            f"found {windows.polarisation!r}"
        )
    if windows.labels is not None and windows.labels.shape != (len(windows),):
        raise DataError(f"labels: expected {len(windows)}, found {windows.labels.shape}")
    for name, values in windows.parameters.items():
        if values.shape != (len(windows),):
            raise DataError(
                f"parameter {name}: expected one value per window ({len(windows)}), found {values.shape}"
            )


def _check_positions(windows: Windows) -> None:
    positions, length = windows.positions, windows.spec.sequence_length
    outside = ~((positions >= 0) & (positions < length))
    if outside.any():
        row = int(outside.argmax())
        window = int(np.searchsorted(windows.offsets, row, side="right")) - 1
        raise DataError(f"window {window}: expected positions in [0, {length}) bp, found {positions[row]}")
    falls = np.diff(positions) < 0
    inner = windows.offsets[1:-1]
    inner = inner[(inner > 0) & (inner < len(positions))]
    falls[inner - 1] = False
    if falls.any():
        row = int(falls.argmax()) + 1
        window = int(np.searchsorted(windows.offsets, row, side="right")) - 1
        raise DataError(
            f"window {window}: expected positions in rising order, found "
            f"{positions[row]} after {positions[row - 1]}"
        )
