"""Random numbers that were used twice: seeds, drawn parameters, trajectories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.audit.survey import Group, Survey
from selbench.run_folder import Finding

SHARE_DRAWN_TWICE = 0.01
"""Two groups may share this part of their drawn parameters before it is no coincidence."""


def streams(survey: Survey) -> Iterator[Finding]:
    """Every class and split draws from a stream of its own."""
    check = "Random streams"
    seeds = survey.data.seeds
    shared_seeds = [
        f"{'/'.join(a)} and {'/'.join(b)} have seed {seeds[a]}"
        for a, b in combinations(seeds, 2)
        if seeds[a] == seeds[b]
    ]
    shared_draws = [
        line for first, second in combinations(survey.groups, 2) for line in _shared_draws(first, second)
    ]
    if shared_seeds or shared_draws:
        yield Finding(
            check,
            "red",
            "Splits or classes draw from one random stream.",
            (*shared_seeds, *shared_draws),
            "Windows of different splits are made from the same random numbers: they are not independent, "
            "and a test on them is not a test.",
            "Give every class and every split a seed of its own.",
        )
    elif seeds or any(_continuous(group) for group in survey.groups):
        n = f"{len(seeds)} seeds, all different." if seeds else "No drawn parameter is in two splits."
        yield Finding(check, "green", n)


def trajectories(survey: Survey) -> Iterator[Finding]:
    """A trajectory of the favoured allele of its own for every window."""
    check = "Trajectories of the favoured allele"
    selections = {
        label: selection
        for label, source in survey.data.sources.items()
        if (selection := source.scenario.get("selection"))
    }
    few = {label: n for label, s in selections.items() if (n := _n_trajectories(s)) is not None}
    if few:
        yield Finding(
            check,
            "amber",
            "; ".join(
                f"all {label} windows share " + ("one trajectory" if n == 1 else f"{n:,} trajectories")
                for label, n in few.items()
            )
            + ".",
            (),
            "Windows tell of one course of events, not of selection of this strength: training and test "
            "share it, and intervals over windows leave out how much another trajectory would change.",
            'Draw one per window: trajectories = "each".',
        )
    elif selections:
        yield Finding(check, "green", "Every selected window has a trajectory of its own.")


def _n_trajectories(selection: Mapping[str, Any]) -> int | None:
    given = selection.get("given_trajectories")
    if given:
        return len(given)
    declared = selection.get("trajectories", "each")
    return None if declared == "each" else 1 if declared == "shared" else int(declared)


def _continuous(group: Group) -> dict[str, NDArray[Any]]:
    """Return the parameters that were drawn from a continuum: nearly every window has its own value."""
    return {
        name: values
        for name, values in group.parameters.items()
        if values.dtype.kind == "f" and len(values) > 1 and len(np.unique(values)) > 0.9 * len(values)
    }


def _shared_draws(first: Group, second: Group) -> Iterator[str]:
    drawn, others = _continuous(first), _continuous(second)
    for name in drawn.keys() & others.keys():
        n = int(np.isin(others[name], drawn[name]).sum())
        if n > SHARE_DRAWN_TWICE * len(second):
            yield f"{name}: {n:,} of {len(second):,} values of {second.place} are those of {first.place}"
