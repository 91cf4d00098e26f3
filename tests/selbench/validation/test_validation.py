"""selbench validate: simulators that agree are left in peace, those that differ are told apart."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from selbench.errors import DataError, UnsupportedError
from selbench.formats.ms_text import write_ms
from selbench.plugin import Simulator
from selbench.scenario import Scenario
from selbench.testing import neutral_scenario, random_windows
from selbench.validation import (
    Contestant,
    Figures,
    Observed,
    compare,
    measure_simulator,
    measure_text,
    read_figures,
    render_page,
)
from selbench.validation.distributions import distance, distance_p_value
from selbench.windows import Windows

SCENARIO = neutral_scenario()


@dataclass(frozen=True)
class RandomAlleles(Simulator):
    """Random alleles, so many sites per window."""

    name: ClassVar[str] = "random-alleles"
    mean_sites: float = 8.0

    def unsupported(self, scenario: Scenario) -> str | None:
        return "selection" if scenario.selection else None

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        return random_windows(
            len(windows),
            seed=seed + windows.start,
            n_haplotypes=scenario.sample.n_haplotypes,
            sequence_length=scenario.locus.sequence_length,
            mean_sites=self.mean_sites,
        )


def measure(mean_sites: float = 8.0, seed: int = 1, n_windows: int = 1500) -> Contestant:
    return measure_simulator(RandomAlleles(mean_sites), SCENARIO, n_windows=n_windows, seed=seed)


def figures_of(contestant: Contestant, path: Path) -> Path:
    """Publish what was measured, under the names that such files use."""
    names = {"segregating_sites": "S", "tajimas_d": "tajima_d", "theta_w": "theta_w"}
    levels = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    entries = {}
    for name, short in names.items():
        observed = contestant.distributions[name]
        assert isinstance(observed, Observed)
        quantiles = np.quantile(observed.values, levels, method="inverted_cdf")
        entries[short] = {
            "n": observed.n,
            "mean": observed.mean,
            "se_mean": observed.standard_error,
            "quantiles": {str(level): float(x) for level, x in zip(levels, quantiles, strict=True)},
        }
    document = {"replicates": contestant.n_windows, "command": "ms 12 1500 -t 3", "stats": entries}
    path.write_text(json.dumps(document))
    return path


def test_equal_simulators_agree_and_unequal_ones_do_not() -> None:
    first = measure(seed=1)
    assert all(agreement.holds for agreement in compare(first, measure(seed=5000)))
    differing = {agreement.statistic: agreement for agreement in compare(first, measure(9.0, seed=5000))}
    sites = differing["segregating_sites"]
    assert not sites.holds
    assert sites.z > 4
    assert sites.adjusted_p_value < 0.01
    assert sites.first.low < 8 < sites.first.high


def test_windows_asked_for_are_windows_measured() -> None:
    contestant = measure(n_windows=1234)
    assert contestant.n_windows == 1234
    assert contestant.distributions["segregating_sites"].n == 1234
    empty = sum(1 for x in contestant.distributions["segregating_sites"].values if x == 0)  # type: ignore[union-attr]
    assert empty > 0
    assert contestant.distributions["tajimas_d"].n == 1234 - empty
    assert contestant.name == "random-alleles"


def test_a_scenario_beyond_a_simulator_is_refused() -> None:
    from dataclasses import replace

    from selbench.scenario import Selection

    with pytest.raises(UnsupportedError, match="random-alleles cannot do this scenario: selection"):
        measure_simulator(
            RandomAlleles(), replace(SCENARIO, selection=Selection(s=0.1)), n_windows=10, seed=1
        )


def test_published_figures_stand_for_their_windows(tmp_path: Path) -> None:
    figures = read_figures(figures_of(measure(seed=1), tmp_path / "figures.json"))
    assert figures.provenance["command"] == "ms 12 1500 -t 3"
    own = compare(measure(seed=1), figures)
    assert [agreement.distance for agreement in own] == [0, 0, 0]
    assert [agreement.z for agreement in own] == [0, 0, 0]
    assert all(agreement.holds for agreement in compare(figures, measure(seed=5000)))
    assert not all(agreement.holds for agreement in compare(figures, measure(9.0, seed=5000)))
    with pytest.raises(DataError, match="published figures on both"):
        compare(figures, figures)


@pytest.mark.parametrize("text", ["", "{}", '{"replicates": 3, "stats": {"S": {"n": 3}}}', "[1]"])
def test_a_damaged_file_of_figures_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "figures.json"
    path.write_text(text)
    with pytest.raises(DataError, match="expected figures"):
        read_figures(path)


def test_figures_lack_a_statistic_that_is_asked_for(tmp_path: Path) -> None:
    path = figures_of(measure(), tmp_path / "figures.json")
    with pytest.raises(DataError, match="no figures of h12"):
        read_figures(path, statistics=["theta_w", "h12"])


def test_ms_text_is_measured_as_its_windows_are(tmp_path: Path) -> None:
    windows = RandomAlleles().simulate(SCENARIO, windows=range(1000), seed=1).take(range(300))
    path = tmp_path / "windows.txt"
    with path.open("wb") as stream:
        write_ms(windows, stream, command="ms 12 300", seeds=[1])
    from_text = measure_text(path, SCENARIO)
    for agreement in compare(from_text, measure(seed=1, n_windows=300)):
        assert agreement.distance == 0, agreement


values = st.lists(st.integers(0, 6).map(float) | st.floats(-5, 5), min_size=2, max_size=30)


@given(values, values)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_distance_is_that_of_scipy(a: list[float], b: list[float]) -> None:
    expected = stats.ks_2samp(a, b, method="asymp").statistic
    assert distance(Observed.of(a), Observed.of(b)) == pytest.approx(expected, abs=1e-12)


@given(values, values, st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_figures_never_show_more_distance_than_there_is(
    a: list[float], b: list[float], levels: list[float]
) -> None:
    first, second = Observed.of(a), Observed.of(b)
    quantiles = np.quantile(second.values, levels, method="inverted_cdf")
    quoted = Figures(second.n, second.mean, second.standard_error, tuple(levels), tuple(quantiles))
    # a quantile's level lies within one window of F(x)
    assert distance(first, quoted) <= distance(first, second) + 1 / second.n + 1e-12


def test_p_values_of_equal_distributions_are_fair() -> None:
    rng = np.random.default_rng(1)
    p = [
        distance_p_value(distance(Observed.of(rng.random(400)), Observed.of(rng.random(300))), 400, 300)
        for _ in range(400)
    ]
    # 400 tests: 1 % of them below 0.01 is 4; more than 20 has a chance below 1e-8
    assert sum(value < 0.01 for value in p) <= 20
    assert 0.4 < np.mean(p) < 0.7


def test_the_page_stands_alone_and_names_what_differs(tmp_path: Path) -> None:
    first, second = measure(seed=1), measure(9.0, seed=5000)
    agreements = [row for row in compare(first, second) if row.statistic in ("segregating_sites", "h1")]
    page = render_page(first, second, agreements, SCENARIO)
    assert page.count("<svg") == 2
    assert not re.search(r"(src|href)=.(https?:)?//", page)
    assert page == render_page(first, second, agreements, SCENARIO)
    assert "They differ in segregating_sites" in page
    assert "locus.mutation_rate = 7.5e-08" in page
    figures = read_figures(figures_of(first, tmp_path / "figures.json"))
    assert render_page(first, figures, compare(first, figures), SCENARIO).count("<svg") == 3
