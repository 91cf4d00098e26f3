"""``selbench simulate``: windows of one scenario, as ms text, VCF text or a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def simulate(
    simulator: Annotated[str, typer.Argument(help="Simulator, with options if need be: ms, mssel, msms …")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a quantity of the scenario (repeat for more)."),
    ] = None,
    args: Annotated[
        str | None,
        typer.Option(help="The original program's own argument line, instead of --set.", show_default=False),
    ] = None,
    n_windows: Annotated[int | None, typer.Option(min=1, help="How many windows. [default: 100]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random stream. [default: 1]")] = None,
    format: Annotated[
        Literal["ms", "vcf", "dataset"],
        typer.Option(help="ms text, VCF text (a chromosome per window), or one Parquet file."),
    ] = "ms",
    label: Annotated[str, typer.Option(help="Class name of the windows in a dataset.")] = "unlabelled",
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of standard output.", show_default=False)
    ] = None,
) -> None:
    """Simulate windows of one scenario.

    Without --set it is the neutral setting of the seed study (48 haplotypes, 1000 bp,
    1e-8 per bp for mutation and recombination, 80,000 diploids). Keys: n_haplotypes,
    sequence_length, mutation_rate, recombination_rate, population_size, demes or another
    population by name as experiments have it (population.NAME), and for selection s, h,
    position, present_frequency, fixation_time, carriers, trajectory_file …
    The selected site is at position 0, the left edge of the window, unless you say otherwise.

    Examples:

        selbench simulate ms --n-windows 1000 --seed 1 > neutral.ms

        selbench simulate ms --set n_haplotypes=20 --format dataset --out neutral.parquet

        selbench simulate mssel --set s=0.005 --set position=500 --set fixation_time=0

        selbench simulate ms --set sequence_length=100000 --n-windows 1 --format vcf > genome.vcf

        selbench simulate ms --args "ms 48 1000 -t 3.2 -r 3.2 1001 -p 3"
    """
    from selbench.bench import ConsoleWatch, simulation_of
    from selbench.cli.console import data, stderr

    asked = simulation_of(
        simulator, settings=set_ or (), args=args, n_windows=n_windows, seed=seed,
        progress=ConsoleWatch(stderr()),
    )  # fmt: skip
    if format == "dataset":
        count = asked.write_dataset(out, label)
        stderr().print(f"{count} windows → {out}")
    elif out is None:
        asked.write_text(data().buffer, format)
        data().buffer.flush()
    else:
        asked.write_file(out, format)
