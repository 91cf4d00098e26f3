"""Real genomes: the sites of chosen individuals along chromosomes, and what was seen of each stretch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from selbench.formats.vcf_sites import ANCESTRAL, NO_CALL, Polarise
from selbench.windows import Polarisation, SeenWindow

POLARISATION: Mapping[Polarise, Polarisation] = {"aa": "ancestral", "ref": "ref", "major": "major"}
"""What a 0 means in the haplotypes, by how they were polarised."""

LOUD = 0.05
"""Share of the variable sites from which on leaving them out is a warning."""

FEWEST_RECORDS = 20
"""Records from which on the distances between them say something."""

NOT_LEFT_OUT = frozenset({"filtered", "monomorphic"})
"""Reasons that were asked for, or that no variable site falls under."""


@dataclass(frozen=True, eq=False)
class Chromosome:
    """The polymorphic sites of one chromosome, and where it was looked at.

    Parameters
    ----------
    name : str
    start, end : int
        Stretch looked at, bp, 0-based and half-open: the region asked for, or
        from the first to the last record.
    records_start, records_end : int
        From the first to the last record of the stretch, of whatever kind.
    positions : int64 (n_sites,)
        Base pairs, 0-based.
    haplotypes : uint8 (n_sites, n_haplotypes)
        The haplotypes of an individual stand in consecutive columns; 255 where there is no call.
    ancestral : uint8 (n_sites,)
        Which allele INFO/AA names, by the codes of `selbench.formats.vcf_sites.ANCESTRAL`.
    records : int64 (n_records,)
        Base pairs of all records, of whatever kind.
    informative : int64 (n_informative,)
        Base pairs of records that show what the chosen individuals carry: sites
        that are kept, and those at which all of them carry the same.
    observed : int64 (n_stretches, 2)
        Stretches in which a variable site would have been seen, 0-based,
        half-open, rising and apart.
    observed_is_known : bool
        Whether a mask or invariant records say so; else it is told from the gaps between records.
    unread : int64 (n_stretches, 2)
        Stretches whose records could not be read.
    lost : int64 (n_lost,)
        Base pairs, rising, of sites that vary among the chosen individuals and were left out.
    asked_from : int, optional
        First base pair that was asked for; None where it was the first record, whatever that is.
    counted_to : int, optional
        Sites from here on belong to another piece of the chromosome: they are there for windows that
        reach over its end, and are not counted.
    length : int, optional
        bp of the whole chromosome, as the header tells it; None where it does not, or an end was asked for.
    """

    name: str
    start: int
    end: int
    records_start: int
    records_end: int
    positions: NDArray[np.int64]
    haplotypes: NDArray[np.uint8]
    ancestral: NDArray[np.uint8]
    records: NDArray[np.int64]
    informative: NDArray[np.int64]
    observed: NDArray[np.int64]
    observed_is_known: bool
    unread: NDArray[np.int64]
    lost: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    asked_from: int | None = None
    counted_to: int | None = None
    length: int | None = None

    def first_start(self, step_bp: int) -> int:
        """Return where the first window on a grid of steps begins: not before a region that was asked for."""
        if self.asked_from is None:
            return self.start // step_bp * step_bp
        return -(-self.asked_from // step_bp) * step_bp

    def seen(self, start: int, end: int) -> SeenWindow:
        """Return how a stretch of it was seen, 0-based and half-open."""
        stretches = self.observed
        here = stretches[(stretches[:, 0] < end) & (stretches[:, 1] > start)]
        kept, lost = (at[slice(*np.searchsorted(at, [start, end]))] for at in (self.positions, self.lost))
        order = np.argsort(np.concatenate([kept, lost]), kind="stable")
        is_lost = np.repeat([False, True], [len(kept), len(lost)])
        return SeenWindow(np.clip(here, start, end) - start, is_lost[order])

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which sites count, bool (n_sites,)."""
        if self.counted_to is None:
            return np.ones(len(self.positions), dtype=bool)
        return self.positions < self.counted_to


@dataclass(frozen=True, eq=False)
class Genome:
    """Haplotypes of chosen individuals along one or more chromosomes.

    Parameters
    ----------
    chromosomes : tuple of Chromosome
    individuals : tuple of str
        In the order of the columns, `ploidy` columns each.
    ploidy : int
    polarisation : {"ancestral", "ref", "major"}
    n_records : int
        Records looked at.
    n_flipped : int
        Kept sites whose 0 is the alternative allele.
    excluded : mapping of str to int
        Records left out, by the reasons of `EXCLUSIONS`, zeros included.
    phased : bool
        Whether every heterozygous call that was kept is phased.
    variable : mapping of str to int
        Biallelic records that vary among the chosen individuals and were left out, by reason.
    n_filtered : int
        Records with a FILTER other than PASS.
    remarks : tuple of str
        What is to be known of how the file was read.
    n_let_go : int
        Sites that were kept and are no longer at hand: those of a long genome, once they were looked at.
    """

    chromosomes: tuple[Chromosome, ...]
    individuals: tuple[str, ...]
    ploidy: int
    polarisation: Polarisation
    n_records: int
    n_flipped: int
    excluded: Mapping[str, int]
    phased: bool
    variable: Mapping[str, int]
    n_filtered: int
    remarks: tuple[str, ...] = ()
    n_let_go: int = 0

    @property
    def n_sites(self) -> int:
        """Number of sites kept."""
        return self.n_let_go + sum(int(chromosome.counted.sum()) for chromosome in self.chromosomes)

    @property
    def has_missing(self) -> bool:
        """Whether a call is missing at a site that was kept."""
        return any(bool((c.haplotypes == NO_CALL).any()) for c in self.chromosomes)

    @property
    def names_ancestral_alleles(self) -> bool:
        """Whether INFO/AA names a base at any of the sites."""
        without = ANCESTRAL["no_ancestral_allele"]
        return any(bool((c.ancestral != without).any()) for c in self.chromosomes)

    @property
    def _left_out(self) -> dict[str, int]:
        return {reason: n for reason, n in self.variable.items() if n and reason not in NOT_LEFT_OUT}

    @property
    def share_left_out(self) -> float:
        """Share of the sites that vary among the chosen individuals that was left out, for any reason."""
        n_left_out = sum(self._left_out.values())
        return n_left_out / (n_left_out + self.n_sites) if n_left_out else 0.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before believing anything that is computed from these sites."""
        left_out = self._left_out
        n_left_out = sum(left_out.values())
        n_variable = n_left_out + self.n_sites
        unread = [f"{c.name}:{a + 1}-{b}" for c in self.chromosomes for a, b in c.unread.tolist()]
        said = []
        if n_left_out > LOUD * n_variable:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in left_out.items())
            said.append(
                f"{n_left_out:,} of {n_variable:,} sites that vary among the chosen individuals are left out "
                f"({reasons}): the windows show less variation than there is"
            )
        if self.n_filtered and not self.excluded["filtered"]:
            said.append(
                f"{self.n_filtered:,} of {self.n_records:,} records have a FILTER other than PASS and are "
                "used all the same; --filter pass leaves them out"
            )
        if unread:
            said.append(f"records could not be read, and were passed over, in {', '.join(unread)}")
        return tuple(said)

    def polarised(self, how: Polarise) -> Genome:
        """Return the same sites with another meaning of 0; they must be polarised by the reference now.

        Parameters
        ----------
        how : {"aa", "ref", "major"}
            0 becomes the ancestral allele of INFO/AA, and sites without one are
            left out; or stays the reference allele; or becomes the more
            frequent one (the reference at ½).
        """
        chromosomes, excluded, variable, n_flipped = [], dict(self.excluded), dict(self.variable), 0
        for chromosome in self.chromosomes:
            kept, flip = _turned(chromosome, how)
            counted = chromosome.counted
            for reason, code in ANCESTRAL.items():
                if reason in excluded:
                    n_lost = int((chromosome.ancestral[~kept & counted] == code).sum())
                    excluded[reason] += n_lost
                    variable[reason] = variable.get(reason, 0) + n_lost
            n_flipped += int(flip[counted[kept]].sum())
            turned = chromosome.haplotypes[kept]
            turned = np.where(turned == NO_CALL, NO_CALL, turned ^ flip[:, np.newaxis]).astype(np.uint8)
            lost = chromosome.positions[~kept]
            chromosomes.append(
                replace(
                    chromosome,
                    positions=chromosome.positions[kept],
                    haplotypes=turned,
                    ancestral=chromosome.ancestral[kept],
                    informative=chromosome.informative[~np.isin(chromosome.informative, lost)],
                    lost=np.union1d(chromosome.lost, lost),
                )
            )
        return replace(
            self,
            chromosomes=tuple(chromosomes),
            polarisation=POLARISATION[how],
            n_flipped=n_flipped,
            excluded=excluded,
            variable=variable,
        )


def _turned(chromosome: Chromosome, how: Polarise) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Return which sites stay, and at which of those 0 and 1 change places."""
    everything = np.ones(len(chromosome.positions), dtype=bool)
    if how == "ref":
        return everything, np.zeros(len(everything), dtype=np.uint8)
    if how == "aa":
        kept = chromosome.ancestral <= ANCESTRAL["alt"]
        return kept, (chromosome.ancestral[kept] == ANCESTRAL["alt"]).astype(np.uint8)
    n_alternative = (chromosome.haplotypes == 1).sum(axis=1)
    n_called = (chromosome.haplotypes != NO_CALL).sum(axis=1)
    return everything, (2 * n_alternative > n_called).astype(np.uint8)


def overlap(
    stretches: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many base pairs of each window lie in any of the stretches, int64 (n_windows,).

    Parameters
    ----------
    stretches : int64 (n_stretches, 2)
        0-based, half-open, rising and apart.
    starts, ends : int64 (n_windows,)

    Examples
    --------
    >>> overlap(np.array([[0, 10], [20, 30]]), np.array([5, 10]), np.array([25, 20])).tolist()
    [10, 0]
    """
    covered = np.concatenate([[0], np.cumsum(stretches[:, 1] - stretches[:, 0])])

    def before(at: NDArray[np.int64]) -> NDArray[np.int64]:
        index = np.searchsorted(stretches[:, 0], at, side="right")
        last = np.maximum(index - 1, 0)
        inside = np.clip(at - stretches[last, 0], 0, stretches[last, 1] - stretches[last, 0])
        return np.where(index == 0, 0, covered[last] + inside).astype(np.int64)

    return before(ends) - before(starts) if len(stretches) else np.zeros(len(starts), dtype=np.int64)


def joined(stretches: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return stretches rising and apart: those that touch or overlap are put together.

    Examples
    --------
    >>> joined(np.array([[5, 8], [0, 3], [3, 4], [6, 9]])).tolist()
    [[0, 4], [5, 9]]
    """
    stretches = stretches[stretches[:, 1] > stretches[:, 0]]
    if not len(stretches):
        return stretches
    stretches = stretches[np.argsort(stretches[:, 0], kind="stable")]
    reach = np.maximum.accumulate(stretches[:, 1])
    begins = np.concatenate([[True], stretches[1:, 0] > reach[:-1]])
    last = np.concatenate([np.flatnonzero(begins)[1:] - 1, [len(stretches) - 1]])
    return np.column_stack([stretches[begins, 0], reach[last]])


def told_from_gaps(positions: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    """Return the stretches of [start, end) that records cover, told from how far apart they lie.

    Half of the distances between records are below m ln 2 where sites fall at
    random, m base pairs apart on average; genealogies make the density of sites
    vary several-fold. A gap longer than 3 m (ln n + 7) is one that variation
    alone does not make in a file of n records: centromeres, gaps of the
    assembly, regions that were masked.

    Parameters
    ----------
    positions : int64 (n_records,)
        Rising, 0-based.
    """
    if len(positions) < FEWEST_RECORDS:
        return np.array([[positions[0], positions[-1] + 1]]) if len(positions) else np.empty((0, 2), np.int64)
    gaps = np.diff(positions)
    mean = max(1.0, float(np.median(gaps)) / np.log(2))
    long = 3 * mean * (np.log(len(positions)) + 7)
    at = np.flatnonzero(gaps > long)
    starts = np.concatenate([[positions[0]], positions[at + 1]])
    ends = np.concatenate([positions[at] + 1, [positions[-1] + 1]])
    # before the first and behind the last record, as far as a gap may reach
    starts[0] = start if positions[0] - start <= long else starts[0]
    ends[-1] = end if end - positions[-1] <= long else ends[-1]
    return np.column_stack([starts, ends]).astype(np.int64)
