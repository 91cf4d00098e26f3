"""The application: its commands, strangers' commands, and the one place that turns errors into a line."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.metadata import EntryPoint, entry_points, version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command as as_command

from selbench.cli.audit import audit
from selbench.cli.cite import cite
from selbench.cli.clean import clean
from selbench.cli.compare import compare
from selbench.cli.doctor import doctor
from selbench.cli.export import export
from selbench.cli.import_command import import_
from selbench.cli.plugins import plugins
from selbench.cli.predict import predict
from selbench.cli.report import report
from selbench.cli.run import run
from selbench.cli.scan import scan
from selbench.cli.simulate import simulate
from selbench.cli.status import status
from selbench.cli.validate import validate
from selbench.errors import SelbenchError

COMMAND_GROUP = "selbench.commands"
"""Entry-point group of commands that other packages add; imported only when invoked."""


class Commands(TyperGroup):
    """selbench's own commands and those of other packages."""

    def list_commands(self, ctx: Any) -> list[str]:
        """List our commands, then the others by name."""
        own = super().list_commands(ctx)
        return [*own, *sorted(set(_strangers()) - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; a stranger's is a stand-in until it is invoked."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in _strangers():
            return own
        if ctx.invoked_subcommand is None and "--help" in sys.argv[1:2]:
            return _stand_in(cmd_name)
        return as_command(_as_app(_strangers()[cmd_name]))

    def invoke(self, ctx: Any) -> Any:
        """Turn what a user can cause and mend into one line and exit status 1."""
        try:
            return super().invoke(ctx)
        except SelbenchError as problem:
            sys.stdout.flush()
            typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
            typer.echo(" ".join(str(problem).split()), err=True)
            raise SystemExit(1) from problem
        except KeyboardInterrupt as stop:
            typer.echo("stopped", err=True)
            raise SystemExit(130) from stop


def _strangers() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMAND_GROUP)}


def _stand_in(name: str) -> Any:
    point = _strangers()[name]
    owner = f"{point.dist.name} {point.dist.version}" if point.dist else point.module
    stand_in = typer.Typer(add_completion=False)
    stand_in.command(name, help=f"From {owner}.")(lambda: None)
    return as_command(stand_in)


def _as_app(point: EntryPoint) -> typer.Typer:
    """Import another package's command: a Typer app, or a function."""
    try:
        with redirect_stdout(sys.stderr):
            thing = point.load()
    except Exception as problem:
        raise SelbenchError(f"command {point.name!r} cannot be loaded: {problem}") from problem
    if isinstance(thing, typer.Typer):
        return thing
    app = typer.Typer(add_completion=False)
    app.command(point.name)(thing)
    return app


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: rich's costs twice the time of all the rest
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Start here:  selbench run quickstart   then   selbench scan PREDICTOR FILE.vcf.gz",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"selbench {version('selbench')}")
        raise typer.Exit


@app.callback()
def selbench(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Was this window of genomes shaped by natural selection? Compare the methods that claim to tell.

    Simulator × encoder × model, each a plugin, on the same windows, with error bars.
    """


def _help(command: Callable[..., None]) -> str:
    """Return a command's docstring with its examples kept line by line."""
    words, heading, examples = (inspect.getdoc(command) or "").partition("Examples:\n")
    lines = [line for line in examples.splitlines() if line.strip()]
    return words + heading + "\n\b\n" + "\n".join(lines) if lines else words


for command in (
    run, status, report, compare, audit, predict, scan, simulate, export, import_, validate, cite, plugins,
    clean, doctor,
):  # fmt: skip
    app.command(command.__name__.rstrip("_"), help=_help(command))(command)
