"""What a method lives on, as the areas that it keeps on every rung of the ladder tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selbench.audit.areas import Estimate
from selbench.audit.ladder import HAPLOTYPE_ORDER, ONLY_NUMBER, ONLY_SPECTRUM, RUNGS, Rung
from selbench.evaluation.intervals import NORMAL_QUANTILE
from selbench.run_folder import Finding

MATTERS = 0.01
"""A loss of area that is worth a word."""

_COLUMN = 12
_CAUTION = (
    "what a method keeps without a signal, it does not need it for; what it loses is at most what the signal "
    "gave, for windows shuffled so are unlike any that it was trained on"
)


@dataclass(frozen=True)
class Reading:
    """How one method fared on the ladder.

    Parameters
    ----------
    method : str
    untouched : Estimate
    left : mapping of Rung to Area
        On shuffled windows.
    lost : mapping of Rung to Area
        Untouched minus shuffled, on the same windows.
    """

    method: str
    untouched: Estimate
    left: Mapping[Rung, Estimate]
    lost: Mapping[Rung, Estimate]

    @property
    def areas(self) -> dict[str, tuple[float, float, float]]:
        """The area and its 95 % interval by shuffle, on untouched windows first."""
        found = {"untouched": self.untouched} | {rung.name: self.left[rung] for rung in RUNGS}
        return {name: (of.value, *of.interval(NORMAL_QUANTILE)) for name, of in found.items()}

    def needs(self, rung: Rung, quantile: float) -> bool:
        """Whether the method answers differently without what a rung takes away."""
        lost = self.lost[rung]
        return abs(lost.value) >= MATTERS and lost.differs_from(0.0, quantile)

    def lives_on(self, quantile: float) -> str:
        """Return the least that the method needs to be as good as it is."""
        if not self.untouched.differs_from(0.5, quantile):
            return "nothing"
        if not self.needs(ONLY_NUMBER, quantile):
            return "the number of sites"
        if not self.needs(ONLY_SPECTRUM, quantile):
            return "the SFS"
        return "more than the SFS"

    def sentence(self, quantile: float) -> str:
        """Say what the method lives on, and what it loses without which signal."""
        on = self.lives_on(quantile)
        if on == "nothing":
            return f"{self.method}: no better than chance, so it reads nothing"
        losses = [
            f"{self.lost[rung].value:.3f} {rung.without}" for rung in RUNGS if self.needs(rung, quantile)
        ]
        unchanged = "unchanged by all shuffles" if not losses else f"loses {', '.join(losses)}"
        return f"{self.method}: {unchanged}: it lives on {on}"


def reading_finding(task: str, readings: Sequence[Reading], quantile: float, notes: Sequence[str]) -> Finding:
    """Put the readings of a task's methods into a finding.

    Parameters
    ----------
    quantile : float
        Standard errors by which a loss must differ from 0 to be one.
    notes : sequence of str
        Further lines of evidence.
    """
    check = f"What methods read, task {task}"
    if not readings:
        return Finding(
            check,
            "amber",
            "No trained method could be asked.",
            tuple(notes),
            meaning="What the methods of this run live on is not known.",
            advice="Run the experiment again: finished work is kept, missing predictors are made.",
        )
    by_order = [reading for reading in readings if reading.needs(HAPLOTYPE_ORDER, quantile)]
    areas = {reading.method: reading.areas for reading in readings}
    evidence = (*_table(readings), *(reading.sentence(quantile) for reading in readings), _CAUTION, *notes)
    if not by_order:
        return Finding(check, "green", _headline(readings, quantile), evidence, areas=areas)
    worst = max(by_order, key=lambda reading: abs(reading.lost[HAPLOTYPE_ORDER].value))
    return Finding(
        check,
        "amber",
        f"{len(by_order)} of {len(readings)} methods read the order of haplotypes; "
        f"{worst.method} loses {worst.lost[HAPLOTYPE_ORDER].value:.3f} AUC where it is shuffled.",
        evidence,
        meaning=(
            "In what order a simulator writes haplotypes is an accident of the program (carriers last, say). "
            "No real sample has that order, so what is read from it is of no use there."
        ),
        advice=(
            "Sort haplotypes in the encoding (imagene[sort=rows]), or train with another order for every "
            "window; or simulate by a program that leaves carriers in random places (msms)."
        ),
        areas=areas,
    )


def _headline(readings: Sequence[Reading], quantile: float) -> str:
    lived_on = [reading.lives_on(quantile) for reading in readings]
    counts = {on: lived_on.count(on) for on in _FROM_LITTLE_TO_MUCH if on in lived_on}
    kinds = ", ".join(f"{on} ({count})" for on, count in counts.items())
    return f"What {len(readings)} methods live on: {kinds}; none reads the order of haplotypes."


_FROM_LITTLE_TO_MUCH = ("nothing", "the number of sites", "the SFS", "more than the SFS")


def _table(readings: Sequence[Reading]) -> Iterator[str]:
    """Yield the areas left, a line per method and a column per rung, then what the columns are."""
    width = max(len("AUC left"), *(len(reading.method) for reading in readings))
    heads = ["untouched", *(rung.name for rung in RUNGS)]
    yield "  ".join([f"{'AUC left':<{width}}", *(f"{head:<{_COLUMN}}" for head in heads)]).rstrip()
    for reading in readings:
        areas = [reading.untouched, *(reading.left[rung] for rung in RUNGS)]
        yield "  ".join([f"{reading.method:<{width}}", *map(_cell, areas)]).rstrip()
    yield "; ".join(f"{rung.name}: {rung.means}" for rung in RUNGS)


def _cell(of: Estimate) -> str:
    half_width = of.interval(NORMAL_QUANTILE)[1] - of.value
    return f"{of.value:.3f} ±{half_width:.3f}".ljust(_COLUMN)
