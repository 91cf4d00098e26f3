"""Genomes with labelled regions as tasks: labels by hand, keys by content, and what cannot be in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench import Registry
from selbench.bench import run
from selbench.errors import DataError, ExperimentError
from selbench.experiment import Experiment, parse_experiment, portions, read_experiment
from selbench.report.genomes import found_in_genomes
from selbench.run_folder import RunRecord, read_info

WINDOW_BP, N_WINDOWS = 500, 12
ToyExperiment = Callable[..., dict[str, Any]]


def written_genome(folder: Path, n_individuals: int = 5) -> Path:
    """Write 12 windows; those of the region have fewer sites."""
    rng = np.random.default_rng(8)
    rows = []
    for at in range(5, N_WINDOWS * WINDOW_BP, 10):
        if 1000 <= at < 2000 and at % 50 != 5 and at // 100 % 5 != 4:
            continue
        alleles = rng.permutation(np.repeat([0, 1], n_individuals)).astype("U1").reshape(-1, 2)
        calls = ["|".join(each) for each in alleles.tolist()]
        rows.append("\t".join(["1", str(at + 1), ".", "A", "C", ".", "PASS", "AA=A", "GT", *calls]))
    names = [f"i{i}" for i in range(n_individuals)]
    meta = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ]
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names])
    path = folder / "genome.vcf"
    path.write_text("\n".join([*meta, head, *rows]) + "\n")
    return path


@pytest.fixture
def table(toy_experiment: ToyExperiment, tmp_path: Path) -> dict[str, Any]:
    """Return an experiment that is trained on toys and tested on a genome too, whose files are written."""
    (tmp_path / "labels.bed").write_text("1\t1000\t2000\n1\t3000\t3100\n1\t9000\t9500\n")
    genome = {
        "vcf": str(written_genome(tmp_path)),
        "regions": str(tmp_path / "labels.bed"),
        "region": f"1:1-{N_WINDOWS * WINDOW_BP}",
    }
    real = {
        "null": "neutral",
        "positive": "sweep",
        "sample": {"n_haplotypes": 10},
        "locus": {"sequence_length": WINDOW_BP},
        "genome": genome,
    }
    found = toy_experiment({"train": 20, "test": 10}, simulator="toy[mean_sites=50]")
    found["tasks"]["real"] = real
    found["evaluate"] = [{"train": "small", "test": ["small", "real"]}]
    return found


def identities(experiment: Experiment) -> list[dict[str, Any]]:
    task = experiment.tasks["real"]
    return [
        portion.source.identity(portion, experiment_seed=7, identify=lambda _: {})
        for portion in portions(task, split="test")
    ]


def test_windows_are_labelled_by_regions_and_all_are_test_windows(
    table: dict[str, Any], toys: Registry
) -> None:
    task = parse_experiment(table, toys, where="toy.toml").tasks["real"]
    kept = [each.source.complete(each, experiment_seed=7).windows for each in portions(task, split="test")]
    assert [len(each) for each in kept] == [9, 2]  # one of twelve is touched and left out
    assert [set(each.labels.tolist()) for each in kept] == [{"neutral"}, {"sweep"}]  # type: ignore[union-attr]
    assert kept[1].parameters["start"].tolist() == [1000, 1500]
    assert 3000 not in kept[0].parameters["start"]
    labels = task.genome_labels
    assert labels is not None
    assert (labels.loci, labels.left_out, labels.skipped, labels.regions_outside) == ((0, 0), 1, 0, 1)
    assert task.is_genome
    assert not any(task.has(split) for split in ("train", "validation", "threshold"))


def test_keys_hold_what_files_hold_and_not_what_they_are_called(
    table: dict[str, Any], toys: Registry, tmp_path: Path
) -> None:
    first = identities(parse_experiment(table, toys, where="t"))
    other = tmp_path / "other.vcf"
    other.write_bytes((tmp_path / "genome.vcf").read_bytes())
    table["tasks"]["real"]["genome"]["vcf"] = str(other)
    assert identities(parse_experiment(table, toys, where="t")) == first
    other.write_text(other.read_text().replace("AA=A", "AA=C"))
    assert identities(parse_experiment(table, toys, where="t")) != first


def test_a_file_names_them_from_its_own_folder_and_set_from_where_one_is(
    table: dict[str, Any], toys: Registry, tmp_path: Path
) -> None:
    import tomli_w

    table["tasks"]["real"]["genome"].update(vcf="genome.vcf", regions="labels.bed")
    table["reduced"] = {"windows": {"train": 10}}
    path = tmp_path / "toy.toml"
    path.write_text(tomli_w.dumps(table))
    experiment = read_experiment(path, toys, reduced=True)
    assert identities(experiment)
    assert experiment.tasks["small"].windows.train == 10
    with pytest.raises(
        ExperimentError, match=r"genome\.vcf: no such file: mine\.vcf; .*bcftools view -S .* 1:1-6000"
    ):
        read_experiment(path, toys, overrides=["tasks.real.genome.vcf=mine.vcf"])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"genome": {}},
            r"tasks\.real\.genome\.vcf: expected a file, found none; .*--set tasks\.real\.genome\.vcf=",
        ),
        ({"windows": {"test": 3}}, r"tasks\.real\.windows: a genome has the windows that it has"),
        ({"genome": {"step": 5}}, "unknown key 'step'"),
        ({"positive": "neutral"}, "neutral"),
        ({"sample": {"n_haplotypes": 8}}, "cannot train on small and test on real"),
    ],
)
def test_a_table_that_cannot_be_is_refused_in_one_line(
    table: dict[str, Any], toys: Registry, keys: dict[str, Any], message: str
) -> None:
    table["tasks"]["real"].update(keys)
    with pytest.raises(ExperimentError, match=message):
        parse_experiment(table, toys, where="toy.toml")


def test_a_genome_is_not_trained_on(table: dict[str, Any], toys: Registry) -> None:
    for evaluate in ([{"train": "real", "test": ["real"]}], []):
        table["evaluate"] = evaluate
        with pytest.raises(ExperimentError, match="tested on and not trained on"):
            parse_experiment(table, toys, where="toy.toml")
    table["tasks"]["small"]["target"] = {"task": "real", "windows": 10}
    with pytest.raises(ExperimentError, match=r"target\.task: the windows of genome 'real' are tested on"):
        parse_experiment(table, toys, where="toy.toml")


@pytest.mark.parametrize(
    ("bed", "message"),
    [
        ("chr1\t1000\t2000\n", r"labels\.bed: names its chromosomes chr1, the genome 1"),
        ("1\t9000\t9500\n", "none of its regions lies in what was scanned"),
        ("1\t0\t9500\n", "found no negative one"),
        ("1\t1000\t1100\n", "found no positive one"),
    ],
)
def test_regions_that_do_not_fit_are_told(
    table: dict[str, Any], toys: Registry, tmp_path: Path, bed: str, message: str
) -> None:
    (tmp_path / "labels.bed").write_text(bed)
    task = parse_experiment(table, toys, where="toy.toml").tasks["real"]
    with pytest.raises(DataError, match=message):
        portions(task, split="test")


@pytest.mark.slow
def test_a_run_is_tested_on_a_genome_with_counts_and_without_intervals(
    table: dict[str, Any], toys: Registry, tmp_path: Path
) -> None:
    table["methods"] = ["few-sites", "few-sites[seconds=0.0001]"]
    experiment = parse_experiment(table, toys, where="toy.toml")
    done = run(experiment, out=tmp_path / "run", workers=0, registry=toys)
    predictions = done.predictions
    on_genome = predictions[
        (predictions["test_task"] == "real") & (predictions["method_label"] == "site-count+few-sites")
    ]
    assert on_genome["label"].value_counts().to_dict() == {"neutral": 9, "sweep": 2}
    results = pd.read_parquet(tmp_path / "run" / "results.parquet")
    measured = results[(results["test_task"] == "real") & (results["metric"] == "roc_auc")]
    assert measured["value"].eq(1).all()  # by the number of sites, which the regions lack
    assert measured[["low", "high"]].isna().all(axis=None)
    assert set(done.comparisons["test_task"]) == {"small"}
    record = read_info(tmp_path / "run").tasks["real"]
    assert {(each.label, each.split): each.kept for each in record.counts} == {
        ("neutral", "test"): 9,
        ("sweep", "test"): 2,
    }
    assert all(each.digest for each in record.counts)
    assert any(key.startswith("regions labels.bed") for key in record.simulators["sweep"].provenance)
    read = RunRecord.read(tmp_path / "run")
    (found,) = found_in_genomes(read)
    assert found.heads == ("of 2 sweep", "of 9 neutral", "one locus found")
    assert dict(found.rows)["site-count+few-sites"] == ("2", "0", "1")
    assert "One sweep: one observation" in found.note
    assert "1 windows that a region only touches are left out" in found.note
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Labelled regions of a genome" in page
    audits = {each.subject: each for each in read.audits}
    assert set(audits) == {"toy:small", "toy:real"}
    assert any("No test window of real is" in each.headline for each in audits["toy:small"].findings)


EXTRACT = Path(__file__).parents[4] / "shared/reference/genomes/SLC24A5.chr15.GRCh37.1000G.vcf.gz"


@pytest.mark.skipif(not EXTRACT.is_file(), reason="the extract of a real genome is not there")
def test_a_window_around_a_known_sweep_is_labelled_in_a_real_genome(
    table: dict[str, Any], toys: Registry, tmp_path: Path
) -> None:
    (tmp_path / "labels.bed").write_text("15\t48420000\t48430000\n")
    real = table["tasks"]["real"]
    real["genome"].update(vcf=str(EXTRACT), draw=5, region="15:48410001-48440000")
    real["locus"]["sequence_length"] = table["tasks"]["small"]["locus"]["sequence_length"] = 10_000
    task = parse_experiment(table, toys, where="toy.toml").tasks["real"]
    null, swept = (
        each.source.complete(each, experiment_seed=7).windows for each in portions(task, split="test")
    )
    assert null.parameters["start"].tolist() == [48_410_000, 48_430_000]
    assert swept.parameters["start"].tolist() == [48_420_000]
    assert not swept.missing
    assert swept.polarisation == "ancestral"
