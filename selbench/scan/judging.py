"""Hold a scan against its null: yardstick, gate, candidate regions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from selbench.formats.genes import Genes, check_chromosomes
from selbench.formats.genome import Genome
from selbench.scan.gate import Fit, fit_of
from selbench.scan.null_draws import NullSource, Progress
from selbench.scan.prediction import ScanResult
from selbench.scan.regions import candidate_regions
from selbench.scan.sliding import Places, windows_at
from selbench.scan.yardstick import FALSE_POSITIVE_RATE, Yardstick, judge, windows_apart
from selbench.trained import NullScores, Portrait, TrainedMethod
from selbench.trained.portrait import MOST_DRAWN


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
    yardstick = _yardstick(null, against, step_bp, progress)
    fit = _fit(method, null, result, yardstick, step_bp)
    judgement = judge(yardstick, result.places, result.probability, step_bp=step_bp, misfits=fit.misfits)
    regions = candidate_regions(judgement, result.places, result.probability, names, against.genes)
    return replace(result, judgement=judgement, fit=fit, regions=regions)


def _yardstick(null: NullScores, against: HeldAgainst, step_bp: int, progress: Progress) -> Yardstick:
    plain = Yardstick(null.values, against.fpr)
    if against.source is None or not against.n_drawn:
        return plain
    scores = np.sort(np.concatenate([null.values, against.source.scores(against.n_drawn, progress)]))
    more = replace(plain, null=scores, n_drawn=against.n_drawn)
    if more.threshold is None:
        return more
    found = against.source.peaks(
        against.n_drawn, step_bp=step_bp, threshold=more.threshold, progress=progress
    )
    return more if found is None else replace(more, peaks=found[0], n_in_stretches=found[1])


def _fit(
    method: TrainedMethod, null: NullScores, result: ScanResult, yardstick: Yardstick, step_bp: int
) -> Fit:
    asked = windows_apart(result.places, step_bp) & ~np.isnan(result.probability)
    at = np.flatnonzero(asked)
    if len(at) > MOST_DRAWN:
        at = at[np.linspace(0, len(at) - 1, MOST_DRAWN).astype(np.int64)]
    here = Places(result.places.chromosome[at], result.places.start[at], result.places.window_bp)
    portrait = Portrait.of(windows_at(result.genome, here, method.spec)) if len(at) else Portrait(0, {})
    fit = fit_of(portrait, null.portrait, yardstick.p_sim(result.probability[asked]))
    return replace(fit, misfits=(*_read_otherwise(method, result.genome), *fit.misfits))


def _read_otherwise(method: TrainedMethod, genome: Genome) -> tuple[str, ...]:
    """Say where a 0 of the genome means what the method's features do not take it for."""
    if genome.polarisation == method.polarisation or method.encoder.needs_ancestral is False:
        return ()
    return (f"0 is {genome.polarisation} here and was {method.polarisation} in the simulated windows",)
