"""Leaks: windows that a method meets in training and is tested on again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from selbench.audit.coincidence import (
    DealtMatches,
    Side,
    dealt_matches,
    expected_with_positions,
    is_beyond_chance,
)
from selbench.audit.identity import Digests
from selbench.audit.survey import Group, Survey
from selbench.run_folder import Finding
from selbench.streams import generator

MANY_COPIES = 0.05
"""A split with a larger share of repeated windows is red: its intervals are too narrow."""

N_EXAMPLES = 3


@dataclass(frozen=True)
class Matches:
    """Windows of one group that are in another as well.

    Parameters
    ----------
    first, second : Group
    found : int64 (n_found,)
        Indices into the second group.
    partners : int64 (n_found,)
        A match of each in the first group.
    expected : mapping of int to float
        Pairs that chance gives, by number of sites.
    """

    first: Group
    second: Group
    found: NDArray[np.int64]
    partners: NDArray[np.int64]
    expected: Mapping[int, float]

    @property
    def is_leak(self) -> bool:
        """Whether there are more than chance gives."""
        return is_beyond_chance(self.second.n_sites[self.found], self.expected)

    @property
    def by_chance(self) -> float:
        """Pairs that chance gives, in all."""
        return sum(self.expected.values())

    def lines(self) -> Iterator[str]:
        """Say how many there are, and show some."""
        n = len(self.second)
        chance = f", {self.by_chance:.2g} by chance" if self.by_chance >= 0.005 else ""
        yield (
            f"{len(self.found):,} of {n:,} windows of {self.second.place} ({len(self.found) / n:.1%}) "
            f"are in {self.first.place}{chance}"
        )
        for i, j in list(zip(self.found, self.partners, strict=True))[:N_EXAMPLES]:
            yield f"  {self.second.name_of(int(i))} = {self.first.name_of(int(j))}"


def identical_across(survey: Survey) -> Finding:
    """Same matrix at the same base pairs, in two splits of one class."""
    check = "Identical windows across splits"
    found = [
        matches_of(first, second, survey)
        for label in survey.labels
        for first, second in combinations(survey.of_class(label), 2)
    ]
    leaks = [matches for matches in found if matches.is_leak]
    if not leaks:
        if len(survey.splits) < 2:
            return Finding(check, "amber", "There is one split only, so there is nothing to compare.")
        return Finding(check, "green", f"No window is in two splits.{_aside(found)}", tuple(_without(survey)))
    worst = max(leaks, key=lambda matches: len(matches.found) / len(matches.second))
    return Finding(
        check,
        "red",
        f"{len(worst.found):,} of {len(worst.second):,} windows of {worst.second.place} are windows of "
        f"{worst.first.place}.",
        (*(line for matches in leaks for line in matches.lines()), *_without(survey)),
        "A method is tested on windows that it has learned by heart: its score says nothing about new ones.",
        "Make the splits again, each with random seeds of its own, and train again.",
    )


def identical_within(survey: Survey) -> Finding:
    """Same matrix at the same base pairs, twice in one split of one class."""
    check = "Repeated windows within a split"
    repeated = [found for group in survey.groups if (found := _repeated(group, survey)) is not None]
    if not repeated:
        return Finding(check, "green", "No split holds a window twice.")
    worst = max(repeated, key=lambda r: r.share)
    return Finding(
        check,
        "red" if worst.share > MANY_COPIES else "amber",
        f"{worst.n_copies:,} of {len(worst.group):,} windows of {worst.group.place} are copies of others.",
        tuple(line for found in repeated for line in found.lines()),
        "There are fewer different windows than it seems: intervals are too narrow, and training sees less.",
        "Look for a seed that was used again, or a file that was copied or read twice.",
    )


def two_classes(survey: Survey) -> Finding:
    """Same matrix at the same base pairs, under two labels."""
    check = "One window under two labels"
    pairs = [
        (first, second)
        for one, other in combinations(survey.labels, 2)
        for first in survey.of_class(one)
        for second in survey.of_class(other)
    ]
    leaks = [found for pair in pairs if (found := matches_of(*pair, survey)).is_leak]
    if not leaks:
        return Finding(check, "green", "No window is in two classes.")
    worst = max(leaks, key=lambda matches: len(matches.found))
    return Finding(
        check,
        "red",
        f"{len(worst.found):,} windows of {worst.second.place} are labelled {worst.first.label} in "
        f"{worst.first.place}.",
        tuple(line for matches in leaks for line in matches.lines()),
        "Their labels contradict each other; at least one of the two is wrong.",
        "Find out which class they belong to: a folder may have been copied under the wrong name.",
    )


def near_matches_of(survey: Survey) -> Finding:
    """Windows that differ in the order of haplotypes, or in positions alone, beyond chance."""
    check = "Windows alike across splits, order or positions aside"
    said: list[str] = []
    examined = chance = 0
    for label in survey.labels:
        for first, second in combinations(survey.of_class(label), 2):
            reordered = matches_of(first, second, survey, ordered=False)
            if reordered.is_leak:
                said += [f"up to the order of haplotypes: {line}" for line in reordered.lines()][:2]
            for ordered in (True, False):
                dealt = _alike_matrices(first, second, ordered=ordered)
                said += [_said(first, second, d, ordered) for d in dealt if d.is_beyond_chance]
            examined += len(second)
            chance += sum(d.observed for d in dealt)  # of the looser kind, which holds the other
    if not said:
        headline = "No more windows are alike than chance gives."
        evidence = (
            f"{chance:,} times of {examined:,} that a window was held against an earlier split of its class, "
            "its matrix was there, positions and order of haplotypes aside, as windows with few sites do",
        )
        return Finding(check, "green", headline, evidence if chance else ())
    return Finding(
        check,
        "red",
        "More windows are alike across splits than chance gives.",
        tuple(said),
        "The same simulated windows seem to be in two splits, their haplotypes reordered or their positions "
        "changed.",
        "Split first, then sort, shuffle or perturb windows; give each split random seeds of its own.",
    )


@dataclass(frozen=True)
class _Repeated:
    group: Group
    n_copies: int
    example: tuple[int, int]

    @property
    def share(self) -> float:
        return self.n_copies / len(self.group)

    def lines(self) -> Iterator[str]:
        yield f"{self.group.place}: {self.n_copies:,} of {len(self.group):,} ({self.share:.1%}) are copies"
        yield f"  {self.group.name_of(self.example[1])} = {self.group.name_of(self.example[0])}"


def _repeated(group: Group, survey: Survey) -> _Repeated | None:
    rows = np.flatnonzero(group.has_sites)
    digests = group.identities.exact[rows]
    order = np.argsort(digests, kind="stable")
    again = np.flatnonzero(digests[order][1:] == digests[order][:-1])
    if not len(again):
        return None
    side = _side(group)
    expected = expected_with_positions(
        side, side, sequence_length=_length([group]), unevenness=survey.unevenness, same=True
    )
    if not is_beyond_chance(group.n_sites[rows[order[again]]], expected):
        return None
    example = rows[order[again[0]]], rows[order[again[0] + 1]]
    return _Repeated(group, len(again), (int(example[0]), int(example[1])))


def matches_of(first: Group, second: Group, survey: Survey, *, ordered: bool = True) -> Matches:
    """Find the windows of the second group that are in the first.

    Unless `ordered`, up to the order of haplotypes, those that are identical
    altogether left out.
    """
    a, b = _side(first, ordered=ordered), _side(second, ordered=ordered)
    rows = np.flatnonzero(second.has_sites & np.isin(b.positioned, a.positioned))
    if not ordered:
        rows = rows[~np.isin(second.identities.exact[rows], first.identities.exact)]
    if not len(rows):
        return Matches(first, second, rows, rows, {})
    expected = expected_with_positions(
        a, b, sequence_length=_length([first, second]), unevenness=survey.unevenness
    )
    return Matches(first, second, rows, _partners(a.positioned, b.positioned[rows]), expected)


def _partners(digests: Digests, wanted: Digests) -> NDArray[np.int64]:
    order = np.argsort(digests, kind="stable")
    partners: NDArray[np.int64] = order[np.searchsorted(digests[order], wanted)]
    return partners


def _alike_matrices(first: Group, second: Group, *, ordered: bool) -> list[DealtMatches]:
    """Compare matrices without positions; windows that are identical altogether are left out."""
    exact = first.identities.exact, second.identities.exact
    a = _side(first, ordered=ordered).where(~np.isin(exact[0], exact[1]))
    b = _side(second, ordered=ordered).where(~np.isin(exact[1], exact[0]))
    return dealt_matches(a, b, generator(0, "audit", first.place, second.place))


def _side(group: Group, *, ordered: bool = True) -> Side:
    identities = group.identities
    if ordered:
        return Side(group.n_sites, identities.exact, identities.matrix)
    return Side(group.n_sites, identities.unordered, identities.unordered_matrix)


def _length(groups: list[Group]) -> int:
    return int(min(group.sequence_lengths.min() for group in groups))


def _said(first: Group, second: Group, dealt: DealtMatches, ordered: bool) -> str:
    aside = "positions" if ordered else "positions and order"
    return (
        f"{aside} aside: {dealt.observed:,} windows of {second.place} with {dealt.sites} have the matrix "
        f"of a window of {first.place}, {dealt.expected:.0f} ± {dealt.deviation:.0f} by chance"
    )


def _aside(found: list[Matches]) -> str:
    n = sum(len(matches.found) for matches in found)
    expected = sum(matches.by_chance for matches in found)
    return f" ({n} with one or two sites coincide; chance gives about {expected:.1g}.)" if n else ""


def _without(survey: Survey) -> Iterator[str]:
    without = [(group, int((~group.has_sites).sum())) for group in survey.groups]
    said = [f"{group.place} {n:,} of {len(group):,}" for group, n in without if n]
    if said:
        yield f"Windows without sites are equal by nature and are not counted: {', '.join(said)}."
