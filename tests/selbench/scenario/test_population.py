"""Populations: sizes, epochs, and histories in demes files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import demes
import pytest

from selbench import Epoch, ExperimentError, Population, Prior, UnsupportedError


def history(path: Path, epochs: list[dict[str, Any]], **deme: Any) -> Path:
    """Write a demes file of one population with the library itself."""
    builder = demes.Builder(time_units="generations")
    builder.add_deme("A", epochs=epochs, **deme)
    demes.dump(builder.resolve(), path)
    return path


def size_at(population: Population, time: float) -> float:
    """N(t) as the docstrings define it."""
    epochs = [Epoch(0, population.size, population.growth_rate), *population.epochs]
    now = [epoch for epoch in epochs if epoch.start <= time][-1]  # type: ignore[operator]
    return now.size * math.exp(-now.growth_rate * (time - now.start))  # type: ignore[operator]


BOTTLENECK = [
    {"start_size": 8000, "end_time": 2000},
    {"start_size": 500, "end_time": 1500},
    {"start_size": 1000, "end_size": 20_000, "end_time": 0},
]


def test_a_demes_history_has_its_sizes_at_all_times(tmp_path: Path) -> None:
    path = history(tmp_path / "h.yaml", BOTTLENECK)
    population = Population.from_demes(path)
    graph = demes.load(path)
    for time in (0.0, 1.0, 700.0, 1499.0, 1501.0, 1999.0, 2001.0, 1e6):
        assert size_at(population, time) == pytest.approx(graph["A"].size_at(time), rel=1e-9)
    assert not population.is_constant


def test_a_constant_history_is_a_constant_population(tmp_path: Path) -> None:
    population = Population.from_demes(history(tmp_path / "h.yaml", [{"start_size": 1234}]))
    assert population == Population(1234)
    assert population.is_constant


def test_years_become_generations(tmp_path: Path) -> None:
    builder = demes.Builder(time_units="years", generation_time=25)
    builder.add_deme("A", epochs=[{"start_size": 100, "end_time": 5000}, {"start_size": 900}])
    demes.dump(builder.resolve(), tmp_path / "h.yaml")
    assert Population.from_demes(tmp_path / "h.yaml").epochs == (Epoch(200, 100),)


@pytest.mark.parametrize(
    ("epochs", "deme", "message"),
    [
        (
            [{"start_size": 10, "end_time": 5}, {"end_size": 20, "size_function": "linear"}],
            {},
            "expected constant or exponential sizes, found linear",
        ),
        ([{"start_size": 10, "selfing_rate": 0.1}], {}, "selfing and cloning are not simulated"),
        ([{"start_size": 10, "cloning_rate": 0.1}], {}, "selfing and cloning are not simulated"),
        (
            [{"start_size": 10, "end_time": 7}],
            {},
            "lives until today, found one that ends 7.* generations ago",
        ),
    ],
)
def test_what_is_not_simulated_is_refused(
    tmp_path: Path, epochs: list[dict[str, Any]], deme: dict[str, Any], message: str
) -> None:
    path = history(tmp_path / "h.yaml", epochs, **deme)
    with pytest.raises(UnsupportedError, match=f"h.yaml: .*{message}"):
        Population.from_demes(path)


def test_several_populations_are_refused_by_name(tmp_path: Path) -> None:
    builder = demes.Builder(time_units="generations")
    builder.add_deme("YRI", epochs=[{"start_size": 10}])
    builder.add_deme("CEU", epochs=[{"start_size": 10}], ancestors=["YRI"], start_time=100)
    demes.dump(builder.resolve(), tmp_path / "h.yaml")
    with pytest.raises(UnsupportedError, match=r"expected one population, found 2 \(YRI, CEU\)"):
        Population.from_demes(tmp_path / "h.yaml")


@pytest.mark.parametrize(
    "text", ["", "3", "a: 1", "a: [1\n b: {", "demes: 3\ntime_units: generations", "\x00"]
)
def test_a_file_that_is_no_demes_model_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "h.yaml"
    path.write_text(text)
    with pytest.raises(ExperimentError, match=r"h\.yaml: expected a demes model: ") as caught:
        Population.from_demes(path)
    assert "\n" not in str(caught.value)


def test_a_missing_demes_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"nowhere.yaml: expected a demes model: .*No such file"):
        Population.from_demes(tmp_path / "nowhere.yaml")


def test_a_table_reads_sizes_priors_and_epochs() -> None:
    table = {
        "size": {"uniform": [1000, 2000]},
        "growth_rate": 0.01,
        "epochs": [{"start": 50, "size": 10}, {"start": {"uniform": [60, 70]}, "size": 20}],
    }
    population = Population.from_table(table, where="x", error=ExperimentError)
    assert population == Population(
        Prior("uniform", 1000, 2000), 0.01, (Epoch(50, 10), Epoch(Prior("uniform", 60, 70), 20))
    )


def test_a_demes_file_stands_alone_in_its_table(tmp_path: Path) -> None:
    path = history(tmp_path / "h.yaml", [{"start_size": 7}])
    found = Population.from_table({"demes": str(path)}, where="x", error=ExperimentError)
    assert found == Population(7)
    with pytest.raises(ExperimentError, match=r"x: expected demes alone, found demes, size"):
        Population.from_table({"demes": str(path), "size": 3}, where="x", error=ExperimentError)
    with pytest.raises(ExperimentError, match=r"x\.demes: .*nowhere"):
        Population.from_table({"demes": "nowhere"}, where="x", error=ExperimentError)
    with pytest.raises(ExperimentError, match=r"x\.demes: expected a text, found 3"):
        Population.from_table({"demes": 3}, where="x", error=ExperimentError)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "x: missing size"),
        ({"sizes": 3}, r"x: unknown key 'sizes' \(did you mean 'size'\?\)"),
        ({"size": 0}, "x: size: expected a number of individuals above 0, found 0"),
        ({"size": float("nan")}, "x: size: .*found nan"),
        ({"size": float("inf")}, "x: size: .*found inf"),
        ({"size": {"uniform": [0, 10]}}, r"x: size: .*found { uniform = \[0, 10\] }"),
        ({"size": 5, "growth_rate": float("nan")}, "x: growth_rate: expected a finite number"),
        ({"size": 5, "epochs": [{"start": -1, "size": 3}]}, r"x\.epochs\[0\]: start.*≥ 0, found -1"),
        ({"size": 5, "epochs": [{"start": 1, "size": -3}]}, r"x\.epochs\[0\]: size: .*found -3"),
        (
            {"size": 5, "epochs": [{"start": 9, "size": 3}, {"start": 9, "size": 4}]},
            "x: epochs: expected starts that rise into the past, found 9.* after 9",
        ),
        (
            {"size": 5, "epochs": [{"start": {"uniform": [1, 9]}, "size": 3}, {"start": 5, "size": 4}]},
            "x: epochs: expected starts that rise into the past, found 5.* after 9",
        ),
    ],
)
def test_a_population_that_cannot_be_is_refused_by_key(table: Any, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        Population.from_table(table, where="x", error=ExperimentError)
