"""What a trained method says about every window of a genome, and where it should not be believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.formats.genome import Genome
from selbench.formats.genome_windows import Places, count_within, observed_at, place_windows, windows_at
from selbench.formats.labelled_regions import Truth
from selbench.plugin import spelling
from selbench.scan.gate import Fit
from selbench.scan.likeness import likeness
from selbench.scan.regions import CandidateRegion
from selbench.scan.yardstick import Judgement
from selbench.trained import TrainedMethod
from selbench.windows import ENCODE_BATCH, Polarisation, Windows, class_of

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 10
"""Rows of a scan in a notebook."""

NO_RECORDS = "the file has no records here"
NOT_CALLABLE = "no variable site would have been seen here"
UNREAD = "records here could not be read"
LITTLE_OBSERVED = "a variable site would have been seen in less than a quarter of it"
LEFT_OUT = "every record here was left out"
DECLINED = "the method declines it"
NO_SITES = "no sites, and the method was trained without such windows"


@dataclass(frozen=True, eq=False)
class AtHand:
    """Windows of a long genome whose sites it still holds.

    Parameters
    ----------
    spread : bool (n_windows,)
        Evenly spread ones, whatever their score.
    all : bool (n_windows,)
        Those, and the ones with the highest scores.
    """

    spread: NDArray[np.bool_]
    all: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class ScanResult:
    """Predictions along a genome.

    Parameters
    ----------
    genome : Genome
    places : Places
    n_sites : int64 (n_windows,)
    probability : float32 (n_windows,)
        Of the method's positive class; NaN where a window was skipped.
    observed : float64 (n_windows,)
        Share of each window in which a variable site would have been seen.
    skipped : tuple of str
        Why each window was skipped; empty where it was not.
    distance : float64 (n_windows,)
        From the training windows of the nearest class, over 1 where outside
        their range (see `likeness`); NaN where a window was skipped.
    outside : tuple of tuple of str
        Per window, the statistics that lie outside that range; none where it
        was skipped.
    like : tuple of tuple of str
        Per window, the classes whose training windows had such statistics.
    judgement : Judgement, optional
        How unusual each probability is among windows without selection; None where the method has no
        null scores.
    fit : Fit, optional
        Whether such windows fit the genome.
    regions : tuple of CandidateRegion
        Called windows put together, the highest peak first.
    truth : Truth, optional
        What labelled regions say of the windows.
    at_hand : AtHand, optional
        Windows whose sites the genome still holds; all where not given. A long genome lets most go.
    n_behind : int
        Windows behind the last records of chromosomes, to the lengths that the header states: not observed.
    """

    genome: Genome
    places: Places
    n_sites: NDArray[np.int64]
    probability: NDArray[np.float32]
    observed: NDArray[np.float64]
    skipped: tuple[str, ...]
    distance: NDArray[np.float64]
    outside: tuple[tuple[str, ...], ...]
    like: tuple[tuple[str, ...], ...]
    judgement: Judgement | None = None
    fit: Fit | None = None
    regions: tuple[CandidateRegion, ...] = ()
    truth: Truth | None = None
    at_hand: AtHand | None = None
    n_behind: int = 0

    def __repr__(self) -> str:
        skipped = sum(map(bool, self.skipped))
        individuals = len(self.genome.individuals)
        return (
            f"ScanResult: {len(self.places):,} windows of {self.places.window_bp:,} bp, {skipped:,} skipped, "
            f"{individuals:,} individuals"
        )

    def _repr_html_(self) -> str:
        """Show the words and the windows with the highest probabilities, for a notebook."""
        highest = self.table.nlargest(_SHOWN, "probability")
        return f"<p>{self!r}; the highest:</p>{highest.to_html(index=False, border=0)}"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per window: chromosome, start, end (bp, 0-based, half-open) and what was found."""
        import pandas as pd

        names = np.array([chromosome.name for chromosome in self.genome.chromosomes])
        judgement = self.judgement
        unknown = np.full(len(self.places), np.nan)
        ranks = None if judgement is None else np.where(judgement.rank > 0, judgement.rank, np.nan)
        return pd.DataFrame(
            {
                "chromosome": names[self.places.chromosome],
                "start": self.places.start,
                "end": self.places.end,
                "n_sites": self.n_sites,
                "observed": self.observed,
                "probability": self.probability,
                "p_sim": unknown if judgement is None else judgement.p_sim,
                "rank": pd.array(unknown if ranks is None else ranks, dtype="Int64"),
                "called": False if judgement is None else judgement.called,
                "q": unknown if judgement is None else judgement.q,
                "skipped": self.skipped,
                "outside_training_range": [bool(names) for names in self.outside],
                "outside": [",".join(names) for names in self.outside],
                "distance_from_training": self.distance,
                "looks_like": [",".join(names) for names in self.like],
                **({} if self.truth is None else {"truth": self.truth.labels}),
            }
        )


def check_genome(method: TrainedMethod, n_haplotypes: int, polarisation: Polarisation | None) -> None:
    """Refuse a genome that a method cannot be asked about, before it is read.

    Raises
    ------
    DataError
        If its haplotypes are more or fewer than the method was trained on.
    UnsupportedError
        If the method's encoder cannot take the polarisation.
    """
    if n_haplotypes != method.spec.n_haplotypes:
        raise DataError(
            f"this predictor was trained on {method.spec.n_haplotypes} haplotypes per window; "
            f"the chosen individuals have {n_haplotypes}"
        )
    reason = None if polarisation is None else method.encoder.unsupported(method.spec, polarisation)
    if reason:
        raise UnsupportedError(f"{spelling(method.encoder)} cannot take haplotypes polarised so: {reason}")


def scan_genome(
    method: TrainedMethod,
    genome: Genome,
    *,
    step_bp: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ScanResult:
    """Ask a method about every window of its own length along a genome.

    Parameters
    ----------
    step_bp : int, optional
        Distance between the starts of neighbouring windows; by default their length.
    progress : callable, optional
        Called with the number of windows done and of all.

    Raises
    ------
    DataError, UnsupportedError
        If the genome does not fit the method, or is shorter than a window.
    """
    check_genome(method, len(genome.individuals) * genome.ploidy, genome.polarisation)
    window_bp = method.spec.sequence_length
    places = place_windows(genome, window_bp, step_bp or window_bp)
    return scan_result(method, genome, places, answers_at(method, genome, places, progress))


@dataclass(frozen=True, eq=False)
class Answers:
    """What there is in windows and what a method says of them, before it is decided which count.

    Parameters
    ----------
    n_sites, n_records, n_informative : int64 (n_windows,)
        Sites, records of whatever kind, and records that show what the chosen individuals carry.
    probability : float32 (n_windows,)
        NaN where the method was not asked: a window without sites, where it was trained without such; and
        where it declined.
    distance : float64 (n_windows,)
    outside, like : list of tuple of str
        See `ScanResult`.
    """

    n_sites: NDArray[np.int64]
    n_records: NDArray[np.int64]
    n_informative: NDArray[np.int64]
    probability: NDArray[np.float32]
    distance: NDArray[np.float64]
    outside: list[tuple[str, ...]]
    like: list[tuple[str, ...]]


def answers_at(
    method: TrainedMethod,
    genome: Genome,
    places: Places,
    progress: Callable[[int, int], None] | None = None,
) -> Answers:
    """Ask a method about windows, a batch at a time."""
    n_records = count_within([c.records for c in genome.chromosomes], places)
    n_informative = count_within([c.informative for c in genome.chromosomes], places)
    n_sites = np.zeros(len(places), dtype=np.int64)
    probability = np.full(len(places), np.nan, dtype=np.float32)
    distance = np.full(len(places), np.nan)
    outside: list[tuple[str, ...]] = []
    like: list[tuple[str, ...]] = []
    for start in range(0, len(places), ENCODE_BATCH):
        batch = slice(start, start + ENCODE_BATCH)
        here = Places(places.chromosome[batch], places.start[batch], places.window_bp)
        windows = windows_at(genome, here, method.spec)
        alike = likeness(method, windows)
        n_sites[batch], distance[batch] = windows.n_sites, alike.distance
        asked = (windows.n_sites > 0) | (method.empty_windows == "keep")
        probability[batch][asked] = _positive(method, windows.take(asked))
        outside += alike.outside
        like += alike.like
        if progress is not None:
            progress(min(start + ENCODE_BATCH, len(places)), len(places))
    return Answers(n_sites, n_records, n_informative, probability, distance, outside, like)


def scan_result(method: TrainedMethod, genome: Genome, places: Places, answers: Answers) -> ScanResult:
    """Return what counts of a method's answers, where the genome was seen."""
    observed = observed_at(genome, places)
    skipped = _why_skipped(method, genome, places, answers, observed)
    asked = np.array([not reason for reason in skipped], dtype=bool)
    return ScanResult(
        genome,
        places,
        answers.n_sites,
        np.where(asked, answers.probability, np.float32(np.nan)),
        observed,
        tuple(skipped),
        np.where(asked, answers.distance, np.nan),
        tuple(() if reason else names for reason, names in zip(skipped, answers.outside, strict=True)),
        tuple(() if reason else names for reason, names in zip(skipped, answers.like, strict=True)),
    )


def _positive(method: TrainedMethod, windows: Windows) -> NDArray[np.float32]:
    if not len(windows):
        return np.empty(0, dtype=np.float32)
    return method.predict(windows)[:, method.classes.index(method.positive)]


def _why_skipped(
    method: TrainedMethod, genome: Genome, places: Places, answers: Answers, observed: NDArray[np.float64]
) -> list[str]:
    """Say why each window cannot be asked about; nothing where it can.

    A window without a record, or whose records were all left out, may be a gap
    as well as a sweep: only a mask or invariant records tell them apart.
    """
    chromosomes = genome.chromosomes
    is_known = np.array([c.observed_is_known for c in chromosomes])[places.chromosome]
    n_unread = count_within(
        [c.unread[:, 0] for c in chromosomes], places, ends=[c.unread[:, 1] for c in chromosomes]
    )
    without_sites = (answers.n_sites == 0) & (method.empty_windows == "drop")
    reasons = np.select(
        [
            n_unread > 0,
            is_known & (observed == 0),
            ~is_known & (answers.n_records == 0),
            ~is_known & (answers.n_informative == 0),
            class_of(observed) < 0,
            without_sites,
            np.isnan(answers.probability),
        ],
        [UNREAD, NOT_CALLABLE, NO_RECORDS, LEFT_OUT, LITTLE_OBSERVED, NO_SITES, DECLINED],
        default="",
    )
    return [str(reason) for reason in reasons]
