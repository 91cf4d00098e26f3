"""What the engine is told: a batch of windows in natural units, one row per window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.shapes import NO_ONSET

Numbers = NDArray[np.float64]

ALL, BINOMIAL, CONDITIONED = -1, -2, -3
GIVEN, FROM_PRESENT, FROM_ONSET, FROM_MUTATION, TO_FIXATION = 0, 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class Regimes:
    """Stretches of the past with one size and one set of fitnesses, for trajectories that diffuse.

    Parameters
    ----------
    rows : float64 (n_windows, n_regimes, 5)
        As in `trajectory`: begin (generations ago), 2N, a = w_Aa/w_aa − 1,
        b = w_AA/w_aa − 1, and the row of `tables`, or −1 under additive selection.
    tables : float64 (n_tables, TABLE_NODES)
        See `diffusion`.
    log_bound : float64 (n_windows,)
        No trajectory's weight exceeds its exponential.
    """

    rows: Numbers
    tables: Numbers
    log_bound: Numbers


@dataclass(frozen=True, eq=False)
class GivenTrajectories:
    """Step functions.

    Parameters
    ----------
    times : float64 (n_steps,)
        Generations ago at which a step begins; several trajectories end to end.
    frequencies : float64 (n_steps,)
    first, last : int64 (n_windows,)
        First and last step of each window's trajectory.
    today : float64 (n_windows,)
        Frequency today.
    """

    times: Numbers
    frequencies: Numbers
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    today: Numbers
    kind: ClassVar[int] = GIVEN
    regimes: ClassVar[None] = None

    def columns(self) -> Sequence[Numbers | NDArray[np.int64]]:
        """Return what the kernel needs for each window."""
        return self.first, self.last, self.today


@dataclass(frozen=True, eq=False)
class TrajectoriesFromPresent:
    """Trajectories that diffuse back from a known frequency.

    Parameters
    ----------
    frequency : float64 (n_windows,)
        Where the diffusion begins.
    since : float64 (n_windows,)
        Generations ago when it does; until then the allele is fixed.
    today : float64 (n_windows,)
        Frequency today.
    regimes : Regimes
    onset : float64 (n_windows,), optional
        Frequency that the allele had when selection began, neutral before; by
        default it was selected since it arose.
    """

    frequency: Numbers
    since: Numbers
    today: Numbers
    regimes: Regimes
    onset: Numbers | None = None
    kind: ClassVar[int] = FROM_PRESENT

    def columns(self) -> Sequence[Numbers]:
        """Return what the kernel needs for each window."""
        onset = np.full(len(self.today), NO_ONSET) if self.onset is None else self.onset
        return self.frequency, self.since, self.regimes.log_bound, self.today, onset


@dataclass(frozen=True, eq=False)
class TrajectoriesFromOnset:
    """Wright–Fisher trajectories from an onset until today.

    Parameters
    ----------
    onset : float64 (n_windows,)
        Whole generations ago, at least 1.
    frequency : float64 (n_windows,)
        At onset; 0 stands for one copy.
    a, b : float64 (n_windows,)
        w_Aa/w_aa − 1 and w_AA/w_aa − 1.
    before : Regimes or None
        What the allele diffused in before onset; None where it arose then.
    """

    onset: Numbers
    frequency: Numbers
    a: Numbers
    b: Numbers
    before: Regimes | None = None
    kind: ClassVar[int] = FROM_ONSET

    @property
    def regimes(self) -> Regimes | None:
        """The regimes before onset."""
        return self.before

    def columns(self) -> Sequence[Numbers]:
        """Return what the kernel needs for each window."""
        stands = np.full(len(self.onset), float(self.before is not None))
        log_bound = np.zeros(len(self.onset)) if self.before is None else self.before.log_bound
        return self.onset, self.frequency, self.a, self.b, stands, log_bound


@dataclass(frozen=True, eq=False)
class TrajectoriesFromMutation:
    """Wright–Fisher trajectories from one mutation, at any time, that lead near a frequency today.

    Parameters
    ----------
    frequency, tolerance : float64 (n_windows,)
        Today's frequency may differ by so much.
    oldest : float64 (n_windows,)
        Whole generations ago; no mutation is older.
    largest : float64 (n_windows,)
        2N at its largest since.
    a, b : float64 (n_windows,)
        w_Aa/w_aa − 1 and w_AA/w_aa − 1.
    """

    frequency: Numbers
    tolerance: Numbers
    oldest: Numbers
    largest: Numbers
    a: Numbers
    b: Numbers
    kind: ClassVar[int] = FROM_MUTATION
    regimes: ClassVar[None] = None

    def columns(self) -> Sequence[Numbers]:
        """Return what the kernel needs for each window."""
        return self.frequency, self.tolerance, self.oldest, self.largest, self.a, self.b


@dataclass(frozen=True, eq=False)
class TrajectoriesToFixation:
    """Wright–Fisher trajectories from one copy to fixation, at constant size.

    Parameters
    ----------
    since : float64 (n_windows,)
        Generations ago when the allele fixed.
    copies : float64 (n_windows,)
        2N.
    a, b : float64 (n_windows,)
        w_Aa/w_aa − 1 and w_AA/w_aa − 1.
    """

    since: Numbers
    copies: Numbers
    a: Numbers
    b: Numbers
    kind: ClassVar[int] = TO_FIXATION
    regimes: ClassVar[None] = None

    def columns(self) -> Sequence[Numbers]:
        """Return what the kernel needs for each window."""
        return self.since, np.rint(self.copies), self.a, self.b


Trajectories = (
    GivenTrajectories
    | TrajectoriesFromPresent
    | TrajectoriesFromOnset
    | TrajectoriesFromMutation
    | TrajectoriesToFixation
)


@dataclass(frozen=True, eq=False)
class Plan:
    """A batch of windows.

    Parameters
    ----------
    n_haplotypes : int
    sequence_length : float
        Base pairs.
    mutation_rate, recombination_rate : float64 (n_windows,)
        Per base pair per generation.
    position : float64 (n_windows,)
        Selected site in bp.
    epochs : float64 (n_windows, n_epochs, 3)
        Begin (generations ago), size (diploid individuals), growth rate.
    trajectories : Trajectories
    carriers : int
        A fixed number, or ALL, BINOMIAL, CONDITIONED.
    merge : bool
        Whether favoured ancestors are unrelated where the allele arises.
    shuffled : bool
        Whether carriers stand in random columns, not in the last ones.
    keep_selected_site : bool
    """

    n_haplotypes: int
    sequence_length: float
    mutation_rate: Numbers
    recombination_rate: Numbers
    position: Numbers
    epochs: Numbers
    trajectories: Trajectories
    carriers: int = 0
    merge: bool = False
    shuffled: bool = False
    keep_selected_site: bool = False


class Sites(NamedTuple):
    """The sites of a batch of windows, end to end."""

    position: Numbers  # (n_sites,) bp
    haplotypes: NDArray[np.uint8]  # (n_sites, n_haplotypes)
    offsets: NDArray[np.int64]  # (n_windows + 1,)
    carriers: NDArray[np.int64]  # (n_windows,) sampled haplotypes with the favoured allele
    founders: Numbers  # (n_windows,) copies at onset that they descend from; NaN: site outside the window
    frequency: Numbers  # (n_windows,) of the favoured allele, today
