"""Shortcuts: what one number alone achieves between the null class and another.

The direction (more or fewer for the null class) is fixed on training windows
and kept on test windows. Where nothing is split, every other window stands for
training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from selbench.audit.audited import UNSPLIT
from selbench.audit.separation import Area, separation
from selbench.audit.survey import DERIVED_ALLELES, DIVERSITY, HAPLOTYPES, SITES, Group, Survey
from selbench.run_folder import Finding

STRONG = 0.8
"""From this AUC on, one number of biology is said to be hard to beat."""

CAUTIOUS_QUANTILE = 3.8906
"""Half-width of the interval that a technical number is judged by, in standard errors: 99.99 %."""

FEWEST_WINDOWS = 10

Number = Callable[[Group], NDArray[np.float64] | None]


@dataclass(frozen=True)
class Shortcut:
    """What one number achieves between the null class and another."""

    number: str
    label: str
    area: Area
    is_technical: bool
    excludes_a_coin: bool
    fewer_means_label: bool

    @property
    def direction(self) -> str:
        """Which way the number points to the class, in a word."""
        if not self.fewer_means_label:
            return "more"
        return "less" if self.number == _DIVERSITY else "fewer"


_DIVERSITY = "nucleotide diversity"


def biology(survey: Survey) -> Finding:
    """Say what single numbers of the windows achieve."""
    found = _measured_once(survey)
    if not found:
        missing = "There are no two classes with enough windows to tell apart."
        return Finding("One number alone", "amber", missing)
    return _biology(list(found))


def making(survey: Survey) -> Iterator[Finding]:
    """Say what single numbers of how the files were made achieve."""
    yield from _making([each for each in _measured_once(survey) if each.is_technical])


@lru_cache(maxsize=1)
def _measured_once(survey: Survey) -> tuple[Shortcut, ...]:
    """Measure for both of the checks that look at them."""
    return tuple(shortcuts(survey))


def shortcuts(survey: Survey) -> Iterator[Shortcut]:
    """Measure every number on every pair of the null class and another."""
    null, *others = survey.labels
    for label in others:
        for name, number, technical in (*_NUMBERS, *_brought(survey)):
            measured = _measured(survey, null, label, number)
            if measured is None:
                continue
            (a, b), (test_a, test_b) = measured
            fewer = separation(a, b).value < 0.5
            sign = -1.0 if fewer else 1.0
            cautious = separation(sign * test_a, sign * test_b, quantile=CAUTIOUS_QUANTILE)
            area = separation(sign * test_a, sign * test_b)
            yield Shortcut(name, label, area, technical, not cautious.includes_half, fewer)


_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def _measured(survey: Survey, null: str, label: str, number: Number) -> tuple[_Pair, _Pair] | None:
    """Return a number of (null, other) training windows, and of test windows; None if there are too few."""
    if "test" in survey.splits and "train" in survey.splits:
        train = _values(survey, "train", null, label, number)
        test = _values(survey, "test", null, label, number)
    else:
        split = UNSPLIT if UNSPLIT in survey.splits else survey.splits[0]
        both = _values(survey, split, null, label, number)
        train = test = None
        if both is not None:
            train, test = (both[0][::2], both[1][::2]), (both[0][1::2], both[1][1::2])
    if train is None or test is None or min(map(len, (*train, *test))) < FEWEST_WINDOWS:
        return None
    return train, test


def _values(survey: Survey, split: str, null: str, label: str, number: Number) -> _Pair | None:
    groups = survey.group(split, null), survey.group(split, label)
    if groups[0] is None or groups[1] is None:
        return None
    a, b = number(groups[0]), number(groups[1])
    return None if a is None or b is None else (a, b)


def _biology(found: list[Shortcut]) -> Finding:
    check = "One number of the windows alone"
    own = [s for s in found if not s.is_technical]
    best = max(own, key=lambda s: s.area.value)
    said = best.direction.capitalize()
    headline = f"{said} {best.number}, nothing else, tells {best.label} with an AUC of {best.area}."
    evidence = tuple(f"{s.number}, {s.direction} for {s.label}: AUC {s.area}" for s in own)
    if best.area.value < STRONG:
        return Finding(check, "green", headline, evidence)
    return Finding(
        check,
        "amber",
        headline,
        evidence,
        "That is signal, not a fault; but a method that does no better has shown nothing more than counting.",
        f"Quote this next to every score: a network must beat {best.area.value:.3f}.",
    )


def _making(found: list[Shortcut]) -> Iterator[Finding]:
    check = "One number of how the files were made"
    if not found:
        return
    telling = [s for s in found if s.excludes_a_coin]
    evidence = tuple(f"{s.number}: AUC {s.area} for {s.label}" for s in found)
    if not telling:
        yield Finding(check, "green", f"{_listed(found)} tell nothing about the class.", evidence)
        return
    seen = [s for s in telling if s.number != FILE_ORDER]
    best = max(seen or telling, key=lambda s: s.area.value)
    yield Finding(
        check,
        "red" if seen else "amber",
        f"The {best.number} alone tells {best.label} with an AUC of {best.area}.",
        evidence,
        "That is how the files were made, not selection, and a method that sees it will use it."
        if seen
        else "No method sees the order of files; but whoever cuts or shuffles by it cuts by class.",
        "Make all classes in one and the same way."
        if seen
        else "Shuffle by a seed of your own, and never split by file order.",
    )


def _listed(found: list[Shortcut]) -> str:
    names = list(dict.fromkeys(s.number for s in found))
    text = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return text[0].upper() + text[1:]


def _heights(group: Group) -> NDArray[np.float64] | None:
    return None if group.heights is None else group.heights.astype(np.float64)


def _precision(group: Group) -> NDArray[np.float64] | None:
    told = group.decimals.max(initial=-1)
    return None if told < 0 else np.where(group.decimals < 0, told, group.decimals).astype(np.float64)


_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def _order(group: Group) -> NDArray[np.float64] | None:
    """Return the number in each file's name; else the place within the class, from 0 to 1."""
    if len(set(group.names)) < len(group) or not group.names:
        return (np.arange(len(group)) + 0.5) / len(group)
    stems = [name.rpartition("/")[2].rpartition(".")[0] for name in group.names]
    numbers = [_LAST_NUMBER.search(stem) for stem in stems]
    if not all(numbers):
        return (np.arange(len(group)) + 0.5) / len(group)
    return np.array([float(found[1]) for found in numbers if found])


def _brought(survey: Survey) -> Iterator[tuple[str, Number, bool]]:
    """Yield the statistics that plugins bring, where every window has them."""
    groups = survey.groups
    for name in groups[0].brought if groups else ():
        if all(name in group.brought for group in groups):
            yield name, lambda group, name=name: group.statistics[name], False  # type: ignore[misc]


FILE_ORDER = "file order"

_NUMBERS: tuple[tuple[str, Number, bool], ...] = (
    ("segregating sites", lambda group: group.statistics[SITES], False),
    (_DIVERSITY, lambda group: group.statistics[DIVERSITY], False),
    ("distinct haplotypes", lambda group: group.statistics[HAPLOTYPES], False),
    ("derived alleles (white pixels)", lambda group: group.statistics[DERIVED_ALLELES], False),
    ("image height", _heights, True),
    ("precision of positions", _precision, True),
    (FILE_ORDER, _order, True),
)
