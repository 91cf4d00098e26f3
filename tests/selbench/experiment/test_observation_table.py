"""The `observation` table of a task: read, kept in keys and the run's record, and laid on its windows."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selbench import Registry
from selbench.errors import DataError, ExperimentError
from selbench.experiment import Experiment, parse_experiment, portions, read_experiment
from selbench.experiment.observation import ObservationSettings
from selbench.plugin import Component
from selbench.runner.folder import begin_folder
from selbench.windows import WindowSpec

PACKAGES = Path(__file__).parents[2] / "packages"
L, N = 500, 4
SPEC = WindowSpec(2 * N, L, 2)


def written_genome(folder: Path, *, names: str = "abcd") -> Path:
    """Write 4 kb of four individuals, a site every 10 bp: calls of one are missing from 1000 to 1250."""
    rng = np.random.default_rng(3)
    rows = []
    for at in range(5, 4000, 10):
        alleles = rng.permutation(np.repeat([0, 1], len(names))).astype("U1").reshape(-1, 2)
        calls = ["|".join(each) for each in alleles.tolist()]
        if 1000 <= at < 1250:
            calls[1] = ".|."
        rows.append("\t".join(["1", str(at + 1), ".", "A", "C", ".", "PASS", "AA=A", "GT", *calls]))
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names])
    meta = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ]
    path = folder / "genome.vcf"
    path.write_text("\n".join([*meta, head, *rows]) + "\n")
    return path


def written_mask(folder: Path, line: str = "1\t0\t1700\n1\t1800\t4000\n") -> Path:
    path = folder / "callable.bed"
    path.write_text(line)
    return path


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


def table(**observation: Any) -> dict[str, Any]:
    return {
        "name": "toy",
        "seed": 7,
        "methods": ["few-sites"],
        "baselines": False,
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 2 * N},
                "locus": {"sequence_length": L, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "observation": observation,
                "windows": {"train": 40, "validation": 5, "test": 5, "threshold": 5},
                "classes": {
                    "neutral": {"simulator": "toy[mean_sites=30]"},
                    "sweep": {"simulator": "toy[mean_sites=30]", "selection": {"s": 0.1, "carriers": "all"}},
                },
            }
        },
    }


def made_by(experiment: Experiment) -> dict[str, Any]:
    def identify(component: Component) -> dict[str, Any]:
        return {"name": component.name}

    (portion, *_) = portions(experiment.tasks["small"], split="train")
    return portion.source.identity(portion, experiment_seed=7, identify=identify)


def test_windows_of_every_split_are_seen_as_the_genome_was(tmp_path: Path, registry: Registry) -> None:
    observation = {
        "genome": str(written_genome(tmp_path)), "mask": str(written_mask(tmp_path)), "missing": "from file",
        "phased": False, "polarise": "ref",
    }  # fmt: skip
    task = parse_experiment(table(**observation), registry, where="toy.toml").tasks["small"]
    assert (task.polarisation, task.phased) == ("ref", False)
    (portion, *_) = portions(task, split="test")
    windows = portion.source.complete(portion, experiment_seed=7).windows
    assert (windows.polarisation, windows.phased) == ("ref", False)
    (train, *_) = portions(task, split="train")
    of_train = train.source.complete(train, experiment_seed=7).windows
    # of seven windows one has lost half of its sites, one has a gap of 100 bp, one begins 5 bp early
    assert sorted({round(each, 3) for each in of_train.observed.tolist()}) == [0.8, 0.99, 1.0]
    assert train.source.share_lost == 25 / 350


def test_individuals_with_missing_calls_lose_sites_where_the_genome_did(tmp_path: Path) -> None:
    genome = written_genome(tmp_path)
    settings = ObservationSettings(genome=str(genome), missing="from file", region="1:251-3750")
    found = settings.observation(SPEC)
    lost = [each.lost.mean() for each in found.seen]
    assert lost == pytest.approx([0, 0.5, 0, 0, 0, 0])  # whole windows on the grid of a scan
    assert all(each.observed.tolist() == [[0, L]] for each in found.seen)
    assert settings.observation(SPEC) is found


def test_the_key_holds_what_files_hold_and_not_what_they_are_called(
    tmp_path: Path, registry: Registry
) -> None:
    genome = written_genome(tmp_path)
    plain = table()
    del plain["tasks"]["small"]["observation"]
    assert "observation" not in made_by(parse_experiment(plain, registry, where="t"))
    (tmp_path / "other").mkdir()
    same = written_genome(tmp_path / "other")
    first, second, third = (
        made_by(parse_experiment(table(genome=str(path), missing="from file", **more), registry, where="t"))
        for path, more in ((genome, {}), (same, {}), (genome, {"inbreeding": 0.1}))
    )
    assert first == second != third
    assert first["observation"]["files"] == {"genome": hashlib.sha256(genome.read_bytes()).hexdigest()}


def test_a_file_names_its_genome_from_its_own_folder_and_a_run_records_the_digest(
    tmp_path: Path, registry: Registry
) -> None:
    import tomli_w

    genome = written_genome(tmp_path)
    path = tmp_path / "toy.toml"
    told = table(genome="genome.vcf", mask="from file")
    told["tasks"]["genome"] = told["tasks"]["small"]  # a name, though a key is called so, too
    path.write_text(tomli_w.dumps(told))
    recorded = dict(read_experiment(path, registry).table)
    assert recorded["tasks"]["genome"]["observation"]["genome"] == str(genome)
    seen = recorded["tasks"]["small"]["observation"]
    assert seen["genome"] == str(genome)
    assert seen["mask"] == "from file"
    assert seen["sha256"] == {"genome": hashlib.sha256(genome.read_bytes()).hexdigest()}
    genome.write_text(genome.read_text().replace("AA=A", "AA=C"))
    experiment = parse_experiment(recorded, registry, where="run")  # what a run was needs no file
    assert made_by(experiment)["observation"]["files"] == seen["sha256"]
    (portion, *_) = portions(experiment.tasks["small"], split="test")
    with pytest.raises(DataError, match=r"genome\.vcf: was changed since the run began"):
        portion.source.complete(portion, experiment_seed=7)
    genome.unlink()
    with pytest.raises(DataError, match=r"genome\.vcf: expected the genome that windows are seen by"):
        portion.source.complete(portion, experiment_seed=7)
    with pytest.raises(ExperimentError, match=r"tasks\.small\.observation\.genome: no such file"):
        read_experiment(path, registry)


def test_a_run_is_the_same_where_its_genome_lies_in_another_folder_and_another_where_it_was_changed(
    tmp_path: Path, registry: Registry
) -> None:
    import tomli_w

    (tmp_path / "other").mkdir()
    first, same = written_genome(tmp_path), written_genome(tmp_path / "other")

    def experiment(genome: Path) -> Experiment:
        path = tmp_path / "toy.toml"
        path.write_text(tomli_w.dumps(table(genome=str(genome), mask="from file")))
        return read_experiment(path, registry)

    begin_folder(experiment(first), tmp_path / "run")
    begin_folder(experiment(same), tmp_path / "run")
    same.write_text(same.read_text().replace("AA=A", "AA=C"))
    with pytest.raises(DataError, match="holds a run in which task 'small' was another"):
        begin_folder(experiment(same), tmp_path / "run")


def test_a_folder_of_genotypes_is_known_by_its_files(tmp_path: Path) -> None:
    def folder(name: str, calls: bytes) -> dict[str, str]:
        chunk = tmp_path / name / "call_genotype" / "0.0.0"
        chunk.parent.mkdir(parents=True)
        chunk.write_bytes(calls)
        return dict(ObservationSettings(genome=str(tmp_path / name), missing="from file").recorded())

    assert folder("a.vcz", b"01") == folder("b.vcz", b"01") != folder("c.vcz", b"11")
    with pytest.raises(ExperimentError, match="mask: no such file"):
        ObservationSettings(mask=str(tmp_path / "a.vcz")).recorded()


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        ({"missing": "from file"}, r'observation: missing: "from file" needs genome'),
        ({"genome": "x.vcf"}, "nothing is taken from it"),
        ({"inbreeding": 1.0}, "inbreeding: expected from 0 to below 1, found 1"),
        ({"missing": "few"}, "missing: expected"),
        ({"phase": False}, "unknown key 'phase'.*phased"),
        ({"genome": "x.vcf", "mask": "from file", "draw": 3}, r"observation\.draw: expected 4, as many"),
    ],
)
def test_a_table_that_cannot_be_is_refused_in_one_line(
    registry: Registry, observation: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExperimentError, match=message):
        parse_experiment(table(**observation), registry, where="toy.toml")


@pytest.mark.parametrize(
    ("bed", "names", "message"),
    [
        ("chr1\t0\t4000\n", "abcd", "chr1"),
        ("1\t0\t100\n", "abcd", "of which a quarter or more was observed, found none"),
        ("1\t0\t4000\n", "abc", "expected 4 individuals, as sample has, found 3"),
    ],
)
def test_files_that_do_not_fit_are_told(tmp_path: Path, bed: str, names: str, message: str) -> None:
    genome = written_genome(tmp_path, names=names)
    settings = ObservationSettings(genome=str(genome), mask=str(written_mask(tmp_path, bed)))
    with pytest.raises(DataError, match=message):
        settings.observation(SPEC)


def test_a_mask_alone_lays_its_gaps(tmp_path: Path) -> None:
    found = ObservationSettings(mask=str(written_mask(tmp_path))).observation(SPEC)
    assert [each.observed.tolist() for each in found.seen[2:5]] == [[[0, L]], [[0, 200], [300, L]], [[0, L]]]


def test_a_number_of_missing_calls_and_mispolarised_sites_need_no_genome(registry: Registry) -> None:
    task = parse_experiment(table(missing=0.1), registry, where="t").tasks["small"]
    (portion, *_) = portions(task, split="train")
    assert portion.source.share_lost == pytest.approx(1 - 0.9**N)  # of N individuals, each has a call
    turned = parse_experiment(table(mispolarised=0.5), registry, where="t")
    assert turned.tasks["small"].polarisation == "ancestral"
    keys = [made_by(parse_experiment(table(**each), registry, where="t"))["observation"]
            for each in ({}, {"missing": 0.1}, {"mispolarised": 0.5})]  # fmt: skip
    assert "mispolarised" not in keys[0]
    assert keys[0] != keys[1] != keys[2] != keys[0]


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        ({"missing": 1.0}, "missing: expected from 0 to below 1, found 1"),
        ({"mispolarised": 0.6}, "mispolarised: expected from 0 to 0.5, found 0.6"),
        ({"mispolarised": 0.1, "polarise": "major"}, 'polarise = "aa", found "major"'),
    ],
)
def test_shares_out_of_bounds_are_refused(
    observation: dict[str, Any], message: str, registry: Registry
) -> None:
    with pytest.raises(ExperimentError, match=message):
        parse_experiment(table(**observation), registry, where="t")
