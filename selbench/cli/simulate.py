"""``selbench simulate``: windows of one scenario, as ms text, VCF text or a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from selbench.plugin import ParsedCommand, Simulator
    from selbench.windows import Windows


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
    sequence_length, mutation_rate, recombination_rate, population_size, demes, and for
    selection s, h, position, present_frequency, fixation_time, carriers, trajectory_file …
    The selected site is at position 0, the left edge of the window, unless you say otherwise.

    Examples:

        selbench simulate ms --n-windows 1000 --seed 1 > neutral.ms

        selbench simulate ms --set n_haplotypes=20 --format dataset --out neutral.parquet

        selbench simulate mssel --set s=0.005 --set position=500 --set fixation_time=0

        selbench simulate ms --set sequence_length=100000 --n-windows 1 --format vcf > genome.vcf

        selbench simulate ms --args "ms 48 1000 -t 3.2 -r 3.2 1001 -p 3"
    """
    from selbench.errors import ExperimentError
    from selbench.plugin import Registry

    component = Registry.installed().simulators.build(simulator)
    if args is not None:
        if set_ or n_windows is not None:
            raise ExperimentError("--args says it all: leave --set and --n-windows out")
        request = component.parse_command(args)
    else:
        request = _request(set_ or [], n_windows or 100)
    if seed is None:
        seed = 1 if request.seed is None else request.seed
    reason = component.unsupported(request.scenario)
    if reason:
        raise ExperimentError(f"simulator {component.name} cannot do this scenario: {reason}")
    if format == "dataset":
        _write_dataset(component, request, seed, label, out)
    else:
        _write_text(component, request, seed, format, out)


def _request(settings: list[str], n_windows: int) -> ParsedCommand:
    import math

    from selbench.cli.scenario_options import read_scenario
    from selbench.plugin import ParsedCommand

    scenario = read_scenario(settings)
    digits = max(6, math.ceil(math.log10(scenario.locus.sequence_length)) + 1)
    return ParsedCommand(scenario, n_windows, position_digits=digits)


def _blocks(simulator: Simulator, request: ParsedCommand, seed: int) -> Iterator[Windows]:
    """Simulate block by block; a progress bar, and what the simulator prints, go to standard error."""
    from rich.progress import Progress

    from selbench.cli.console import stderr
    from selbench.experiment import simulate_in_blocks

    with Progress(console=stderr(), transient=True, disable=not stderr().is_terminal) as progress:
        bar = progress.add_task("simulating", total=request.n_windows)
        blocks = simulate_in_blocks(simulator, request.scenario, n_windows=request.n_windows, seed=seed)
        for windows in blocks:
            yield _with_selected_site(windows, request) if request.print_selected_site else windows
            progress.advance(bar, len(windows))


def _with_selected_site(windows: Windows, request: ParsedCommand) -> Windows:
    """Add the selected site where all haplotypes are alike there, as a marking program prints it."""
    import numpy as np

    from selbench.windows import Windows

    selection, spec = request.scenario.selection, windows.spec
    carriers = windows.parameters.get("n_carriers")
    if selection is None or carriers is None or not isinstance(selection.position, float):
        return windows
    position = min(selection.position, np.nextafter(spec.sequence_length, 0))
    haplotypes, positions = [], []
    for (matrix, at), count in zip(windows, carriers, strict=True):
        is_alike = count == spec.n_haplotypes or (count == 0 and request.print_lost_site)
        row = np.searchsorted(at, position)
        haplotypes.append(np.insert(matrix, row, count > 0, axis=0) if is_alike else matrix)
        positions.append(np.insert(at, row, position) if is_alike else at)
    return Windows.from_arrays(
        haplotypes, positions, sequence_length=spec.sequence_length, ploidy=spec.ploidy
    )


def _write_text(
    simulator: Simulator, request: ParsedCommand, seed: int, format: Literal["ms", "vcf"], out: Path | None
) -> None:
    from itertools import chain

    from selbench.cli.console import data
    from selbench.files import complete_file
    from selbench.formats.ms_text import write_ms
    from selbench.formats.vcf_text import write_vcf

    blocks = _blocks(simulator, request, seed)
    first = next(blocks)  # where that fails nothing is written, not even the head
    windows = chain([first], blocks)

    def write(stream: IO[bytes]) -> None:
        if format == "vcf":
            write_vcf(windows, stream, n_windows=request.n_windows, source=f"selbench, {simulator.name}")
            return
        command = f"{simulator.name} {request.scenario.sample.n_haplotypes} {request.n_windows} (selbench)"
        write_ms(windows, stream, command=command, seeds=[seed], digits=request.position_digits)

    if out is None:
        write(data().buffer)
        data().buffer.flush()
        return
    with complete_file(out) as temporary, temporary.open("wb") as stream:
        write(stream)


def _write_dataset(
    simulator: Simulator, request: ParsedCommand, seed: int, label: str, out: Path | None
) -> None:
    from importlib.metadata import version

    from selbench.cli.console import stderr
    from selbench.errors import ExperimentError
    from selbench.formats.dataset import DatasetMetadata, write_dataset
    from selbench.plugin import spelling
    from selbench.tables import to_table

    if out is None:
        raise ExperimentError("--format dataset writes a file: say where with --out FILE.parquet")
    provenance = {
        "simulator": spelling(simulator),
        "scenario": to_table(request.scenario),
        "seed": seed,
        "selbench": version("selbench"),
        **simulator.provenance(),
    }
    metadata = DatasetMetadata(request.scenario.window_spec, classes=(label,), provenance=provenance)
    batches = (("", windows.with_label(label)) for windows in _blocks(simulator, request, seed))
    count = write_dataset(out, batches, metadata)
    stderr().print(f"{count} windows → {out}")
