"""Windows: the ragged batch of haplotype matrices that everything here works on.

Simulators make them, files are read into them, encoders and statistics take
them. The contract is checked once, when a batch is built; inside, it is trusted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError
from selbench.windows.contract import (
    NO_CALL,
    Polarisation,
    WindowSpec,
    as_alleles,
    as_positions,
    check_windows,
)

if TYPE_CHECKING:
    import pandas as pd

_PICTURES = 4
"""How many windows of a batch are shown in a notebook, at most."""


class Window(NamedTuple):
    """One window: haplotypes uint8 (n_sites, n_haplotypes), positions float64 (n_sites,) in bp."""

    haplotypes: NDArray[np.uint8]
    positions: NDArray[np.float64]

    def __repr__(self) -> str:
        n_sites, n_haplotypes = self.haplotypes.shape
        return f"Window: {_count(n_sites, 'site')} of {n_haplotypes:,} haplotypes"

    def _repr_html_(self) -> str:
        from selbench.windows.picture import figures

        return figures([(self.haplotypes, "")], repr(self))


@dataclass(frozen=True, eq=False, repr=False)
class Windows:
    """A batch of windows, ragged in sites.

    Sites of all windows stand end to end; window ``i`` owns the rows
    ``offsets[i]:offsets[i + 1]``.

    Parameters
    ----------
    spec : WindowSpec
    haplotypes : uint8 (total_sites, n_haplotypes)
        0 ancestral, 1 derived (or as `polarisation` says); 255 no call, only where `missing` says so.
    positions : float64 (total_sites,)
        Base pairs, 0-based, non-decreasing within a window; the base pair of a
        site is ``floor(position)``.
    offsets : int64 (n_windows + 1,)
    polarisation : {"ancestral", "ref", "major"}
    labels : str (n_windows,) or None
        Class names.
    parameters : mapping of str to array (n_windows,)
        What each window was made with, by dotted name (``selection.s``).
    phased : bool
        Whether the alleles of an individual's columns lie on one chromosome each.
    missing : bool
        Whether alleles without a call (255) may be there.
    observed : float64 (n_windows,)
        Share of each window in which a variable site would have been seen; 1 where not given.

    Raises
    ------
    DataError
        If an array breaks this contract; the message names the first fault.

    Examples
    --------
    >>> windows = Windows.from_arrays(
    ...     [[[0, 1, 1, 0], [1, 0, 0, 0]], [[0, 0, 0, 1]]], [[12.5, 80], [3]], sequence_length=100
    ... )
    >>> windows
    Windows: 2 windows of 4 haplotypes, 100 bp, 3 sites
    >>> haplotypes, positions = windows[0]
    >>> haplotypes.shape, positions.tolist()
    ((2, 4), [12.5, 80.0])
    >>> windows[1:]
    Windows: 1 window of 4 haplotypes, 100 bp, 1 site
    """

    spec: WindowSpec
    haplotypes: NDArray[np.uint8]
    positions: NDArray[np.float64]
    offsets: NDArray[np.int64]
    polarisation: Polarisation = "ancestral"
    labels: NDArray[np.str_] | None = None
    parameters: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    phased: bool = True
    missing: bool = False
    observed: NDArray[np.float64] = None  # type: ignore[assignment]  # an array from here on

    def __post_init__(self) -> None:
        object.__setattr__(self, "haplotypes", np.ascontiguousarray(self.haplotypes))
        object.__setattr__(self, "positions", np.ascontiguousarray(self.positions))
        object.__setattr__(self, "offsets", np.asarray(self.offsets))
        object.__setattr__(self, "parameters", {k: np.asarray(v) for k, v in self.parameters.items()})
        if self.labels is not None:
            object.__setattr__(self, "labels", np.asarray(self.labels, dtype=np.str_))
        if self.observed is None:
            object.__setattr__(self, "observed", np.ones(max(len(self.offsets) - 1, 0)))
        check_windows(
            self.spec,
            self.haplotypes,
            self.positions,
            self.offsets,
            polarisation=self.polarisation,
            labels=self.labels,
            parameters=self.parameters,
            missing=self.missing,
            observed=self.observed,
        )

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
        phased: bool = True,
        missing: bool = False,
        observed: ArrayLike | None = None,
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
        matrices = [as_alleles(matrix, i, missing=missing) for i, matrix in enumerate(haplotypes)]
        if len(haplotypes) != len(positions):
            raise DataError(
                f"expected as many position arrays as windows ({len(haplotypes)}), found {len(positions)}; "
                "a list with one array per window is wanted: [positions]"
            )
        if n_haplotypes is None:
            if not matrices:
                raise DataError("n_haplotypes: must be given when there are no windows")
            n_haplotypes = matrices[0].shape[1]
        for i, matrix in enumerate(matrices):
            if matrix.shape[1] != n_haplotypes:
                raise DataError(f"window {i}: expected {n_haplotypes} haplotypes, found {matrix.shape[1]}")
        places = [as_positions(at, i, len(matrices[i])) for i, at in enumerate(positions)]
        return cls(
            spec=WindowSpec(n_haplotypes, sequence_length, ploidy),
            haplotypes=np.concatenate([np.empty((0, n_haplotypes), np.uint8), *matrices]),
            positions=np.concatenate([np.empty(0), *places]),
            offsets=np.cumsum([0, *(len(matrix) for matrix in matrices)], dtype=np.int64),
            polarisation=polarisation,
            labels=None if labels is None else np.asarray(labels, dtype=np.str_),
            parameters=parameters or {},
            phased=phased,
            missing=missing,
            observed=cast(Any, None if observed is None else np.asarray(observed, dtype=np.float64)),
        )

    @classmethod
    def from_haplotype_arrays(
        cls,
        haplotypes: Sequence[Any],
        positions: Sequence[ArrayLike],
        *,
        sequence_length: int,
        ploidy: int = 2,
        polarisation: Polarisation = "ancestral",
        labels: Sequence[str] | None = None,
        phased: bool = True,
    ) -> Windows:
        """Build a batch from scikit-allel's arrays, one haplotype or genotype array per window.

        Parameters
        ----------
        haplotypes : sequence of allel.HaplotypeArray or allel.GenotypeArray
            A negative allele, which is missing there, is no call here.
        positions : sequence of integers (n_sites,)
            Base pairs that count from 1, as scikit-allel's do: 1 to `sequence_length`.
            They count from 0 in the windows.
        polarisation : {"ancestral", "ref", "major"}
            What a 0 means: `"ref"` for genotypes as they stand in a VCF.

        Raises
        ------
        DataError
            If the arrays disagree with each other or break the contract.
        """
        from selbench.windows.haplotype_arrays import of_haplotype_array

        if len(haplotypes) != len(positions):
            raise DataError(
                f"expected as many position arrays as windows ({len(haplotypes)}), found {len(positions)}; "
                "a list with one array per window is wanted: [positions]"
            )
        pairs = [
            of_haplotype_array(*pair, i) for i, pair in enumerate(zip(haplotypes, positions, strict=True))
        ]
        return cls.from_arrays(
            [matrix for matrix, _ in pairs],
            [places for _, places in pairs],
            sequence_length=sequence_length,
            ploidy=ploidy,
            polarisation=polarisation,
            labels=labels,
            phased=phased,
            missing=any((matrix == NO_CALL).any() for matrix, _ in pairs),
        )

    @classmethod
    def from_tree_sequence(
        cls,
        tree_sequence: Any,
        *,
        ploidy: int = 2,
        population: int | str | None = None,
        time: float | None = None,
    ) -> Windows:
        """Return a ``tskit.TreeSequence`` as one window, its first sample node the first haplotype.

        Sites that do not vary among the samples, or with more than two alleles
        among them, are left out and counted in the parameters
        ``n_monomorphic_dropped``, ``n_multiallelic_dropped`` and
        ``n_indel_dropped``; ``n_populations`` and ``n_times`` say how many
        populations, and times, the samples come from.

        Parameters
        ----------
        population : int or str, optional
            Take the samples of this population alone, by its number or its name.
        time : float, optional
            Take the samples that lived so many time units ago alone: 0 for those of the present.

        Raises
        ------
        DataError
            If a sample has missing data, no sample is left, or the sequence length is no whole number.
        """
        from selbench.formats.tree_sequences import windows_of_tree_sequence

        return windows_of_tree_sequence(tree_sequence, ploidy=ploidy, population=population, time=time)

    def __repr__(self) -> str:
        parts = [
            f"{_count(len(self), 'window')} of {self.spec.n_haplotypes:,} haplotypes",
            f"{self.spec.sequence_length:,} bp",
            _count(len(self.positions), "site"),
        ]
        if self.labels is not None:
            parts += [f"{count:,} {label}" for label, count in Counter(self.labels.tolist()).items()]
        if self.polarisation != "ancestral":
            parts.append(f"0 is the {self.polarisation} allele")
        parts += ["unphased"] * (not self.phased) + ["with missing calls"] * self.missing
        return f"Windows: {', '.join(parts)}"

    def _repr_html_(self) -> str:
        """Show the first window of every class, or the first few, for a notebook."""
        from selbench.windows.picture import figures

        shown = list(range(min(len(self), _PICTURES)))
        if self.labels is not None and len(self):
            shown = sorted(np.unique(self.labels, return_index=True)[1].tolist())[:_PICTURES]
        label = ["" if self.labels is None else f"{self.labels[i]}, " for i in shown]
        captions = [
            f"window {i}: {of}{_count(self.n_sites[i], 'site')}" for i, of in zip(shown, label, strict=True)
        ]
        return figures(zip([self[i].haplotypes for i in shown], captions, strict=True), repr(self))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_sites(self) -> NDArray[np.int64]:
        """Number of sites of each window, int64 (n_windows,)."""
        return np.diff(self.offsets)

    def window(self, index: SupportsIndex) -> Window:
        """Return the haplotypes (n_sites, n_haplotypes) and positions (n_sites,) of one window.

        A negative index counts from the end.
        """
        index = range(len(self))[index]
        rows = slice(self.offsets[index], self.offsets[index + 1])
        return Window(self.haplotypes[rows], self.positions[rows])

    def __iter__(self) -> Iterator[Window]:
        return (self.window(i) for i in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> Window: ...
    @overload
    def __getitem__(self, index: slice | Sequence[int] | NDArray[Any]) -> Windows: ...
    def __getitem__(self, index: Any) -> Window | Windows:
        """Return one window, or a batch of those that a slice, indices or a mask choose."""
        return (
            self.window(index) if np.ndim(index) == 0 and not isinstance(index, slice) else self.take(index)
        )

    def take(self, indices: ArrayLike | slice | range) -> Windows:
        """Return the windows at `indices`, in that order.

        Indices may repeat, and negative ones count from the end; a slice or a
        boolean mask (n_windows,) works too.
        """
        chosen = np.arange(len(self))[indices if isinstance(indices, slice) else _as_indices(indices)]
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
            observed=self.observed[chosen],
        )

    def statistics(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Compute summary statistics: a row per window, a column per name.

        Parameters
        ----------
        names : sequence of str, optional
            Names of statistics, in the order wanted; by default every one that the windows'
            polarisation allows.

        Raises
        ------
        DataError
            If a name is not a statistic.
        UnsupportedError
            If a statistic needs ancestral states and the windows have none.
        """
        import pandas as pd

        from selbench.statistics import STATISTICS, compute

        if names is None:
            has_ancestral = self.polarisation == "ancestral"
            names = [
                name
                for name, it in STATISTICS.items()
                if (has_ancestral or not it.needs_ancestral) and (self.phased or not it.needs_phase)
            ]
        elif isinstance(names, str):
            names = [names]
        return pd.DataFrame(compute(self, names), columns=list(names))

    def to_haplotype_arrays(self) -> list[tuple[Any, Any]]:
        """Return each window as scikit-allel holds it: ``HaplotypeArray`` and ``SortedIndex`` of positions.

        Positions count from 1 there: base pair ``floor(position) + 1``. Sites that
        share a base pair stay apart, so the index may hold a number twice.
        """
        from selbench.windows.haplotype_arrays import to_haplotype_array

        return [to_haplotype_array(*window) for window in self]

    def check_complete(self, what: str) -> None:
        """Refuse windows that are unphased or miss calls, for `what`, which cannot say so.

        Raises
        ------
        DataError
        """
        faults = ["unphased"] * (not self.phased) + ["missing calls"] * self.missing
        if faults:
            raise DataError(
                f"{what}: expected phased haplotypes with a call everywhere, found windows that are "
                f"marked: {', '.join(faults)}"
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
        if len(batches) == 1:
            return first
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
            phased=all(batch.phased for batch in batches),
            missing=any(batch.missing for batch in batches),
            observed=np.concatenate([batch.observed for batch in batches]),
        )

    def digests(self) -> list[bytes]:
        """SHA-256 of (n_haplotypes, base-pair positions, matrix), 32 bytes per window.

        Equal digests mean the same matrix at the same base pairs, whatever the
        printed precision of the positions. Where calls are missing, which ones
        goes into the digest, too.
        """
        base_pairs = np.floor(self.positions).astype("<i8")
        packed = np.packbits(self.haplotypes, axis=1)
        no_call = np.packbits(self.haplotypes == NO_CALL, axis=1) if self.missing else packed[:0]
        head = np.int64(self.spec.n_haplotypes).astype("<i8").tobytes()
        return [
            hashlib.sha256(
                head
                + base_pairs[a:b].tobytes()
                + packed[a:b].tobytes()
                + (no_call[a:b].tobytes() if no_call[a:b].any() else b"")
            ).digest()
            for a, b in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True)
        ]


def _count(number: int | np.integer[Any], noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _as_indices(indices: ArrayLike | range) -> NDArray[Any]:
    """Return indices or a mask as an array; numpy makes an empty list one of floats, which cannot index."""
    array = np.atleast_1d(np.asarray(indices))
    return array if array.size else array.astype(np.intp)


def _joined_parameters(batches: Sequence[Windows]) -> dict[str, NDArray[Any]]:
    names = dict.fromkeys(name for batch in batches for name in batch.parameters)
    return {
        name: np.concatenate([batch.parameters.get(name, np.full(len(batch), np.nan)) for batch in batches])
        for name in names
    }
