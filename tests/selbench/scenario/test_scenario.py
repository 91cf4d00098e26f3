"""Scenarios: read from tables, checked, drawn per window, written back."""

from __future__ import annotations

import tomllib
from pathlib import Path

import demes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import (
    DataError,
    Epoch,
    ExperimentError,
    Locus,
    Population,
    Prior,
    Sample,
    Scenario,
    Selection,
    Trajectory,
    WindowSpec,
)
from selbench.scenario import draw_priors
from selbench.tables import to_table

STUDY = """
sample = { n_haplotypes = 48, ploidy = 2 }
locus = { sequence_length = 1000, mutation_rate = 1e-8, recombination_rate = 1e-8 }
population = { size = 80_000 }
selection = { s = 0.005, h = 0.5, position = 4999, present_frequency = 0.22, carriers = "all" }
"""


def read(text: str) -> Scenario:
    return Scenario.from_table(tomllib.loads(text), where="f.toml: task")


def test_the_study_s_scenario_is_read_from_toml() -> None:
    assert read(STUDY) == Scenario(
        Sample(48, 2),
        Locus(1000, 1e-8, 1e-8),
        Population(80_000),
        Selection(s=0.005, h=0.5, position=4999, present_frequency=0.22, carriers="all"),
    )
    assert read(STUDY).window_spec == WindowSpec(48, 1000, 2)


def numbers(low: float, high: float) -> st.SearchStrategy[float | Prior]:
    values = st.floats(low, high)
    bounds = st.tuples(values, values).map(sorted)
    return values | bounds.map(lambda pair: Prior("uniform", *pair))


trajectories = st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1)), max_size=3).map(
    lambda steps: Trajectory((0.0, *sorted(t for t, _ in steps)), (*(f for _, f in steps), 0.0))
)
observed = {
    "position": numbers(-1e4, 1e4),
    "origin": st.sampled_from(["single", "multiple"]),
    "onset_time": st.none() | numbers(0, 1e5),
    "onset_frequency": st.none() | numbers(0, 1),
    "fixation_time": st.none() | numbers(0, 1e5),
    "present_frequency": st.none() | numbers(0, 1),
    "carriers": st.sampled_from(["binomial", "conditioned", "all"]) | st.integers(0, 4),
    "trajectories": st.sampled_from(["each", "shared"]) | st.integers(1, 9),
    "trajectory_seed": st.none() | st.integers(0, 99),
    "dynamics": st.sampled_from(["diffusion", "wright-fisher"]),
    "keep_selected_site": st.booleans(),
    "given_trajectories": st.lists(trajectories, max_size=2).map(tuple),
}
selections = st.builds(Selection, s=numbers(-0.9, 1), h=st.none() | numbers(0, 1), **observed) | st.builds(
    Selection, w_AA=numbers(0, 2), w_Aa=numbers(0, 2), w_aa=numbers(0, 2), **observed
)
populations = st.builds(
    lambda size, rate, sizes: Population(
        size, rate, tuple(Epoch(100.0 * i + 5, older) for i, older in enumerate(sizes))
    ),
    numbers(1, 1e6),
    numbers(-0.1, 0.1),
    st.lists(numbers(1, 1e6), max_size=3),
)
scenarios = st.builds(
    Scenario,
    st.integers(2, 100).map(lambda individuals: Sample(2 * individuals)),
    st.builds(Locus, st.integers(1, 10**7), numbers(0, 1e-6), numbers(0, 1e-6)),
    populations,
    st.none() | selections,
)


@given(scenarios)
def test_a_scenario_reads_what_it_writes(scenario: Scenario) -> None:
    assert Scenario.from_table(to_table(scenario), where="x") == scenario


@given(scenarios, st.integers(0, 2**40))
def test_fixing_the_drawn_values_leaves_no_prior_and_changes_nothing_else(
    scenario: Scenario, seed: int
) -> None:
    drawn = draw_priors(scenario, windows=range(3), seed=seed)
    assert drawn.keys() == scenario.priors().keys()
    values = {name: float(draws[1]) for name, draws in drawn.items()}
    fixed = scenario.with_values(values)
    assert fixed.priors() == {}
    table, expected = to_table(fixed), to_table(scenario)
    for name, value in values.items():
        *parents, last = [int(part) if part.isdecimal() else part for part in name.split(".")]
        inner = expected
        for parent in parents:
            inner = inner[parent]
        prior = scenario.priors()[name]
        assert inner[last] == prior.to_table()
        assert prior.low <= value <= prior.high
        inner[last] = value
    assert table == expected


PRIORS = Scenario(
    Sample(10),
    Locus(100, Prior("log_uniform", 1e-9, 1e-7), 1e-8),
    Population(Prior("uniform", 1000, 2000), epochs=(Epoch(10, Prior("uniform", 10, 20)),)),
    Selection(s=Prior("uniform", 0.01, 0.02), present_frequency=Prior("uniform", 0.1, 0.9)),
)


def test_priors_go_by_dotted_names() -> None:
    assert set(PRIORS.priors()) == {
        "locus.mutation_rate",
        "population.size",
        "population.epochs.0.size",
        "selection.s",
        "selection.present_frequency",
    }


def test_a_window_s_values_depend_on_seed_and_index_alone() -> None:
    together = draw_priors(PRIORS, windows=range(20), seed=5)
    for name, draws in together.items():
        apart = [draw_priors(PRIORS, windows=range(a, b), seed=5)[name] for a, b in [(0, 7), (7, 20)]]
        np.testing.assert_array_equal(np.concatenate(apart), draws)
        assert len(set(draws)) == 20
    other = draw_priors(PRIORS, windows=range(20), seed=6)
    assert all((other[name] != draws).all() for name, draws in together.items())


def test_two_quantities_of_one_prior_are_drawn_apart() -> None:
    prior = Prior("uniform", 0, 1)
    scenario = Scenario(
        Sample(4), Locus(9, 0), Population(9), Selection(s=prior, onset_frequency=prior, onset_time=prior)
    )
    draws = np.array(list(draw_priors(scenario, windows=range(5000), seed=2).values()))
    correlations = np.corrcoef(draws)[np.triu_indices(3, 1)]
    assert (np.abs(correlations) < 5.5 / np.sqrt(5000)).all()


def test_a_quantity_that_is_not_there_cannot_be_fixed() -> None:
    with pytest.raises(KeyError, match=r"selection\.t"):
        PRIORS.with_values({"selection.t": 0.1})
    with pytest.raises(KeyError, match=r"selection\.s"):
        read(STUDY.rpartition("selection")[0]).with_values({"selection.s": 0.1})


@pytest.mark.parametrize(
    ("selection", "fitnesses"),
    [
        (Selection(s=0.1), (1.1, 1.05, 1)),
        (Selection(s=0.1, h=0), (1.1, 1, 1)),
        (Selection(s=-0.1, h=1), (0.9, 0.9, 1)),
        (Selection.from_dominance(0.2, 0.25), (1.2, 1.05, 1)),
        (Selection(w_AA=0.5, w_Aa=2, w_aa=0.1), (0.5, 2, 0.1)),
        (Selection(given_trajectories=(Trajectory((0, 9), (0.5, 0)),)), (1, 1, 1)),
    ],
)
def test_fitnesses_are_1_plus_s_1_plus_hs_and_1(
    selection: Selection, fitnesses: tuple[float, float, float]
) -> None:
    assert selection.fitnesses == pytest.approx(fitnesses)


def test_fitnesses_of_a_prior_are_not_known_yet() -> None:
    with pytest.raises(TypeError, match="draw the priors"):
        _ = PRIORS.selection.fitnesses  # type: ignore[union-attr]


def test_a_trajectory_file_is_read_in_units_of_the_population(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n0.25 0\n")
    text = STUDY.rpartition("selection")[0].replace("80_000", "100")
    text += f"selection = {{ trajectory_file = '{tmp_path}/t.txt', carriers = 3 }}"
    assert read(text).selection == Selection(carriers=3, given_trajectories=(Trajectory((0, 100), (0.5, 0)),))


@pytest.mark.parametrize(
    ("population", "file", "more", "message"),
    [
        ("size = 100", "'nowhere.txt'", "", r"task\.selection\.trajectory_file: nowhere.txt: cannot read"),
        ("size = 100", "3", "", r"task\.selection\.trajectory_file: expected a text, found 3"),
        ("size = {uniform = [1, 2]}", "'t.txt'", "", r"trajectory_file: needs a fixed population size"),
        ("", "'t.txt'", "", "task.population: missing size"),
        ("size = 100", "'t.txt'", ", given_trajectories = []", "either a file or given_trajectories"),
    ],
)
def test_a_trajectory_file_that_cannot_be_used_is_refused_by_key(
    population: str, file: str, more: str, message: str
) -> None:
    text = STUDY.rpartition("selection")[0].replace("size = 80_000", population)
    with pytest.raises(ExperimentError, match=f"f.toml: .*{message}"):
        read(f"{text}\nselection = {{ trajectory_file = {file}{more} }}")


def test_a_demes_file_is_a_population(tmp_path: Path) -> None:
    builder = demes.Builder(time_units="generations")
    builder.add_deme("A", epochs=[{"start_size": 10, "end_time": 50}, {"start_size": 99}])
    demes.dump(builder.resolve(), tmp_path / "h.yaml")
    scenario = read(STUDY.replace("size = 80_000", f"demes = '{tmp_path}/h.yaml'"))
    assert scenario.population == Population(99, epochs=(Epoch(50, 10),))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sample =", "smaple =", r"f.toml: task: unknown key 'smaple' \(did you mean 'sample'\?\)"),
        ("locus =", "selection2 =", "f.toml: task: unknown key 'selection2'"),
        ("n_haplotypes = 48", "n_haplotypes = 47", "f.toml: task: ploidy: expected a divisor"),
        ("n_haplotypes = 48", "n_haplotypes = 1", "f.toml: task: n_haplotypes: expected at least 2"),
        ("n_haplotypes = 48", "n_haplotypes = '48'", r"task.sample.n_haplotypes: .*whole number, found '48'"),
        ("sequence_length = 1000", "sequence_length = 0", "sequence_length: expected at least 1 bp, found 0"),
        ("mutation_rate = 1e-8", "mutation_rate = -1e-8", r"task.locus: mutation_rate: .*rate in \[0, 1\)"),
        ("mutation_rate = 1e-8", "mutation_rate = nan", "task.locus: mutation_rate: .*found nan"),
        (
            "mutation_rate = 1e-8",
            "mutation_rate = {uniform=[0, 1]}",
            r"mutation_rate: .*found { uniform = \[",
        ),
        ("mutation_rate = 1e-8", "mutation_rat = 1e-8", r"'mutation_rat' \(did you mean 'mutation_rate'\?\)"),
        ("recombination_rate = 1e-8", "recombination_rate = 1", "recombination_rate: expected a rate"),
        ("s = 0.005, h = 0.5", "h = 0.5", r"task.selection: selection: expected s .*found h alone"),
        ("s = 0.005, h = 0.5, ", "", "expected s .*or a trajectory_file, found none of them"),
        ("s = 0.005, h = 0.5", "s = 0.005, w_AA = 1.1", "expected s .* or w_AA.*, found s, w_AA"),
        ("s = 0.005, h = 0.5", "w_AA = 1.1, w_Aa = 1.0", "expected s .* or w_AA.*, found w_AA, w_Aa"),
        ("s = 0.005, h = 0.5", "w_AA = 1.1, w_Aa = 1.0, w_aa = -1", "w_aa: expected a number ≥ 0, found -1"),
        ("s = 0.005", "s = -1.1", "s: expected a number ≥ -1, found -1.1"),
        ("s = 0.005", "s = nan", "s: expected a number ≥ -1, found nan"),
        ("s = 0.005", "s = {uniform = [0, inf]}", "selection.s: uniform prior: expected finite bounds"),
        ("h = 0.5", "h = -300", "h: expected a fitness 1 . hs ≥ 0, found h = -300.* with s = 0.005"),
        ("h = 0.5", "h = {uniform = [-300, 1]}", "h: expected a fitness 1 . hs ≥ 0, found h = { uniform"),
        ("position = 4999", "position = inf", "position: expected a finite number, found inf"),
        ("present_frequency = 0.22", "present_frequency = 22", r"present_frequency .*\[0, 1\], found 22"),
        ("present_frequency = 0.22", "onset_frequency = nan", r"onset_frequency .*\[0, 1\], found nan"),
        ("present_frequency = 0.22", "onset_time = -5", r"onset_time .*≥ 0, found -5"),
        ("present_frequency = 0.22", "fixation_time = nan", r"fixation_time .*≥ 0, found nan"),
        ('"all"', '"al"', r"selection.carriers: expected .*found 'al' \(did you mean 'all'\?\)"),
        ('"all"', "49", r"selection.carriers: expected at most 48 \(n_haplotypes\), found 49"),
        ('"all"', "-1", "carriers: expected 0 or more, found -1"),
        ('"all"', '"all", trajectories = 0', "trajectories: expected 1 or more, found 0"),
        (
            '"all"',
            '"all", origin = "many"',
            "selection.origin: expected single, multiple or merge, found 'many'",
        ),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_by_key(old: str, new: str, message: str) -> None:
    assert old in STUDY
    with pytest.raises(ExperimentError, match=message):
        read(STUDY.replace(old, new))


def test_tables_that_are_missing_are_named() -> None:
    with pytest.raises(ExperimentError, match="task: missing sample, locus, population"):
        read("")
    with pytest.raises(ExperimentError, match="task: missing population"):
        read("sample = {n_haplotypes = 4}\nlocus = {}\nselection = {trajectory_file = 'x'}")
    with pytest.raises(DataError, match="task: expected a table, found 3"):
        Scenario.from_table(3, where="task", error=DataError)


def test_a_misspelt_key_of_selection_is_answered_with_those_that_people_write() -> None:
    table = {"selection": {"strength": 0.1}}
    with pytest.raises(ExperimentError, match=r"task\.selection: unknown key 'strength'") as refusal:
        Scenario.from_table(table, where="task")
    assert "trajectory_file" in str(refusal.value)
    assert "given_trajectories" not in str(refusal.value)


def test_a_scenario_is_shown_as_it_would_be_typed() -> None:
    scenario = read(STUDY)
    shown = repr(scenario)
    assert shown.endswith(
        "population=Population(size=80000.0), selection=Selection(s=0.005, h=0.5, position=4999.0, "
        "present_frequency=0.22, carriers='all'))"
    )
    names = {kind.__name__: kind for kind in (Scenario, Sample, Locus, Population, Selection)}
    assert eval(shown, names) == scenario
    assert repr(Trajectory((0.0, 10.0), (0.5, 0.0))) == "Trajectory(0.5 today, over 10 generations, 2 steps)"


def test_several_origins_have_an_older_name() -> None:
    assert Selection(s=0.1, origin="merge") == Selection(s=0.1, origin="multiple")
    assert Selection(s=0.1, origin="merge").origin == "multiple"
