"""The application: its commands, strangers' commands, and the one place that turns errors into a line."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from selbench.cli.audit import audit
from selbench.cli.cite import cite
from selbench.cli.clean import clean
from selbench.cli.compare import compare
from selbench.cli.console import only_data
from selbench.cli.digest import digest
from selbench.cli.doctor import doctor
from selbench.cli.export import export
from selbench.cli.failures import told
from selbench.cli.fit_task import fit_task
from selbench.cli.import_command import import_
from selbench.cli.leaderboard import leaderboard
from selbench.cli.null import null
from selbench.cli.plugins import plugins
from selbench.cli.predict import predict
from selbench.cli.profile import profile
from selbench.cli.report import report
from selbench.cli.run import run
from selbench.cli.scan import scan
from selbench.cli.simulate import simulate
from selbench.cli.status import status
from selbench.cli.strangers import stand_in, stranger_command, strangers_commands
from selbench.cli.submit_check import submit_check
from selbench.cli.validate import validate
from selbench.errors import readable


class Commands(TyperGroup):
    """selbench's own commands and those of other packages."""

    def list_commands(self, ctx: Any) -> list[str]:
        """List our commands, then the others by name."""
        own = super().list_commands(ctx)
        return [*own, *sorted(set(strangers_commands()) - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; a stranger's is a stand-in until it is invoked."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in strangers_commands():
            return own
        if ctx.invoked_subcommand is None and "--help" in sys.argv[1:2]:
            return stand_in(cmd_name)
        return stranger_command(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Turn what a user or an author of a plugin can mend into one line and exit status 1."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
            return done
        except KeyboardInterrupt as stop:
            typer.echo("stopped", err=True)
            raise SystemExit(130) from stop
        except _WrongUsage as problem:
            problem.message = readable(problem.message) + _repeated(problem)  # type: ignore[attr-defined]
            raise
        except (Exception, SystemExit) as problem:
            words = told(problem)
            if words is None:
                raise
            with suppress(OSError):
                sys.stdout.flush()
            _complain(words)
            raise SystemExit(1) from problem


_WrongUsage: type[Exception] = typer.BadParameter.__bases__[0]
"""Of click, or of the copy of it that newer versions of typer hold."""


def _repeated(problem: Any) -> str:
    """Say how an option gets several values, where what stands behind its first one is not understood."""
    if problem.ctx is None or "unexpected extra argument" not in problem.message:
        return ""
    given = [
        option.opts[0]
        for option in problem.ctx.command.params
        if getattr(option, "multiple", False) and problem.ctx.params.get(option.name)
    ]
    return f"; repeat {' or '.join(given)} for each value" if given else ""


def _complain(words: str) -> None:
    if not words:
        return
    from selbench.tables.visible import visible

    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(visible(" ".join(words.split())), err=True)


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
    run, status, report, compare, audit, predict, fit_task, scan, null, profile, simulate, export, import_,
    digest, submit_check, leaderboard, validate, cite, clean, doctor,
):  # fmt: skip
    app.command(command.__name__.rstrip("_").replace("_", "-"), help=_help(command))(only_data(command))
app.add_typer(plugins, name="plugins")
