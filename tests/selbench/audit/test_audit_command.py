"""``selbench audit`` as a user calls it: subjects of all kinds, forms, exit statuses, one line for faults."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from typer.testing import CliRunner, Result

from selbench.errors import SimulatorError
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.png_folder import write_png_folder
from selbench.windows import Windows

PACKAGES = Path(__file__).parents[2] / "packages"
Bench = Any

TOY = """\
name = "toy"
seed = 7
repetitions = 1
baselines = false
methods = ["few-sites"]

[tasks.small]
null = "neutral"
positive = "sweep"
empty_windows = "keep"
sample = { n_haplotypes = 10 }
locus = { sequence_length = 500, mutation_rate = 1e-8 }
population = { size = 1000 }
windows = { train = 100, validation = 20, test = 100, threshold = 100 }

[tasks.small.classes.neutral]
simulator = "toy"

[tasks.small.classes.sweep]
simulator = "toy"
selection = { s = 0.1, carriers = "all" }
"""


@pytest.fixture(scope="module", autouse=True)
def toy_plugin() -> Iterator[None]:
    """Install the toy plugin for this process."""
    sys.path.insert(0, str(PACKAGES))
    yield
    sys.path.remove(str(PACKAGES))


@pytest.fixture
def selbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs ``selbench ARGUMENTS`` in an empty folder, in this process."""
    from selbench.cli import console
    from selbench.cli.app import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "toy.toml").write_text(TOY)

    def run(*arguments: str | Path) -> Result:
        console.stderr.cache_clear()
        console.stdout.cache_clear()
        return CliRunner().invoke(app, list(map(str, arguments)))

    return run


@pytest.fixture
def dataset(clean: Bench, tmp_path: Path) -> Path:
    return written(tmp_path / "clean.parquet", clean.windows)


def written(path: Path, windows: dict[tuple[str, str], Windows]) -> Path:
    spec = next(iter(windows.values())).spec
    batches = [(split, w) for (split, _), w in windows.items()]
    write_dataset(path, batches, DatasetMetadata(spec, classes=("neutral", "sweep")))
    return path


def test_a_clean_dataset_exits_with_0_and_strictly_with_1(
    selbench: Callable[..., Result], dataset: Path
) -> None:
    result = selbench("audit", dataset)
    assert result.exit_code == 0, result.output
    assert "amber  Methods can be compared" in result.stdout.splitlines()[-1]
    assert selbench("audit", dataset, "--strict").exit_code == 1


def test_a_leak_exits_with_1_and_says_so(
    selbench: Callable[..., Result], clean: Bench, tmp_path: Path
) -> None:
    train = clean.windows["train", "sweep"]
    leaking = {**clean.windows, ("test", "sweep"): train.take(range(300))}
    result = selbench("audit", written(tmp_path / "leak.parquet", leaking))
    assert result.exit_code == 1
    assert "300 of 300 windows of test/sweep are windows of train/sweep" in result.stdout
    assert "not to be believed" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_every_form_goes_to_standard_output_or_to_a_file(
    selbench: Callable[..., Result], dataset: Path, tmp_path: Path, form: str
) -> None:
    said = selbench("audit", dataset, "--format", form)
    filed = selbench("audit", dataset, "--format", form, "--out", tmp_path / "page")
    assert filed.exit_code == 0
    assert filed.stdout == ""
    text = (tmp_path / "page").read_text()
    if form == "json":
        assert json.loads(said.stdout) == json.loads(text)
        findings = json.loads(text)["audits"][0]["findings"]
        assert {"check", "verdict", "headline", "evidence", "meaning", "advice"} == set(findings[0])
    else:
        assert "Identical windows across splits" in text
        assert "Identical windows across splits" in said.stdout


def test_a_folder_of_images_is_audited(selbench: Callable[..., Result], clean: Bench, tmp_path: Path) -> None:
    batches = [(split, w.take(range(30))) for (split, _), w in clean.windows.items()]
    write_png_folder(tmp_path / "images", batches, null="neutral", positive="sweep")
    result = selbench("audit", tmp_path / "images", "--null", "NEUTRAL")
    assert result.exit_code == 0, result.output
    assert "180 windows: train, validation, test × NEUTRAL, SELECTION" in result.stdout


def test_an_experiment_and_one_of_its_tasks_are_audited(selbench: Callable[..., Result]) -> None:
    whole, one = selbench("audit", "toy.toml"), selbench("audit", "toy.toml:small")
    assert whole.exit_code == 0, whole.output
    assert whole.stdout == one.stdout
    assert "Audit of toy:small" in whole.stdout


def test_of_a_run_whose_store_is_elsewhere_the_tasks_that_were_run_are_audited(
    selbench: Callable[..., Result], toy_experiment: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    table = toy_experiment({"train": 20, "test": 20, "threshold": 20})
    table["tasks"]["other"] = table["tasks"]["small"] | {"population": {"size": 2000}}
    (tmp_path / "two.toml").write_text(tomli_w.dumps(table))
    ran = selbench("run", "two.toml", "--tasks=other", "--store=kept", "--out=run", "--workers=0")
    assert ran.exit_code == 0, ran.output
    written_by_run = json.loads((tmp_path / "run/audit.json").read_text())
    assert json.loads(selbench("audit", "run", "--format", "json").stdout) == written_by_run


def test_a_run_ends_with_its_audit_and_can_be_audited_again(
    selbench: Callable[..., Result], tmp_path: Path
) -> None:
    ran = selbench("run", "toy.toml", "--out", "run", "--workers", "0")
    assert ran.exit_code == 0, ran.output
    written_by_run = json.loads((tmp_path / "run/audit.json").read_text())
    assert "Audit" in ran.stdout
    assert "Is the comparison honest?" in (tmp_path / "run/report.html").read_text()
    again = selbench("audit", "run", "--format", "json")
    assert json.loads(again.stdout) == written_by_run
    shutil.rmtree(tmp_path / "run/store")
    without_store = selbench("audit", "run", "--format", "json")
    assert json.loads(without_store.stdout) == written_by_run, "windows are simulated again, the same"
    shuffled = selbench("audit", "run", "--shuffles")
    assert "shuffled test windows" in shuffled.stdout
    record = json.loads((tmp_path / "run/run.json").read_text())
    record["tasks"]["small"]["counts"][0]["digest"] = "another"
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    changed = selbench("audit", "run")
    assert "not those of the run" in changed.stdout


def test_windows_that_cannot_be_made_are_a_finding(
    selbench: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from selbench.experiment import SimulatedClass

    make = SimulatedClass.complete

    def fail_on_sweeps(source: SimulatedClass, portion: Any, **options: Any) -> Any:
        if portion.label == "sweep" and portion.split == "test":
            raise SimulatorError("toy: exit status 3")
        return make(source, portion, **options)

    monkeypatch.setattr(SimulatedClass, "complete", fail_on_sweeps)
    result = selbench("audit", "toy.toml")
    assert result.exit_code == 1
    assert "test/sweep: toy: exit status 3" in result.stdout
    assert "A class is missing: test has no sweep." in result.stdout
    assert "No window is in two splits." in result.stdout, "the rest is audited"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-experiment"], "no-such-experiment"),
        (["missing.parquet"], "missing.parquet"),
        (["toy.toml:smal"], "unknown task 'smal'"),
        (["text.parquet"], "damaged, expected a dataset file"),
    ],
)
def test_what_a_user_can_mend_is_one_line(
    selbench: Callable[..., Result], tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "text.parquet").write_text("not a table")
    result = selbench("audit", *arguments)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("error: ")
    assert said in result.stderr


def test_a_wrong_option_is_a_usage_error(selbench: Callable[..., Result]) -> None:
    assert selbench("audit").exit_code == 2
    assert selbench("audit", "x", "--format", "yaml").exit_code == 2


def test_a_run_of_one_task_is_audited_on_that_task_alone(
    selbench: Callable[..., Result], tmp_path: Path
) -> None:
    two = TOY + '\n[tasks.other]\nlike = "small"\n'
    (tmp_path / "two.toml").write_text(two)
    ran = selbench("run", "two.toml", "--tasks", "small", "--out", "one", "--workers", "0")
    assert ran.exit_code == 0, ran.output
    audits = json.loads((tmp_path / "one" / "audit.json").read_text())["audits"]
    assert [audit["subject"] for audit in audits] == ["toy:small"]
