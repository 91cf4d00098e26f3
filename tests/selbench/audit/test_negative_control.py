"""The negative control: green where both paths are alike, red where one leaves a mark."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selbench_coalescent
import selbench_statistics
from selbench import ExperimentError, Registry
from selbench.audit.areas import Estimate, area, class_placements, family_quantile, gain
from selbench.audit.negative_control import (
    LEAST_TEST_WINDOWS,
    detectable_deviation,
    negative_control_findings,
    negative_control_of,
)
from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.predictions import MethodPredictions
from selbench.experiment import DatasetClass, Experiment, SimulatedClass, parse_experiment
from selbench.run_folder import Finding
from selbench.runner.executors import InProcess
from selbench.runner.store import Store

PACKAGES = Path(__file__).parents[2] / "packages"
N_TEST = 200
METHODS = ("few-sites", "statistics[names=singletons]+few-sites", "segregating-sites", "distinct-haplotypes")


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    sys.path.insert(0, str(PACKAGES))
    import toy_artefact
    import toy_selection

    yield Registry.of(toy_selection, toy_artefact, selbench_statistics, selbench_coalescent)
    sys.path.remove(str(PACKAGES))


@pytest.fixture(autouse=True)
def few_test_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test on fewer windows than users do."""
    monkeypatch.setattr("selbench.audit.negative_control.LEAST_TEST_WINDOWS", N_TEST)


def toy_table(simulator: str, seed: int = 1, **changed: Any) -> dict[str, Any]:
    task = {
        "null": "neutral",
        "positive": "sweep",
        "empty_windows": "keep",
        "sample": {"n_haplotypes": 10},
        "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
        "population": {"size": 1000},
        "windows": {"train": 100, "validation": 20, "test": 80, "threshold": 100},
        "classes": {
            "neutral": {"simulator": "toy"},
            "sweep": {"simulator": simulator, "selection": {"s": 0.1, "carriers": "all"}},
        },
    }
    table = {
        "name": "toy",
        "seed": seed,
        "baselines": False,
        "methods": list(METHODS),
        "tasks": {"small": task},
    }
    return table | changed


def experiment_of(table: dict[str, Any], registry: Registry) -> Experiment:
    return parse_experiment(table, registry, where="toy.toml")


def audit(experiment: Experiment, store: Path, **chosen: Any) -> list[Finding]:
    return negative_control_findings(experiment, store=Store(store), executor=InProcess(), **chosen)


def test_the_control_is_neutral_by_two_paths_and_shares_no_window(registry: Registry) -> None:
    task = experiment_of(toy_table("toy-with-placebo"), registry).tasks["small"]
    derived = negative_control_of(task)
    control = derived.control
    assert control is not None
    assert control.classes == ("neutral", "sweep-placebo")
    assert control.sources["neutral"] == task.sources["neutral"]
    made = control.sources["sweep-placebo"]
    assert isinstance(made, SimulatedClass)
    assert made.simulators == task.sources["sweep"].simulators
    assert made.scenario.selection is not None
    assert made.scenario.selection.s == 0
    assert control.name != task.name  # on which the streams of its windows hang
    assert (control.windows.train, control.windows.validation) == (100, 20)
    assert control.windows.test == N_TEST
    assert LEAST_TEST_WINDOWS >= 2000
    assert control.windows.threshold == 0
    assert (control.spec, control.empty_windows) == (task.spec, task.empty_windows)
    assert derived.lacking == {}


@pytest.mark.parametrize(
    ("sweep", "why"),
    [
        ({"simulator": "toy", "selection": {"s": 0.1}}, "simulator toy offers no negative control"),
        ({"simulator": "toy-with-placebo"}, "no selection to take away"),
    ],
)
def test_a_class_without_a_negative_control_is_amber_with_the_reason(
    sweep: dict[str, Any], why: str, registry: Registry, tmp_path: Path
) -> None:
    table = toy_table("toy-with-placebo")
    table["tasks"]["small"]["classes"]["sweep"] = sweep
    (finding,) = audit(experiment_of(table, registry), tmp_path)
    assert finding.verdict == "amber"
    assert "Cannot be done" in finding.headline
    assert why in finding.evidence[0]
    assert finding.meaning
    assert finding.advice
    assert not list(tmp_path.iterdir())


def test_windows_read_from_a_file_have_no_negative_control(registry: Registry, tmp_path: Path) -> None:
    experiment = experiment_of(toy_table("toy-with-placebo"), registry)
    task = experiment.tasks["small"]
    from_file = DatasetClass(tmp_path / "mine.parquet")
    for label, expected in (("neutral", "no more of its windows"), ("sweep", "what made it is not known")):
        derived = negative_control_of(replace(task, sources={**task.sources, label: from_file}))
        assert derived.control is None
        assert expected in derived.lacking[label]


def test_of_several_classes_each_is_asked_and_a_missing_one_is_told(
    registry: Registry, tmp_path: Path
) -> None:
    table = toy_table("toy-with-placebo", methods=["few-sites"])
    classes = table["tasks"]["small"]["classes"]
    classes["stranger"] = {"simulator": "toy", "selection": {"s": 0.2}}
    classes["marked"] = {"simulator": "toy-with-placebo[extra_sites=3.0]", "selection": {"s": 0.2}}
    table["methods"] = ["statistics+logistic"]
    (finding,) = audit(experiment_of(table, registry), tmp_path)
    assert finding.verdict == "red"
    assert (
        "on marked-placebo: AUC 0.8" in finding.headline or "on marked-placebo: AUC 0.7" in finding.headline
    )
    lines = [line for line in finding.evidence if line.startswith("logistic on ")]
    assert ["marked-placebo" in lines[0], "sweep-placebo" in lines[1]] == [True, True]
    assert any("'stranger': simulator toy offers no negative control" in line for line in finding.evidence)


@pytest.mark.slow
def test_clean_paths_are_green_over_many_seeds(registry: Registry, tmp_path: Path) -> None:
    """At most 5 % false alarms: 4 of 4 have a chance below 1e-5."""
    verdicts = []
    for seed in range(4):
        table = toy_table("toy-with-placebo", seed=seed)
        (finding,) = audit(experiment_of(table, registry), tmp_path / str(seed))
        verdicts.append(finding.verdict)
    assert set(verdicts) <= {"green", "red"}
    assert verdicts.count("red") < 4


@pytest.mark.parametrize("seed", range(2))
def test_a_path_that_leaves_a_mark_is_red(seed: int, registry: Registry, tmp_path: Path) -> None:
    table = toy_table("toy-with-placebo[extra_sites=2.0]", seed=seed)
    (finding,) = audit(experiment_of(table, registry), tmp_path)
    assert finding.verdict == "red"
    assert "read the generator" in finding.headline
    assert "few-sites" in finding.headline
    assert len([line for line in finding.evidence if ": AUC 0." in line]) == len(METHODS)
    assert finding.meaning
    assert finding.advice


def test_a_mark_that_no_method_reads_is_green(registry: Registry, tmp_path: Path) -> None:
    table = toy_table("toy-with-placebo[rounds_positions=true]")
    (finding,) = audit(experiment_of(table, registry), tmp_path)
    assert finding.verdict == "green"


def test_a_method_that_fails_is_told_and_the_others_judged(registry: Registry, tmp_path: Path) -> None:
    table = toy_table("toy-with-placebo", methods=["few-sites", "few-sites[fails=true]"], seed=2)
    (finding,) = audit(experiment_of(table, registry), tmp_path)
    assert finding.verdict == "amber"
    assert "None of 1 methods" in finding.headline
    (line,) = [line for line in finding.evidence if line.startswith("not trained")]
    assert "few-sites[fails=true]: ArithmeticError: told to fail (toy_selection.py:" in line
    alone = toy_table("toy-with-placebo", methods=["few-sites[fails=true]"])
    (finding,) = audit(experiment_of(alone, registry), tmp_path)
    assert finding.verdict == "amber"
    assert "No method could be trained" in finding.headline


def test_tasks_are_chosen_by_name_and_done_work_is_kept(registry: Registry, tmp_path: Path) -> None:
    table = toy_table("toy-with-placebo", methods=["few-sites"])
    table["tasks"]["other"] = table["tasks"]["small"]
    experiment = experiment_of(table, registry)
    both = audit(experiment, tmp_path)
    assert [finding.check for finding in both] == [
        "Negative control of task small",
        "Negative control of task other",
    ]
    seen: list[object] = []
    (one,) = audit(experiment, tmp_path, tasks=["other"], observe=seen.append)
    assert one.check == "Negative control of task other"
    assert not any(type(event).__name__ == "JobStarted" for event in seen)
    with pytest.raises(ExperimentError, match=r"'outher'.*did you mean 'other'"):
        audit(experiment, tmp_path, tasks=["outher"])


def test_a_task_that_has_the_name_of_a_control_is_refused(registry: Registry, tmp_path: Path) -> None:
    table = toy_table("toy-with-placebo")
    table["tasks"]["small-placebo"] = table["tasks"]["small"]
    with pytest.raises(ExperimentError, match="'small-placebo': expected another name"):
        audit(experiment_of(table, registry), tmp_path)


def coalescent_table(simulator: str, selection: dict[str, Any], seed: int) -> dict[str, Any]:
    table = toy_table(simulator, seed=seed, methods=["statistics+logistic", "segregating-sites"])
    task = table["tasks"]["small"]
    task["locus"] = {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8}
    task["population"] = {"size": 50_000}
    task["classes"]["neutral"] = {"simulator": "ms"}
    task["classes"]["sweep"]["selection"] = selection
    return table


@pytest.mark.parametrize(
    ("simulator", "selection"),
    [
        ("mssel", {"s": 0.01, "position": 500, "present_frequency": 0.5, "carriers": 4}),
        (
            "msms",
            {"s": 0.01, "position": 500, "onset_time": 2000, "onset_frequency": 0.05, "carriers": "binomial"},
        ),
    ],
)
def test_the_coalescent_simulators_pass_their_own_control(
    simulator: str, selection: dict[str, Any], registry: Registry, tmp_path: Path
) -> None:
    (finding,) = audit(experiment_of(coalescent_table(simulator, selection, 3), registry), tmp_path)
    assert finding.verdict == "green", finding


def random_predictions(rng: np.random.Generator, n_methods: int, n_windows: int) -> list[MethodPredictions]:
    """Return methods that answer at random, alike to each other as methods are, some in few steps."""
    common = rng.normal(size=2 * n_windows)
    found = []
    for index in range(n_methods):
        score = 1 / (1 + np.exp(-(common + 0.5 * rng.normal(size=(3, 2 * n_windows)))))
        score = np.round(score, 1) if index % 2 else score
        found.append(
            MethodPredictions(str(index), (0, 1, 2), np.stack([1 - score, score], -1), np.empty((3, 0, 2)))
        )
    return found


def test_five_in_a_hundred_clean_experiments_are_refused_at_most() -> None:
    """200 experiments of 5 methods: the chance that 5 % become 33 alarms is below 1e-7."""
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1], 400)
    quantile = family_quantile(5)
    alarms = 0
    for _ in range(200):
        areas = [area(class_placements(m, labels, 1)) for m in random_predictions(rng, 5, 400)]
        alarms += any(found.differs_from(0.5, quantile) for found in areas)
    assert alarms < 33


def test_the_area_is_that_of_delong() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 50)
    probabilities = rng.dirichlet(np.ones(3), size=(2, 150))
    probabilities[:, labels == 2, 2] *= 3
    probabilities /= probabilities.sum(axis=-1, keepdims=True)
    method = MethodPredictions("m", (0, 1), probabilities, np.empty((2, 0, 3)))
    both = [class_placements(method, labels, code) for code in (1, 2)]
    assert np.mean([area(placed).value for placed in both]) == pytest.approx(placements(method, labels).auc)
    found, expected = gain(both[1], both[0]), auc_difference(both[1], both[0])
    assert (found.value, found.error) == expected
    pairs = probabilities[:, labels == 2, 2] / (probabilities[:, labels == 2][..., [0, 2]].sum(-1))
    null = probabilities[:, labels == 0, 2] / (probabilities[:, labels == 0][..., [0, 2]].sum(-1))
    by_hand = np.mean([(p[:, None] > n[None, :]).mean() for p, n in zip(pairs, null, strict=True)])
    assert area(both[1]).value == pytest.approx(by_hand)


def test_the_deviation_that_would_be_seen_is_seen_with_its_power() -> None:
    """Normal scores apart so far that the area is as given: 4 in 5 trials, within 5 standard errors."""
    from scipy.stats import norm

    rng = np.random.default_rng(2)
    quantile, labels = family_quantile(4), np.repeat([0, 1], 500)
    shift = norm.ppf(0.5 + detectable_deviation(500, quantile)) * np.sqrt(2)
    seen = 0
    for _ in range(300):
        scores = norm.cdf(rng.normal(size=1000) + shift * labels)[np.newaxis]
        method = MethodPredictions("m", (0,), np.stack([1 - scores, scores], -1), np.empty((1, 0, 2)))
        seen += area(class_placements(method, labels, 1)).differs_from(0.5, quantile)
    assert abs(seen / 300 - 0.8) < 5 * np.sqrt(0.8 * 0.2 / 300)


def test_an_answer_that_is_always_the_same_is_no_reader() -> None:
    assert not Estimate(0.5, 0.0).differs_from(0.5, family_quantile(1))


def test_a_part_of_another_task_s_windows_is_controlled_only_where_asked(
    registry: Registry, tmp_path: Path
) -> None:
    experiment = experiment_of(toy_table("toy-with-placebo", methods=["few-sites"]), registry)
    whole = experiment.tasks["small"]
    part = replace(whole, name="small-part", part_of=whole)
    both = replace(experiment, tasks={"small": whole, "small-part": part})
    assert [finding.check for finding in audit(both, tmp_path)] == ["Negative control of task small"]
    (finding,) = audit(both, tmp_path, tasks=["small-part"])
    assert finding.check == "Negative control of task small-part"
