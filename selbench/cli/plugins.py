"""``selbench plugins``: what is installed."""

from __future__ import annotations

from typing import Annotated

import typer


def plugins(
    name: Annotated[
        str | None, typer.Argument(help="Show one component or experiment in full.", show_default=False)
    ] = None,
) -> None:
    """List simulators, encoders, models and experiments: kind, name, plugin, version.

    Examples:

        selbench plugins                 everything installed, one line each

        selbench plugins imagene         what it is, its options and its citations
    """
    from selbench.cli.console import words
    from selbench.registry import Registry

    registry = Registry.installed()
    if name is None:
        _list(registry)
    else:
        _show(registry, name)
    for broken in registry.broken:
        words().print(f"[yellow]warning[/yellow]  {broken}")


def _list(registry: object) -> None:
    from rich.markup import escape
    from rich.table import Table

    from selbench.cli.console import output
    from selbench.registry import Registry

    assert isinstance(registry, Registry)
    table = Table("kind", "name", "plugin", "version", "what it is", box=None, pad_edge=False)
    for shelf in (registry.simulators, registry.encoders, registry.models):
        for entry in shelf.entries():
            table.add_row(
                shelf.kind, entry.name, entry.owner.plugin, entry.owner.version, escape(entry.summary)
            )
    for name, owner, path in registry.experiment_entries():
        table.add_row("experiment", name, owner.plugin, owner.version, escape(_first_line(path)))
    output().print(table)


def _first_line(path: object) -> str:
    import tomllib
    from pathlib import Path

    try:
        description = tomllib.loads(Path(str(path)).read_text()).get("description", "")
    except (OSError, tomllib.TOMLDecodeError) as problem:
        return f"cannot be read: {problem}"
    return str(description).strip().partition("\n")[0]


def _show(registry: object, name: str) -> None:
    import dataclasses
    import inspect

    from rich.markup import escape

    from selbench.cli.console import output
    from selbench.errors import PluginError
    from selbench.options import options_of
    from selbench.registry import Registry
    from selbench.schema import nearest

    assert isinstance(registry, Registry)
    shelves = [shelf for shelf in (registry.simulators, registry.encoders, registry.models) if name in shelf]
    if not shelves and name in registry.experiments:
        output().print(registry.experiment(name).read_text(), markup=False)
        return
    if not shelves:
        known = [*registry.simulators, *registry.encoders, *registry.models, *registry.experiments]
        raise PluginError(f"nothing installed is called {name!r}{nearest(name, known)}; see selbench plugins")
    for shelf in shelves:
        entry = shelf.entry(name)
        output().print(f"[bold]{shelf.kind} {name}[/bold]  from {entry.owner}")
        output().print(escape(inspect.cleandoc(entry.component.__doc__ or "")))
        component = entry.component
        required = any(
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            for field in dataclasses.fields(component)  # type: ignore[arg-type]
        )
        for key, value in {} if required else options_of(component()).items():
            output().print(f"    {key} = {value!r}", markup=False)
        for citation in component.citations:
            output().print(
                f"cite: {citation.authors} ({citation.year}) {citation.journal} {citation.doi}", markup=False
            )
