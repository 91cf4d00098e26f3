"""Argument lines of ms, mssel and msms: what an option means in the original is what it means here."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selbench import (
    DataError,
    Epoch,
    Locus,
    Population,
    Sample,
    Scenario,
    SelbenchError,
    Selection,
    Trajectory,
    UnsupportedError,
)
from selbench_coalescent.arguments import (
    parse_ms,
    parse_msms,
    parse_mssel,
)

IMAGENE = (
    "java -jar msms.jar -N 10000 -ms 128 2000 -t 48 -r 32 80000 -Sp .50 -SI .0150 1 .010000 "
    "-SAA 600 -SAa 300 -Saa 0 -Smark -eN 0.0875 1 -eN 0.075 0.2 -eN 0 2 -seed 1303"
)


def test_the_seed_studys_neutral_line_in_natural_units() -> None:
    parsed = parse_ms("ms 48 1000 -t 3.2 -r 3.2 1001 -p 3 -seeds 1 2 3", population_size=80_000)
    assert parsed.scenario == Scenario(
        Sample(48), Locus(1000, mutation_rate=1e-8, recombination_rate=1e-8), Population(80_000)
    )
    assert (parsed.n_windows, parsed.position_digits) == (1000, 3)


def test_without_a_size_the_nominal_one_cancels() -> None:
    line = "ms 10 1 -t 3.2 -r 3.2 1001 -eN 0.05 0.5 -eG 0.1 2"
    nominal, other = (parse_ms(line, population_size=n).scenario for n in (10_000, 80_000))
    for scenario in (nominal, other):
        size = scenario.population.size
        assert math.isclose(4 * size * scenario.locus.mutation_rate * 1000, 3.2)
        assert math.isclose(scenario.population.epochs[0].start / (4 * size), 0.05)
        assert math.isclose(scenario.population.epochs[0].size / size, 0.5)
        assert math.isclose(scenario.population.epochs[1].growth_rate * 4 * size, 2)


def test_imagenes_line_with_a_bottleneck_and_standing_variation() -> None:
    parsed = parse_msms(IMAGENE)
    scenario, selection = parsed.scenario, parsed.scenario.selection
    assert scenario.locus.sequence_length == 79_999
    assert scenario.population == Population(20_000, 0.0, (Epoch(3000, 2000), Epoch(3500, 10_000)))
    assert selection is not None
    assert selection.fitnesses == (1.03, 1.015, 1.0)
    assert (selection.onset_time, selection.onset_frequency, selection.origin) == (600, 0.01, "multiple")
    assert selection.position == 39_999.5
    assert (selection.carriers, selection.dynamics) == ("binomial", "wright-fisher")
    assert selection.keep_selected_site
    assert parsed.print_selected_site
    assert (parsed.n_windows, parsed.seed, parsed.position_digits) == (2000, 1303, 5)


def test_msms_fixation_and_its_defaults() -> None:
    selection = parse_msms("-N 80000 -ms 48 3000 -t 3.2 -r 3.2 1001 -SF 0.01 -SA 400").scenario.selection
    assert selection is not None
    assert selection.fitnesses == (1.005, 1.0025, 1.0)
    assert (selection.fixation_time, selection.position, selection.origin) == (3200, 0, "single")
    assert not selection.keep_selected_site


@pytest.mark.parametrize("start", ["msms 128 10 -N 10000", "ms -N 10000 128 10", "-ms 128 10 -N 10000"])
def test_msms_reads_the_line_it_prints_itself(start: str) -> None:
    parsed = parse_msms(f"{start} -t 48 -r 32 80000 -oFP 0.00000000 -seed 0x3eb")
    assert (parsed.seed, parsed.n_windows, parsed.position_digits) == (1003, 10, 8)
    assert parsed.scenario.sample.n_haplotypes == 128
    assert parsed.scenario.population == Population(10_000)


def test_a_new_size_ends_growth_and_growth_keeps_the_size() -> None:
    line = "ms 4 1 -t 1 -G 2 -eN 0.1 3 -eG 0.1 5 -eG 0.3 0"
    population = parse_ms(line, population_size=1000).scenario.population
    assert population.growth_rate == 2 / 4000
    first, second = population.epochs
    assert (first.start, first.size, first.growth_rate) == (400, 3000, 5 / 4000)
    assert (second.start, second.growth_rate) == (1200, 0)
    assert second.size == pytest.approx(3000 * math.exp(-5 * 0.2), rel=1e-10)


def test_one_population_by_number_is_the_population() -> None:
    by_number = parse_ms("8 1 -t 1 -I 1 8 -n 1 2 -g 1 3 -en 0.5 1 4 -eg 0.6 1 1").scenario
    by_name = parse_ms("8 1 -t 1 -eN 0 2 -eG 0 3 -eN 0.5 4 -eG 0.6 1").scenario
    assert by_number == by_name


def test_mssel_counts_base_pairs_from_one(tmp_path: Path) -> None:
    (tmp_path / "tp.out").write_text("ntraj: 1\nnpop: 1\nn: 2\n0 0.25\n0.01 0\n")

    def parse(site: int) -> Selection:
        line = f"mssel 48 1 8 40 tp.out {site} -r 3.2 1001 -t 3.2"
        selection = parse_mssel(line, population_size=80_000, base=tmp_path).scenario.selection
        assert selection is not None
        return selection

    assert (parse(5000).position, parse(5000).carriers) == (4999, 40)
    assert parse(5000).given_trajectories == (Trajectory((0, 3200), (0.25, 0)),)
    assert not parse(5000).keep_selected_site
    assert parse(1).keep_selected_site
    assert not parse(1001).keep_selected_site


def test_an_odd_sample_is_haploid() -> None:
    assert parse_ms("ms 5 1 -t 1").scenario.sample == Sample(5, ploidy=1)


def test_seeds_choose_a_stream() -> None:
    seeds = {parse_ms(f"4 1 -t 1 -seeds {text}").seed for text in ("1 2 3", "1 3 2", "3 2 1", "7")}
    assert len(seeds) == 4
    assert parse_ms("4 1 -t 1").seed is None
    assert parse_msms(f"-ms 4 1 -t 1 -seed {2**62 + 1}").seed == 2**62 + 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ms 48 10", "expected -t"),
        ("ms 48 10 -t 3 -I 2 24 24", "-I 2 24 24: several populations"),
        ("ms 48 10 -t 3 -I 1 24", "all 48 haplotypes"),
        ("ms 48 10 -t 3 -ej 1 2 1", "-ej 1 2 1: several populations"),
        ("ms 48 10 -t 3 -en 1 2 1", "-en 1 2 1: several populations"),
        ("ms 48 10 -s 5", "-s 5: a fixed number"),
        ("ms 48 10 -t 3 -c 2 3", "-c 2 3: gene conversion"),
        ("ms 48 10 -t 3 -T", "-T: trees"),
        ("ms 48 10 -t 3 -wild 4", "-wild 4: unknown option; supported are -t"),
        ("ms 48 10 -t -3", "-t -3: expected a number of at least 0"),
        ("ms 48 10 -t x", "expected a number, found 'x'"),
        ("ms 48 10 -t tbs", "standard input"),
        ("ms 48 10 -t nan", "expected a number"),
        ("ms 48 10 -t 3 > file", "-t 3 > file: expected 1 value"),
        ("ms 48 10 -t 3 -r 3", "-r 3: expected 2 value"),
        ("ms 48 10 -t 3 -r 3 1", "at least 2"),
        ("ms 48 10.5 -t 3", "whole number"),
        ("ms 1 10 -t 3", "at least 2"),
        ("ms 48 0 -t 3", "at least 1"),
        ("ms 48 10 -t 3 -eN 0.1 0", "above 0"),
        ("ms 48 10 -t 3 -p 0", "at least 1"),
        ("ms 48 10 -t 3 -seeds 1 x", "-seeds 1 x: expected whole numbers"),
        ("mssel 48 10 -t 3", "found 'mssel'"),
        ("ms 48 10 -t '3", "split into words"),
        ("", "nsam reps"),
    ],
)
def test_ms_refuses_by_name(line: str, expected: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        parse_ms(line)
    assert expected in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-SAA 4", "-SAA 4: expected -SI (onset) or -SF (fixation)"),
        ("-SI 0.1 2 .1 .1", "-SI 0.1 2 .1 .1: several populations"),
        ("-SI 0.1 1 1.5", "in [0, 1]"),
        ("-SI 0.1 1 .1 -SF 0", "found both"),
        ("-SF 0 0.5", "-SF 0 0.5: selection that ends at a given frequency"),
        ("-SF 0 -eN 0.1 4", "-SF 0: expected a constant population size, found -eN"),
        ("-SI 0.1 1 .1 -SFC", "-SFC: restarts"),
        ("-SI 0.1 1 .1 -Smu 3", "-Smu 3: recurrent mutation"),
        ("-SF 0 -Sc 0 1 3 2 1", "-Sc 0 1 3 2 1: selection that changes"),
        ("-SF 0 -Sp 1.5", "-Sp 1.5: expected a fraction"),
        ("-oFP %d", "-oFP %d: expected a format"),
        ("-N 0", "above 0"),
        ("-p 6", "-p 6: unknown option"),
    ],
)
def test_msms_refuses_by_name(options: str, expected: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        parse_msms(f"msms -ms 8 10 -t 3 {options}")
    assert expected in str(refusal.value)


def test_mssel_refuses_counts_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "tp").write_text("ntraj: 1\nnpop: 1\nn: 2\n0 0.25\n0.01 0\n")
    with pytest.raises(UnsupportedError, match="nanc \\+ nder = nsam = 48, found 47"):
        parse_mssel("48 1 7 40 tp 500 -t 1", base=tmp_path)
    with pytest.raises(DataError, match="none: cannot read"):
        parse_mssel("48 1 8 40 none 500 -t 1", base=tmp_path)
    with pytest.raises(UnsupportedError, match="nanc nder trajfile selsite"):
        parse_mssel("48 1 -t 1", base=tmp_path)


WORDS = st.sampled_from(
    [
        *("48", "10", "0", "1", "-1", "0.5", "1e-3", "x", "'", "-t", "-r", "-N", "-ms", "-I", "-eN", "-eG"),
        *("-en", "-G", "-SI", "-SF", "-SAA", "-Sp", "-Smark", "-p", "-seeds", "-seed", "-T"),
    ]
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_ms, parse_msms, parse_mssel):
        with contextlib.suppress(SelbenchError):
            assert parse(text).n_windows >= 1
