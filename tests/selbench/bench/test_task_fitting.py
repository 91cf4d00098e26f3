"""An experiment written for a genome: what it takes from the file, and that it is one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from selbench import Registry
from selbench.bench import fit_task, open_experiment
from selbench.errors import DataError, ExperimentError
from selbench.scenario import Epoch, Population, Prior

NAMES = tuple(f"i{i}" for i in range(6))


def genome(folder: Path, *, phased: bool = True, missing: float = 0.0) -> Path:
    """Write 600 sites in 1.2 Mb of six individuals."""
    rng = np.random.default_rng(4)
    calls = rng.integers(0, 2, (600, 12)).astype("U1")
    calls[rng.random(calls.shape) < missing] = "."
    bar = "|" if phased else "/"
    rows = [
        "\t".join(["7", str(2000 * i + 1), ".", "A", "C", ".", "PASS", ".", "GT", *map(bar.join, row)])
        for i, row in enumerate(calls.reshape(600, 6, 2).tolist())
    ]
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *NAMES])
    gt = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
    path = folder / "genome.vcf"
    path.write_text("\n".join(["##fileformat=VCFv4.2", "##contig=<ID=7>", gt, head, *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


def test_sample_and_window_come_from_the_file_and_the_history_from_its_own(
    tmp_path: Path, registry: Registry
) -> None:
    (tmp_path / "sizes").mkdir()
    (tmp_path / "sizes" / "sizes.tsv").write_text("year size\n0 900\n1000 400\n")
    out = tmp_path / "task.toml"
    found = fit_task(
        genome(tmp_path), history=str(tmp_path / "sizes" / "sizes.tsv"), generation_time=25,
        mutation_rate=1.25e-8, draw=4, seed=3, out=out, registry=registry,
    )  # fmt: skip
    assert (found.n_haplotypes, found.window_bp, found.step_bp) == (8, 200_000, 40_000)  # nearest to 300 kb
    assert tomllib.loads(out.read_text())["tasks"]["genome"]["population"]["table"] == "sizes/sizes.tsv"
    assert "--draw 4 --seed 3 --step-bp 40000" in out.read_text()
    task = open_experiment(out, registry=registry).tasks["genome"]
    sweep = task.sources["sweep"].scenario  # type: ignore[attr-defined]
    assert sweep.population == Population(900, epochs=(Epoch(40, 400),))
    assert sweep.locus.recombination_rate == Prior("uniform", 6.25e-9, 2.5e-8)
    assert sweep.selection.s == Prior("log_uniform", 0.002, 0.05)
    assert sweep.selection.position == Prior("uniform", 50_000, 150_000)
    with pytest.raises(DataError, match="is there already"):
        fit_task(genome(tmp_path), history="900", mutation_rate=1e-8, out=out, registry=registry)


def test_unphased_calls_and_missing_ones_are_said_and_methods_fit_them(
    tmp_path: Path, registry: Registry
) -> None:
    out = tmp_path / "task.toml"
    found = fit_task(
        genome(tmp_path, phased=False, missing=0.02), history="900", mutation_rate=1e-8,
        recombination_rate=2e-8, window_bp=10_000, out=out, registry=registry,
    )  # fmt: skip
    words = [remark.words for remark in found.remarks]
    assert any("% of the sites are left out, and as many of those of simulated windows" in w for w in words)
    experiment = open_experiment(out, registry=registry)
    (method,) = experiment.methods[:1]
    assert not method.encoder.needs_phase
    seen = tomllib.loads(out.read_text())["tasks"]["genome"]["observation"]
    assert seen == {"genome": "genome.vcf", "missing": "from file", "phased": False, "polarise": "ref"}
    source = experiment.tasks["genome"].sources["neutral"]
    assert source.share_lost == pytest.approx(1 - 0.98**12, abs=0.06)
    assert found.window_bp == 10_000


def test_a_mask_and_a_draw_are_laid_on_the_windows_and_told_to_the_scan(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    genome(tmp_path)
    Path("callable.bed").write_text("7\t0\t700000\n7\t800000\t1200000\n")
    Path("tasks").mkdir()
    fit_task(
        "genome.vcf", history="900", mutation_rate=1e-8, window_bp=200_000, draw=3, seed=2,
        callable_bed=Path("callable.bed"), out="tasks/task.toml", registry=registry,
    )  # fmt: skip
    text = Path("tasks/task.toml").read_text()
    assert "genome.vcf --draw 3 --seed 2 --callable callable.bed --step-bp" in text
    seen = open_experiment("tasks/task.toml", registry=registry).tasks["genome"].sources["sweep"].observed_as  # type: ignore[attr-defined]
    assert (seen.draw, seen.seed, seen.files["mask"].samefile("callable.bed")) == (3, 2, True)


def test_recombination_rates_are_drawn_as_a_map_has_them(tmp_path: Path, registry: Registry) -> None:
    path, out = tmp_path / "map.txt", tmp_path / "task.toml"
    rows = [f"7\t{at}\t{rate}\t0" for at, rate in ((0, 1), (600_000, 3), (1_300_000, 0))]
    path.write_text("\n".join(["Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)", *rows]) + "\n")
    options = {"history": "900", "mutation_rate": 1e-8, "window_bp": 100_000, "registry": registry}
    fit_task(genome(tmp_path), recombination_map=path, out=out, **options)  # type: ignore[arg-type]
    source = open_experiment(out, registry=registry).tasks["genome"].sources["sweep"]
    rate = source.scenario.locus.recombination_rate  # type: ignore[attr-defined]
    assert (rate.low, rate.high, len(rate.quantiles)) == (1e-8, 3e-8, 21)
    path.write_text(path.read_text().replace("7\t", "chr7\t"))
    with pytest.raises(DataError, match=r"map\.txt: names its chromosomes chr7, the genome 7"):
        fit_task(
            tmp_path / "genome.vcf",
            recombination_map=path,
            out=tmp_path / "b.toml",
            **options,  # type: ignore[arg-type]
        )


def test_mutation_rates_vary_as_a_map_has_them_around_the_rate_of_the_history(
    tmp_path: Path, registry: Registry
) -> None:
    path, out = tmp_path / "map.bedGraph", tmp_path / "task.toml"
    path.write_text("7\t0\t600000\t1e-8\n7\t600000\t1300000\t3e-8\n")
    (tmp_path / "sizes.tsv").write_text("0 900\n20000 900\n")
    options = {"mutation_rate": 1.2e-8, "window_bp": 100_000, "registry": registry}
    options |= {"history": str(tmp_path / "sizes.tsv")}
    fit_task(genome(tmp_path), mutation_map=path, out=out, **options)  # type: ignore[arg-type]
    rate = (
        open_experiment(out, registry=registry).tasks["genome"].sources["sweep"].scenario.locus.mutation_rate
    )  # type: ignore[attr-defined]
    assert rate.high == pytest.approx(3 * rate.low, rel=0.01)
    assert rate.low < 1.2e-8 < rate.high
    assert 'population = { table = "sizes.tsv", mutation_rate = 1.2e-08 }' in out.read_text()
    path.write_text("7\t0\t1300000\t0\n")
    with pytest.raises(
        DataError, match=r"map\.bedGraph: expected rates of mutation, found 0 in every window"
    ):
        fit_task(tmp_path / "genome.vcf", mutation_map=path, out=tmp_path / "b.toml", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("history", "message"),
    [("nowhere.tsv", "no such file; expected a history"), ("sizes.tsv", "inferred with a mutation rate")],
)
def test_a_history_that_does_not_do_leaves_no_file(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch, history: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [(0, 20_000, 0.0), (100_000, 20_000, 0.0025)]
    head = "mutation_per_site theta_per_site_median year Ne_median Ne_2.5% Ne_97.5%"
    rows = [f"{time} 0.001 {25 * years} {size} 1 9" for years, size, time in lines]
    Path("sizes.tsv").write_text("\n".join([head, *rows]))
    with pytest.raises((DataError, ExperimentError), match=message):
        fit_task(genome(tmp_path), history=history, mutation_rate=3e-8, out="task.toml", registry=registry)
    assert not Path("task.toml").exists()
