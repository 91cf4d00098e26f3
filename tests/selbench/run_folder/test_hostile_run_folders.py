"""Run folders of strangers: whatever is in them, a run is read or refused in one line."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench.errors import SelbenchError
from selbench.report import markdown
from selbench.run_folder import RunRecord, read_audits

CASES = Path(__file__).parents[4] / "shared" / "cases" / "hostile" / "15-run-json-and-audit-json-tracebacks"

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**80, 1e300, float("inf"), float("nan"), "", "x", "\ud800", "../../etc", [], {}, [[]],
    {"a": {}}, [None], ["x"],
)  # fmt: skip


@pytest.fixture(scope="module")
def small(fake_run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run, to be copied."""
    shifts = {"a+cnn": 2.0, "statistics+segregating-sites": 1.0}
    run = fake_run(shifts=shifts, n_test=12, n_threshold=20, repetitions=2, n_resamples=10)
    return Path(run.write(tmp_path_factory.mktemp("small")))


@pytest.fixture
def spoilt(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "run"))


@pytest.mark.parametrize("name", ["cells-null", "recursion", "tasks-list"])
def test_records_that_ended_in_tracebacks_are_refused_in_one_line(spoilt: Path, name: str) -> None:
    if not CASES.is_dir():
        pytest.skip("the collection of hostile files is not at hand")
    shutil.copy(CASES / f"{name}.json", spoilt / "run.json")
    with pytest.raises(SelbenchError, match=r"run\.json"):
        RunRecord.read(spoilt)


@pytest.mark.parametrize("name", ["audit-findings", "audit-list"])
def test_audits_that_ended_in_tracebacks_are_refused_in_one_line(spoilt: Path, name: str) -> None:
    if not CASES.is_dir():
        pytest.skip("the collection of hostile files is not at hand")
    shutil.copy(CASES / f"{name}.json", spoilt / "audit.json")
    with pytest.raises(SelbenchError, match=r"audit\.json: audits") as refusal:
        read_audits(spoilt)
    assert "\n" not in str(refusal.value)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value of a table."""
    if way:
        yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield from places(inside, (*way, key))


def refusal_of(folder: Path) -> str:
    """Return the words in which a run folder is refused, or "" where it is read."""
    try:
        RunRecord.read(folder)
    except SelbenchError as refusal:
        return str(refusal)
    return ""


def test_a_record_with_any_value_in_any_place_is_read_or_refused(spoilt: Path) -> None:
    path = spoilt / "run.json"
    whole = json.loads(path.read_text())
    rng = random.Random(15)
    ways = list(places(whole))
    for way in rng.sample(ways, k=150):
        table = copy.deepcopy(whole)
        inside = table
        for key in way[:-1]:
            inside = inside[key]
        if rng.random() < 0.2:
            del inside[way[-1]]
        else:
            inside[way[-1]] = rng.choice(VALUES)
        path.write_text(json.dumps(table))
        if refused := refusal_of(spoilt):
            assert "\n" not in refused, way


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("predictions.parquet", "p_sweep", "high"),
        ("predictions.parquet", "window", "first"),
        ("predictions.parquet", "p_sweep", 7.0),
        ("predictions.parquet", "label", "nobody"),
        ("results.parquet", "value", "good"),
        ("results.parquet", "method", "a+stranger"),
        ("results.parquet", "repetition", "one"),
    ],
)
def test_a_table_with_other_values_is_refused_in_one_line(
    spoilt: Path, file: str, column: str, value: Any
) -> None:
    table = pd.read_parquet(spoilt / file)
    table[column] = value
    table.to_parquet(spoilt / file)
    with pytest.raises(SelbenchError) as refusal:
        markdown.render(RunRecord.read(spoilt))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("path", ["/etc/passwd", "../../secret", "a/../../b"])
def test_a_predictor_outside_the_folder_is_refused(spoilt: Path, path: str) -> None:
    info = json.loads((spoilt / "run.json").read_text())
    info["cells"][0]["predictor"] = path
    (spoilt / "run.json").write_text(json.dumps(info))
    with pytest.raises(SelbenchError, match="predictor: expected a file inside the folder"):
        RunRecord.read(spoilt)
