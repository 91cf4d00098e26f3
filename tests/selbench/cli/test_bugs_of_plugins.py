"""Outside a run, too, a plugin's bug is one line: whose, what, where, and where its traceback lies."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from selbench import Windows, fit, simulate

Selbench = Callable[..., subprocess.CompletedProcess[str]]

LINE = r"error: {} \(toy_faults\.py:\d+\)(?:; train it again)?; whole traceback: (\S+)\n"
BUGS = {
    ("simulate", "faulty[fault=raises]", "--out", "x.ms"): r"simulator faulty\[fault=raises\]: KeyError: 'x'",
    ("simulate", "faulty[fault=leaves]"): (
        r"simulator faulty\[fault=leaves\]: it would end Python: sys\.exit\(3\)"
    ),
    ("profile", "faulty-scanner[fault=raises]", "windows.ms", "--sequence-length", "1000"): (
        r"scanner faulty-scanner\[fault=raises\]: KeyError: 'x'"
    ),
    ("predict", "method", "windows.parquet"): (
        r"model faulty-halves\[fault=predict\]: ZeroDivisionError: nobody there"
    ),
    ("predict", "damaged", "windows.parquet"): (r"damaged: damaged, or of another version: KeyError: 'x'"),
}
WRONG_VALUES = {
    ("simulate", "faulty"): "simulator faulty: simulate returned list, expected Windows",
    ("profile", "faulty-scanner", "windows.ms", "--sequence-length", "1000"): (
        "scanner faulty-scanner: profile returned NoneType, expected a Profile"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, selbench: Selbench) -> Path:
    """Write windows to ask about."""
    for form, name in (("ms", "windows.ms"), ("dataset", "windows.parquet")):
        made = selbench("simulate", "ms", "--n-windows", "3", "--format", form, "--out", name)
        assert made.returncode == 0, made.stderr
    return tmp_path


@pytest.fixture
def methods(folder: Path, packages: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Save a method whose predictor fails when it is asked, and one that cannot be loaded."""
    monkeypatch.syspath_prepend(packages)
    windows = [
        simulate("ms", n_windows=8, seed=seed, label=label) for seed, label in ((1, "neutral"), (2, "b"))
    ]
    trained = fit("faulty-halves", Windows.concatenate(windows))
    for name, fault in (("method", "predict"), ("damaged", "load")):
        replace(trained, model=replace(trained.model, fault=fault)).save(folder / name)
        description = folder / name / "method.json"
        told = json.loads(description.read_text())
        told["model"]["options"]["fault"] = fault
        description.write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize("words", BUGS, ids=lambda words: "-".join(words[:2]))
def test_a_bug_is_one_line_with_its_place_and_the_traceback_is_kept(
    selbench: Selbench, methods: Path, words: tuple[str, ...]
) -> None:
    done = selbench(*words)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) <= 1, "the head, where rows are written as they are made"
    said = re.search(LINE.format(BUGS[words]), done.stderr)
    assert said, done.stderr
    assert Path(said[1]).read_text().startswith("Traceback")
    assert "toy_faults.py" in Path(said[1]).read_text()
    Path(said[1]).unlink()
    assert not (methods / "x.ms").exists()


@pytest.mark.parametrize("words", WRONG_VALUES, ids=lambda w: w[0])
def test_a_wrong_value_is_one_line_without_a_traceback(
    selbench: Selbench, folder: Path, words: tuple[str, ...]
) -> None:
    done = selbench(*words)
    assert done.returncode == 1
    assert f"error: {WRONG_VALUES[words]}\n" in done.stderr


def test_what_c_code_writes_is_no_data(selbench: Selbench) -> None:
    done = selbench("simulate", "faulty[fault=writes]", "--n-windows", "2", alone=True)
    assert done.returncode == 0
    assert done.stdout.startswith("faulty 48 2")
    assert done.stdout.count("//") == 2
    assert "written by C code" not in done.stdout
    assert "written by C code" in done.stderr
