"""What the simulators refuse, by name, and what they keep of a scenario in their windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selbench import (
    Epoch,
    Locus,
    Population,
    Prior,
    Sample,
    Scenario,
    Selection,
    Simulator,
    Trajectory,
    UnsupportedError,
)
from selbench.testing import assert_same_windows
from selbench_coalescent.discoal import Discoal
from selbench_coalescent.engine import run
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel

NEUTRAL = Scenario(Sample(12), Locus(1000, 2e-7, 1e-7), Population(2_000.0))


def selected(**selection: Any) -> Scenario:
    return replace(NEUTRAL, selection=Selection(**selection))


def given(*steps: tuple[float, float], **selection: Any) -> Scenario:
    times, frequencies = zip(*steps, strict=True)
    return selected(given_trajectories=(Trajectory(times, frequencies),), **selection)


REFUSED: list[tuple[Simulator, Scenario, str]] = [
    (Ms(), selected(s=0.1, present_frequency=0.5), "selection: ms is neutral"),
    (Mssel(), NEUTRAL, "selection: missing"),
    (Mssel(), selected(s=0.1), "found none of them"),
    (Mssel(), selected(s=0.1, origin="multiple", onset_time=9, onset_frequency=0.1), "use msms"),
    (Mssel(), given((0.0, 0.5), (9.0, 0.0), origin="multiple"), "mssel has one"),
    (Msms(), given((0.0, 0.5), (9.0, 0.0)), "use mssel"),
    (Msms(), selected(s=0.1, origin="multiple", onset_time=9), "needs onset_time and onset_frequency"),
    (Msms(), selected(s=0.1, onset_frequency=0.1), "expected onset_time, present_frequency or fixation_time"),
    (Discoal(), selected(s=0.1, origin="multiple", onset_time=9, onset_frequency=0.1), "use msms"),
    (
        Discoal(),
        selected(s=0.1, onset_frequency=Prior("uniform", 0.0, 0.6), present_frequency=0.5),
        "expected one below present_frequency = 0.5",
    ),
    (Discoal(), selected(s=0.1, onset_frequency=0.0, fixation_time=0), "between 0 and 1, found 0.0"),
    (
        Discoal(),
        selected(s=0.1, onset_frequency=0.1, fixation_time=0, dynamics="wright-fisher"),
        "needs an onset_time",
    ),
    (
        Msms(),
        selected(s=0.1, origin="multiple", onset_frequency=0.1, fixation_time=0),
        "needs onset_time and onset_frequency",
    ),
    (Msms(), selected(s=0.1, fixation_time=9, present_frequency=0.5), "together"),
    (Msms(), selected(s=0.1, fixation_time=9, onset_time=90), "together"),
    (Msms(), selected(s=0.1, onset_time=9, onset_frequency=0.1, present_frequency=0.5), "together"),
    (Msms(), selected(s=0.1, present_frequency=1.0), "between 0 and 1, found 1.0"),
    (Msms(), selected(s=0.1, fixation_time=9, carriers=5), 'expected "all", found 5'),
    (
        Msms(),
        selected(s=0.1, onset_time=9, present_frequency=0.5, dynamics="wright-fisher"),
        "wright-fisher",
    ),
    (Mssel(), given((0.0, 0.0), carriers=3), "frequency 0 today cannot have 3 carriers"),
    (Mssel(), given((0.0, 0.5), (9.0, 1.0), (20.0, 0.0)), "fixed before"),
    (
        Mssel(),
        selected(s=Prior("uniform", 0.01, 0.1), present_frequency=0.5, trajectories="shared"),
        "selection.s is drawn for each",
    ),
    (
        Mssel(),
        replace(selected(s=0.1, present_frequency=0.5, position=2_000.0), locus=Locus(1000, 1e-7, 0.0)),
        "selection.position: 2000.0 lies outside the window of 1000 bp",
    ),
    (
        Ms(),
        replace(NEUTRAL, population=Population(2_000.0, 0.0, (Epoch(10.0, 100.0, -0.01),))),
        "grows without end",
    ),
    (
        Msms(),
        replace(
            selected(s=0.1, fixation_time=9, dynamics="wright-fisher"),
            population=Population(2_000.0, 0.0, (Epoch(10.0, 100.0),)),
        ),
        "needs a constant population size",
    ),
]


@pytest.mark.parametrize(("simulator", "scenario", "reason"), REFUSED)
def test_what_cannot_be_done_is_refused_by_name(
    simulator: Simulator, scenario: Scenario, reason: str
) -> None:
    told = simulator.unsupported(scenario)
    assert told is not None
    assert reason in told
    assert "\n" not in told
    with pytest.raises(UnsupportedError, match=f"^{simulator.name}: "):
        simulator.simulate(scenario, windows=range(3), seed=1)


def test_conditions_that_nothing_meets_end_in_an_error() -> None:
    scenario = selected(s=-0.5, onset_time=500, onset_frequency=0.01, carriers="conditioned")
    with pytest.raises(UnsupportedError, match="window 0: no trajectory met the conditions"):
        Msms().simulate(scenario, windows=range(1), seed=1)


def test_a_fixation_against_selection_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 4Ns = −800 no mutation is ever fixed; forward runs must give up."""
    monkeypatch.setattr(run, "MOST_MUTATIONS", 100_000)
    scenario = selected(s=-0.1, fixation_time=5, dynamics="wright-fisher", position=500.0)
    with pytest.raises(UnsupportedError, match="window 0: no trajectory met the conditions"):
        Mssel().simulate(scenario, windows=range(1), seed=1)


def test_an_endless_balance_ends_in_an_error() -> None:
    scenario = replace(
        selected(w_AA=1.0, w_Aa=1.2, w_aa=1.0, present_frequency=0.5, carriers=6, position=500.0),
        locus=Locus(1000, 1e-8, 0.0),
    )
    with pytest.raises(UnsupportedError, match="balancing"):
        Msms().simulate(scenario, windows=range(1), seed=1)


ALL_KINDS = {
    "present": selected(s=0.05, present_frequency=0.4, position=500.0),
    "recessive": selected(s=0.05, h=0.0, present_frequency=0.4, position=500.0),
    "fixed": selected(s=0.05, fixation_time=20.0, carriers="all", position=500.0),
    "standing": selected(s=0.05, onset_time=60, onset_frequency=0.1, position=500.0),
    "new": selected(s=0.2, onset_time=60, carriers="conditioned", position=500.0),
    "soft": selected(s=0.05, onset_time=60, present_frequency=0.4, position=500.0),
    "merge": selected(s=0.05, origin="multiple", onset_time=60, onset_frequency=0.1, position=500.0),
    "overdominant": selected(w_AA=1.0, w_Aa=1.01, w_aa=1.0, present_frequency=0.5, position=500.0),
    "shared": selected(s=0.05, present_frequency=0.4, trajectories=3, trajectory_seed=8, position=500.0),
}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_windows_do_not_depend_on_how_they_are_asked_for(kind: str) -> None:
    scenario = ALL_KINDS[kind]
    whole = Msms().simulate(scenario, windows=range(40), seed=5)
    for part in (range(7, 8), range(20, 40), range(0, 40, 3)):
        assert_same_windows(Msms().simulate(scenario, windows=part, seed=5), whole.take(part))
    assert Msms().simulate(scenario, windows=range(40), seed=6).digests() != whole.digests()


def test_carriers_stand_last_in_mssel_and_anywhere_in_msms() -> None:
    scenario = selected(s=0.1, present_frequency=0.5, position=500.5, carriers=5, keep_selected_site=True)
    for simulator, grouped in ((Mssel(), True), (Msms(), False)):
        windows = simulator.simulate(scenario, windows=range(200), seed=1)
        columns = windows.haplotypes[windows.positions == 500.5]
        assert len(columns) == 200
        assert (columns.sum(axis=1) == 5).all()
        assert (columns == [0] * 7 + [1] * 5).all() == grouped


def test_the_selected_site_is_kept_only_inside_and_where_it_varies() -> None:
    kept = {"s": 0.1, "present_frequency": 0.5, "keep_selected_site": True}
    for selection in ({"position": 500.5, "carriers": "all"}, {"position": -10.5, "carriers": 5}):
        windows = Mssel().simulate(selected(**kept, **selection), windows=range(50), seed=1)
        assert not np.isin(windows.positions, [500.5, -10.5]).any()


@pytest.mark.parametrize("carriers", [0, 4, "all", "conditioned", "binomial"])
def test_carriers_are_as_many_as_asked_for(carriers: Any) -> None:
    scenario = selected(s=0.1, present_frequency=0.3, carriers=carriers, position=500.0)
    found = Mssel().simulate(scenario, windows=range(400), seed=3).parameters["n_carriers"]
    if carriers == "conditioned":
        assert found.min() >= 1
        assert found.max() <= 11
    elif carriers == "binomial":
        assert abs(found.mean() - 3.6) < 5.5 * np.sqrt(12 * 0.21 / 400)
    else:
        assert (found == (12 if carriers == "all" else carriers)).all()


def test_given_trajectories_are_taken_in_turn() -> None:
    """Haplotypes that share a carrier of last month have no sites; those of old ones have some."""
    old, young = Trajectory((0.0, 1e6), (0.9, 0.0)), Trajectory((0.0, 1.0), (0.9, 0.0))
    scenario = replace(
        selected(given_trajectories=(old, young), carriers="all", position=500.0), locus=Locus(1000, 1e-6)
    )
    sites = Mssel().simulate(scenario, windows=range(100), seed=1).n_sites
    assert sites[1::2].mean() < 1
    assert sites[::2].min() > 1


def test_priors_are_drawn_used_and_kept() -> None:
    scenario = selected(
        s=Prior("log_uniform", 0.01, 0.3),
        present_frequency=Prior("uniform", 0.2, 0.9),
        position=Prior("uniform", -500.0, 1500.0),
        carriers="all",
    )
    windows = Mssel().simulate(scenario, windows=range(2_000), seed=4)
    s = windows.parameters["selection.s"]
    assert set(windows.parameters) == {
        "selection.s",
        "selection.present_frequency",
        "selection.position",
        "n_carriers",
    }
    assert windows.n_sites[s > 0.15].mean() < 0.7 * windows.n_sites[s < 0.02].mean()
