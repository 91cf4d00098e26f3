"""Why a method is best: where in the prior it finds selection, which sweeps, and which signal it lives on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selbench.report.suite import SuiteTable
from selbench.report.suite_founders import TaskFounders, founders
from selbench.report.suite_powers import TaskPowers, powers
from selbench.report.suite_signals import Signals, signals
from selbench.run_folder import RunRecord


@dataclass(frozen=True, eq=False)
class Why:
    """What stands behind a table, where the runs tell it."""

    powers: tuple[TaskPowers, ...] = ()
    founders: tuple[TaskFounders, ...] = ()
    signals: tuple[Signals, ...] = ()


def why(table: SuiteTable, parts: Sequence[RunRecord]) -> Why:
    """Return it from the runs that a table was made from.

    Raises
    ------
    DataError
        If a run's windows are not those of its predictions.
    """
    return Why(powers(table, parts), founders(table, parts), signals(table, parts))
