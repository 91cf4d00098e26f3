"""What a reader should know of a scan, in sentences, before any probability is believed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from selbench.formats.genome import Genome
from selbench.formats.vcf_sites import EXCLUSIONS
from selbench.scan.prediction import ScanResult
from selbench.scan.truth import confusions
from selbench.scan.yardstick import MEANING, Yardstick
from selbench.tables import count_of
from selbench.trained import TrainedMethod


@dataclass(frozen=True)
class Remark:
    """A sentence.

    Parameters
    ----------
    words : str
    is_warning : bool
        Whether it must not be overlooked.
    """

    words: str
    is_warning: bool = False


def remarks_on(result: ScanResult, method: TrainedMethod) -> Iterator[Remark]:
    """Yield what there is to say of a scan, in the order of reading: records, likeness, windows, labels."""
    yield from _on_records(result.genome)
    yield from _on_coverage(result.genome, method.spec.sequence_length)
    yield from likeness_remarks(result, method)
    yield from _on_windows(result, method)
    yield from _on_null(result, method)
    yield from _on_truth(result, method)


def _on_records(genome: Genome) -> Iterator[Remark]:
    yield Remark(f"{genome.n_records:,} records looked at, {genome.n_sites:,} sites kept; left out:")
    for reason, count in genome.excluded.items():
        if count:
            yield Remark(f"  {count:>9,}  {reason}: {EXCLUSIONS[reason]}")
    yield from map(Remark, genome.remarks)
    for warning in genome.warnings:
        yield Remark(warning, is_warning=True)


def _on_coverage(genome: Genome, window_bp: int) -> Iterator[Remark]:
    """Name the chromosomes of which less was scanned than asked for."""
    for chromosome in genome.chromosomes:
        where = f"{chromosome.name}:{chromosome.records_start + 1}-{chromosome.records_end}"
        if chromosome.end - chromosome.start < window_bp:
            yield Remark(f"{where} is shorter than a window and was not scanned")
        elif chromosome.start + window_bp < chromosome.records_start or (
            chromosome.end - window_bp > chromosome.records_end
        ):
            yield Remark(f"of the region asked for, the file has records in {where} only")


def likeness_remarks(result: ScanResult, method: TrainedMethod) -> Iterator[Remark]:
    """Say whether the genome looks like the training data."""
    if not method.training_range:
        yield Remark(
            "the predictor does not know what its training windows looked like: compare before believing it"
        )
        return
    asked = sum(not reason for reason in result.skipped)
    if not method.class_ranges:
        yield Remark(
            "the predictor knows the range of its training windows as a whole, not class by class; "
            "train it again to know more"
        )
    else:
        counts = Counter(name for names in result.like for name in names)
        alike = (
            f"{counts[label]:,} {_look(counts[label])} like training windows of {label}"
            for label in method.classes
        )
        within = "(each statistic within the central 99.8 % of the class)"
        yield Remark(f"of {_windows(asked)}, {', '.join(alike)} {within}")
    outside = sum(map(bool, result.outside))
    if outside:
        counts = Counter(name for names in result.outside for name in names)
        most = ", ".join(f"{name} in {count:,}" for name, count in counts.most_common())
        yield Remark(
            f"{outside:,} of {_windows(asked)} {_look(outside)} like nothing in the training data "
            f"(hollow in the plot); beyond the central 99.8 % of every class: {most}",
            is_warning=True,
        )


def _on_windows(result: ScanResult, method: TrainedMethod) -> Iterator[Remark]:
    skipped = sum(map(bool, result.skipped))
    called = int((result.probability > 0.5).sum())
    yield Remark(
        f"{_windows(len(result.places))} of {method.spec.sequence_length:,} bp: {skipped:,} skipped, "
        f"{called:,} with probability of {method.positive} over 0.5"
    )
    if result.n_behind:
        lie = "lies" if result.n_behind == 1 else "lie"
        yield Remark(
            f"{_windows(result.n_behind)} more {lie} behind the last records of chromosomes, to the lengths "
            "that the header states: they count as not observed, and are not listed"
        )
    if result.judgement is None and called > (len(result.places) - skipped) / 2:
        yield Remark(
            f"most windows are called {method.positive}: rather than selection "
            f"everywhere, expect that the {method.null} class of the training (population size, rates) "
            "does not fit this genome",
            is_warning=True,
        )


def _on_null(result: ScanResult, method: TrainedMethod) -> Iterator[Remark]:
    """Say how many windows are called against those without selection, and what may not be said."""
    judgement, fit = result.judgement, result.fit
    if judgement is None or fit is None:
        yield Remark(
            "the predictor carries no scores of windows without selection, so nothing says how unusual a "
            "probability is: run its experiment again, which keeps finished work and puts them beside it"
        )
        return
    yardstick, asked = judgement.yardstick, sum(not reason for reason in result.skipped)
    n_called = int(judgement.called.sum())
    yield Remark(f"{MEANING}; m = {_null_windows(yardstick)}")
    if yardstick.threshold is None:
        least = math.ceil(1 / yardstick.fpr - 1e-9) - 1
        yield Remark(
            f"no window can be called at a false-positive rate of {yardstick.fpr:g} with so few: it needs "
            f"m ≥ {least:,}; --null-windows {least - len(yardstick.null):,} draws the rest",
            is_warning=True,
        )
    else:
        yield Remark(
            f"{n_called:,} of {_windows(asked)} {_have(n_called)} p_sim "
            f"≤ {yardstick.fpr:g} (probability over {yardstick.threshold:.4g}), "
            f"in {count_of(len(result.regions), 'candidate region')}; "
            f"{few_digits(yardstick.fpr * asked)} windows are expected without any selection"
        )
    without = int((np.isnan(judgement.p_sim) & ~np.isnan(result.probability)).sum())
    if without:
        yield Remark(
            f"{_windows(without)} {'was' if without == 1 else 'were'} observed in part and {_have(without)} "
            "no p_sim: --null-windows draws such as are "
            "observed alike",
            is_warning=True,
        )
    yield Remark(
        f"no q: {judgement.why_no_q}" if judgement.why_no_q else "q is given for windows that do not overlap",
        is_warning=bool(fit.misfits),
    )


def _on_truth(result: ScanResult, method: TrainedMethod) -> Iterator[Remark]:
    """Say what was found of labelled regions."""
    if result.truth is None:
        return
    if result.truth.n_outside:
        yield Remark(
            f"{result.truth.n_outside:,} labelled regions lie outside what was scanned", is_warning=True
        )
    for each in confusions(result.truth, result.probability, result.judgement, method.positive):
        yield Remark(each.words)


def few_digits(value: float) -> str:
    """Return a number with three digits that count, or whole where it has more.

    Examples
    --------
    >>> few_digits(0.01234), few_digits(2450.9)
    ('0.0123', '2,451')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _null_windows(yardstick: Yardstick) -> str:
    drawn = f", {yardstick.n_drawn:,} of them drawn for this scan" if yardstick.n_drawn else ""
    return f"{count_of(len(yardstick.null), 'null window')}{drawn}"


def _windows(number: int) -> str:
    return count_of(number, "window")


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _look(number: int) -> str:
    return "looks" if number == 1 else "look"
