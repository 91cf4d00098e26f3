"""``selbench run``: the main job with a stranger's plugin, interrupted, resumed, and told wrong things."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Selbench = Callable[..., subprocess.CompletedProcess[str]]

FILES = [
    "audit.json", "comparisons.parquet", "components.json", "experiment.toml", "made_from.json",
    "predictions.parquet", "report.html", "results.parquet", "run.json",
    "validation.parquet",
    "windows.parquet",
]  # fmt: skip


def test_a_strangers_plugin_takes_part_in_an_experiment(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    own = ("--set", "baselines=true", "--set", 'tasks.small.empty_windows="drop"')
    result = selbench("run", toy_file, "--out", "run", "--workers", "2", *own)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "run"
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == FILES
    assert "10 trainings, that is 5 methods × 1 task × 2 repetitions" in result.stderr
    assert "few-sites" in result.stdout
    assert "segregating-sites" in result.stdout, "baselines join by themselves"
    assert "AUC" in result.stdout
    record = json.loads((folder / "run.json").read_text())
    assert {training["status"] for training in record["trainings"]} == {"done"}
    for training in record["trainings"]:
        assert (folder / training["predictor"] / "method.json").is_file()
    counts = record["tasks"]["small"]["counts"]
    assert all(count["kept"] == count["attempted"] - count["empty"] for count in counts)


def test_dry_run_lists_the_trainings_and_writes_nothing(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    result = selbench("run", toy_file, "--out", "run", "--dry-run", "--methods", "few-sites")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("to do") == 2
    assert result.stdout.count(" 0–1 ") == 2
    assert "4 to do" in result.stderr
    assert not (tmp_path / "run").exists()
    assert selbench("run", toy_file, "--out", "run", "--methods", "few-sites", "--reduced").returncode == 0
    again = selbench("run", toy_file, "--out", "run", "--dry-run", "--methods", "few-sites")
    assert again.stdout.count("done") == 2
    assert again.stdout.count("to do") == 2
    assert "2 done, 2 to do" in again.stderr


def test_an_interrupted_run_goes_on_and_ends_as_if_undisturbed(
    selbench: Selbench,
    start: Callable[..., subprocess.Popen[str]],
    toy_file: Path,
    tmp_path: Path,
) -> None:
    toy_file.write_text(toy_file.read_text().replace("seconds=0.3", "seconds=1.5"))
    assert selbench("run", toy_file, "--out", "undisturbed", "--workers", "0").returncode == 0
    run = start("run", toy_file, "--out", "run", "--workers", "2")
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "run" / "store" / "predictions").glob("*/[!.]*/made_by.json"))) < 3:
        assert run.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, words = run.communicate(timeout=30)
    assert run.returncode != 0
    assert "finished work is kept" in words
    assert "Traceback" not in words
    assert not (tmp_path / "run" / "predictions.parquet").exists()
    result = selbench("run", toy_file, "--out", "run")
    assert result.returncode == 0, result.stderr
    assert "done before" in result.stderr
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "run" / "predictions.parquet"),
        pd.read_parquet(tmp_path / "undisturbed" / "predictions.parquet"),
    )


def test_a_finished_run_keeps_what_it_has_when_less_is_asked_for(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    assert selbench("run", toy_file, "--out", "run").returncode == 0
    whole = pd.read_parquet(tmp_path / "run" / "predictions.parquet")
    predictors = sorted(path.name for path in (tmp_path / "run" / "predictors").iterdir())
    fewer = selbench(
        "run", toy_file, "--out", "run", "--methods", "site-count+few-sites", "--set", "repetitions=1"
    )
    assert fewer.returncode == 0, fewer.stderr
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "run" / "predictions.parquet"), whole)
    assert sorted(path.name for path in (tmp_path / "run" / "predictors").iterdir()) == predictors
    assert not list((tmp_path / "run" / "predictors").glob("*/made_by.json"))


def test_what_is_left_out_is_not_counted(selbench: Selbench, toy_file: Path) -> None:
    toy_file.write_text(toy_file.read_text() + '\n[tasks.other]\nlike = "small"\n')
    result = selbench("run", toy_file, "--reduced", "--tasks", "other", "--methods", "site-count+few-sites")
    assert result.returncode == 0, result.stderr
    assert "1 training, that is 1 method × 1 task × 1 repetition" in result.stderr


def test_a_run_folder_is_of_one_experiment(selbench: Selbench, toy_file: Path, tmp_path: Path) -> None:
    assert selbench("run", toy_file, "--out", "run", "--reduced").returncode == 0
    other = selbench("run", toy_file, "--out", "run", "--set", "tasks.small.windows.train=70")
    assert other.returncode == 1
    assert "task 'small' was another" in other.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("chapter 1")
    foreign = selbench("run", toy_file, "--out", "mine")
    assert foreign.returncode == 1
    assert "found other files" in foreign.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_failed_cell_is_reported_and_the_status_says_so(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    toy_file.write_text(toy_file.read_text().replace("seconds=0.3", "fails=true"))
    result = selbench("run", toy_file, "--out", "run", "--reduced")
    assert result.returncode == 1
    assert "told to fail" in result.stderr
    assert "few-sites" in result.stdout
    assert "told to fail" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (("run", "no-such.toml"), "no-such.toml"),
        (("run", "quickstrat"), "did you mean 'quickstart'"),
        (("run", "toy.toml", "--set", "tasks.small.windows.trian=3"), "did you mean 'train'"),
        (
            ("run", "toy.toml", "--set", "tasks.small.locus.mutation_rate=fast"),
            "mutation_rate: expected a number",
        ),
        (("run", "toy.toml", "--set", 'methods=["few-site"]'), "did you mean 'few-sites'"),
        (("run", "toy.toml", "--set", 'methods=["few-sites[second=1]"]'), "did you mean 'seconds'"),
        (("run", "toy.toml", "--methods", "few-sits"), "did you mean 'few-sites'"),
        (("run", "broken.toml"), "not valid TOML"),
        (("simulate", "ms", "--set", "n_haplotype=4"), "did you mean 'n_haplotypes'"),
        (("simulate", "mss"), "did you mean 'ms"),
        (("report", "nowhere"), "nowhere"),
        (("scan", "nowhere", "nothing.vcf.gz", "--draw", "2"), "nowhere"),
        (("export", "toy.toml:smal", "--out", "x"), "did you mean 'small'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    selbench: Selbench, toy_file: Path, tmp_path: Path, wrong: tuple[str, ...], expected: str
) -> None:
    (tmp_path / "broken.toml").write_text("seed = \n")
    before = sorted(tmp_path.rglob("*"))
    result = selbench(*wrong)
    assert result.returncode == 1
    assert result.stdout == ""
    assert expected in result.stderr
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
