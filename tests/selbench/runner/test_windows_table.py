"""windows.parquet: what each test window was made with, by the number that it has in the predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench import Registry, Windows
from selbench.errors import DataError
from selbench.experiment import parse_experiment, portions
from selbench.report.joint import join_runs
from selbench.run_folder import RunRecord
from selbench.run_folder.layout import WINDOWS
from selbench.run_folder.tables import WINDOW_COLUMNS, no_windows, table_bytes
from selbench.runner.blocks import rows_from_bytes, rows_of, windows_to_bytes
from selbench.runner.executors import InProcess
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome, run_plan, with_earlier
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table, windows_table

QUICK = {"methods": ["few-sites[seconds=0.0]"], "repetitions": 1}


def test_rows_of_a_block_are_those_of_its_windows_with_the_alleles_unread() -> None:
    windows = Windows.from_arrays(
        [[[0, 1]], [[1, 0], [0, 1]], np.empty((0, 2))],
        [[1], [2, 3], []],
        sequence_length=9,
        parameters={
            "selection.s": np.array([0.1, np.nan, 0.3]),
            "n_carriers": np.array([2, 1, 2]),
            "file": np.array(["a", "b", "c"]),
        },
        observed=[1, 0.5, 0.25],
    )
    content = windows_to_bytes(windows)
    rows = rows_from_bytes(content)
    assert rows["n_sites"].tolist() == [1, 2, 0]
    assert rows["observed"].tolist() == [1, 0.5, 0.25]
    assert rows["n_carriers"].tolist() == [2.0, 1.0, 2.0]
    assert "file" not in rows.columns
    pd.testing.assert_frame_equal(rows, rows_of(windows))
    whole = Windows.from_arrays([[[0, 1]]], [[1]], sequence_length=9)
    assert rows_from_bytes(windows_to_bytes(whole))["observed"].tolist() == [1.0]
    with pytest.raises(DataError, match="a block of windows"):
        rows_from_bytes(content[:100])


def test_windows_are_numbered_as_in_the_predictions_over_several_blocks_some_dropped(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selbench.experiment.sources.BLOCK", 50)
    toy_table["tasks"]["small"]["classes"]["neutral"]["simulator"] = "toy[mean_sites=1]"
    toy_table["tasks"]["other"] = toy_table["tasks"]["small"] | {"population": {"size": 2000}}
    toy_table["evaluate"] = [{"train": "small", "test": ["small", "other"]}]
    experiment = parse_experiment(toy_table | QUICK, toy_registry, where="toy.toml")
    outcome = run_plan(Plan(experiment, Store(tmp_path)), InProcess())
    table = windows_table(outcome)
    assert list(table.columns) == list(WINDOW_COLUMNS)
    said = predictions_table(outcome).query("split == 'test'").reset_index(drop=True)
    keys = ["test_task", "window", "label"]
    pd.testing.assert_frame_equal(table[keys], said[keys])
    for name, task in experiment.tasks.items():
        files = [outcome.files_of(portion) for portion in portions(task, split="test")]
        assert any(len(each.blocks) > 1 for each in files)
        n_sites = np.concatenate([each.load().n_sites for each in files])
        assert table[table["test_task"] == name]["n_sites"].tolist() == n_sites.tolist()


def test_a_run_whose_trainings_are_all_done_has_the_table_from_its_store(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    experiment = parse_experiment(toy_table | QUICK, toy_registry, where="toy.toml")
    first = run_plan(Plan(experiment, Store(tmp_path)), InProcess())
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = run_plan(Plan(experiment, Store(tmp_path)), InProcess())
    earlier = with_earlier(RunOutcome(Plan(experiment, Store(tmp_path)), ()))
    assert table_bytes(windows_table(again)) == table_bytes(windows_table(first))
    assert table_bytes(windows_table(earlier)) == table_bytes(windows_table(first))
    assert files == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


@pytest.fixture
def runs(fake_run: Callable[..., Any], tmp_path: Path) -> tuple[Path, Path, pd.DataFrame]:
    """Two runs on the same windows, of which the second wrote down what they were made with; and that."""
    made = fake_run(shifts={"a+cnn": 2.0}, n_test=5, n_threshold=9, repetitions=1, n_resamples=5)
    older, newer = made.write(tmp_path / "older"), made.write(tmp_path / "newer")
    table = no_windows().reindex(range(10)).assign(
        test_task="study", window=range(10), label="neutral", n_sites=7, observed=1.0
    ).assign(**{"selection.s": np.linspace(0, 1, 10)})  # fmt: skip
    table.to_parquet(newer / WINDOWS, index=False)
    return older, newer, table


def test_windows_of_joined_runs_stand_once(runs: tuple[Path, Path, pd.DataFrame]) -> None:
    older, newer = map(RunRecord.read, runs[:2])
    assert list(older.read_windows().columns) == list(WINDOW_COLUMNS)
    assert len(join_runs([older, older]).read_windows()) == 0
    for records in ([older, newer], [newer, newer]):
        pd.testing.assert_frame_equal(join_runs(records).read_windows(), runs[2])


def test_a_table_of_windows_of_another_kind_is_refused_by_name(runs: tuple[Path, Path, pd.DataFrame]) -> None:
    _, folder, table = runs
    table.assign(**{"selection.s": "much"}).to_parquet(folder / WINDOWS)
    with pytest.raises(DataError, match=r"windows\.parquet: expected number in column selection\.s"):
        RunRecord.read(folder).read_windows()
    table.assign(test_task="nowhere").to_parquet(folder / WINDOWS)
    with pytest.raises(DataError, match=r"windows\.parquet: test_task 'nowhere'"):
        RunRecord.read(folder).read_windows()
    table.drop(columns="window").to_parquet(folder / WINDOWS)
    with pytest.raises(DataError, match=r"windows\.parquet: expected the columns .*missing window"):
        RunRecord.read(folder)
