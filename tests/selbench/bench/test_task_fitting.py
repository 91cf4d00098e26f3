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
    assert any("% of the calls are missing; simulated windows have all theirs" in each for each in words)
    (method,) = open_experiment(out, registry=registry).methods[:1]
    assert not method.encoder.needs_phase
    assert found.window_bp == 10_000


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
