"""Hold a scan against its null: yardstick, gate, candidate regions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genes import Genes, check_chromosomes
from selbench.formats.genome import Genome
from selbench.formats.genome_windows import Places, windows_at
from selbench.scan.gate import Fit, fit_of
from selbench.scan.null_draws import NullSource, Progress
from selbench.scan.observation import LITTLE, GenomeSeen
from selbench.scan.prediction import ScanResult
from selbench.scan.regions import candidate_regions
from selbench.scan.yardstick import FALSE_POSITIVE_RATE, Yardstick, judge, windows_apart
from selbench.trained import NullScores, Portrait, TrainedMethod
from selbench.trained.portrait import MOST_DRAWN
from selbench.windows import WHOLE, class_of

ALIKE = 0.25
"""By how much of itself the share of sites left out of the null may differ from that of the genome."""


@dataclass(frozen=True, eq=False)
class HeldAgainst:
    """What a scan is to be held against.

    Parameters
    ----------
    fpr : float
        Rate at which windows without selection may be called.
    n_drawn : int
        Null windows to draw beside those of the run.
    source : NullSource, optional
        What draws them.
    genes : Genes, optional
        To name in candidate regions.
    """

    fpr: float = FALSE_POSITIVE_RATE
    n_drawn: int = 0
    source: NullSource | None = None
    genes: Genes | None = None


def judged(
    method: TrainedMethod,
    result: ScanResult,
    against: HeldAgainst,
    *,
    step_bp: int,
    progress: Progress = lambda done, of: None,
) -> ScanResult:
    """Return a scan with what its method's null scores say of it; without them, as it is.

    Raises
    ------
    DataError
        If the genes lie on other chromosomes, or the rate is none.
    """
    names = [chromosome.name for chromosome in result.genome.chromosomes]
    if against.genes is not None:
        check_chromosomes(against.genes.names, names, "the file of genes")
    null = method.null_scores
    if null is None:
        return result
    seen = GenomeSeen.of(result.genome, result.places, np.where(_spread(result), result.observed, 0.0))
    yardstick, portrait = _yardstick(null, against, step_bp, seen, progress)
    fit = _fit(method, portrait, result, yardstick, step_bp)
    misfits = (*_seen_otherwise(seen, yardstick, null), *fit.misfits)
    fit = replace(fit, misfits=misfits)
    judgement = judge(
        yardstick,
        result.places,
        result.probability,
        step_bp=step_bp,
        observed=result.observed,
        misfits=misfits,
    )
    regions = candidate_regions(judgement, result.places, result.probability, names, against.genes)
    return replace(result, judgement=judgement, fit=fit, regions=regions)


def _yardstick(
    null: NullScores, against: HeldAgainst, step_bp: int, seen: GenomeSeen, progress: Progress
) -> tuple[Yardstick, Portrait | None]:
    """Return the yardstick, and what its windows look like.

    Where the genome's sites were left out, the run's own null windows, which may have all of theirs, make
    room for those that are drawn.
    """
    partly = {number: scores for number, scores in null.by_class.items() if 0 <= number < WHOLE}
    if against.source is None or not against.n_drawn:
        return Yardstick(null.by_class[WHOLE], against.fpr, partly=partly), null.portrait
    drawn = against.source.draw(against.n_drawn, seen, progress)
    own = null.by_class[WHOLE]
    scores = drawn.whole if seen.lost else np.sort(np.concatenate([own, drawn.whole]))
    more = Yardstick(scores, against.fpr, against.n_drawn, partly={**partly, **drawn.partly})
    if more.threshold is None:
        return more, drawn.portrait
    found = against.source.peaks(
        against.n_drawn, step_bp=step_bp, threshold=more.threshold, seen=seen, progress=progress
    )
    counted = {} if found is None else {"peaks": found[0], "n_in_stretches": found[1]}
    return replace(more, **counted), drawn.portrait  # type: ignore[arg-type]


def _spread(result: ScanResult) -> NDArray[np.bool_]:
    """Return which windows can be looked at again, whatever their score: bool (n_windows,)."""
    return np.ones(len(result.places), dtype=bool) if result.at_hand is None else result.at_hand.spread


def _fit(
    method: TrainedMethod, portrait: Portrait | None, result: ScanResult, yardstick: Yardstick, step_bp: int
) -> Fit:
    """Compare the windows that do not overlap and were observed from end to end, or nearly."""
    is_whole = class_of(result.observed) == WHOLE
    asked = windows_apart(result.places, step_bp) & ~np.isnan(result.probability) & is_whole
    at = np.flatnonzero(asked & _spread(result))
    if len(at) > MOST_DRAWN:
        at = at[np.linspace(0, len(at) - 1, MOST_DRAWN).astype(np.int64)]
    here = Places(result.places.chromosome[at], result.places.start[at], result.places.window_bp)
    genome = Portrait.of(windows_at(result.genome, here, method.spec)) if len(at) else Portrait(0, {})
    fit = fit_of(genome, portrait, yardstick.p_sim(result.probability[asked]))
    return replace(fit, misfits=(*_read_otherwise(method, result.genome), *fit.misfits))


def _seen_otherwise(seen: GenomeSeen, yardstick: Yardstick, null: NullScores) -> tuple[str, ...]:
    """Say that other shares of the sites are missing in the genome and in the null."""
    laid = null.origin.lost
    if yardstick.n_drawn or abs(seen.lost - laid) <= max(LITTLE, ALIKE * laid):
        return ()
    simulated = f"{laid:.1%} of those" if laid else "none"
    return (
        f"{seen.lost:.1%} of the variable sites were left out, and {simulated} of the simulated windows; "
        "--null-windows draws such as are seen like it",
    )


def _read_otherwise(method: TrainedMethod, genome: Genome) -> tuple[str, ...]:
    """Say where a 0 of the genome means what the method's features do not take it for."""
    if genome.polarisation == method.polarisation or method.encoder.needs_ancestral is False:
        return ()
    return (f"0 is {genome.polarisation} here and was {method.polarisation} in the simulated windows",)
