"""Write the experiment that trains for a genome: its sample, its density of sites, its history."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, ExperimentError
from selbench.experiment import parse_experiment
from selbench.experiment.observation import FROM_FILE, ObservationSettings
from selbench.files import write_whole
from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import Genome
from selbench.formats.individuals import draw_individuals, read_individuals, vcf_individuals
from selbench.formats.rate_maps import Kind, mean_rates, read_rate_map
from selbench.formats.vcf import check_not_empty, read_genotypes
from selbench.formats.vcf_regions import Region, read_bed
from selbench.formats.vcf_sites import Choices
from selbench.plugin import Registry
from selbench.scan.summary import Remark
from selbench.statistics import STATISTICS, known_statistics
from selbench.windows import NO_CALL

MOST_INDIVIDUALS = 24
"""Drawn where nothing is said: more cost time and tell little more of a sweep."""

SITES_PER_WINDOW = 150
"""A window is as long as holds so many sites on average, to the nearest of 1, 2 and 5 × 10^k bp."""

N_QUANTILES = 21
"""Of rates of windows, where a map tells them."""

LEAST_BP, MOST_BP = 5_000, 1_000_000
GENOTYPE_STATISTICS = ("g123", "g2_g1")
"""What stands for statistics of haplotypes where phase is not known."""

MUCH_MISSING = 0.001

_TEMPLATE = """\
# Written by `selbench fit-task` from {vcf}: {n_individuals} individuals, {n_sites} sites in {length_bp} bp.
#
#   selbench run {out}
#   selbench scan runs/{name}:logistic {vcf} {draw}{callable}--step-bp {step_bp} --null-windows 20000
{measured}
name = {quoted_name}
seed = {seed}
repetitions = 3
methods = [{methods}]

[tasks.genome]
null = "neutral"
positive = "sweep"
empty_windows = "drop"
sample = {{ n_haplotypes = {n_haplotypes}, ploidy = {ploidy} }}
locus = {{ sequence_length = {window_bp}, {rates} }}
population = {population}
{observation}windows = {{ train = 2000, validation = 400, test = 500, threshold = 2000 }}

[tasks.genome.classes.neutral]
simulator = "ms"

# Which sweeps to look for is yours to say: the coefficient, where in the window, and how long ago they ended.
[tasks.genome.classes.sweep]
simulator = "mssel"

[tasks.genome.classes.sweep.selection]
s = {{ log_uniform = [0.002, 0.05] }}
h = 0.5
position = {{ uniform = [{quarter}, {three_quarters}] }}
fixation_time = {{ uniform = [0, 1000] }}

[reduced]
repetitions = 1

[reduced.tasks.genome]
windows = {{ train = 200, validation = 50, test = 100, threshold = 200 }}
"""


@dataclass(frozen=True)
class FittedTask:
    """An experiment for a genome.

    Parameters
    ----------
    text : str
        The TOML.
    window_bp, step_bp : int
    n_haplotypes : int
    remarks : tuple of Remark
        What a reader must know of what the task leaves out.
    """

    text: str
    window_bp: int
    step_bp: int
    n_haplotypes: int
    remarks: tuple[Remark, ...]


def fit_task(
    vcf: str | Path,
    *,
    history: str,
    mutation_rate: float,
    recombination_rate: float | None = None,
    recombination_map: Path | None = None,
    mutation_map: Path | None = None,
    generation_time: float | None = None,
    out: str | Path,
    individuals: Path | None = None,
    draw: int | None = None,
    seed: int = 1,
    region: str | None = None,
    window_bp: int | None = None,
    haploid: bool = False,
    callable_bed: Path | None = None,
    registry: Registry | None = None,
) -> FittedTask:
    """Write the experiment whose methods are to scan a genome.

    Parameters
    ----------
    vcf : str or Path
    history : str
        A file of sizes (see `selbench.formats.size_histories`), a demes model (``.yaml``, ``.yml``), a model
        of stdpopsim (``HomSap/Africa_1T12``), or a number of diploid individuals.
    mutation_rate, recombination_rate : float
        Per bp and generation; the second by default uniform from a half to twice the first.
    recombination_map : Path, optional
        In the format of HapMap: rates are drawn as they are in windows of the genome.
    mutation_map : Path, optional
        In the format of HapMap or bedGraph, rates per bp and generation or multiples of them: rates are drawn
        as they are in windows of the genome, their mean being `mutation_rate`, which the history rests on.
    generation_time : float, optional
        Years, where the times of the history are in years.
    out : str or Path
        File to write; one that is there is not replaced.
    individuals, draw
        Who is to be scanned: a file with one per line, or so many at random; by default all, or 24 of more.
    region : str, optional
        What is looked at for the density of sites; the whole file by default.
    window_bp : int, optional
        By default what holds about 150 sites.
    haploid : bool
        One haplotype of each individual.
    callable_bed : Path, optional
        BED file of where a variable site would have been seen.

    Raises
    ------
    DataError, ExperimentError
        If the file is damaged, the history is none or was inferred with another mutation rate, or a file is
        in the way.
    """
    if recombination_rate is not None and recombination_map is not None:
        raise DataError("expected either --recombination-rate or --recombination-map, found both")
    out = Path(out)
    if out.exists():
        raise DataError(f"{out}: is there already: choose another --out, or delete it")
    names, drawn = _chosen(vcf, individuals, draw, seed)
    genome = _read(vcf, names, region, callable_bed, haploid=haploid)
    length_bp = sum(int((c.observed[:, 1] - c.observed[:, 0]).sum()) for c in genome.chromosomes)
    window = window_bp or round_length(SITES_PER_WINDOW * length_bp / genome.n_sites)
    step, n_haplotypes = max(1, window // 5), len(names) * genome.ploidy
    rates = _Rates(mutation_rate, recombination_rate, recombination_map, mutation_map)
    remarks = tuple(_remarks(genome))
    listed = f"--individuals {individuals} " if individuals is not None else ""
    chosen = {"individuals": individuals, "draw": len(names) if drawn else 0, "seed": seed if drawn else 1}
    told = {**chosen, "region": region or "", "haploid": haploid}
    text = _TEMPLATE.format(
        vcf=_in_a_line(vcf), out=_in_a_line(out), name=_in_a_line(out.stem), quoted_name=_quoted(out.stem),
        seed=seed,
        draw=f"--draw {len(names)} --seed {seed} " if drawn else listed,
        n_individuals=len(names), n_sites=f"{genome.n_sites:,}", length_bp=f"{length_bp:,}",
        n_haplotypes=n_haplotypes, ploidy=genome.ploidy,
        window_bp=window, step_bp=step,
        quarter=window // 4, three_quarters=3 * window // 4,
        rates=rates.in_windows(genome, window),
        population=_population(history, generation_time, mutation_rate if mutation_map else None, out),
        observation=_observation(genome, Path(vcf), callable_bed, told, out),
        callable=f"--callable {callable_bed} " if callable_bed is not None else "",
        methods=", ".join(map(_quoted, _methods(genome))),
        measured="".join(f"#\n# {remark.words}.\n" for remark in remarks),
    )  # fmt: skip
    write_whole(out, text.encode())
    try:
        _expect_experiment(out, registry or Registry.installed())
    except ExperimentError:
        out.unlink()
        raise
    return FittedTask(text, window, step, n_haplotypes, remarks)


def round_length(length_bp: float) -> int:
    """Return the nearest of 1, 2 and 5 × 10^k bp by ratio, within bounds.

    >>> round_length(33_000), round_length(80_000), round_length(3)
    (50000, 100000, 5000)
    """
    steps: list[int] = [m * int(10**k) for k in range(3, 7) for m in (1, 2, 5)]
    nearest = min(steps, key=lambda step: abs(math.log(step / max(length_bp, 1))))
    return min(max(nearest, LEAST_BP), MOST_BP)


def _chosen(vcf: str | Path, listed: Path | None, draw: int | None, seed: int) -> tuple[Sequence[str], bool]:
    """Return who is scanned, and whether they are drawn."""
    if listed is not None and draw is not None:
        raise DataError("individuals: expected either --individuals FILE or --draw N, found both")
    there = vcf_individuals(vcf)
    if listed is not None:
        return read_individuals(listed, there), False
    n_drawn = draw or min(len(there), MOST_INDIVIDUALS)
    return (there, False) if n_drawn == len(there) else (draw_individuals(vcf, n_drawn, seed), True)


def _read(
    vcf: str | Path, names: Sequence[str], region: str | None, callable_bed: Path | None, *, haploid: bool
) -> Genome:
    """Return who is scanned, with all that is missing, or not phased, left in."""
    choices = Choices(ploidy=1 if haploid else 2, haploid=haploid, max_missing=1.0, keep_unphased=True)
    where = None if region is None else Region.parse(region)
    mask = None if callable_bed is None else read_bed(callable_bed)
    genome = read_genotypes(vcf, individuals=names, region=where, choices=choices, callable_in=mask)
    if mask is not None:
        check_chromosomes(mask, (c.name for c in genome.chromosomes), str(callable_bed))
    check_not_empty(genome, vcf)
    return genome


def _methods(genome: Genome) -> list[str]:
    """Return methods that can be asked about such a genome."""
    if genome.phased and genome.names_ancestral_alleles:
        return ["statistics+logistic"]
    known = known_statistics()
    of_genotypes = {name: known[name] for name in GENOTYPE_STATISTICS if name in known and not genome.phased}
    names = [
        name
        for name, each in {**STATISTICS, **of_genotypes}.items()
        if (genome.phased or not each.needs_phase)
        and (genome.names_ancestral_alleles or not each.needs_ancestral)
    ]
    return [f"statistics[names={';'.join(names)}]+logistic"]


@dataclass(frozen=True)
class _Rates:
    """What is told of a genome's rates."""

    mutation: float
    recombination: float | None
    recombination_map: Path | None
    mutation_map: Path | None

    def in_windows(self, genome: Genome, window_bp: int) -> str:
        """Return the keys of a locus: a rate for all windows, or one for each as a map has them."""
        mutation, recombination = (
            f"{self.mutation:g}",
            f"{{ uniform = [{self.mutation / 2:g}, {2 * self.mutation:g}] }}",
        )
        if self.recombination is not None:
            recombination = f"{self.recombination:g}"
        if self.recombination_map is not None:
            recombination = _quantiles(_means(self.recombination_map, "recombination", genome, window_bp))
        if self.mutation_map is not None:
            means = _means(self.mutation_map, "mutation", genome, window_bp)
            if not means.any():
                raise DataError(f"{self.mutation_map}: expected rates of mutation, found 0 in every window")
            mutation = _quantiles(means * self.mutation / means.mean())
        return f"mutation_rate = {mutation}, recombination_rate = {recombination}"


def _means(path: Path, kind: Kind, genome: Genome, window_bp: int) -> NDArray[np.float64]:
    """Return the mean rates of a genome's windows, as a map has them."""
    rates_of = read_rate_map(path, kind)
    check_chromosomes(rates_of, (c.name for c in genome.chromosomes), str(path))
    means = [
        mean_rates(rates_of[c.name], c.start, c.end, window_bp)
        for c in genome.chromosomes
        if c.name in rates_of
    ]
    rates: NDArray[np.float64] = np.concatenate(means)
    if not len(rates):
        raise DataError(f"{path}: expected a map of this genome, found no window of it that the map covers")
    return rates


def _quantiles(rates: NDArray[np.float64]) -> str:
    """Return a prior that draws rates as windows have them."""
    listed = ", ".join(f"{rate:.3g}" for rate in np.quantile(rates, np.linspace(0, 1, N_QUANTILES)).tolist())
    return f"{{ quantiles = [{listed}] }}"


def _in_a_line(name: str | Path) -> str:
    return " ".join(str(name).split())


def _population(history: str, generation_time: float | None, mutation_rate: float | None, out: Path) -> str:
    """Return the table of a population, paths from the folder of the experiment on.

    Parameters
    ----------
    mutation_rate : float, optional
        That a file of sizes rests on, where the locus has no one rate.
    """
    if history.replace("_", "").replace(".", "", 1).isdigit():
        return f"{{ size = {history} }}"
    path = Path(history)
    if not path.exists():
        if "/" in history and not path.suffix:
            return f"{{ stdpopsim = {_quoted(history)} }}"
        raise DataError(f"{history}: no such file; expected a history, a model of stdpopsim, or a size")
    relative = _quoted(os.path.relpath(path, out.parent))
    if path.suffix in (".yaml", ".yml"):
        return f"{{ demes = {relative} }}"
    years = "" if generation_time is None else f", generation_time = {generation_time:g}"
    scale = "" if mutation_rate is None else f", mutation_rate = {mutation_rate:g}"
    return f"{{ table = {relative}{years}{scale} }}"


def _observation(
    genome: Genome, vcf: Path, mask: Path | None, chosen: Mapping[str, object], out: Path
) -> str:
    """Return the line that lays on simulated windows what the genome's lack, or nothing."""
    folder = out.parent
    told: dict[str, object] = {}
    if mask is not None or not _is_seen_whole(genome):
        told["mask"] = FROM_FILE if mask is None else os.path.relpath(mask, folder)
    if _share_lost(genome) > MUCH_MISSING or not genome.names_ancestral_alleles:
        told["missing"] = FROM_FILE
    if told:
        listed = chosen["individuals"]
        own = {**chosen, "individuals": os.path.relpath(str(listed), folder) if listed else ""}
        defaults = ObservationSettings()
        told = {
            "genome": os.path.relpath(vcf, folder),
            **{key: value for key, value in own.items() if value != getattr(defaults, key)},
            **told,
        }
    if not genome.phased:
        told["phased"] = False
    if not genome.names_ancestral_alleles:
        told["polarise"] = "ref"
    written = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
    return f"observation = {{ {written} }}\n" if told else ""


def _is_seen_whole(genome: Genome) -> bool:
    stretches = [c.observed for c in genome.chromosomes]
    seen = sum(int((each[:, 1] - each[:, 0]).sum()) for each in stretches)
    return seen == sum(c.end - c.start for c in genome.chromosomes)


def _share_lost(genome: Genome) -> float:
    """Return the share of the variable sites that a scan leaves out, those with a missing call among them."""
    missing = sum(int((c.haplotypes == NO_CALL).any(axis=1).sum()) for c in genome.chromosomes)
    left_out = genome.share_left_out
    return left_out + (1 - left_out) * missing / genome.n_sites


def _remarks(genome: Genome) -> list[Remark]:
    """Say what the genome has and simulated windows have not."""
    calls = sum(chromosome.haplotypes.size for chromosome in genome.chromosomes)
    missing = sum(int((chromosome.haplotypes == NO_CALL).sum()) for chromosome in genome.chromosomes) / calls
    said = [Remark(warning, is_warning=True) for warning in genome.warnings]
    if missing > MUCH_MISSING:
        said.append(
            Remark(
                f"{missing:.1%} of the calls are missing: {_share_lost(genome):.0%} of the sites are left "
                "out, and as many of those of simulated windows"
            )
        )
    if not genome.phased:
        said.append(Remark("genotypes are unphased: only statistics that need no phase are learned from"))
    if not genome.names_ancestral_alleles:
        said.append(Remark("no site carries INFO/AA: a 0 is the reference allele, in simulated windows too"))
    return said


def _expect_experiment(path: Path, registry: Registry) -> None:
    from selbench.experiment.file import load_table

    parse_experiment(load_table(path, registry), registry, where=path.name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
