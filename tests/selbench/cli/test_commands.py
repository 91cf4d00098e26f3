"""The other commands: help, plugins, simulate, export, strangers' commands."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from selbench.formats.dataset import dataset_counts, read_dataset
from selbench.formats.ms_text import read_ms_windows

Selbench = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = ["run", "report", "simulate", "export", "scan", "plugins"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_by_example(selbench: Selbench, name: str) -> None:
    result = selbench(name, "--help")
    assert result.returncode == 0
    assert f"selbench {name}" in result.stdout


def test_several_values_after_one_option_are_told_how_to_be_written(selbench: Selbench) -> None:
    result = selbench("run", "quickstart", "--tasks", "study", "--methods", "logistic", "h12")
    assert result.returncode == 2
    assert "(h12); repeat --methods or --tasks for each value" in " ".join(result.stderr.split())
    assert "repeat" not in selbench("run", "quickstart", "other").stderr


def test_plugins_lists_kind_name_plugin_and_version(selbench: Selbench) -> None:
    result = selbench("plugins")
    assert result.returncode == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["simulator", "toy", "toy", "0.1"] in [row[:4] for row in rows]
    assert ["encoder", "full-length", "fadja"] in [row[:3] for row in rows]
    assert ["experiment", "quickstart", "fadja"] in [row[:3] for row in rows]
    assert "mean_sites = 6.0" in selbench("plugins", "toy").stdout


@pytest.mark.parametrize(
    ("kind", "name"), [("population", "demes"), ("metric", "roc_auc"), ("reader", "ms-text")]
)
def test_plugins_shows_what_it_is_first(selbench: Selbench, kind: str, name: str) -> None:
    assert selbench("plugins", name).stdout.startswith(f"{kind} {name}  from core (selbench ")


def test_plugins_shows_the_encoder_and_the_experiment_of_one_name(selbench: Selbench) -> None:
    text = selbench("plugins", "imagene").stdout
    assert text.startswith("encoder imagene  from imagene")
    assert '\nexperiment imagene\nname = "imagene"' in text


def test_plugins_explains_the_choices_of_an_option(selbench: Selbench) -> None:
    text = selbench("plugins", "statistics").stdout
    assert "sub_windows = 1" in text
    (line,) = [line for line in text.splitlines() if line.split()[0:1] == ["h12"]]
    assert line.endswith("as one (1 where undefined)")


def test_a_plugin_that_cannot_be_imported_is_reported_and_the_rest_works_on(
    selbench: Selbench, packages: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken-2.5.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 2.5\n")
    (broken / "entry_points.txt").write_text("[selbench]\nbroken = no_such_module\n")
    result = selbench("plugins", packages=(tmp_path, packages))
    assert result.returncode == 0
    assert "toy" in result.stdout
    assert "broken (broken 2.5)" in result.stderr
    assert "no_such_module" in result.stderr


def test_a_strangers_command_is_listed_and_imported_only_when_invoked(
    selbench: Selbench, tmp_path: Path
) -> None:
    info = tmp_path / "hello-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[selbench.commands]\nhello = hello_command:hello\n")
    (tmp_path / "hello_command.py").write_text(
        "print('imported')\ndef hello(name: str) -> None:\n    print(f'hello {name}')\n"
    )

    def run(*arguments: str) -> str:
        return selbench(*arguments, packages=(tmp_path,)).stdout

    listed = run("--help")
    assert "hello" in listed
    assert "imported" not in listed
    assert "imported" not in run("plugins")
    assert "hello world" in run("hello", "world")


def test_simulate_writes_ms_text_that_our_reader_takes(selbench: Selbench) -> None:
    result = selbench("simulate", "ms", "--set", "n_haplotypes=8", "--n-windows", "50", "--seed", "3")
    assert result.returncode == 0, result.stderr
    windows = read_ms_windows(io.BytesIO(result.stdout.encode()), sequence_length=1000)
    assert len(windows) == 50
    assert windows.spec.n_haplotypes == 8
    assert (
        result.stdout
        == selbench("simulate", "ms", "--set", "n_haplotypes=8", "--n-windows", "50", "--seed", "3").stdout
    )


def test_simulate_that_fails_writes_nothing_to_standard_output(selbench: Selbench) -> None:
    result = selbench("simulate", "ms[program=echo]", "--n-windows", "3")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "expected 3 windows in all, found 0" in result.stderr


def test_simulate_writes_a_dataset_with_the_same_windows(selbench: Selbench, tmp_path: Path) -> None:
    text = selbench("simulate", "ms", "--n-windows", "20", "--seed", "3").stdout
    result = selbench(
        "simulate", "ms", "--n-windows", "20", "--seed", "3", "--format", "dataset", "--out", "n.parquet"
    )
    assert result.returncode == 0, result.stderr
    windows = read_dataset(tmp_path / "n.parquet")
    as_text = read_ms_windows(io.BytesIO(text.encode()), sequence_length=1000)
    np.testing.assert_array_equal(windows.haplotypes, as_text.haplotypes)


def test_export_writes_the_studys_folders_and_a_dataset(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    from PIL import Image

    result = selbench("export", toy_file, "--format", "png", "--out", "images")
    assert result.returncode == 0, result.stderr
    folders = {str(path.relative_to(tmp_path / "images")) for path in (tmp_path / "images").glob("*/*")}
    splits, classes = ("TRAIN", "VALID", "TEST"), ("NEUTRAL", "SELECTION")
    assert folders == {f"{split}/{name}" for split in splits for name in classes}
    pictures = sorted((tmp_path / "images" / "TEST" / "SELECTION").glob("*.png"))
    assert len(pictures) == 80
    with Image.open(pictures[0]) as picture:
        assert picture.size == (10, 500)
        assert set(np.unique(np.asarray(picture).astype(int) > 0)) == {False, True}
    assert selbench("export", toy_file, "--format", "dataset", "--out", "toy.parquet").returncode == 0
    counts = dataset_counts(tmp_path / "toy.parquet")
    assert counts["test", "sweep"] == 80
    assert counts["threshold", "neutral"] == 100
    windows = read_dataset(tmp_path / "toy.parquet", split="test", label="sweep")
    with Image.open(pictures[0]) as picture:
        assert int((np.asarray(picture) > 0).sum()) == int(windows.window(0)[0].sum())


def test_imported_windows_stand_in_for_a_simulator(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    for label, seed in (("neutral", "1"), ("sweep", "2")):
        made = selbench("simulate", "toy", "--set", "n_haplotypes=10", "--n-windows", "400", "--seed", seed)
        (tmp_path / f"{label}.ms").write_text(made.stdout)
        result = selbench(
            "import",
            f"{label}.ms",
            "--label",
            label,
            "--sequence-length",
            "500",
            "--out",
            f"{label}.parquet",
        )
        assert result.returncode == 0, result.stderr
        assert "400 windows" in result.stderr
    text = toy_file.read_text()
    for label in ("neutral", "sweep"):
        text = text.replace('simulator = "toy"', f'dataset = "{label}.parquet"', 1)
    toy_file.write_text(text.replace('selection = { s = 0.1, carriers = "all" }', ""))
    result = selbench("run", toy_file, "--out", "run", "--reduced")
    assert result.returncode == 0, result.stderr
    too_few = selbench(
        "run", toy_file, "--out", "more", "--reduced", "--set", "tasks.small.windows.test=1000"
    )
    assert too_few.returncode == 1
    assert "expected 1000 test windows" in too_few.stderr


def test_import_refuses_text_that_ends_in_the_middle(selbench: Selbench, tmp_path: Path) -> None:
    whole = selbench("simulate", "toy", "--n-windows", "5").stdout
    (tmp_path / "cut.ms").write_text(whole[: len(whole) // 2])
    result = selbench("import", "cut.ms", "--label", "x", "--sequence-length", "1000", "--out", "x.parquet")
    assert result.returncode == 1
    assert "cut.ms, line" in result.stderr
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    command = [sys.executable, "-m", "selbench", "simulate", "ms", "--n-windows", "3"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )
    assert done.returncode == 1
    last = done.stderr.rstrip().splitlines()[-1]  # older versions of click end it with a blank line
    assert last == "error: standard output: cannot be written: No space left on device"
    assert "Traceback" not in done.stderr


def test_an_order_to_end_sweeps_up_what_was_being_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "selbench", "simulate", "ms", "--n-windows", "5000000", "--out", "x.ms"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if any(tmp_path.iterdir()):
            break
        time.sleep(0.1)
    running.terminate()
    _, words = running.communicate(timeout=60)
    # Where the order met an import that runs text, as data classes do, Python ends `python -m` by the signal,
    # whatever status we give: to a shell both are 130.
    assert running.returncode in (130, -signal.SIGINT)
    assert words.endswith("stopped\n")
    assert not list(tmp_path.iterdir())
