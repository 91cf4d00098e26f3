"""Running a finished run again after a change: it says what must be done anew, and asks if that is much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from selbench import DataError
from selbench.bench import plan_run, run

EXPERIMENT = """
name = "small"
seed = 1
repetitions = 1
baselines = false
methods = ["distinct-haplotypes", "segregating-sites"]
[tasks.t]
null = "n"
positive = "s"
sample = { n_haplotypes = 12 }
locus = { sequence_length = 1000, mutation_rate = 2e-7 }
population = { size = 10000 }
windows = { train = 20, validation = 5, test = 10, threshold = 10 }
[tasks.t.classes.n]
simulator = "ms"
[tasks.t.classes.s]
simulator = "ms"
locus = { mutation_rate = 9e-7 }
"""


def changed(path: Path, edit: Any) -> None:
    table = json.loads(path.read_text())
    edit(table)
    path.write_text(json.dumps(table))


def test_what_is_finished_is_done_anew_only_if_that_is_little_or_asked_for(tmp_path: Path) -> None:
    file, folder = tmp_path / "small.toml", tmp_path / "run"
    file.write_text(EXPERIMENT)
    run(file, out=folder, workers=0)
    assert plan_run(file, out=folder).retraining is None
    before = (folder / "predictions.parquet").read_bytes()

    changed(
        folder / "run.json", lambda record: [t["seconds"].update(fit=3600.0) for t in record["trainings"]]
    )
    other = {"overrides": ["threads=2"], "out": folder}
    found = plan_run(file, **other).retraining  # type: ignore[arg-type]
    assert found is not None
    assert str(found).startswith("2 finished trainings must be done anew: 2.0 h")
    with pytest.raises(DataError, match=r"run: 2 finished trainings must be done anew: 2\.0 h .* --retrain"):
        run(file, workers=0, **other)  # type: ignore[arg-type]
    assert "threads = 1" not in (folder / "experiment.toml").read_text()
    assert (folder / "predictions.parquet").read_bytes() == before

    def another_code(record: Any) -> None:
        for about in record["components"].values():
            about["code"]["core"] = "selbench 0.0.1"

    changed(folder / "components.json", another_code)
    found = plan_run(file, **other).retraining  # type: ignore[arg-type]
    assert found is not None
    assert found.changed == ("selbench",)
    run(file, workers=0, retrain=True, **other)  # type: ignore[arg-type]
    assert plan_run(file, **other).retraining is None  # type: ignore[arg-type]


def test_a_run_of_a_version_that_recorded_no_components_can_be_planned(tmp_path: Path) -> None:
    file, folder = tmp_path / "small.toml", tmp_path / "run"
    file.write_text(EXPERIMENT)
    run(file, out=folder, workers=0)
    (folder / "components.json").unlink()
    assert plan_run(file, out=folder).retraining is None
