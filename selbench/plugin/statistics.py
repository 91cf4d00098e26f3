"""Summary statistics: functions of measured windows, one number per window, each entered under one name.

A module that defines statistics marks them::

    from selbench import hookimpl, statistic

    @statistic("Ewens 1972, Theoretical Population Biology 3:87", undefined_value=0.0)
    def singleton_share(m):
        \"\"\"Share of sites whose derived allele is carried once.

        ξ₁ / S. Undefined where S = 0.
        \"\"\"
        sites = m.sites.sites
        return np.divide(m.sites.singletons, sites, out=np.zeros(len(sites)), where=sites > 0)

    @hookimpl
    def register_statistics():
        return [singleton_share]

and the name is at once a column of the `statistics` encoder, a threshold baseline, a
shortcut of the audit, a range in scans and a row of `selbench validate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import PluginError

Formula = Callable[[Any], NDArray[np.float64]]
"""Measured windows (`selbench.statistics.Measurements`) → float64 (n_windows,)."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")


@dataclass(frozen=True)
class Statistic:
    """One number per window.

    Parameters
    ----------
    name : str
    summary : str
        What it is, in a line.
    formula : str
        Its definition, and where it is undefined.
    citation : str
        Author, year and journal.
    needs_ancestral : bool
        Whether it can only be computed where 1 means the derived allele.
    needs_phase : bool
        Whether it asks which alleles lie on one chromosome.
    undefined_value : float
        What a window without segregating sites (or where the formula divides by
        zero) gets.
    values : callable
        Measured windows → float64 (n_windows,).
    """

    name: str
    summary: str
    formula: str
    citation: str
    needs_ancestral: bool
    undefined_value: float
    values: Formula
    needs_phase: bool = True

    @property
    def model_name(self) -> str:
        """What the threshold baseline on it is called."""
        return self.name.replace("_", "-")


def statistic(
    citation: str,
    *,
    needs_ancestral: bool = False,
    needs_phase: bool = True,
    undefined_value: float = 0.0,
) -> Callable[[Formula], Formula]:
    """Mark a function as a statistic; its name is the statistic's, its docstring the summary and the formula.

    Parameters
    ----------
    citation : str
        Author, year and journal.
    needs_ancestral, needs_phase : bool
        What it must know of windows; it never sees others.
    undefined_value : float
        What it returns where it is undefined. Values are always finite.

    Raises
    ------
    PluginError
        If the function's name is not one of lower-case letters, digits and ``_``, or it
        has no docstring.
    """

    def mark(values: Formula) -> Formula:
        name, said = getattr(values, "__name__", ""), (values.__doc__ or "").strip()
        if not _NAME.match(name):
            raise PluginError(f"statistic {name!r}: expected a name of lower-case letters, digits and '_'")
        if not said or not np.isfinite(undefined_value):
            raise PluginError(f"statistic {name}: expected a docstring and a finite undefined_value")
        summary, _, formula = said.partition("\n")
        values.statistic = Statistic(  # type: ignore[attr-defined]
            name=name,
            summary=summary.strip().rstrip("."),
            formula=" ".join(formula.split()),
            citation=citation,
            needs_ancestral=needs_ancestral,
            needs_phase=needs_phase,
            undefined_value=undefined_value,
            values=values,
        )
        return values

    return mark


_ENTERED: dict[str, dict[str, Statistic]] = {}
"""Statistics of plugins that were loaded in this process: name → plugin → statistic."""

_OURS: set[str] = set()
"""Names of those whose plugin comes with selbench: audits and scans choose some of them themselves."""


def enter(plugin: str, entered: Statistic, *, is_ours: bool) -> None:
    """Make a plugin's statistic known by name, and whether selbench itself ships the plugin."""
    _ENTERED.setdefault(entered.name, {})[plugin] = entered
    if is_ours:
        _OURS.add(entered.name)


def is_brought(name: str) -> bool:
    """Whether a statistic is of a plugin that somebody else ships."""
    return name not in _OURS


def entered_statistics() -> dict[str, Statistic]:
    """Return the statistics of loaded plugins; ``plugin:name`` always, the bare name where one has it."""
    known: dict[str, Statistic] = {}
    for name, claims in sorted(_ENTERED.items()):
        if len({id(claim.values) for claim in claims.values()}) == 1:
            known[name] = next(iter(claims.values()))
        else:
            known |= {f"{plugin}:{name}": claim for plugin, claim in sorted(claims.items())}
    return known


def described(functions: Iterable[Formula]) -> Mapping[str, Statistic]:
    """Return what marked functions are, by name.

    Raises
    ------
    PluginError
        If one is not marked with `statistic`.
    """
    found = {}
    for function in functions:
        of = getattr(function, "statistic", None)
        if not isinstance(of, Statistic):
            raise PluginError(f"{function!r}: expected a function marked with @statistic(…)")
        found[of.name] = of
    return found
