"""A stranger's plugin that comes through the doors that are no component: one small thing for each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from selbench import (
    Answer,
    Chart,
    ExperimentError,
    Population,
    Table,
    check,
    hookimpl,
    metric,
    population,
    section,
)


@metric("Good 1952, Journal of the Royal Statistical Society B 14:107", higher_is_better=False, lowest=0.0)
def log_loss(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean negative logarithm of the probability of the true class."""
    return -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-15))


@metric("Matthews 1975, Biochimica et Biophysica Acta 405:442", label="MCC", lowest=-1, highest=1)
def correlation(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Correlation of calls with the truth."""
    called = probabilities.argmax(axis=1)
    if called.std() == 0:
        return 0.0
    return float(np.corrcoef(labels, called)[0, 1])


@check("Singletons", amber="a class without any", advice="Sample more haplotypes.")
def singletons(survey: Any) -> Answer:
    """Are there alleles that one haplotype alone carries?"""
    named = [group.place for group in survey.groups if not group.statistics["rarest_sites"].any()]
    return Answer("amber" if named else "green", f"{len(named)} of {len(survey.groups)} groups have none.")


@check("Out of order", red="always", advice="Mend it.")
def out_of_order(survey: Any) -> Answer:
    """Does one check that fails leave the others alone?"""
    raise KeyError("x")


@hookimpl
def register_checks() -> Sequence[Any]:
    """Return one that works, and one that does not."""
    return [singletons, out_of_order]


@hookimpl
def register_metrics() -> Sequence[Any]:
    """Return both kinds: one number per window, and one number for all."""
    return [log_loss, correlation]


@section("Markup <of> an author", order=150)
def markup(page: Any) -> list[object]:
    """Try to smuggle markup in."""
    evil = Markup("<script>alert(1)</script>")
    lines = {"<b>line</b>": ([0.0, 1.0], [0.0, 1.0])}
    return [
        "<i>text</i> with `code`",
        Table((evil, "number"), [(evil, 0.25), ("whole", 1234), (None, float("nan"))], evil),
        Chart("<x>", "y", lines, evil),
    ]


@section("Out of order", order=160)
def out_of_page(page: Any) -> list[object]:
    """Fail."""
    raise KeyError("x")


@section("Nothing to show")
def nothing(page: Any) -> None:
    """Show nothing."""


@hookimpl
def register_sections() -> Sequence[Any]:
    """Return one with strange text, one that fails, and one that has nothing to show."""
    return [markup, out_of_page, nothing]


@population("Wright 1931, Genetics 16:97", examples=("small", "large"))
def town(which: str) -> Population:
    """A population of a town."""
    if which == "ghost":
        raise ExperimentError("nobody lives there")
    return Population({"small": 1000, "large": 5000}[which])


@population("nobody", examples=({"size": 1000}, {"size": 1000, "years": 2}))
def village(size: int, years: float = 1.0) -> Any:
    """A population that talks, and is none when it is small."""
    sys.stdout.write("not in the data\n")
    return Population(size / years) if size > 10 else size


@hookimpl
def register_populations() -> Sequence[Any]:
    """Return one that takes a text, and one that takes several values."""
    return [town, village]
