"""``selbench plugins``: what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from selbench.cli.console import only_data
from selbench.cli.strangers import refused_commands
from selbench.testing.package_kinds import PackageKind

if TYPE_CHECKING:
    from selbench.plugin import Component, Offer, Owner, Registry, Shelf, Statistic


class PluginCommands(TyperGroup):
    """``new``, ``check``; any other word is the name of something installed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take an unknown word for what `show` is to show."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


plugins = typer.Typer(
    cls=PluginCommands, invoke_without_command=True, subcommand_metavar="[NAME | new … | check …]"
)


@plugins.callback()
@only_data
def list_plugins(context: typer.Context) -> None:
    """List what is installed, show one of it, begin a plugin of your own, or hold one to its contract.

    Examples:

    \b
    selbench plugins                 everything installed, one line each
    selbench plugins imagene         what it is, its options and its citations
    selbench plugins new my-encoding --kind encoder
    selbench plugins check my-encoding
    """
    if context.invoked_subcommand is not None:
        return
    registry = _registry(context)
    _list(_rows(registry))


@plugins.command("show", hidden=True)
@only_data
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A component, experiment or plugin, by name.")],
) -> None:
    """Show one component or experiment in full, or list what a plugin brings."""
    _show(_registry(context), name)


@plugins.command("new")
@only_data
def new(
    name: Annotated[str, typer.Argument(help="Of the package and of what it offers, such as my-encoding.")],
    kind: Annotated[PackageKind, typer.Option(help="What it offers first.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder to write; by default NAME.", show_default=False)
    ] = None,
) -> None:
    """Write a complete package: one component, its entry point, its contract test, a README.

    Examples:

    \b
    selbench plugins new my-encoding --kind encoder
    pip install -e my-encoding && pytest my-encoding && selbench plugins my-encoding
    """
    from selbench.cli.console import stderr, stdout
    from selbench.testing.new_package import write_package

    folder = out or Path(name)
    for path in write_package(name, kind, folder):
        stdout().print(str(folder / path), markup=False)
    stderr().print(f"next: pip install pytest -e {folder} && selbench plugins check {name}", markup=False)


@plugins.command("check")
@only_data
def check(
    context: typer.Context,
    package: Annotated[str, typer.Argument(help="An installed package or plugin, by name.")],
) -> None:
    """Hold everything that a package registers to its contract, and say in words what it breaks.

    Exit status 1 if a promise is broken. Examples:

    \b
    selbench plugins check my-encoding
    """
    from selbench.cli.console import stderr, stdout
    from selbench.testing.installed import check_package

    promises = check_package(package, _registry(context))
    for title in dict.fromkeys(promise.component for promise in promises):
        own = [promise for promise in promises if promise.component == title]
        counted = ", ".join(
            f"{n} {state}" for state in _MARKS if (n := sum(each.state == state for each in own))
        )
        stdout().print(f"{title}: {counted}", markup=False)
        for promise in own:
            if promise.state != "kept":
                why = f": {promise.why}" if promise.why else ""
                stdout().print(f"  {_MARKS[promise.state]} {promise.sentence}{why}", markup=False)
    n_broken = sum(promise.state == "broken" for promise in promises)
    if n_broken:
        stderr().print(f"{n_broken} of {len(promises)} promises are broken", markup=False)
        raise typer.Exit(1)


_MARKS = {"kept": "✓", "broken": "✗", "not tried": "–"}


def _registry(context: typer.Context) -> Registry:
    """Load what is installed, and warn of what cannot be used."""
    from selbench.cli.console import warn
    from selbench.plugin import Registry

    registry = Registry.installed()
    registry.ask_all()
    own: Any = context.find_root().command
    for warning in (*map(str, registry.broken), *_clashes(registry), *refused_commands(own.commands)):
        warn(warning)
    return registry


def _clashes(registry: Registry) -> Iterator[str]:
    """Yield a line for each name that two plugins claim."""
    for shelf in registry.shelves:
        names = [entry.name for entry in shelf.entries()]
        for name in sorted({name for name in names if names.count(name) > 1}):
            owners = " and ".join(str(entry.owner) for entry in shelf.entries() if entry.name == name)
            yield f"{shelf.kind} {name!r} is registered by {owners}: say PLUGIN:{name}"


def _rows(registry: Registry) -> list[tuple[str, str, str, str, str]]:
    """Return kind, name, plugin, version and summary of everything installed."""
    rows: list[tuple[str, str, str, str, str]] = []
    for shelf in registry.shelves:
        rows += [
            (shelf.kind, entry.name, entry.owner.plugin, entry.owner.version, entry.summary)
            for entry in shelf.entries()
        ]
    rows += [
        ("statistic", statistic.name, owner.plugin, owner.version, statistic.summary)
        for owner, statistic in registry.statistics
    ]
    rows += [
        (offers.kind, offer.name, offer.owner.plugin, offer.owner.version, offer.summary)
        for offers in registry.ask_all()
        for offer in offers.entries()
    ]
    rows += [
        ("experiment", name, owner.plugin, owner.version, _first_line(path))
        for name, owner, path in registry.experiment_entries()
    ]
    return rows


def _list(rows: list[tuple[str, str, str, str, str]]) -> None:
    from selbench.cli.console import stdout

    rows = [("kind", "name", "plugin", "version", "what it is"), *rows]
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
    from selbench.cli.console import stdout
    from selbench.errors import PluginError
    from selbench.tables import nearest

    shelves = [shelf for shelf in registry.shelves if name in shelf]
    statistics = [
        (owner, each)
        for owner, each in registry.statistics
        if name in (each.name, f"{owner.plugin}:{each.name}")
    ]
    offers = [
        (each.kind, offer)
        for each in registry.ask_all()
        for offer in each.entries()
        if name in (offer.name, offer.name.replace("_", "-"), f"{offer.owner.plugin}:{offer.name}")
    ]
    is_experiment = name in registry.experiments
    if not (offers or shelves or statistics or is_experiment):
        if of_plugin := [row for row in _rows(registry) if row[2] == name]:
            _list(of_plugin)
            return
        known = [name for shelf in registry.shelves for name in shelf]
        known += [name for each in registry.ask_all() for name in each]
        known += [*registry.experiments, *(each.name for _, each in registry.statistics)]
        raise PluginError(f"nothing installed is called {name!r}{nearest(name, known)}; see selbench plugins")
    for kind, offer in offers:
        _show_offer(kind, offer)
    for owner, statistic in statistics:
        _show_statistic(owner, statistic)
    for shelf in shelves:
        _show_component(shelf, name)
    if is_experiment:
        if offers or shelves or statistics:
            stdout().print(f"\nexperiment {name}", style="bold", markup=False, highlight=False)
        # Nothing else where the name is the experiment's alone: the text is a file to begin one's own with.
        stdout().print(registry.experiment(name).read_text(), markup=False, soft_wrap=True)


def _show_component(shelf: Shelf[Any], name: str) -> None:
    """Show what it is, its options, where its code is, and whom to cite."""
    from rich.text import Text

    from selbench.cli.console import stdout
    from selbench.plugin.described import code_of, description_of

    entry = shelf.entry(name)
    stdout().print(Text.assemble((f"{shelf.kind} {name}", "bold"), f"  from {entry.owner}"))
    stdout().print(description_of(entry.value), markup=False)
    for line in _options(entry.value):
        stdout().print(f"    {line}", markup=False)
    stdout().print(f"code: {code_of(entry.value)}", markup=False)
    for citation in entry.value.citations:
        stdout().print(
            f"cite: {citation.authors} ({citation.year}) {citation.journal} {citation.doi}", markup=False
        )


def _show_statistic(owner: Owner, statistic: Statistic) -> None:
    from selbench.cli.console import stdout

    needs = [
        what
        for what, needed in (
            ("ancestral states", statistic.needs_ancestral),
            ("phase", statistic.needs_phase),
        )
        if needed
    ]
    lines = (
        f"statistic {statistic.name}  from {owner}",
        f"{statistic.summary}.",
        statistic.formula,
        f"needs {' and '.join(needs)}" if needs else "needs neither ancestral states nor phase",
        f"{statistic.undefined_value:g} where undefined",
        f"cite: {statistic.citation}",
        f"as a method: {statistic.model_name}; as a feature: statistics[names={statistic.name}]",
    )
    for line in filter(None, lines):
        stdout().print(line, markup=False)


def _show_offer(kind: str, offer: Offer[Any]) -> None:
    """Show what it says of itself: everything but what a reader cannot use."""
    import dataclasses

    from selbench.cli.console import stdout

    stdout().print(f"{kind} {offer.name}  from {offer.owner}", markup=False)
    for field in dataclasses.fields(offer.value):
        value = getattr(offer.value, field.name)
        if field.name != "name" and field.repr and value not in ("", None, ()):
            stdout().print(f"    {field.name.replace('_', ' ')}: {value}", markup=False)


def _options(component: type[Component]) -> Iterator[str]:
    """Yield a component's options: default, type, unit, what each is for, choices that it explains."""
    from selbench.plugin.described import options_in_words

    for option in options_in_words(component):
        default = f" = {option.default}" if option.default else ""
        unit = f", in {option.unit}" if option.unit else ""
        must = "" if option.default else "; must be given"
        yield f"{option.name}{default}  ({option.kind}{unit}{must})"
        if option.help:
            yield f"    {option.help}"
        width = max(map(len, option.choices), default=0)
        for choice, meaning in option.choices.items():
            yield f"    {choice.ljust(width)}  {meaning}"
