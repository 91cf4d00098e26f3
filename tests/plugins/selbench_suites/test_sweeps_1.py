"""The tasks of sweeps-1 are what docs/suite.md says they are, and every class of them can be simulated."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selbench import Registry
from selbench.experiment import Experiment, Portion, Task, read_experiment
from selbench.experiment.sources import SimulatedClass

ROOT = Path(__file__).parents[3]
SUITE = ROOT / "plugins/selbench_suites/experiments/sweeps-1.toml"
ENGINES = SUITE.with_name("sweeps-1-msprime.toml")
PAGE = ROOT / "docs/suite.md"

TASKS = (
    "hard", "standing", "partial", "old", "weak", "linked",
    "balancing", "europe", "wild", "short", "fly", "chromosome",
)  # fmt: skip
WORLDS = ("bottleneck", "europe", "cold-recombination", "local-size", "edge", "mispolarised")


@pytest.fixture(scope="module")
def suite() -> Experiment:
    return read_experiment(SUITE, Registry.installed())


def source_of(task: Task, label: str = "") -> SimulatedClass:
    source = task.sources[label or task.positive]
    assert isinstance(source, SimulatedClass)
    return source


def selection_of(task: Task, label: str = "") -> dict[str, Any]:
    told = source_of(task, label).scenario.selection
    assert told is not None
    return {name: str(getattr(told, name)) for name in told.__dataclass_fields__}


def test_every_task_has_its_twin_and_hard_is_asked_about_six_other_worlds(suite: Experiment) -> None:
    tests = {asked.train: asked.test for asked in suite.evaluate}
    for name in TASKS:
        assert tests[name][:2] == (name, f"{name}-drift")
    assert tests["hard"][2:] == WORLDS
    assert set(tests) == {*TASKS, "hard-curve", "known-rates"}


def test_a_twin_differs_from_its_task_by_no_selection_alone(suite: Experiment) -> None:
    for name in TASKS:
        task, twin = suite.tasks[name], suite.tasks[f"{name}-drift"]
        assert (twin.classes, twin.spec) == (task.classes, task.spec)
        for label in task.classes[1:]:
            selected, drifts = selection_of(task, label), selection_of(twin, label)
            assert float(drifts.pop("s")) == 0
            if name == "balancing":  # its frequency follows from selection; the twin is told it
                for key in ("s", "h", "w_AA", "w_Aa", "w_aa", "onset_time", "present_frequency"):
                    selected.pop(key), drifts.pop(key, None)
            selected.pop("s", None)
            assert drifts == selected
            assert source_of(task, label).scenario.locus == source_of(twin, label).scenario.locus
            assert source_of(task, label).scenario.population == source_of(twin, label).scenario.population


def test_all_windows_are_by_msms_and_empty_ones_stay(suite: Experiment) -> None:
    for task in suite.tasks.values():
        assert {source.spelling for source in task.sources.values()} == {"msms"}
        assert task.empty_windows == "keep"
        assert task.windows.test == (500 if "chromosome" in task.name else 1000)
        assert task.windows.threshold == 2000  # 1 % of false positives needs as many


@pytest.mark.parametrize("name", [name for name in TASKS + WORLDS if name != "chromosome"])
def test_both_rates_are_drawn_and_the_site_lies_where_the_table_says(name: str, suite: Experiment) -> None:
    task = suite.tasks[name]
    priors = source_of(task).scenario.priors()
    low, high = (4.2e-9, 1.68e-8) if name == "fly" else (0.6e-8, 2.4e-8)
    slowest, fastest = (0.02e-8, 0.2e-8) if name == "cold-recombination" else (0.2e-8, 4e-8)
    for key, expected in (("mutation_rate", (low, high)), ("recombination_rate", (slowest, fastest))):
        prior = priors[f"locus.{key}"]
        assert (prior.low, prior.high) == pytest.approx(expected)
    length = task.spec.sequence_length
    middle = (length / 4, 3 * length / 4)
    where = {"linked": (-length, 0), "edge": (0, length / 10)}
    position = priors["selection.position"]
    assert (position.low, position.high) == where.get(name, middle)


def test_histories_are_the_published_ones(suite: Experiment) -> None:
    europe = source_of(suite.tasks["europe"]).scenario.population
    # Fu et al. 2013, figure S5, at 25 years a generation: sizes before growth, and rates
    after_first_growth = 1032 * math.exp(0.00307 * (23_000 - 5115) / 25)
    assert europe.epochs[0].size == pytest.approx(after_first_growth, abs=1)
    assert europe.size == pytest.approx(after_first_growth * math.exp(0.0195 * 5115 / 25), abs=1)
    years = [25 * float(str(epoch.start)) for epoch in europe.epochs]
    assert years == [5115, 23_000, 51_000, 148_000]
    fly = source_of(suite.tasks["fly"]).scenario.population
    # Sheehan & Song 2016: times in 4 × 100,000 generations, 0.5 and 5 after it
    assert [epoch.start for epoch in fly.epochs] == [0.5 * 400_000, 5.5 * 400_000]
    assert [fly.size, *(epoch.size for epoch in fly.epochs)] == [544_200, 145_300, 652_700]


def test_the_balancing_twin_has_the_frequencies_of_the_stationary_density(suite: Experiment) -> None:
    prior = source_of(suite.tasks["balancing-drift"]).scenario.priors()["selection.present_frequency"]
    x = np.linspace(0.001, 0.999, 999)
    density = np.zeros_like(x)
    for advantage in np.geomspace(0.002, 0.02, 100):  # Wright 1931: e^{4N·a·x(1−x)} / x(1−x)
        of_one = np.exp(4 * 10_000 * advantage * (x * (1 - x) - 0.25)) / (x * (1 - x))
        density += of_one / of_one.sum()
    reached = np.cumsum(density) / density.sum()
    for share in np.linspace(0.1, 0.9, 9):
        assert prior.quantile(np.array([share]))[0] == pytest.approx(np.interp(share, reached, x), abs=0.003)


@pytest.mark.slow
def test_two_windows_of_every_class_of_every_task(suite: Experiment) -> None:
    for task in suite.tasks.values():
        for label in task.classes if task.part_of is None else ():
            asked = Portion(task, label, "test", count=2)
            windows = asked.source.complete(asked, experiment_seed=1).windows
            assert len(windows) == 2
            assert windows.n_sites.min() > 0
            assert ("selection.position" in windows.parameters) is (label != task.null)


@pytest.mark.parametrize("name", ["hard", "weak"])
def test_another_engine_is_asked_about_the_same_sweeps_at_low_recombination(
    name: str, suite: Experiment
) -> None:
    tasks = read_experiment(ENGINES, Registry.installed()).tasks
    for engine in ("msms", "msprime"):
        task = tasks[f"{name}-{engine}"]
        assert {source.spelling for source in task.sources.values()} == {engine}
        assert selection_of(task) == selection_of(suite.tasks[name])
        locus = source_of(task).scenario.locus
        assert locus == source_of(tasks[f"{name}-msms"]).scenario.locus
        assert locus.mutation_rate == source_of(suite.tasks[name]).scenario.locus.mutation_rate
        asked = Portion(task, task.positive, "test", count=2)
        assert (asked.source.complete(asked, experiment_seed=1).windows.n_sites > 0).all()


def test_chromosome_has_its_sites_in_the_middle_sub_window_of_eleven_or_left_of_it(
    suite: Experiment,
) -> None:
    task = suite.tasks["chromosome"]
    assert task.spec.sequence_length == 11 * 100_000
    for label in task.classes[1:]:
        selection = source_of(task, label).scenario.selection
        assert selection is not None
        assert (selection.onset_frequency is not None) is ("standing" in label)
        position = source_of(task, label).scenario.priors()["selection.position"]
        assert (position.low, position.high) == ((0, 450_000) if "linked" in label else (500_000, 600_000))


def test_the_mask_of_wild_is_sorted_and_leaves_gaps() -> None:
    rows = [line.split("\t") for line in (SUITE.parent / "wild-callable.bed").read_text().splitlines()]
    stretches = [(int(start), int(stop)) for _, start, stop in rows]
    assert all(start < stop < after for (start, stop), (after, _) in pairwise(stretches))
    assert {chromosome for chromosome, *_ in rows} == {"1"}


def test_tasks_are_counted_the_same_everywhere(suite: Experiment) -> None:
    n_tasks = len({asked.train for asked in suite.evaluate} - {"hard-curve"})
    assert f"{n_tasks} graded tasks" in suite.description
    for page, said in (("docs/suite.md", "tasks"), ("docs/board.md", "tasks"), ("README.md", "graded tasks")):
        assert f"{n_tasks} {said}" in (ROOT / page).read_text()


def test_the_page_names_every_task_and_world() -> None:
    page = PAGE.read_text()
    for name in (*TASKS, *WORLDS, "known-rates", "hard-curve", "-drift"):
        assert f"`{name}`" in page
