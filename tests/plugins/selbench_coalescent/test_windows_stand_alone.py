"""A window is made of scenario, seed and index alone: no batch and no neighbour shows in its bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

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
    Windows,
)
from selbench.scenario import Quantity
from selbench.testing import assert_same_windows
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel

LENGTH = 2_000
SIZE = 300.0


def quantities(low: float, high: float) -> st.SearchStrategy[Quantity]:
    """A number, or a prior on that range."""
    return st.one_of(st.sampled_from([low, (low + high) / 2, high]), st.just(Prior("uniform", low, high)))


def histories() -> st.SearchStrategy[Population]:
    """Sizes that stay, step, grow, shrink, or differ between windows."""
    return st.one_of(
        st.builds(Population, quantities(SIZE / 2, SIZE)),
        st.builds(Population, quantities(SIZE, 2 * SIZE), quantities(-1e-3, 5e-3), st.tuples(epochs(40, 60))),
        st.builds(
            Population,
            quantities(SIZE, 2 * SIZE),
            st.just(0.0),
            st.tuples(epochs(20, 30), epochs(50, 90)),
        ),
    )


def epochs(first: float, last: float) -> st.SearchStrategy[Epoch]:
    return st.builds(Epoch, quantities(first, last), quantities(SIZE / 4, SIZE))


FITNESSES = st.one_of(
    st.fixed_dictionaries({"s": quantities(0.01, 0.2)}),
    st.fixed_dictionaries({"s": quantities(0.01, 0.2), "h": quantities(0.0, 1.0)}),
    st.fixed_dictionaries({"s": quantities(-0.05, -0.01)}),
    st.fixed_dictionaries({"w_AA": quantities(1.0, 1.03), "w_Aa": st.just(1.03), "w_aa": st.just(1.0)}),
)
FAVOURED = st.fixed_dictionaries({"s": quantities(0.05, 0.2), "h": quantities(0.5, 1.0)})
CARRIERS = st.sampled_from(["binomial", "conditioned", "all", 1, 5])
DRAWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "present": st.fixed_dictionaries({"present_frequency": quantities(0.2, 0.9), "carriers": CARRIERS}),
    "present, selected since": st.fixed_dictionaries(
        {"present_frequency": quantities(0.2, 0.9), "onset_time": quantities(10, 80), "carriers": CARRIERS}
    ),
    "fixed": st.fixed_dictionaries({"fixation_time": quantities(0.0, 60.0)}),
    "fixed, from standing": st.fixed_dictionaries(
        {"fixation_time": quantities(0.0, 60.0), "onset_frequency": quantities(0.05, 0.3)}
    ),
    "present, from standing": st.fixed_dictionaries(
        {"present_frequency": quantities(0.4, 0.9), "onset_frequency": quantities(0.05, 0.3)}
    ),
    "fixed, forward": st.fixed_dictionaries(
        {"fixation_time": quantities(0.0, 60.0), "dynamics": st.just("wright-fisher")}
    ),
    "present, forward": st.fixed_dictionaries(
        {"present_frequency": quantities(0.2, 0.5), "dynamics": st.just("wright-fisher")}
    ),
    "new": st.fixed_dictionaries({"onset_time": quantities(10, 80)}),
    "standing": st.fixed_dictionaries(
        {"onset_time": quantities(10, 80), "onset_frequency": quantities(0.1, 0.5)}
    ),
    "merging": st.fixed_dictionaries(
        {
            "onset_time": quantities(10, 80),
            "onset_frequency": quantities(0.1, 0.5),
            "origin": st.just("merge"),
        }
    ),
}
GIVEN = st.fixed_dictionaries(
    {
        "given_trajectories": st.just(
            (Trajectory((0.0, 40.0, 90.0), (0.7, 0.3, 0.0)), Trajectory((0.0, 7.5), (0.5, 0.0)))
        ),
        "carriers": CARRIERS,
    }
)
OBSERVED = st.fixed_dictionaries(
    {
        "position": quantities(-500.0, LENGTH + 500.0),
        "keep_selected_site": st.booleans(),
        "trajectories": st.sampled_from(["each", "each", "shared", 3]),
    }
)
RECOMBINATION_RATES = st.one_of(quantities(1e-6, 2e-5), st.just(0.0))
LOCI = st.builds(Locus, st.just(LENGTH), quantities(1e-6, 1e-5), RECOMBINATION_RATES)
SAMPLES = st.builds(Sample, st.sampled_from([2, 6, 64, 65, 130]), st.just(1))


def simulate_or_give_up(simulator: Simulator, scenario: Scenario, windows: range) -> Windows:
    try:
        return simulator.simulate(scenario, windows=windows, seed=3)
    except UnsupportedError:  # no such path among many tries
        assume(False)
        raise


def assert_each_stands_alone(simulator: Simulator, scenario: Scenario) -> None:
    """A batch, its last window by itself, and every third of them backwards: always the same bytes."""
    assume(simulator.unsupported(scenario) is None)
    windows = range(990, 1010)
    whole = simulate_or_give_up(simulator, scenario, windows)
    for part in (slice(19, 20), slice(None, None, -3)):
        found = simulator.simulate(scenario, windows=windows[part], seed=3)
        assert_same_windows(found, whole.take(part))


EXAMPLES = settings(
    max_examples=12, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


@EXAMPLES
@given(SAMPLES, LOCI, histories())
def test_neutral_windows(sample: Sample, locus: Locus, population: Population) -> None:
    assert_each_stands_alone(Ms(), Scenario(sample, locus, population))


@pytest.mark.parametrize("kind", DRAWN)
@EXAMPLES
@given(data=st.data(), sample=SAMPLES, locus=LOCI, population=histories())
def test_windows_with_a_drawn_trajectory(
    kind: str, data: st.DataObject, sample: Sample, locus: Locus, population: Population
) -> None:
    # forward paths are drawn until one is accepted, which would take long against selection
    fitnesses = data.draw(FAVOURED if kind.endswith("forward") else FITNESSES)
    selection = Selection(**fitnesses, **data.draw(DRAWN[kind]), **data.draw(OBSERVED))
    assume(not isinstance(selection.carriers, int) or selection.carriers <= sample.n_haplotypes)
    simulator = data.draw(st.sampled_from([Mssel(), Msms()]))
    assert_each_stands_alone(simulator, Scenario(sample, locus, population, selection))


@EXAMPLES
@given(data=st.data(), sample=SAMPLES, locus=LOCI, population=histories())
def test_windows_with_a_given_trajectory(
    data: st.DataObject, sample: Sample, locus: Locus, population: Population
) -> None:
    selection = Selection(**data.draw(GIVEN), **data.draw(OBSERVED))
    assume(not isinstance(selection.carriers, int) or selection.carriers <= sample.n_haplotypes)
    assert_each_stands_alone(Mssel(), Scenario(sample, locus, population, selection))
