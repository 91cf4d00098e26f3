"""What of a store no run needs any more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import Portion
from selbench.plugin import Registry
from selbench.run_folder.layout import STORE
from selbench.runner.opening import planned_run
from selbench.runner.plan import Plan
from selbench.runner.session import sessions_at_work
from selbench.runner.store import KINDS, Store, key_of


@dataclass(frozen=True)
class Removable:
    """Folders of one kind that can go, and what that frees.

    Parameters
    ----------
    kind : str
        ``windows``, ``ranges``, ``predictors``, ``predictions``, or ``leftovers`` of killed runs.
    n_bytes : int
        Without files that a run folder shares.
    """

    kind: str
    folders: tuple[Path, ...]
    n_bytes: int


def unused(
    folders: Iterable[Path], registry: Registry, store: Path | None = None, *, everything: bool = False
) -> list[Removable]:
    """Return what these runs do not need of their stores.

    Parameters
    ----------
    store : Path, optional
        One that they share; by default each has its own.
    everything : bool
        All that the stores hold.

    Raises
    ------
    DataError
        If a folder holds no run, or somebody is at work there.
    """
    plans: dict[Path, list[Plan]] = {}
    for folder in folders:
        for who in sessions_at_work(folder):
            raise DataError(f"{folder}: process {who.process} on {who.host} is at work there; wait for it")
        if store is None:
            expect_own_store(folder)
        plan = planned_run(folder, registry, store)
        plans.setdefault(plan.store.root.resolve(), []).append(plan)
    return [
        group
        for root, of_store in plans.items()
        for group in removable(Store(root), of_store, everything=everything)
    ]


def removable(store: Store, plans: Iterable[Plan], *, everything: bool = False) -> list[Removable]:
    """Return what of a store these runs do not need, or all of it.

    Artefacts fall out of use when an option, a seed, a plugin or its version
    changes, or a task or method is dropped.

    Raises
    ------
    DataError
        If the folder is no store.
    """
    if not store.root.exists():
        return []
    store.expect_store()
    used: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for plan in () if everything else plans:
        for kind, keys in _used(plan).items():
            used[kind] |= keys
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for artefact in store.artefacts():
        if artefact.key not in used[artefact.kind]:
            found[artefact.kind].append(artefact.folder)
    found["leftovers"] = store.leftovers()
    return [
        Removable(kind, tuple(folders), sum(map(_bytes_freed, folders)))
        for kind, folders in found.items()
        if folders
    ]


def expect_own_store(run_folder: Path) -> None:
    """Raise DataError where the store of a run is a link: what is emptied is for the user to name."""
    store = run_folder / STORE
    if store.is_symlink():
        raise DataError(
            f"{store}: a link to {store.resolve()}, out of the run folder; to clean that, name it "
            "with --store"
        )


def remove(found: Iterable[Removable]) -> None:
    """Remove folders.

    Raises
    ------
    DataError
        At the first that cannot be removed.
    """
    for group in found:
        for folder in group.folders:
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue  # another clean was first
            except OSError as problem:
                raise DataError(f"{folder}: cannot be removed: {problem.strerror or problem}") from problem


def _used(plan: Plan) -> dict[str, set[str]]:
    return {
        "windows": {key for portion in plan.portions() for key in _block_keys(plan, portion)},
        "ranges": {planned.ranges_key for planned in plan.trainings},
        "predictors": {planned.predictor_key for planned in plan.trainings},
        "predictions": {
            key_of(planned.predictions_made_by(plan, task, split))
            for planned in plan.trainings
            for task, split in planned.asked
        },
    }


def _block_keys(plan: Plan, portion: Portion) -> set[str]:
    """Return the keys of a portion's blocks; they are simulated in order, so the first gap ends them."""
    keys: set[str] = set()
    while portion.source.makes_more:
        key = plan.block_key(portion, len(keys))
        if key in keys or not plan.store.path("windows", key).is_dir():
            break
        keys.add(key)
    return keys


def _bytes_freed(folder: Path) -> int:
    sizes = [file.lstat() for file in folder.rglob("*") if file.is_file()]
    return sum(status.st_size for status in sizes if status.st_nlink == 1)
