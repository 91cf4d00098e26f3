"""The engine against figures of the real ms, mssel, msms and discoal, copied into this folder as numbers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Locus, Population, Sample, Scenario, Selection, Simulator, Trajectory, Windows
from selbench.statistics import compute
from selbench_coalescent.discoal import Discoal
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel

FIGURES: dict[str, Any] = json.loads(Path(__file__).with_name("original_figures.json").read_text())
OUR_NAMES = {
    "S": "segregating_sites",
    "pi": "nucleotide_diversity",
    "theta_w": "theta_w",
    "tajima_d": "tajimas_d",
    "theta_h": "theta_h",
    "fay_wu_h": "fay_wu_h",
    "n_haps": "distinct_haplotypes",
    "hap_h1": "h1",
    "singletons": "singletons",
}
STUDY = Scenario(Sample(48), Locus(1000, 1e-8, 1e-8), Population(80_000.0))
TEN_KB = Scenario(Sample(48), Locus(10_000, 2e-8, 1e-8), Population(10_000.0))
EIGHTY_KB = Scenario(Sample(48), Locus(80_000, 1.5e-8, 1e-8), Population(10_000.0))


def swept(scenario: Scenario, **selection: Any) -> tuple[Simulator, Scenario]:
    """Return mssel and the scenario with all haplotypes carrying the favoured allele."""
    return Mssel(), Scenario(
        scenario.sample, scenario.locus, scenario.population, Selection(carriers="all", **selection)
    )


def given(name: str) -> tuple[Trajectory, ...]:
    """Return one of the study's own trajectories."""
    numbers = FIGURES["trajectories"][name]
    generations = 4 * numbers["population_size"] * np.array(numbers["times_4N"])
    return (Trajectory(tuple(generations.tolist()), tuple(numbers["frequencies"])),)


def pasted(setting: str) -> tuple[Simulator, Scenario]:
    """Return the simulator and what the original's own argument line asks it for."""
    simulator = Discoal() if setting.startswith("discoal") else Msms()
    return simulator, simulator.parse_command(FIGURES["settings"][setting]["command"]).scenario


SETTINGS: dict[str, tuple[Simulator, Scenario]] = {
    "ms_neutral_paper_mu1e-8": (Ms(), STUDY),
    "ms_neutral_ds5": (Ms(), TEN_KB),
    "mssel_paper_exact_mu1e-8": swept(STUDY, given_trajectories=given("paper"), position=4999.0),
    "mssel_ds5_exact": swept(TEN_KB, given_trajectories=given("ds5"), position=4999.0),
    "mssel_paper_randtraj_mu1e-8": swept(STUDY, s=0.005, present_frequency=0.2195, position=4999.0),
    "mssel_hard_fixed_center_mu1e-8": swept(STUDY, s=0.005, fixation_time=0.0, position=499.0),
    "mssel_ds5_hard_fixed": swept(TEN_KB, s=0.005, fixation_time=0.0, position=4999.0),
    "mssel_hard80kb_s0.02": swept(EIGHTY_KB, s=0.02, fixation_time=0.0, position=39_999.0),
    **{name: pasted(name) for name in FIGURES["settings"] if name.startswith(("msms", "discoal"))},
}


@cache
def simulated(setting: str) -> Windows:
    """Return as many windows as the original made, and at least 4,000."""
    simulator, scenario = SETTINGS[setting]
    n_windows = max(4000, FIGURES["settings"][setting]["windows"])
    return simulator.simulate(scenario, windows=range(n_windows), seed=20_210)


def values_of(setting: str, statistic: str) -> NDArray[np.float64]:
    """Return a statistic of our windows as the figures count it.

    Tajima's D leaves out empty windows; S counts the site that msms prints with
    ``-Smark``, also where all or no haplotypes carry the allele.
    """
    windows = simulated(setting)
    values = compute(windows, [OUR_NAMES[statistic]])[:, 0]
    if statistic == "tajima_d":
        return values[windows.n_sites > 0]
    selection = SETTINGS[setting][1].selection
    marked = setting.startswith("msms") and selection is not None and selection.keep_selected_site
    if statistic == "S" and marked:
        return values + np.isin(windows.parameters["n_carriers"], (0, windows.spec.n_haplotypes))
    return values


@pytest.mark.parametrize("statistic", OUR_NAMES)
@pytest.mark.parametrize("setting", SETTINGS)
class TestFigures:
    def test_means_agree(self, setting: str, statistic: str) -> None:
        """Within 4 standard errors of the difference."""
        theirs = FIGURES["settings"][setting]["statistics"][statistic]
        ours = values_of(setting, statistic)
        standard_error = np.hypot(ours.std(ddof=1) / np.sqrt(len(ours)), theirs["standard_error"])
        assert abs(ours.mean() - theirs["mean"]) <= 4 * standard_error

    def test_distributions_agree(self, setting: str, statistic: str) -> None:
        """At each stored quantile, within the Kolmogorov bound at level 1e-4."""
        theirs = FIGURES["settings"][setting]["statistics"][statistic]
        ours = np.sort(values_of(setting, statistic))
        levels, quantiles = np.array(theirs["quantiles"]).T
        allowed = 2.23 * np.sqrt(1 / len(ours) + 1 / theirs["n"])
        rounding = 1e-9 * np.maximum(1, abs(quantiles))
        below = np.searchsorted(ours, quantiles - rounding, side="left") / len(ours)
        up_to = np.searchsorted(ours, quantiles + rounding, side="right") / len(ours)
        assert (below - allowed <= levels).all()
        assert (levels <= up_to + allowed).all()


@pytest.mark.parametrize("setting", SETTINGS)
def test_as_many_windows_are_empty(setting: str) -> None:
    theirs = FIGURES["settings"][setting]
    windows = simulated(setting)
    empty, expected = (windows.n_sites == 0).mean(), theirs["without_sites"]
    pooled = (empty * len(windows) + expected * theirs["windows"]) / (len(windows) + theirs["windows"])
    spread = np.sqrt(pooled * (1 - pooled) * (1 / len(windows) + 1 / theirs["windows"]))
    assert abs(empty - expected) <= 4 * spread + 1e-12
