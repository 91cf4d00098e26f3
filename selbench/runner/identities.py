"""Identities of components for one plan: computed here, or taken from what a run says of itself.

To identify a simulator that runs a program of the user's is to start the
program. Who only reads a run, or has no leave to start anything, goes by the
run's own record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selbench.errors import DataError, SelbenchError
from selbench.files import write_whole
from selbench.foreign.json import read_json
from selbench.plugin import Component, Simulator, spelling
from selbench.run_folder.layout import COMPONENTS
from selbench.runner.fingerprint import identify

FORMAT = 1


class NotKnown(SelbenchError):
    """What a component is cannot be told without starting a program."""


@dataclass(frozen=True)
class Identities:
    """What every component of a plan is.

    Parameters
    ----------
    recorded : mapping of str to mapping
        What a run says of its components, by `record_key`.
    starts_programs : bool
        Whether programs that simulators name may be started to ask for their version.
    trusts_record : bool
        Whether the record is what counts even where code has changed since: for those who ask what a run
        was, and not what running it again would do.
    """

    recorded: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    starts_programs: bool = True
    trusts_record: bool = False
    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, component: Component) -> Mapping[str, Any]:
        """Return the identity of a component.

        Raises
        ------
        NotKnown
            If only starting a program would tell.
        """
        key = record_key(component)
        if key not in self._known:
            self._known[key] = self._identity(component, self.recorded.get(key))
        return self._known[key]

    def table(self, components: Iterable[Component]) -> dict[str, Mapping[str, Any]]:
        """Return what a run records of its components."""
        return {record_key(component): self.of(component) for component in components}

    def _identity(self, component: Component, recorded: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if self.trusts_record and recorded is not None:
            return recorded
        if recorded is None or not _programs_of(component) or self.starts_programs:
            self.expect_leave(component)
            return identify(component)
        return recorded

    def expect_leave(self, component: Component) -> None:
        """Raise NotKnown where a component starts programs that may not be started."""
        named = _programs_of(component)
        if named and not self.starts_programs:
            raise NotKnown(
                f"simulator {component.name}: its windows are not known without --allow-programs, which "
                f"starts: {'; '.join(named)}"
            )


def _programs_of(component: Component) -> tuple[str, ...]:
    return component.programs if isinstance(component, Simulator) else ()


def record_key(component: Component) -> str:
    """Return what a component is called in the record: its class and spelling."""
    return f"{type(component).__module__}: {spelling(component)}"


def write_components(folder: Path, table: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what the components of a run are into its folder, beside those that it had before."""
    known = {**read_components(folder), **table}
    text = json.dumps({"format": FORMAT, "components": known}, indent=1, sort_keys=True)
    write_whole(folder / COMPONENTS, (text + "\n").encode())


def read_components(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Read what the components of a run are; nothing where it does not say so.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    path = folder / COMPONENTS
    if not path.is_file():
        return {}
    table = read_json(path, way_out="delete it and run the experiment again")
    components = table.get("components") if isinstance(table, dict) else None
    if not isinstance(components, dict) or not all(isinstance(about, dict) for about in components.values()):
        raise DataError(f"{path}: damaged: expected components; delete it and run the experiment again")
    return components
