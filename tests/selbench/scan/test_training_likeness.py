"""Does a genome look like the training data? Ranges per class, distances, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import selbench_coalescent
import selbench_statistics
from selbench import Registry, TrainedMethod, Windows
from selbench.experiment import Experiment, Portion, parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.run import run_experiment
from selbench.runner.store import Store
from selbench.scan import ScanResult
from selbench.scan.likeness import Likeness, likeness
from selbench.scan.summary import likeness_remarks
from selbench.statistics import compute
from selbench.trained import RANGE_STATISTICS

N_HAPLOTYPES = 10


def of_sites(*numbers: int) -> Windows:
    """Return windows with these numbers of sites, each carried by half of the haplotypes."""
    half = np.arange(N_HAPLOTYPES) < N_HAPLOTYPES // 2
    return Windows.from_arrays(
        [np.tile(half, (n, 1)) for n in numbers],
        [np.arange(n, dtype=float) for n in numbers],
        sequence_length=1000,
        n_haplotypes=N_HAPLOTYPES,
    )


def method_with(**ranges: Any) -> TrainedMethod:
    """Return what `likeness` asks of a method: its ranges."""
    class_ranges = {label: dict(of_class) for label, of_class in ranges.items()}
    pooled = next(iter(class_ranges.values()))
    return cast(TrainedMethod, SimpleNamespace(training_range=pooled, class_ranges=class_ranges))


TWO = method_with(neutral={"segregating_sites": (10, 20)}, sweep={"segregating_sites": (0, 4)})


def test_a_window_between_two_classes_is_like_neither() -> None:
    found = likeness(TWO, of_sites(0, 2, 4, 5, 7, 9, 10, 15, 20, 21, 25))
    assert found.like == (
        *[("sweep",)] * 3,
        *[()] * 3,
        *[("neutral",)] * 3,
        *[()] * 2,
    )
    assert found.outside == tuple(() if like else ("segregating_sites",) for like in found.like)
    np.testing.assert_allclose(found.distance, [1, 0, 1, 1.5, 1.6, 1.2, 1, 0, 1, 1.2, 2.0])


def test_all_statistics_must_fit_one_class() -> None:
    """Few sites as after a sweep, but two haplotypes as in neutral windows: like no class."""
    method = method_with(
        neutral={"segregating_sites": (10, 20), "distinct_haplotypes": (2, 6)},
        sweep={"segregating_sites": (0, 4), "distinct_haplotypes": (0, 1.5)},
    )
    found = likeness(method, of_sites(3, 12))
    assert found.like == ((), ("neutral",))
    assert found.outside == (("distinct_haplotypes",), ())
    assert found.distance[0] == pytest.approx((2 - 0.75) / 0.75)


def test_a_range_without_width_is_left_at_once() -> None:
    found = likeness(method_with(neutral={"segregating_sites": (3, 3)}), of_sites(3, 4))
    np.testing.assert_array_equal(found.distance, [0, np.inf])
    assert found.outside == ((), ("segregating_sites",))


def test_a_method_of_old_knows_one_range_and_one_without_knows_nothing() -> None:
    old = cast(TrainedMethod, SimpleNamespace(training_range={"segregating_sites": (1, 3)}, class_ranges={}))
    found = likeness(old, of_sites(2, 9))
    assert (found.like, found.outside) == ((("any class",), ()), ((), ("segregating_sites",)))
    none = cast(TrainedMethod, SimpleNamespace(training_range={}, class_ranges={}))
    found = likeness(none, of_sites(2, 9))
    assert np.isnan(found.distance).all()
    assert found.outside == ((), ())


def test_statistics_that_need_ancestral_states_are_left_out_without_them() -> None:
    method = method_with(neutral={"segregating_sites": (1, 3), "fay_wu_h": (100, 200)})
    windows = of_sites(2)
    assert likeness(method, windows).outside == (("fay_wu_h",),)
    assert likeness(method, replace(windows, polarisation="major")).outside == ((),)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4), st.integers(0, 30)
)
def test_distance_is_over_one_just_where_something_is_outside(
    bounds: list[tuple[int, int]], n_sites: int
) -> None:
    ranges = {str(i): {"segregating_sites": (min(b), max(b))} for i, b in enumerate(bounds)}
    found: Likeness = likeness(method_with(**ranges), of_sites(n_sites))
    inside = any(min(b) <= n_sites <= max(b) for b in bounds)
    assert (found.distance[0] <= 1) == inside == (found.outside[0] == ()) == (found.like[0] != ())


def small_experiment(population_size: int) -> Experiment:
    table = {
        "name": "small",
        "seed": 4,
        "repetitions": 1,
        "resample_training": False,
        "baselines": False,
        "methods": ["segregating-sites"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 20},
                "locus": {"sequence_length": 2000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
                "population": {"size": population_size},
                "windows": {"train": 2000, "validation": 0, "test": 2000, "threshold": 0},
                "classes": {
                    "neutral": {"simulator": "ms"},
                    "sweep": {
                        "simulator": "mssel",
                        "selection": {"s": 0.02, "position": 1000, "fixation_time": 0, "carriers": "all"},
                    },
                },
            }
        },
    }
    registry = Registry.of(selbench_coalescent, selbench_statistics)
    return parse_experiment(table, registry, where="small.toml")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedMethod:
    store = Store(tmp_path_factory.mktemp("store"))
    outcome = run_experiment(small_experiment(50_000), store, InProcess(), fail_fast=True)
    (training,) = outcome.trainings
    folder = store.path("predictors", training.planned.predictor_key)
    return TrainedMethod.load(folder, Registry.of(selbench_statistics))


def fresh(population_size: int, label: str) -> Windows:
    experiment = small_experiment(population_size)
    portion = Portion(experiment.tasks["small"], label, "test")
    return portion.source.complete(portion, experiment_seed=experiment.seed).windows


def test_a_run_keeps_the_range_of_every_class(trained: TrainedMethod) -> None:
    assert set(trained.class_ranges) == {"neutral", "sweep"}
    train = Portion(small_experiment(50_000).tasks["small"], "neutral", "train")
    values = compute(train.source.complete(train, experiment_seed=4).windows, RANGE_STATISTICS)
    for column, name in enumerate(RANGE_STATISTICS):
        low, high = trained.class_ranges["neutral"][name]
        beyond = (values[:, column] < low) | (values[:, column] > high)
        assert beyond.mean() <= 0.003
        pooled = trained.training_range[name]
        assert pooled[0] <= low or pooled[0] <= trained.class_ranges["sweep"][name][0]


def test_fresh_windows_of_the_same_scenario_are_seldom_flagged(trained: TrainedMethod) -> None:
    """Six statistics at 0.2 % each leave 1.2 % outside at most; 2.5 % of 2,000 windows is 5 errors more."""
    for label in trained.classes:
        found = likeness(trained, fresh(50_000, label))
        assert np.mean([bool(names) for names in found.outside]) < 0.025
        assert np.mean([label in like for like in found.like]) > 0.975


def test_windows_of_another_population_are_flagged(trained: TrainedMethod) -> None:
    found = likeness(trained, fresh(500_000, "neutral"))
    assert np.mean([bool(names) for names in found.outside]) > 0.9
    assert np.median(found.distance) > 2


def test_what_is_said_before_any_probability() -> None:
    outside = (("segregating_sites",), ("segregating_sites", "tajimas_d"), (), ())
    like = ((), (), ("neutral", "sweep"), ())
    result = cast(ScanResult, SimpleNamespace(skipped=("", "", "", "no sites"), outside=outside, like=like))
    known = {"segregating_sites": (1.0, 3.0)}

    def said(training_range: Any, class_ranges: Any) -> str:
        method = SimpleNamespace(
            training_range=training_range, class_ranges=class_ranges, classes=("neutral", "sweep")
        )
        return " ".join(remark.words for remark in likeness_remarks(result, cast(TrainedMethod, method)))

    whole = said(known, {"neutral": known, "sweep": known})
    assert (
        "of 3 windows, 1 looks like training windows of neutral, 1 looks like training windows of sweep"
        in whole
    )
    assert "2 of 3 windows look like nothing in the training data" in whole
    assert "segregating_sites in 2, tajimas_d in 1" in whole
    assert "train it again to know more" in said(known, {})
    assert "does not know" in said({}, {})


def test_the_table_and_the_plot_flag_them(tmp_path: Path) -> None:
    from PIL import Image

    from selbench.formats.genome import Chromosome, Genome
    from selbench.scan import Places
    from selbench.scan.plot import plot_scan

    nothing, nowhere = np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
    chromosome = Chromosome(
        name="1",
        start=0,
        end=400,
        records_start=0,
        records_end=400,
        positions=nothing,
        haplotypes=np.zeros((0, 8), np.uint8),
        ancestral=np.zeros(0, np.uint8),
        records=nothing,
        informative=nothing,
        observed=nowhere,
        observed_is_known=False,
        unread=nowhere,
    )
    genome = Genome(
        chromosomes=(chromosome,),
        individuals=("a", "b", "c", "d"),
        ploidy=2,
        polarisation="ancestral",
        n_records=0,
        n_flipped=0,
        excluded={},
        phased=True,
        variable={},
        n_filtered=0,
    )
    places = Places(np.zeros(4, np.int64), np.arange(4) * 100, 100)
    result = ScanResult(
        genome,
        places,
        np.array([1, 2, 3, 0]),
        np.array([0.2, 0.9, 0.6, np.nan], np.float32),
        np.ones(4),
        ("", "", "", "no sites"),
        np.array([0.5, 3.0, 1.0, np.nan]),
        ((), ("tajimas_d",), (), ()),
        (("neutral",), (), ("neutral", "sweep"), ()),
    )
    table = result.table
    assert table["outside_training_range"].tolist() == [False, True, False, False]
    assert table["looks_like"].tolist() == ["neutral", "", "neutral,sweep", ""]
    method = SimpleNamespace(
        spelling="m", positive="sweep", null="neutral", spec=SimpleNamespace(sequence_length=100)
    )
    without = replace(result, outside=((),) * 4)
    plot_scan(result, cast(TrainedMethod, method), [tmp_path / "scan.png", tmp_path / "scan.svg"])
    plot_scan(without, cast(TrainedMethod, method), [tmp_path / "without.svg"])
    assert Image.open(tmp_path / "scan.png").size[0] > 1000
    drawn = (tmp_path / "scan.svg").read_text().lower().count("#d55e00")
    assert drawn == (tmp_path / "without.svg").read_text().lower().count("#d55e00") + 1
