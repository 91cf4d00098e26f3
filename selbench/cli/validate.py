"""``selbench validate``: do two simulators make the same windows?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selbench.plugin import Simulator
    from selbench.scenario import Scenario
    from selbench.validation import Agreement, Contestant

Contestants = tuple["Simulator | Path", "Simulator | Path"]


def validate(
    first: Annotated[str, typer.Argument(help="A simulator, with options if need be.")],
    second: Annotated[
        str, typer.Argument(help="Another one, a file of ms text, or published figures (.json).")
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a quantity of the scenario (repeat for more)."),
    ] = None,
    args: Annotated[
        str | None,
        typer.Option(help="An original program's own argument line, instead of --set.", show_default=False),
    ] = None,
    n_windows: Annotated[int, typer.Option(min=2, help="Windows per simulator.")] = 5000,
    seed: Annotated[int, typer.Option(help="Seed of every random stream.")] = 1,
    statistics: Annotated[
        str | None,
        typer.Option(help="Names, separated by commas. [default: ten of them]", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a page of overlaid distributions here.", show_default=False)
    ] = None,
) -> None:
    """Compare two simulators on one scenario: per statistic, means and distributions.

    Exit status 1 if a mean differs by more than 4 pooled standard errors, or a
    distribution has a Kolmogorov–Smirnov p-value (Holm-adjusted) below 0.01.

    Examples:

        selbench validate ms msprime --out ms.html

        selbench validate ms "ms[program=scrm]" --set n_haplotypes=20

        selbench validate mssel figures.json --args "mssel 48 1 0 48 tp.out 5000 -t 3.2 -r 3.2 1001"
    """
    from selbench.cli.console import stdout
    from selbench.validation import compare, render_page

    sides = (_side(first), _side(second))
    scenario = _scenario(sides, set_ or [], args)
    names = _statistics(sides, statistics)
    a, b = (_measured(side, i, scenario, n_windows, seed, names) for i, side in enumerate(sides))
    agreements = compare(a, b)
    stdout().print(_table(a, b, agreements))
    if out is not None:
        from selbench.files import complete_file

        with complete_file(out) as temporary:
            temporary.write_text(render_page(a, b, agreements, scenario))
    if not all(agreement.holds for agreement in agreements):
        raise typer.Exit(1)


def _side(text: str) -> Simulator | Path:
    from selbench.plugin import Registry

    return Path(text) if Path(text).is_file() else Registry.installed().simulators.build(text)


def _scenario(sides: Contestants, settings: list[str], args: str | None) -> Scenario:
    """Return the scenario of --set or --args; without both, of the command that made the figures."""
    from selbench.cli.scenario_options import read_scenario
    from selbench.errors import ExperimentError
    from selbench.validation import read_figures

    if args is not None and settings:
        raise ExperimentError("--args says it all: leave --set out")
    figures = _figures(sides)
    if args is None and not settings and figures:
        args = read_figures(figures[0]).provenance["command"] or None
    if args is None:
        return read_scenario(settings)
    simulators = [side for side in sides if not isinstance(side, Path)]
    if not simulators:
        raise ExperimentError("validate: expected at least one simulator, found two files")
    return simulators[0].parse_command(args).scenario


def _statistics(sides: Contestants, names: str | None) -> Sequence[str]:
    """Return the statistics asked for; else those of the figures; else the usual ones."""
    from selbench.statistics import brought_statistics
    from selbench.validation import STATISTICS_COMPARED, read_figures

    if names is not None:
        return [name.strip() for name in names.split(",")]
    figures = _figures(sides)
    if figures:
        return list(read_figures(figures[0]).distributions)
    return (*STATISTICS_COMPARED, *brought_statistics("ancestral"))


def _figures(sides: Contestants) -> list[Path]:
    return [side for side in sides if isinstance(side, Path) and side.suffix == ".json"]


def _measured(
    side: Simulator | Path,
    which: int,
    scenario: Scenario,
    n_windows: int,
    seed: int,
    statistics: Sequence[str],
) -> Contestant:
    from rich.progress import Progress

    from selbench.cli.console import stderr
    from selbench.streams import stream_seed
    from selbench.validation import measure_simulator, measure_text, read_figures

    if isinstance(side, Path):
        if side.suffix == ".json":
            return read_figures(side, statistics=statistics)
        return measure_text(side, scenario, statistics=statistics)
    with Progress(console=stderr(), transient=True, disable=not stderr().is_terminal) as progress:
        bar = progress.add_task(side.name, total=n_windows)
        return measure_simulator(
            side,
            scenario,
            n_windows=n_windows,
            seed=stream_seed(seed, "validate", which),
            statistics=statistics,
            progress=lambda done: progress.update(bar, completed=done),
        )


def _table(first: Contestant, second: Contestant, agreements: Sequence[Agreement]) -> object:
    from rich.table import Table
    from rich.text import Text

    def mean(value: float, low: float, high: float) -> Text:
        return Text.assemble(f"{value:.4g} ", (f"[{low:.4g}, {high:.4g}]", "dim"))

    table = Table(box=None, pad_edge=False)
    for head in ("statistic", first.name, second.name, "Δ / SE", "KS", "p (Holm)", "agree"):
        table.add_column(head, justify="left" if head == "statistic" else "right")
    for row in agreements:
        table.add_row(
            row.statistic,
            mean(row.first.value, row.first.low, row.first.high),
            mean(row.second.value, row.second.low, row.second.high),
            f"{row.z:+.2f}",
            f"{row.distance:.4f}",
            f"{row.adjusted_p_value:.3g}",
            Text("yes", "green") if row.holds else Text("no", "red"),
        )
    return table
