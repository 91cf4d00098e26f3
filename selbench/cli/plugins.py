"""``selbench plugins``: what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.plugin import Component, Registry


def plugins(
    name: Annotated[
        str | None, typer.Argument(help="Show one component or experiment in full.", show_default=False)
    ] = None,
) -> None:
    """List simulators, encoders, models and experiments.

    Examples:

        selbench plugins                 everything installed, one line each

        selbench plugins imagene         what it is, its options and its citations
    """
    from rich.markup import escape

    from selbench.cli.console import stderr
    from selbench.plugin import Registry

    registry = Registry.installed()
    for warning in (*map(str, registry.broken), *_clashes(registry)):
        stderr().print("[yellow]warning[/yellow] ", escape(warning))
    if name is None:
        _list(registry)
    else:
        _show(registry, name)


def _clashes(registry: Registry) -> Iterator[str]:
    """Yield a line for each name that two plugins claim."""
    for shelf in (registry.simulators, registry.encoders, registry.models):
        names = [entry.name for entry in shelf.entries()]
        for name in sorted({name for name in names if names.count(name) > 1}):
            owners = " and ".join(str(entry.owner) for entry in shelf.entries() if entry.name == name)
            yield f"{shelf.kind} {name!r} is registered by {owners}: uninstall one of them"


def _list(registry: Registry) -> None:
    from selbench.cli.console import stdout

    rows = [("kind", "name", "plugin", "version", "what it is")]
    for shelf in (registry.simulators, registry.encoders, registry.models):
        rows += [
            (shelf.kind, entry.name, entry.owner.plugin, entry.owner.version, entry.summary)
            for entry in shelf.entries()
        ]
    rows += [
        ("experiment", name, owner.plugin, owner.version, _first_line(path))
        for name, owner, path in registry.experiment_entries()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        stdout().print("  ".join([*cells, row[4]]), markup=False, no_wrap=True, overflow="ellipsis")


def _first_line(path: Path) -> str:
    from selbench.errors import DataError
    from selbench.foreign.toml import read_toml

    try:
        description = read_toml(path).get("description", "")
    except DataError as problem:
        return f"cannot be read: {problem}"
    return str(description).strip().partition("\n")[0]


def _show(registry: Registry, name: str) -> None:
    import inspect

    from rich.markup import escape

    from selbench.cli.console import stdout
    from selbench.errors import PluginError
    from selbench.tables import nearest

    shelves = [shelf for shelf in (registry.simulators, registry.encoders, registry.models) if name in shelf]
    if not shelves and name in registry.experiments:
        stdout().print(registry.experiment(name).read_text(), markup=False)
        return
    if not shelves:
        known = [*registry.simulators, *registry.encoders, *registry.models, *registry.experiments]
        raise PluginError(f"nothing installed is called {name!r}{nearest(name, known)}; see selbench plugins")
    for shelf in shelves:
        entry = shelf.entry(name)
        stdout().print(f"[bold]{shelf.kind} {name}[/bold]  from {entry.owner}")
        stdout().print(escape(inspect.cleandoc(entry.component.__doc__ or "")))
        for line in _options(entry.component):
            stdout().print(f"    {line}", markup=False)
        for citation in entry.component.citations:
            stdout().print(
                f"cite: {citation.authors} ({citation.year}) {citation.journal} {citation.doi}", markup=False
            )


def _options(component: type[Component]) -> Iterator[str]:
    """Yield a component's options with their defaults and the choices that they explain."""
    import dataclasses

    for field in dataclasses.fields(component):  # type: ignore[arg-type]
        if field.default is not dataclasses.MISSING:
            yield f"{field.name} = {field.default!r}"
        elif field.default_factory is not dataclasses.MISSING:
            yield f"{field.name} = {field.default_factory()!r}"
        else:
            yield f"{field.name} (must be given)"
        choices = field.metadata.get("choices", {})
        width = max(map(len, choices), default=0)
        for choice, meaning in choices.items():
            yield f"    {choice.ljust(width)}  {meaning}"
