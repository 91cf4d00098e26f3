"""``selbench validate``: do two simulators make the same windows?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selbench.validation import Agreement, Contestant


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
    from selbench.bench import ConsoleWatch
    from selbench.bench.validating import validate as validated
    from selbench.cli.console import stderr, stdout

    found = validated(
        first, second, settings=set_ or (), args=args, n_windows=n_windows, seed=seed,
        statistics=None if statistics is None else [name.strip() for name in statistics.split(",")],
        progress=ConsoleWatch(stderr()),
    )  # fmt: skip
    stdout().print(_table(found.first, found.second, found.agreements))
    if out is not None:
        found.write_page(out)
    if not found.holds:
        raise typer.Exit(1)


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
