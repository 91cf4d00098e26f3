"""``selbench fit-task``: write the experiment that trains for a genome."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Vcf = Annotated[Path, typer.Argument(metavar="VCF", help="The genome to scan: .vcf, .vcf.gz or .bcf.")]
History = Annotated[
    str,
    typer.Option(
        help="Its population: a file of Stairway Plot 2, PSMC, MSMC2, SMC++ or Relate or of two columns, a "
        "demes model (.yaml), a model of stdpopsim (HomSap/Africa_1T12), or a number of diploid individuals."
    ),
]
MutationRate = Annotated[float, typer.Option(help="Per bp and generation; that of the history.")]
RecombinationRate = Annotated[
    float | None,
    typer.Option(help="Per bp and generation; by default uniform from half to twice the mutation rate.",
                 show_default=False),
]  # fmt: skip
MutationMap = Annotated[
    Path | None,
    typer.Option(
        help="Likewise of mutation, or bedGraph: rates are drawn as the genome's windows have them, "
        "around --mutation-rate.",
        show_default=False,
    ),
]
RecombinationMap = Annotated[
    Path | None,
    typer.Option(
        help="In the format of HapMap (chromosome, position, cM/Mb, cM): rates are drawn as the genome's "
        "windows have them.",
        show_default=False,
    ),
]
GenerationTime = Annotated[
    float | None, typer.Option(help="Years, where the history counts in years.", show_default=False)
]

Stretch = Annotated[
    str | None, typer.Option(help="Look at chr:from-to alone, 1-based; all by default.", show_default=False)
]
WindowBp = Annotated[
    int | None,
    typer.Option(
        min=1, help="Length of a window; by default what holds about 150 sites.", show_default=False
    ),
]


def fit_task(
    vcf: Vcf,
    history: History,
    mutation_rate: MutationRate,
    out: Annotated[Path, typer.Option(help="The experiment to write, such as task.toml.")],
    recombination_rate: RecombinationRate = None,
    recombination_map: RecombinationMap = None,
    mutation_map: MutationMap = None,
    generation_time: GenerationTime = None,
    individuals: Annotated[
        Path | None, typer.Option(help="Text file with one individual per line.", show_default=False)
    ] = None,
    draw: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Draw N individuals; by default all, or 24 of more.",
                     show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw, and of the experiment.")] = 1,
    region: Stretch = None,
    window_bp: WindowBp = None,
    haploid: Annotated[bool, typer.Option("--haploid", help="One haplotype of each individual.")] = False,
    callable_bed: Annotated[
        Path | None,
        typer.Option("--callable", "--mask", metavar="BED",
                     help="Where a variable site would have been seen; else records or gaps tell it.",
                     show_default=False),
    ] = None,
) -> None:  # fmt: skip
    """Write the experiment that trains for a genome, by its sample, its density of sites, and your history.

    The sweeps that it trains on stand in the file, for you to change: s log-uniform
    from 0.002 to 0.05, the site uniform in the middle half of the window, fixed up
    to 1,000 generations ago. Gaps, sites that are left out for missing calls and the
    absence of phase are laid on its windows as the genome has them. A history that was
    inferred with another mutation rate is refused.

    Examples:

        selbench fit-task genome.bcf --history stairway.final.summary --mutation-rate 1.25e-8 --out task.toml

        selbench fit-task genome.vcf.gz --history HomSap/Africa_1T12 --mutation-rate 2.36e-8 --out africa.toml
    """
    from selbench import bench
    from selbench.cli.console import stderr, tell

    found = bench.fit_task(
        vcf, history=history, mutation_rate=mutation_rate, recombination_rate=recombination_rate,
        recombination_map=recombination_map, mutation_map=mutation_map, generation_time=generation_time,
        out=out, individuals=individuals, draw=draw, seed=seed, region=region, window_bp=window_bp,
        haploid=haploid, callable_bed=callable_bed,
    )  # fmt: skip
    tell(found.remarks)
    stderr().print(
        f"{found.n_haplotypes} haplotypes, windows of {found.window_bp:,} bp, every {found.step_bp:,} → {out}"
    )
