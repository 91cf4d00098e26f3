"""Argument lines of ms, mssel and msms: what is written is read back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selbench import (
    Epoch,
    Locus,
    Population,
    Sample,
    Scenario,
    Selection,
    Trajectory,
    UnsupportedError,
)
from selbench.scenario import Prior, write_trajectories
from selbench.tables import to_table
from selbench_coalescent.arguments import (
    ms_command,
    msms_command,
    mssel_command,
    parse_ms,
    parse_msms,
    parse_mssel,
)


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of few digits, as people write them, so that units change nothing but their scale."""
    return st.floats(low, high).map(lambda value: float(f"{value:.6g}")).filter(lambda v: low <= v <= high)


@st.composite
def populations(draw: st.DrawFn) -> Population:
    starts = sorted({float(t) for t in draw(st.lists(st.integers(1, 100_000), max_size=3))})
    epochs = tuple(
        Epoch(start, draw(_numbers(10, 1e6)), draw(st.just(0.0) | _numbers(-1e-4, 1e-2))) for start in starts
    )
    return Population(float(draw(st.integers(10, 10**6))), draw(st.just(0.0) | _numbers(1e-6, 1e-2)), epochs)


@st.composite
def neutral_scenarios(draw: st.DrawFn, constant: bool = False) -> Scenario:
    rates = draw(_numbers(1e-10, 1e-6)), draw(st.just(0.0) | _numbers(1e-10, 1e-6))
    population = Population(float(draw(st.integers(10, 10**6)))) if constant else draw(populations())
    sample = Sample(2 * draw(st.integers(1, 1000)))
    return Scenario(sample, Locus(draw(st.integers(1, 5_000_000)), *rates), population)


@st.composite
def selected_scenarios(draw: st.DrawFn) -> Scenario:
    is_fixed = draw(st.booleans())
    scenario = draw(neutral_scenarios(constant=is_fixed))
    w_AA, w_Aa = draw(_numbers(0.9, 1.2)), draw(_numbers(0.9, 1.2))
    observed = (
        {"fixation_time": draw(st.just(0.0) | _numbers(1e-3, 1e4))}
        if is_fixed
        else {
            "origin": "merge",
            "onset_time": draw(st.just(0.0) | _numbers(1e-3, 1e4)),
            "onset_frequency": draw(_numbers(0.001, 1)),
        }
    )
    selection = Selection(
        w_AA=w_AA,
        w_Aa=w_Aa,
        w_aa=1.0,
        position=float(draw(st.integers(0, scenario.locus.sequence_length))),
        dynamics="wright-fisher",
        keep_selected_site=draw(st.booleans()),
        **observed,
    )
    return replace(scenario, selection=selection)


@given(neutral_scenarios())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_ms_reads_back_what_is_written(scenario: Scenario) -> None:
    words = ms_command(scenario, n_windows=7, seeds=(1, 2, 3), position_digits=8)
    parsed = parse_ms(" ".join(words), population_size=scenario.population.size)
    assert _close(parsed.scenario, scenario)
    assert (parsed.n_windows, parsed.position_digits) == (7, 8)
    assert not any("e" in word.lower() for word in words if not word.startswith("-"))


@given(selected_scenarios())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_msms_reads_back_what_is_written(scenario: Scenario) -> None:
    words = msms_command(scenario, n_windows=7, seed=5, position_digits=8)
    parsed = parse_msms(" ".join(words))
    assert _close(parsed.scenario, scenario)
    assert (parsed.n_windows, parsed.position_digits, parsed.seed) == (7, 8, 5)


@given(neutral_scenarios(), st.integers(-5000, 5000), st.data())
@settings(max_examples=50, deadline=None, derandomize=True)
def test_mssel_reads_back_what_is_written(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario, position: int, data: st.DataObject
) -> None:
    times = sorted(data.draw(st.sets(st.integers(1, 10**5), min_size=1, max_size=5)))
    frequencies = [data.draw(st.just(0.0) | _numbers(1e-6, 1)) for _ in times]
    selection = Selection(
        given_trajectories=(Trajectory((0.0, *map(float, times)), (*frequencies, 0.0)),),
        position=float(position),
        carriers=data.draw(st.integers(0, scenario.sample.n_haplotypes)),
        keep_selected_site=0 <= position < scenario.locus.sequence_length,
    )
    expected = replace(scenario, selection=selection)
    size = scenario.population.size
    path = tmp_path_factory.mktemp("mssel") / "trajectories"
    path.write_text(write_trajectories(selection.given_trajectories, population_size=size))
    words = mssel_command(expected, n_windows=7, trajectory_file=str(path))
    assert _close(parse_mssel(" ".join(words), population_size=size).scenario, expected)


def _close(found: Scenario, expected: Scenario) -> bool:
    """Compare two scenarios: equal but for the last digits of their numbers."""
    found_leaves, expected_leaves = _numbers_of(found), _numbers_of(expected)
    assert [name for name, _ in found_leaves] == [name for name, _ in expected_leaves]
    for (name, value), (_, other) in zip(found_leaves, expected_leaves, strict=True):
        if isinstance(value, float):
            assert value == pytest.approx(other, rel=1e-9), name
        else:
            assert value == other, name
    return True


def _numbers_of(scenario: Scenario) -> list[tuple[str, object]]:
    def leaves(value: object, name: str) -> list[tuple[str, object]]:
        if isinstance(value, dict):
            return [leaf for key, item in value.items() for leaf in leaves(item, f"{name}.{key}")]
        if isinstance(value, list):
            return [leaf for i, item in enumerate(value) for leaf in leaves(item, f"{name}.{i}")]
        return [(name, value)]

    return leaves(to_table(scenario), "")


NEUTRAL = Scenario(Sample(8), Locus(1000, 1e-8, 1e-8), Population(1000))
STANDING = Selection(s=0.1, origin="multiple", onset_time=100, onset_frequency=0.1)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(s=0.1), "expected onset_time and onset_frequency"),
        (Selection(s=0.1, present_frequency=0.5), "present_frequency = 0.5"),
        (replace(STANDING, carriers=3), "carriers = 3"),
        (replace(STANDING, origin="single"), "origin = single"),
        (replace(STANDING, position=-5), "position = -5"),
        (replace(STANDING, s=Prior("uniform", 0, 1)), "not a prior"),
        (replace(STANDING, trajectories="shared"), "trajectories = shared"),
        (Selection(given_trajectories=(Trajectory((0, 5), (0.5, 0)),)), "trajectory_file"),
    ],
)
def test_msms_says_what_it_cannot_be_asked(selection: Selection, expected: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        msms_command(replace(NEUTRAL, selection=selection), n_windows=1)
    assert expected in str(refusal.value)


def test_ms_and_mssel_say_what_they_cannot_be_asked() -> None:
    with pytest.raises(UnsupportedError, match="neutral"):
        ms_command(replace(NEUTRAL, selection=STANDING), n_windows=1)
    with pytest.raises(UnsupportedError, match="mutation_rate = 0"):
        ms_command(replace(NEUTRAL, locus=Locus(1000, 0.0)), n_windows=1)
    with pytest.raises(UnsupportedError, match="not a prior"):
        ms_command(replace(NEUTRAL, locus=Locus(1000, Prior("uniform", 0, 1e-8))), n_windows=1)
    with pytest.raises(UnsupportedError, match="carriers = binomial"):
        mssel_command(replace(NEUTRAL, selection=Selection(s=0.1)), n_windows=1, trajectory_file="tp.out")
    with pytest.raises(UnsupportedError, match="selected allele"):
        mssel_command(NEUTRAL, n_windows=1, trajectory_file="tp.out")
