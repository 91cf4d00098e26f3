"""The collected inputs that once went wrong, each with the value that its description says is right."""

from __future__ import annotations

import gzip
import importlib
import os
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from selbench.adapters.estimator_file import load_estimator, save_estimator
from selbench.bench import open_experiment
from selbench.errors import DataError, ExperimentError, PluginError
from selbench.foreign.images import read_png
from selbench.formats.dataset import read_dataset
from selbench.formats.genome_windows import observed_at, place_windows, windows_at
from selbench.formats.individuals import read_individuals
from selbench.formats.ms_text import read_ms_windows
from selbench.formats.png_folder import read_png_folder
from selbench.formats.tree_sequences import read_tree_sequences
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import Choices
from selbench.plugin import Registry
from selbench.run_folder import predictor_name
from selbench.runner.blocks import windows_from_bytes
from selbench.scan.prediction import NO_RECORDS
from selbench.windows import Examples, FeatureSpec, Windows, WindowSpec

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
HOSTILE = CASES / "hostile"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the collected cases are absent")

WINDOW_BP = 10_000


def site_counts(path: Path) -> list[int]:
    """Return the sites of each window of 10 kb, as a scan cuts them."""
    genome = read_vcf(path)
    spec = WindowSpec(2 * len(genome.individuals), WINDOW_BP)
    windows = windows_at(genome, place_windows(genome, WINDOW_BP, WINDOW_BP), spec)
    return [int(n) for n in windows.n_sites]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("homozygous-unphased/base.vcf", [10, 20, 24]),
        ("homozygous-unphased/homslash.vcf", [10, 20, 24]),
        ("blank-line-in-vcf/trail.vcf", [10, 20, 24]),
        ("questionable-filter/filter.vcf", [10, 20, 24]),
        ("allele-beyond-alt/allele2.vcf", [10, 19, 24]),
        ("gap-in-records/gap.vcf", [10, 0, 20]),
        ("sample-name-with-comma/comma.vcf", [10]),
    ],
)
def test_genomes_show_the_sites_that_were_counted_by_hand(name: str, counts: list[int]) -> None:
    assert site_counts(CASES / name) == counts


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("blank-line-in-vcf/blank.vcf", "a blank line after 1:14239"),
        ("pseudo-diploid/pseudo.vcf", r"none in 10 of 10 \(p00, p01, p02 …\).*--haploid"),
        ("vcf-header-traceback/dupname.vcf", "each individual once, found 'p03' twice"),
        ("vcf-header-traceback/spaces.vcf", "expected tabs between the columns, found spaces"),
        ("hostile/10-allele-256-becomes-0/gt2.vcf", "found none: 1 unknown_allele"),
        ("hostile/10-allele-256-becomes-0/gt256.vcf", "found none: 1 unknown_allele"),
        ("hostile/12-vcf-segmentation-fault/crash.vcf", "truncated or damaged after its header"),
        ("hostile/12-vcf-segmentation-fault/silent-exit.vcf", "truncated or damaged after its header"),
        ("hostile/13-vcf-tracebacks/header.vcf", "line 2: truncated header"),
        ("hostile/13-vcf-tracebacks/latin1-contig.vcf", "truncated or damaged after its header"),
        ("hostile/13-vcf-tracebacks/latin1-ref.vcf", "truncated or damaged after its header"),
    ],
)
def test_damaged_genomes_are_refused_in_one_line_that_names_the_file(name: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_vcf(CASES / name, polarise="ref")
    assert str(caught.value).startswith(str(CASES / name))
    assert "\n" not in str(caught.value)


def test_what_else_the_collected_genomes_say(tmp_path: Path) -> None:
    assert read_vcf(CASES / "questionable-filter" / "filter.vcf").n_filtered == 32
    passing = read_vcf(CASES / "questionable-filter" / "filter.vcf", choices=Choices(filters="pass"))
    assert (passing.n_sites, passing.excluded["filtered"]) == (32, 32)
    assert read_vcf(CASES / "sample-name-with-comma" / "comma.vcf").individuals[3] == "p,03"
    for name, individual in (("comma.vcf", ","), ("latin1-sample.vcf", "\xc1")):
        genome = read_vcf(HOSTILE / "13-vcf-tracebacks" / name, individuals=[individual, "A"], polarise="ref")
        assert genome.individuals == (individual, "A")
    haploid = Choices(ploidy=1, haploid=True)
    assert read_vcf(CASES / "pseudo-diploid" / "pseudo.vcf", choices=haploid).ploidy == 1
    who = read_individuals(CASES / "byte-order-mark" / "who.txt")
    assert len(read_vcf(CASES / "byte-order-mark" / "base.vcf", individuals=who).individuals) == 10


def test_a_gap_in_the_records_is_skipped_and_half_a_gap_is_said(tmp_path: Path) -> None:
    genome = read_vcf(CASES / "gap-in-records" / "gap.vcf")
    observed = observed_at(genome, place_windows(genome, WINDOW_BP, WINDOW_BP))
    assert observed[0] > 0.9
    assert observed[1] == 0
    assert 0.59 < observed[2] < 0.6
    assert NO_RECORDS == "the file has no records here"


def test_an_index_older_than_its_file_loses_no_record(tmp_path: Path) -> None:
    for name in ("s.vcf.gz", "s.vcf.gz.tbi"):
        shutil.copy(CASES / "stale-index" / name, tmp_path / name)
    os.utime(tmp_path / "s.vcf.gz.tbi", (1, 1))
    region = Region("1", 0, 500_000)
    genome = read_vcf(tmp_path / "s.vcf.gz", polarise="ref", region=region)
    assert genome.n_records == 200
    assert "older than its file" in genome.remarks[0]


def test_ms_text_holds_what_its_first_line_promises() -> None:
    marked = CASES / "byte-order-mark" / "bomslash.ms"
    assert len(read_ms_windows(marked, sequence_length=WINDOW_BP)) == 4
    short = CASES / "ms-fewer-replicates-than-announced" / "short.ms"
    with pytest.raises(DataError, match=r"expected 4 windows, as the first line says, .* after 2"):
        read_ms_windows(short, sequence_length=WINDOW_BP)


@pytest.mark.parametrize(("name", "pooled"), [("twopop", (2, 1)), ("ancient", (1, 2))])
def test_pooled_samples_are_counted(name: str, pooled: tuple[int, int]) -> None:
    (windows,) = read_tree_sequences([CASES / "questionable-pooled-samples" / f"{name}.trees"])
    assert (int(windows.parameters["n_populations"][0]), int(windows.parameters["n_times"][0])) == pooled


# experiments: names and marks


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("07-export-png-writes-outside-out/evil.toml", r"classes: '\.\./\.\./\.\./PWN/Y' cannot be a name"),
        ("08-experiment-name-leads-anywhere/evil.toml", r"name: '\.\./\.\./elsewhere' cannot be a name"),
        ("11-markup-in-names-and-messages/task.toml", r"tasks: 'a\[/x\]' cannot be a name: it holds '/'"),
        ("24-names-in-markdown-and-terminal/name.toml", "name: '<script>.*cannot be a name"),
        ("26-a-long-name-never-ends/long.toml", "cannot be a name: it is too long"),
    ],
)
def test_names_that_lead_elsewhere_are_refused_before_anything_is_made(
    name: str, message: str, registry: Registry
) -> None:
    with pytest.raises(ExperimentError, match=message) as caught:
        open_experiment(HOSTILE / name, registry=registry)
    assert "\n" not in str(caught.value)


def test_two_tasks_whose_names_are_alike_have_two_folders(registry: Registry) -> None:
    experiment = open_experiment(
        HOSTILE / "09-two-tasks-one-predictor-folder/collide.toml", registry=registry
    )
    names = list(experiment.tasks)
    assert names == ["a b", "a-b"]
    folders = {predictor_name(name, "statistics+logistic", 0) for name in [*names, "αβ", "γδ", "任务"]}
    assert len(folders) == 5


def test_a_byte_order_mark_before_an_experiment_is_passed_over(registry: Registry) -> None:
    experiment = open_experiment(CASES / "byte-order-mark" / "bom.toml", registry=registry)
    assert list(experiment.tasks) == ["sweep"]


# images, bombs, datasets, blocks


@pytest.fixture
def ghost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a stand-in for Ghostscript on the path; it leaves this file when it is started."""
    mark, folder = tmp_path / "started", tmp_path / "bin"
    folder.mkdir()
    for name in ("gs", "gswin64c"):
        (folder / name).write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 1\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return mark


@pytest.mark.parametrize("place", ["TRAIN/NEUTRAL", "TEST/SELECTION"])
@pytest.mark.parametrize(
    "name", ["images/TRAIN/NEUTRAL/a.png", "other-formats/dds.png", "other-formats/p5.png"]
)
def test_no_decoder_but_that_of_png_sees_a_png(name: str, place: str, tmp_path: Path, ghost: Path) -> None:
    folder = tmp_path / "images"
    for split in ("TRAIN", "TEST"):
        for label in ("NEUTRAL", "SELECTION"):
            (folder / split / label).mkdir(parents=True)
            Image.fromarray(np.array([[0, 255]], dtype=np.uint8)).save(folder / split / label / "whole.png")
    strange = folder / place / "strange.png"
    shutil.copy(HOSTILE / "02-postscript-in-a-png" / name, strange)
    with pytest.raises(DataError, match=r"strange\.png: expected a PNG image, found") as caught:
        list(read_png_folder(folder))
    assert "\n" not in str(caught.value)
    assert not ghost.exists()


def test_small_files_that_inflate_to_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = HOSTILE / "14-decompression-bombs"
    with pytest.raises(DataError, match="at most 67,108,864 pixels, found 6 × 15,990,804"):
        read_png(place / "one-png" / "TRAIN" / "NEUTRAL" / "tall.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("selbench.foreign.gzip.LONGEST_LINE", 2**20)
    made = compile((place / "make.py").read_text().replace("range(3000)", "range(3)"), "make.py", "exec")
    exec(made, {})
    with gzip.open("line.ms.gz") as stream:
        assert len(stream.read()) > 3 * 2**20
    with pytest.raises(DataError, match=r"line\.ms\.gz, line 3: .* lines of at most 1,048,576 bytes"):
        read_ms_windows(Path("line.ms.gz"), sequence_length=100)


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the dataset of one window without haplotypes that the case makes."""
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(HOSTILE / "20-dataset-values" / "make.py"))
    return tmp_path / "x.parquet"


def test_a_window_without_haplotypes_is_one_line(dataset: Path) -> None:
    with pytest.raises(DataError, match=r"x\.parquet") as caught:
        read_dataset(dataset)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["block.npz", "block-types.npz"])
def test_damaged_blocks_are_one_line(name: str) -> None:
    source = HOSTILE / "21-store-blocks-and-weights" / name
    for content in (source, source.read_bytes()):
        with pytest.raises(DataError) as caught:
            windows_from_bytes(content)
        assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_predictor_that_would_write_outside_its_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.linear_model import LogisticRegression

    features = np.random.default_rng(1).normal(size=(20, 3))
    saved = LogisticRegression().fit(features, features[:, 0] > 0)
    (tmp_path / "honest" / "predictor").mkdir(parents=True)
    table = {"estimator": saved, "varies": np.ones(3, dtype=bool), "n_classes": 2}
    save_estimator(table, tmp_path / "honest" / "predictor" / "estimator.skops")
    make = HOSTILE / "05-predictor-writes-outside-its-memory" / "make_predictor.py"
    monkeypatch.setattr(sys, "argv", [str(make), str(tmp_path / "honest"), str(tmp_path / "evil")])
    runpy.run_path(str(make))
    with pytest.raises(DataError, match="damaged"):
        load_estimator(tmp_path / "evil" / "predictor" / "estimator.skops")


# plugins


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Return a function that imports the module of a case."""

    def load(case: str, module: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(CASES / case))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module)

    return load


@pytest.mark.parametrize(
    ("case", "module", "message"),
    [
        ("option-called-name", "named_plugin", "name"),
        ("option-of-a-type-no-table-holds", "types_plugin", "colour"),
    ],
)
def test_plugins_whose_options_no_file_can_hold_are_refused_when_loaded(
    case: str, module: str, message: str, plugin: Callable[[str, str], ModuleType]
) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        Registry.of(plugin(case, module))
    assert "\n" not in str(caught.value)


def test_what_a_plugin_prints_while_it_loads_is_no_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(CASES / "plugin-prints-on-stdout" / "loud_plugin.py", tmp_path)
    metadata = tmp_path / "loud_plugin-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-plugin\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[selbench]\nloud-plugin = loud_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "loud_plugin", raising=False)
    assert "loud" in Registry.installed().encoders
    said = capfd.readouterr()
    assert said.out == ""
    assert "loading my methods, please cite us" in said.err


def of_two_classes(n_features: int) -> Examples:
    """Return windows of two classes, with features drawn at random, the first of which tells the class."""
    rng = np.random.default_rng(2)
    matrix = np.array([[0, 1, 0, 1]], dtype=np.uint8)
    labels = ["neutral", "sweep"] * 20
    windows = Windows.from_arrays([matrix] * 40, [[1.0]] * 40, sequence_length=10, labels=labels)
    features = rng.normal(size=(40, n_features)).astype(np.float32)
    features[1::2, 0] += 2
    return Examples(
        windows,
        lambda some: features[: len(some)],
        FeatureSpec((n_features,), "float32", ("x",)),
        ("neutral", "sweep"),
    )


def trained(model: Any, n_features: int) -> tuple[Any, np.ndarray[Any, Any]]:
    examples = of_two_classes(n_features)
    fitted = model.fit(examples, examples, seed=1, progress=lambda *_: None)
    return fitted, examples.to_array()


def test_trees_behind_a_transformer_come_back(
    tmp_path: Path, plugin: Callable[[str, str], ModuleType]
) -> None:
    model = plugin("trees-behind-a-transformer", "poly_forest").PolynomialForest()
    fitted, features = trained(model, 7)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(
        model.load(tmp_path).predict_proba(features), fitted.predict_proba(features)
    )


@pytest.mark.slow
def test_a_network_whose_state_lies_outside_its_weights_is_refused_when_loaded(
    tmp_path: Path, plugin: Callable[[str, str], ModuleType]
) -> None:
    model = plugin("keras-state-outside-weights", "k_random").RandomFeatures()
    fitted, _ = trained(model, 19)
    fitted.save(tmp_path)
    with pytest.raises(DataError, match="does not predict as the trained one"):
        model.load(tmp_path)


def test_a_stranger_s_run_folder_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from selbench.cli import console
    from selbench.cli.app import app

    shutil.copytree(HOSTILE / "01-run-folder-runs-a-command" / "run", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    for words in (
        "status run",
        "clean run --yes",
        "run run/experiment.toml --dry-run",
        "audit run",
        "report run",
    ):
        console.stderr.cache_clear()
        console.stdout.cache_clear()
        done = CliRunner().invoke(app, words.split())
        assert done.exception is None or isinstance(done.exception, SystemExit), words
        assert not list(tmp_path.rglob("ran.txt")), words


def test_every_case_is_read_by_a_test() -> None:
    """A case that nobody reads is named here, with where its kind is tested."""
    elsewhere = {
        "15-run-json-and-audit-json-tracebacks": "tests/selbench/run_folder/test_hostile_run_folders.py",
        "17-clean-outside-a-store": "tests/selbench/runner/test_cleaning.py",
        "22-output-that-cannot-be-written": "tests/selbench/cli/test_commands.py",
        "28-lowest-versions-do-not-start": ".ci/run",
    }
    here = Path(__file__).read_text()
    root = Path(__file__).parents[2]
    for case in sorted(path.parent for path in CASES.rglob("case.md")):
        assert case.name in here, case
        if case.name in elsewhere:
            assert (root / elsewhere[case.name]).is_file()
