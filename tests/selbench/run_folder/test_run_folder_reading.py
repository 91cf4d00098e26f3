import json
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from selbench.errors import DataError
from selbench.evaluation.prediction_table import by_task
from selbench.run_folder import MethodRecord, RunRecord, named
from selbench.run_folder.tables import write_table


@pytest.fixture
def spoilt(run_folder, tmp_path):
    """A copy of a run folder, to be spoilt."""
    return shutil.copytree(run_folder, tmp_path / "run")


def change(folder, **changes):
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def labels_of(record, methods):
    info = named(replace(record.info, methods=methods, trainings=()))
    return replace(record, info=info).labels.values()


def test_a_run_folder_is_read_whole(run_folder):
    record = RunRecord.read(run_folder)
    assert record.name == "quickstart"
    assert record.pairs == (("study", "study"),)
    assert record.tasks["study"].roles.positive == "sweep"
    assert record.tasks["study"].counts[0].label == "neutral"
    assert record.methods["statistics+segregating-sites"].is_baseline
    cells = record.trainings_of("study", "statistics+logistic")
    assert [cell.repetition for cell in cells] == [0, 1]
    assert cells[0].total_seconds == pytest.approx(0.834)
    assert [cell.status for cell in record.unfinished] == ["skipped", "failed"]
    assert len(record.images) == 12


def test_methods_are_called_by_the_shortest_name_that_no_other_has(run_folder):
    record = RunRecord.read(run_folder)
    assert record.labels["full-length+fadja-cnn[epochs=3]"] == "fadja-cnn"
    shared = {
        name: MethodRecord(*name.split("+"), is_baseline=False)
        for name in ("a[x=1]+cnn[epochs=3]", "b+cnn[epochs=3]", "b+cnn[epochs=9]", "b+svm[c=1]")
    }
    assert list(labels_of(record, shared)) == [
        "a+cnn", "b+cnn[epochs=3]", "b+cnn[epochs=9]", "svm",
    ]  # fmt: skip


def test_a_model_with_another_encoder_than_its_paper_s_is_called_by_both(run_folder):
    record = RunRecord.read(run_folder)
    methods = {
        "a[x=1]+cnn": MethodRecord("a[x=1]", "cnn", is_baseline=False, default_encoder="a"),
        "mine+svm": MethodRecord("mine", "svm", is_baseline=False, default_encoder="sfs"),
    }
    assert list(labels_of(record, methods)) == ["cnn", "mine+svm"]
    methods["b+cnn"] = MethodRecord("b", "cnn", is_baseline=False, default_encoder="a")
    assert list(labels_of(record, methods)) == ["a+cnn", "mine+svm", "b+cnn"]


def test_what_a_newer_writer_adds_is_passed_over(spoilt):
    info = json.loads((spoilt / "run.json").read_text())
    info["tasks"]["study"]["mood"] = "fine"
    info["cells"][0]["traceback"] = "…"
    change(spoilt, **info, weather="rain")
    RunRecord.read(spoilt)


@pytest.mark.parametrize("name", ["run.json", "results.parquet", "predictions.parquet", "experiment.toml"])
def test_a_missing_piece_is_named(spoilt, name):
    (spoilt / name).unlink()
    with pytest.raises(DataError, match=f"{name}: not found"):
        RunRecord.read(spoilt)


@pytest.mark.parametrize("name", ["results.parquet", "predictions.parquet", "run.json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_piece_cut_off_is_named(spoilt, name, share):
    content = (spoilt / name).read_bytes()
    (spoilt / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match=name) as refusal:
        RunRecord.read(spoilt)
    assert "run the experiment again" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path):
    with pytest.raises(DataError, match="expected a run folder"):
        RunRecord.read(tmp_path)
    with pytest.raises(DataError, match="expected a run folder"):
        RunRecord.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 3}, "expected format 1 or 2, found 3"),
        ({"seed": None}, "seed: expected a whole number, found None"),
        ({"tasks": {}, "cells": []}, "'study' is not in run.json"),
        ({"methods": {}, "cells": []}, "method .* is not in run.json"),
        ({"methods": {}}, "method: expected one of this run"),
        ({"cells": ["x"]}, r"trainings\[0\]: expected a table"),
        ({"cells": [{"train_task": "study"}]}, r"trainings\[0\]: missing method"),
        ({"images": [{"task": "study"}]}, r"images\[0\]: missing"),
    ],
)
def test_a_record_of_another_shape_is_refused(spoilt, changes, message):
    change(spoilt, **changes)
    with pytest.raises(DataError, match=message):
        RunRecord.read(spoilt)


def test_a_record_without_its_tasks_is_refused(spoilt):
    info = json.loads((spoilt / "run.json").read_text())
    del info["tasks"]
    (spoilt / "run.json").write_text(json.dumps(info))
    with pytest.raises(DataError, match="missing tasks"):
        RunRecord.read(spoilt)


def test_a_table_without_its_columns_is_refused(spoilt):
    pd.read_parquet(spoilt / "results.parquet").drop(columns="low").to_parquet(spoilt / "results.parquet")
    with pytest.raises(DataError, match=r"results.parquet: expected the columns .* missing low"):
        RunRecord.read(spoilt)


def test_fractions_are_written_without_a_dictionary_and_words_with_one(tmp_path):
    table = pd.DataFrame({"method": ["a", "a"], "p_sweep": [0.25, 0.5]})
    write_table(table, tmp_path / "said.parquet")
    group = pq.ParquetFile(tmp_path / "said.parquet").metadata.row_group(0)
    encodings = [any("DICTIONARY" in e for e in group.column(i).encodings) for i in range(2)]
    assert encodings == [True, False]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "said.parquet"), table, check_dtype=False)


def test_only_methods_that_were_run_are_counted(run_folder):
    record = RunRecord.read(run_folder)
    info = replace(
        record.info, methods={**record.methods, "b+svm": MethodRecord("b", "svm", is_baseline=False)}
    )
    assert record.tried == tuple(record.methods)
    assert replace(record, info=info).tried == record.tried


def test_predictions_are_split_alike_whether_words_come_as_text_or_as_categories(run_folder):
    record = RunRecord.read(run_folder)
    said = record.read_predictions()
    assert said["method"].dtype == "category"
    assert record.predictions["method"].dtype != "category"
    for one, other in zip(
        by_task(said, record.roles), by_task(record.predictions, record.roles), strict=True
    ):
        assert (one.labels == other.labels).all()
        for mine, theirs in zip(one.methods, other.methods, strict=True):
            assert mine.method == theirs.method
            assert (mine.test == theirs.test).all()
    assert not list(by_task(said, record.roles, pairs=[("study", "elsewhere")]))
