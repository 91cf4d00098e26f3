"""Commands that other packages add: listed without importing them, imported when invoked."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection
from contextlib import redirect_stdout
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command as as_command

from selbench.errors import PluginError

COMMAND_GROUP = "selbench.commands"
"""Entry-point group of such commands."""


def strangers_commands() -> dict[str, EntryPoint]:
    """Return the entry points of other packages' commands, by name."""
    return _commands_on(tuple(sys.path))


@cache
def _commands_on(_path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Return the commands of whatever is installed on a path, which reads a file of each distribution."""
    return {point.name: point for point in entry_points(group=COMMAND_GROUP)}


def refused_commands(own: Collection[str]) -> list[str]:
    """Say which commands cannot be reached, since selbench has one of that name."""
    return [
        f"command {name!r} of {_owner(point)} is not reachable: selbench has one of that name; its author "
        "must give it another"
        for name, point in sorted(strangers_commands().items())
        if name in own
    ]


def stand_in(name: str) -> Any:
    """Return what stands for a command in listings: its name and what its source says of it."""
    point = strangers_commands()[name]
    command = typer.Typer(add_completion=False)
    command.command(name, help=f"{_first_line(point)} From {_owner(point)}.".strip())(lambda: None)
    return as_command(command)


def stranger_command(name: str) -> Any:
    """Import another package's command: a Typer app, or a function.

    Raises
    ------
    PluginError
        If it cannot be imported, or is neither.
    """
    point = strangers_commands()[name]
    try:
        with redirect_stdout(sys.stderr):
            thing = point.load()
    except (Exception, SystemExit) as problem:
        raise PluginError(
            f"command {name!r} of {_owner(point)} cannot be loaded: {type(problem).__name__}: {problem}"
        ) from problem
    if isinstance(thing, typer.Typer):
        return as_command(thing)
    if not callable(thing):
        raise PluginError(
            f"command {name!r} of {_owner(point)}: expected a function or a Typer app, found {thing!r}"
        )
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(point.name)(thing)
    return as_command(app)


def _owner(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module


def _first_line(point: EntryPoint) -> str:
    """Return the first line of the docstring of a function, or of a Typer app's module, from its source."""
    try:
        tree = ast.parse(_source(point.module))
    except (OSError, SyntaxError, ValueError):
        return ""
    named = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == point.attr
    ]
    said = ast.get_docstring(named[-1] if named else tree) or ""
    return said.partition("\n")[0]


def _source(module: str) -> str:
    """Return a module's source by walking the folders of its packages, so that none is imported."""
    path: list[str] | None = None
    file = ""
    for part in module.split("."):
        spec = PathFinder.find_spec(part, path)
        if spec is None or spec.origin is None:
            raise OSError(f"no source of {module}")
        path = list(spec.submodule_search_locations or [])
        file = spec.origin
    return Path(file).read_text(encoding="utf-8")
