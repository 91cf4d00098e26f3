"""One chromosome of a VCF, put together from batches of its records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.variants import NO_PHASE_SET, RecordBatch
from selbench.formats.genome import NOT_LEFT_OUT, Chromosome, joined, told_from_gaps
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import KEPT, REASONS, Judged

_DUPLICATE = REASONS.index("duplicate_position")
_NO_SITES = [REASONS.index(name) for name in ("position_zero", "filtered")]
_NOT_LOST = (KEPT, *map(REASONS.index, sorted(NOT_LEFT_OUT)))
_SHOWN = (KEPT, REASONS.index("monomorphic"))
"""What records must be to show what the chosen individuals carry."""


class ChromosomeReading:
    """Takes the records of a chromosome in order.

    Parameters
    ----------
    after_unread : bool
        Whether records before the first could not be read.
    counted_to : int, optional
        Records from here on are read and not counted: another piece of the chromosome counts them.
    """

    def __init__(
        self, name: str, path: str | Path, *, after_unread: bool = False, counted_to: int | None = None
    ) -> None:
        self.name, self.path, self.counted_to = name, path, counted_to
        self.starts: list[NDArray[np.int64]] = []
        self.reasons: list[NDArray[np.uint8]] = []
        self.is_snp: list[NDArray[np.bool_]] = []
        self.varies: list[NDArray[np.bool_]] = []
        self.haplotypes: list[NDArray[np.uint8]] = []
        self.ancestral: list[NDArray[np.uint8]] = []
        self.unphased: list[NDArray[np.bool_]] = []
        self.invariant: list[NDArray[np.int64]] = []
        self.unread: list[tuple[int, int]] = []
        self.unread_from: int | None = 0 if after_unread else None
        self.last = -1  # where POS is 0
        self.n_variable = 0
        self.n_phase_sets_joined = 0
        self._phase_sets: NDArray[np.int64] | None = None

    def add(self, records: RecordBatch, judged: Judged) -> None:
        """Add the next records.

        Raises
        ------
        DataError
            If they are out of order.
        """
        check_order(records, self.last, self.path)
        if self.unread_from is not None:
            self.unread.append((self.unread_from, max(int(records.starts[0]), self.unread_from + 1)))
            self.unread_from = None
        self.last = int(records.starts[-1])
        self.starts.append(records.starts)
        self.reasons.append(judged.reasons)
        self.is_snp.append(judged.is_snp)
        self.varies.append(judged.varies)
        self.haplotypes.append(judged.haplotypes)
        self.ancestral.append(judged.ancestral)
        self.unphased.append(judged.unphased)
        spans = np.column_stack([records.starts, records.ends])[judged.invariant]
        self.invariant.append(joined(spans))
        self.n_variable += int(judged.varies[self._counted(records.starts)].sum())
        if records.phase_sets.size:
            self._count_phase_sets(records, judged)

    def mark_unread(self) -> None:
        """Remember that a record behind the last one could not be read."""
        self.unread_from = self.last + 1

    def finish(
        self,
        columns: NDArray[np.int64],
        region: Region | None,
        callable_in: NDArray[np.int64] | None,
        length: int | None = None,
    ) -> Chromosome:
        """Return the chromosome.

        It is looked at as far as the region goes; without one to its last record, or to the end of a last
        block of invariant sites (``INFO/END``) where the header tells the chromosome's length, which no
        block and no mask reaches beyond.

        Parameters
        ----------
        columns : int64 (n_haplotypes,)
            Where each wanted column stands among those that were read.
        callable_in : int64 (n_stretches, 2), optional
            Where a variable site would have been seen, as a mask says.
        length : int, optional
            bp, as the header tells it.
        """
        starts, reasons = np.concatenate(self.starts), np.concatenate(self.reasons)
        kept = self._without_duplicates(starts, reasons)
        counted = self._counted(starts)
        counts = np.bincount(reasons[counted], minlength=KEPT + 1)
        is_variable = np.concatenate(self.varies)
        varies = np.bincount(reasons[is_variable & counted], minlength=KEPT + 1)
        self.excluded = Counter({name: int(counts[i]) for i, name in enumerate(REASONS) if counts[i]})
        self.variable = Counter({name: int(varies[i]) for i, name in enumerate(REASONS) if varies[i]})
        self.has_unphased = bool(np.concatenate(self.unphased)[kept].any())
        start, end, observed, is_known = looked_at(
            np.unique(starts),
            joined(np.concatenate(self.invariant)),
            len(starts),
            region,
            callable_in,
            length,
        )
        if self.unread_from is not None:
            self.unread.append((self.unread_from, max(end, self.unread_from + 1)))
        return Chromosome(
            name=self.name,
            start=start,
            end=end,
            records_start=max(0, int(starts[0])),
            records_end=self.last + 1,
            positions=starts[reasons == KEPT],
            haplotypes=np.ascontiguousarray(np.concatenate(self.haplotypes)[kept][:, columns]),
            ancestral=np.concatenate(self.ancestral)[kept],
            records=starts,
            informative=starts[np.isin(reasons, _SHOWN)],
            observed=observed,
            observed_is_known=is_known,
            unread=np.array(self.unread, dtype=np.int64).reshape(-1, 2),
            lost=np.unique(starts[is_variable & ~np.isin(reasons, _NOT_LOST)]),
            asked_from=None if region is None else region.start,
            length=length if region is None or region.end is None else None,
            counted_to=self.counted_to,
        )

    def _counted(self, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.ones(len(starts), dtype=bool) if self.counted_to is None else starts < self.counted_to

    def _without_duplicates(self, starts: NDArray[np.int64], reasons: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Mark SNPs that share a position as duplicates; return which of the kept sites stay."""
        snps = np.flatnonzero(np.concatenate(self.is_snp) & ~np.isin(reasons, _NO_SITES))
        at = starts[snps]
        twice = np.zeros(len(at), dtype=bool)
        twice[1:] |= at[1:] == at[:-1]
        twice[:-1] |= at[1:] == at[:-1]
        was_kept = np.flatnonzero(reasons == KEPT)
        reasons[snps[twice]] = _DUPLICATE
        stay: NDArray[np.bool_] = reasons[was_kept] == KEPT
        return stay

    def _count_phase_sets(self, records: RecordBatch, judged: Judged) -> None:
        """Count where the phase set of an individual's heterozygous calls is another than before."""
        n_individuals = records.phase_sets.shape[1]
        if self._phase_sets is None:
            self._phase_sets = np.full(n_individuals, NO_PHASE_SET, dtype=np.int64)
        told = judged.heterozygous & (records.phase_sets != NO_PHASE_SET)
        for individual in np.flatnonzero(told.any(axis=0)).tolist():
            sets = records.phase_sets[told[:, individual], individual].astype(np.int64)
            before = self._phase_sets[individual]
            self.n_phase_sets_joined += int((np.diff(sets) != 0).sum())
            self.n_phase_sets_joined += int(before not in (NO_PHASE_SET, sets[0]))
            self._phase_sets[individual] = sets[-1]


def check_order(records: RecordBatch, last: int, path: str | Path) -> None:
    """Refuse records that stand before the one before them.

    Raises
    ------
    DataError
    """
    before = np.concatenate([[last], records.starts[:-1]])
    falls = records.starts < before
    if falls.any():
        at = int(falls.argmax())
        raise DataError(
            f"{path}: expected records sorted by position, found {records.chromosome}:"
            f"{records.starts[at] + 1} after {before[at] + 1}; sort it with: bcftools sort"
        )


def looked_at(
    starts: NDArray[np.int64],
    invariant: NDArray[np.int64],
    n_records: int,
    region: Region | None,
    callable_in: NDArray[np.int64] | None,
    length: int | None,
) -> tuple[int, int, NDArray[np.int64], bool]:
    """Return where a chromosome's stretch begins, ends and was observed, and whether file or mask say so.

    Parameters
    ----------
    starts : int64 (n_positions,)
        Base pairs of its records, rising, each once.
    invariant : int64 (n_stretches, 2)
        Where records say that nothing varies.
    """
    start = max(0, int(starts[0])) if region is None or region.start is None else region.start
    last_end = int(starts[-1]) + 1
    end = last_end if region is None or region.end is None else region.end
    furthest = end if length is None else max(length, last_end)
    observed = _said_to_be_observed(starts, invariant, n_records) if callable_in is None else callable_in
    if observed is None:
        return start, end, told_from_gaps(starts[starts >= 0], start, end), False
    if callable_in is None and (region is None or region.end is None):
        end = max(end, min(furthest, int(observed[-1, 1])))
    held = np.clip(observed, start, max(start, min(end, furthest)))
    return start, end, held[held[:, 1] > held[:, 0]], True


def _said_to_be_observed(
    starts: NDArray[np.int64], invariant: NDArray[np.int64], n_records: int
) -> NDArray[np.int64] | None:
    """Return the sites of a file of all sites, none of one that happens to hold a few invariant ones."""
    n_invariant = int((invariant[:, 1] - invariant[:, 0]).sum())
    if n_invariant <= n_records / 2:
        return None
    return joined(np.concatenate([invariant, np.column_stack([starts, starts + 1])]))
