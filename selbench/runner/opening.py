"""Take up a run that was begun before, from its folder and its store, without doing anything."""

from __future__ import annotations

from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import parse_experiment
from selbench.plugin import Registry
from selbench.run_folder.layout import EXPERIMENT, STORE
from selbench.runner.folder import earlier_table
from selbench.runner.identities import Identities, read_components
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome, with_earlier
from selbench.runner.store import Store


def planned_run(folder: Path, registry: Registry, store: Path | None = None) -> Plan:
    """Return the plan of the run in a folder, as it was last started, by what it says of its components.

    No program is started: what only a program would tell is not known.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    table = earlier_table(folder)
    if not table:
        raise DataError(f"{folder}: expected a run folder with {EXPERIMENT}, found none")
    experiment = parse_experiment(table, registry, where=str(folder / EXPERIMENT))
    identities = Identities(read_components(folder), starts_programs=False, trusts_record=True)
    return Plan(experiment, Store(store or folder / STORE), identities)


def earlier_outcome(folder: Path, registry: Registry, store: Path | None = None) -> RunOutcome:
    """Return what became of the run in a folder, as far as its store still tells.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    return with_earlier(RunOutcome(planned_run(folder, registry, store), ()))
