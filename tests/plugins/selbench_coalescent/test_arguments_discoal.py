"""Argument lines of discoal: what an option means in the original is what it means here, and back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import (
    Epoch,
    Locus,
    Population,
    Prior,
    Sample,
    Scenario,
    SelbenchError,
    Selection,
    Trajectory,
    UnsupportedError,
)
from selbench_coalescent.arguments import discoal_command, parse_discoal
from selbench_coalescent.discoal import Discoal

# as published for training diploS/HIC, whose trajectories are those of a million individuals
DIPLOSHIC = (
    "discoal 100 2000 55000 -Pt 41 410 -Pre 150 450 -ws 0 -Pa 250 2500 -Pu 0 0.02 -x 0.5 -Pf 0 0.2 "
    "-en 0.01 0 0.3 -en 0.1 0 1"
)


def selection_of(line: str) -> Selection:
    selection = parse_discoal(line).scenario.selection
    assert selection is not None
    return selection


def test_a_published_soft_sweep_with_priors_in_natural_units() -> None:
    parsed = parse_discoal(DIPLOSHIC)
    per_bp = 4 * 1e6 * 55_000
    assert parsed.scenario.sample == Sample(100)
    assert parsed.scenario.locus.sequence_length == 55_000
    mutation_rate, recombination_rate = (
        parsed.scenario.locus.mutation_rate,
        parsed.scenario.locus.recombination_rate,
    )
    assert isinstance(mutation_rate, Prior)
    assert isinstance(recombination_rate, Prior)
    assert mutation_rate.high == pytest.approx(410 / per_bp)
    assert recombination_rate.kind == "exponential"
    assert (recombination_rate.mean, recombination_rate.high) == pytest.approx((150 / per_bp, 450 / per_bp))
    assert parsed.scenario.population == Population(1e6, epochs=(Epoch(4e4, 3e5), Epoch(4e5, 1e6)))
    assert parsed.scenario.selection == Selection(
        s=Prior("uniform", 2.5e-4, 2.5e-3),
        h=0.5,
        position=27_500.0,
        fixation_time=Prior("uniform", 0.0, 8e4),
        onset_frequency=Prior("uniform", 0.0, 0.2),
        carriers="all",
    )
    assert (parsed.n_windows, parsed.position_digits, parsed.seed) == (2000, 6, None)
    assert Discoal().unsupported(parsed.scenario) is None


def test_a_partial_sweep_keeps_its_site_unless_it_is_hidden() -> None:
    line = "discoal 48 10 20000 -t 16 -r 16 -ws 0 -a 500 -c 0.6 -f 0.1 -x 0.25 -N 10000 -d 1 2"
    parsed = parse_discoal(line)
    assert parsed.scenario.selection == Selection(
        s=0.05,
        h=0.5,
        position=5000.0,
        present_frequency=0.6,
        onset_frequency=0.1,
        carriers="binomial",
        keep_selected_site=True,
    )
    assert (parsed.print_selected_site, parsed.print_lost_site) == (True, False)
    assert parsed.seed == parse_discoal(line).seed != parse_discoal(line.replace("-d 1 2", "-d 2 1")).seed
    assert not selection_of(line + " -h").keep_selected_site
    assert not parse_discoal(line + " -h").print_selected_site


def test_a_neutral_sweep_and_a_site_to_the_left() -> None:
    assert selection_of("discoal 8 1 1000 -t 1 -wn 0.1 -x 1 -N 100") == Selection(
        s=0.0, h=0.5, position=1000.0, fixation_time=40.0, carriers="all"
    )
    # a distance d is 2d in units of 4N₀r·bp
    left = selection_of("discoal 8 1 1000 -t 1 -r 8 -ls 0 3 -a 20 -N 100")
    assert left.position == pytest.approx(-2 * 3 / 8 * 1000)
    assert left.s == 0.2


def test_a_deterministic_sweep_is_a_trajectory() -> None:
    selection = selection_of("discoal 8 1 1000 -t 1 -wd 0.1 -a 100 -N 1000")
    (trajectory,) = selection.given_trajectories
    assert trajectory.frequencies[:2] == pytest.approx((1.0, 1 - 0.0005), abs=1e-5)
    assert trajectory.times[1] == 400
    epsilon = 0.05 / 100
    latest = -2 * np.log(epsilon) / 100
    for i in (100, 500, 1000):
        since = ((trajectory.times[i] + trajectory.times[i + 1]) / 2 - 400) / 2000
        expected = epsilon / (epsilon + (1 - epsilon) * np.exp(100 * (since - latest)))
        assert trajectory.frequencies[i] == pytest.approx(expected, rel=1e-6)
    assert trajectory.frequencies[-2] == pytest.approx(1 / 2000, rel=0.02)


def test_changes_of_size_count_in_order_of_time_and_may_have_priors() -> None:
    line = "discoal 8 1 1000 -t 1 -N 100 -en 0.5 0 2 -en 0 0 3 -en 0.25 0 0.5"
    assert parse_discoal(line).scenario.population == Population(
        300.0, epochs=(Epoch(100, 50), Epoch(200, 200))
    )
    line = "discoal 8 1 1000 -t 1 -N 100 -en 0.5 0 2 -en 0.25 0 0.5 -Pe2 0.5 0.75 1 4"
    assert parse_discoal(line).scenario.population.epochs[1] == Epoch(
        Prior("uniform", 200, 300), Prior("uniform", 100, 400)
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-r 4", "expected -t"),
        ("-t 4 -a 5", "-a 5: expected -ws with it"),
        ("-t 4 -ws 0", "-ws 0: expected -a"),
        ("-t 4 -ws 0.1 -a 5 -c 0.5", "-c 0.5: a partial sweep that ended in the past"),
        ("-t 4 -ws 0 -Pu 0 0.1 -a 5 -Pc 0.1 0.5", "-Pc 0.1 0.5: a partial sweep that ended in the past"),
        ("-t 4 -ws 0 -a 5 -c 1.5", "expected a frequency in"),
        ("-t 4 -ws 0 -a 5 -x 2", "expected a fraction of the window"),
        ("-t 4 -ls 0 3 -a 5", "needs one recombination rate above 0"),
        ("-t 4 -wd 0 -Pa 5 9", "-Pa 5 9: not together with -wd"),
        ("-t 4 -wd 0 -a 5 -en 0.1 0 2", "expected a constant size"),
        ("-t 4 -ws 0 -a 5 -en 0.1 0 2 -Pe1 0.1 0.2 1 2", "discoal writes over the sweep"),
        ("-t 4 -Pe1 0.1 0.2 1 2", "expected as many -en"),
        ("-t 4 -en 0.1 1 2", "several populations"),
        ("-t 4 -p 2 2 2", "several populations"),
        ("-t 4 -ed 1 0 1", "several populations"),
        ("-t 4 -ws 0 -a 5 -uA 1", "recurrent mutation"),
        ("-t 4 -R 1", "recurrent sweeps"),
        ("-t 4 -g 1 100", "gene conversion"),
        ("-t 4 -A 2 0 0.1", "samples from the past"),
        ("-t 4 -T", "trees"),
        ("-t 4 -G 1", "growth is unknown to discoal"),
        ("-t 4 -Pt 3 2", "expected the lower bound first"),
        ("-t 4 -Pre 0 3", "expected a number above 0"),
        ("-t 4 -zz 1", "unknown option"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(options: str, expected: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        parse_discoal(f"discoal 8 1 1000 {options}")
    assert expected in str(refusal.value)
    assert "\n" not in str(refusal.value)


SHORT = Scenario(Sample(8), Locus(1000, 1e-6, 1e-6), Population(1000.0, epochs=(Epoch(50.0, 200.0),)))


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (None, []),
        (
            Selection(s=0.1, h=0.5, position=250.0, fixation_time=40.0, carriers="all"),
            ["-ws", "0.01", "-x", "0.25", "-a", "100"],
        ),
        (
            Selection(s=0.0, h=0.5, position=500.0, fixation_time=0.0, onset_frequency=0.1, carriers="all"),
            ["-wn", "0", "-x", "0.5", "-f", "0.1"],
        ),
        (
            Selection(s=0.1, h=0.5, position=-500.0, present_frequency=0.6, keep_selected_site=True),
            ["-ls", "0", "1", "-a", "100", "-c", "0.6"],
        ),
        (
            Selection(s=0.1, h=0.5, present_frequency=0.6),
            ["-ws", "0", "-x", "0", "-a", "100", "-c", "0.6", "-h"],
        ),
    ],
)
def test_what_is_written_is_read_back(selection: Selection | None, words: list[str]) -> None:
    scenario = replace(SHORT, selection=selection)
    found = discoal_command(scenario, n_windows=7, seeds=(5, 6))
    start, end = (
        ["8", "7", "1000", "-t", "4", "-r", "4", "-N", "1000"],
        ["-en", "0.0125", "0", "0.2", "-d", "5", "6"],
    )
    assert found == [*start, *words, *end]
    assert parse_discoal(" ".join(found)).scenario == scenario


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"s": Prior("uniform", 0, 0.1)}, "does not tell what it drew"),
        ({"position": 1500.0}, "expected a site in the window or to its left"),
        ({"h": 1.0}, "expected additive ones"),
        ({"s": -0.1}, "expected additive ones"),
        ({"onset_time": 5.0, "present_frequency": 0.5, "fixation_time": None}, "no time of onset"),
        ({"fixation_time": None}, "expected either"),
        ({"carriers": 3}, "carriers = 3"),
        ({"trajectories": "shared"}, "expected 'each'"),
        ({"dynamics": "wright-fisher"}, "expected 'diffusion'"),
        ({"origin": "merge"}, "take msms"),
        ({"given_trajectories": (Trajectory((0, 5), (0.5, 0)),)}, "take mssel"),
    ],
)
def test_discoal_says_what_it_cannot_be_asked(change: dict[str, Any], expected: str) -> None:
    selection = replace(Selection(s=0.1, position=500.0, fixation_time=0.0, carriers="all"), **change)
    with pytest.raises(UnsupportedError) as refusal:
        discoal_command(replace(SHORT, selection=selection), n_windows=1)
    assert expected in str(refusal.value)


def test_discoal_needs_whole_individuals_and_knows_no_growth() -> None:
    with pytest.raises(UnsupportedError, match="whole number"):
        discoal_command(replace(SHORT, population=Population(1000.5)), n_windows=1)
    with pytest.raises(UnsupportedError, match="sudden changes"):
        discoal_command(replace(SHORT, population=Population(1000.0, 0.1)), n_windows=1)


WORDS = [*DIPLOSHIC.split()[4:], "-c", "-h", "-wn", "-1", "1e400", "-en"]


@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_any_line_is_read_or_refused(words: list[str]) -> None:
    with contextlib.suppress(SelbenchError):
        parse_discoal(" ".join(["discoal 8 1 1000 -t 1", *words]))
