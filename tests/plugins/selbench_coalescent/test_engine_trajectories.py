"""Frequency trajectories against theory, and against forward simulation that knows nothing of diffusions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Epoch, Locus, Population, Sample, Scenario, Selection
from selbench_coalescent.engine.recording import RecordedTrajectory, record_steps
from selbench_coalescent.loss_tables import loss_tables, mean_ages, node_frequencies
from selbench_coalescent.msms import Msms
from selbench_coalescent.quantities import Quantities

SIZE = 500.0
SEED = 1977


def drawn_trajectories(
    n_trajectories: int, population: Population | None = None, **selection: Any
) -> list[RecordedTrajectory]:
    scenario = Scenario(Sample(10), Locus(100, 1e-8), population or Population(SIZE), Selection(**selection))
    assert Msms().unsupported(scenario) is None
    windows = range(n_trajectories)
    plan = Msms().plan(Quantities.draw(scenario, windows=windows, seed=SEED), seed=SEED)
    return record_steps(plan, windows=windows, seed=SEED, trajectory_seed=SEED + 1)


def ages_of(trajectories: list[RecordedTrajectory]) -> NDArray[np.float64]:
    return np.array([trajectory.times[-1] for trajectory in trajectories])


def forward(
    population: Population, w_AA: float, w_Aa: float, *, oldest: int, n_mutations: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Let mutations arise evenly in copies and generations; return origin and frequency of survivors."""
    rng = np.random.default_rng(SEED)
    sizes = np.full(oldest + 1, float(population.size))
    for epoch in population.epochs:
        sizes[int(epoch.start) :] = epoch.size
    copies = np.rint(2 * sizes).astype(np.int64)
    origins = rng.choice(np.arange(1, oldest + 1), n_mutations, p=copies[1:] / copies[1:].sum())
    origins = np.sort(origins)[::-1]
    alive_origin, alive_p = np.empty(0, dtype=np.int64), np.empty(0)
    arisen = 0
    for g in range(oldest, 0, -1):
        new = int(np.searchsorted(-origins, -g, side="right"))
        alive_origin = np.concatenate([alive_origin, origins[arisen:new]])
        alive_p = np.concatenate([alive_p, np.full(new - arisen, 1 / copies[g])])
        arisen = new
        mean = alive_p**2 * w_AA + 2 * alive_p * (1 - alive_p) * w_Aa + (1 - alive_p) ** 2
        gametes = alive_p * (alive_p * w_AA + (1 - alive_p) * w_Aa) / mean
        alive_p = rng.binomial(copies[g - 1], np.minimum(gametes, 1)) / copies[g - 1]
        kept = (alive_p > 0) & (alive_p < 1)
        alive_origin, alive_p = alive_origin[kept], alive_p[kept]
    return alive_origin, alive_p


def test_age_of_a_neutral_allele() -> None:
    """−4N·x·log(x)/(1−x) generations (Kimura & Ohta 1973)."""
    ages = ages_of(drawn_trajectories(6_000, s=0.0, present_frequency=0.3))
    expected = -4 * SIZE * 0.3 * np.log(0.3) / 0.7
    assert abs(ages.mean() / expected - 1) < 5.5 * ages.std() / expected / np.sqrt(len(ages)) + 0.01


@pytest.mark.parametrize(
    ("fitnesses", "frequency"),
    [
        ({"s": 0.05}, 0.4),
        ({"s": -0.05}, 0.1),
        ({"s": 0.05, "h": 0.0}, 0.4),
        ({"s": 0.05, "h": 1.0}, 0.4),
        ({"w_AA": 1.0, "w_Aa": 1.01, "w_aa": 1.0}, 0.5),
        ({"w_AA": 1.01, "w_Aa": 1.02, "w_aa": 1.0}, 0.3),
    ],
)
def test_age_under_selection_is_that_of_the_diffusion(fitnesses: dict[str, float], frequency: float) -> None:
    """Steps of many generations give the mean of the integral over the diffusion's scale and speed."""
    ages = ages_of(drawn_trajectories(3_000, present_frequency=frequency, **fitnesses))
    w_AA, w_Aa, w_aa = Selection(**fitnesses).fitnesses
    a, b = np.array([w_Aa / w_aa - 1]), np.array([w_AA / w_aa - 1])
    expected = mean_ages(np.array([2 * SIZE]), a, b, np.array([frequency]))[0]
    assert abs(ages.mean() / expected - 1) < 5.5 * ages.std() / expected / np.sqrt(len(ages)) + 0.05


BOTTLENECK = Population(300.0, 0.0, (Epoch(50.0, 60.0), Epoch(90.0, 400.0)))


@pytest.mark.slow
@pytest.mark.parametrize("h", [0.5, 1.0])
def test_origins_through_a_bottleneck_are_those_of_forward_simulation(h: float) -> None:
    """Conditioned on a present frequency in a changing population, by either dynamics."""
    origins, p = forward(BOTTLENECK, 1.08, 1 + h * 0.08, oldest=1_200, n_mutations=700_000)
    expected = origins[abs(p - 0.3) < 0.05]
    assert len(expected) > 90
    for dynamics, n_trajectories in (("diffusion", 1_000), ("wright-fisher", 100)):
        trajectories = drawn_trajectories(
            n_trajectories, BOTTLENECK, s=0.08, h=h, present_frequency=0.3, dynamics=dynamics
        )
        ages = ages_of(trajectories)
        spread = np.hypot(expected.std() / np.sqrt(len(expected)), ages.std() / np.sqrt(len(ages)))
        assert abs(ages.mean() - expected.mean()) < 5.5 * spread + 0.03 * expected.mean()
        for bound in (50, 90):
            share, other = (ages < bound).mean(), (expected < bound).mean()
            assert abs(share - other) < 5.5 * np.sqrt(0.25 / len(ages) + 0.25 / len(expected))
        if dynamics == "wright-fisher":
            assert all(abs(trajectory.today - 0.3) <= 0.05 * 0.3 for trajectory in trajectories)


def test_forward_paths_have_the_moments_of_selection_and_drift() -> None:
    """One generation from p₀ adds s/2·p(1−p) on average, with variance p(1−p)/2N."""
    trajectories = drawn_trajectories(20_000, s=0.1, onset_time=1, onset_frequency=0.3, origin="multiple")
    today = np.array([trajectory.today for trajectory in trajectories])
    mean = 0.3 * (0.3 * 1.1 + 0.7 * 1.05) / (0.09 * 1.1 + 0.42 * 1.05 + 0.49)
    assert abs(today.mean() - mean) < 5.5 * today.std() / np.sqrt(len(today))
    assert abs(today.var() / (mean * (1 - mean) / (2 * SIZE)) - 1) < 0.06


def test_paths_to_fixation_take_as_long_forward_as_back() -> None:
    ages = [
        ages_of(drawn_trajectories(1_500, s=0.08, fixation_time=30.0, dynamics=dynamics))
        for dynamics in ("diffusion", "wright-fisher")
    ]
    spread = np.sqrt(sum(age.var() / len(age) for age in ages))
    assert abs(ages[0].mean() - ages[1].mean()) < 5.5 * spread + 0.01 * ages[1].mean()


def test_an_allele_stood_neutrally_before_selection_began() -> None:
    """The age before onset is that of a neutral allele at the frequency it had then."""
    trajectories = drawn_trajectories(4_000, s=0.1, onset_time=20, onset_frequency=0.05)
    before = ages_of(trajectories) - 20
    expected = -4 * SIZE * 0.05 * np.log(0.05) / 0.95
    assert abs(before.mean() / expected - 1) < 5.5 * before.std() / expected / np.sqrt(len(before)) + 0.02


def looking_back(
    sizes: list[tuple[float, float]], s: float, onset: float, x: float, *, n: int
) -> NDArray[np.float64]:
    """Draw ages by ten steps a generation: conditioned on loss, selected down to `onset`, then neutral.

    Sizes are (generations ago, diploid individuals). What was accepted is as
    much more likely as the population was larger where the allele arose.
    """
    rng, per_generation, largest = np.random.default_rng(7), 10, max(size for _, size in sizes)
    rare, ages = np.full(n, 1 - x), np.zeros(n)
    selected, alive, step = np.full(n, True), np.arange(n), 0
    while len(alive):
        size = next(size for begin, size in reversed(sizes) if begin * per_generation <= step)
        dt, a, y = 1 / (2 * size * per_generation), size * s, rare[alive]
        pull = np.where(selected[alive], a * y * (1 - y) / np.tanh(a * y), 1 - y)
        y = y + pull * dt + rng.choice([-1, 1], len(y)) * np.sqrt(np.maximum(y * (1 - y), 0) * dt)
        rare[alive] = np.clip(y, 1e-9, 1)
        selected[alive] &= rare[alive] < 1 - onset
        step += 1
        lost = rare[alive] >= 1 - 1 / (2 * size)
        ages[alive[lost]] = np.where(rng.random(lost.sum()) * largest < size, step / per_generation, np.nan)
        alive = alive[~lost]
    return ages[~np.isnan(ages)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "observed"),
    [
        ([(0.0, 300.0)], {"fixation_time": 0.0}),
        ([(0.0, 300.0)], {"present_frequency": 0.7}),
        ([(0.0, 300.0), (40.0, 150.0), (200.0, 600.0)], {"present_frequency": 0.7}),
    ],
)
def test_an_allele_stood_neutrally_below_its_frequency_of_onset(
    sizes: list[tuple[float, float]], observed: dict[str, float]
) -> None:
    population = Population(sizes[0][1], epochs=tuple(Epoch(*change) for change in sizes[1:]))
    ages = ages_of(drawn_trajectories(3_000, population, s=0.2, onset_frequency=0.2, **observed))
    start = observed.get("present_frequency", 1 - 1 / (2 * sizes[0][1]))
    expected = looking_back(sizes, 0.2, 0.2, start, n=2_500)
    spread = np.hypot(ages.std() / np.sqrt(len(ages)), expected.std() / np.sqrt(len(expected)))
    assert abs(ages.mean() - expected.mean()) < 5.5 * spread
    assert abs(np.median(ages) - np.median(expected)) < 7 * spread


def test_the_founders_of_a_soft_sweep_are_those_of_a_coalescent_along_its_trajectory() -> None:
    """Carriers of today that descend from one copy at onset met along the trajectory since."""
    n, count, onset = 8, 4_000, 60
    selection = Selection(
        s=0.1, onset_time=onset, onset_frequency=0.2, present_frequency=None, carriers=n, position=50.0
    )
    scenario = Scenario(Sample(n + 2), Locus(100, 1e-8, 1e-5), Population(float(SIZE)), selection)
    found = Msms().simulate(scenario, windows=range(count), seed=3).parameters["n_founders"]
    rng, expected = np.random.default_rng(4), []
    drawn = drawn_trajectories(count, s=0.1, onset_time=onset, onset_frequency=0.2, carriers=n)
    for trajectory in drawn:
        k = n
        for begin, end, p in zip(
            trajectory.times, trajectory.times[1:], trajectory.frequencies, strict=False
        ):
            left = min(end, onset) - begin
            while left > 0 and k > 1:
                wait = rng.exponential(2 * SIZE * p / (k * (k - 1) / 2))
                k, left = (k - 1 if wait < left else k), left - wait
        expected.append(k)
    spread = np.hypot(np.std(found), np.std(expected)) / np.sqrt(count)
    assert abs(found.mean() - np.mean(expected)) < 5 * spread


def test_founders_are_one_for_a_new_allele_and_unknown_outside_the_window() -> None:
    def founders(onset_frequency: float, position: float = 50.0) -> NDArray[np.float64]:
        selection = Selection(
            s=0.1, fixation_time=0.0, onset_frequency=onset_frequency, position=position, carriers="all"
        )
        scenario = Scenario(Sample(20), Locus(100, 1e-6, 1e-5), Population(float(SIZE)), selection)
        return Msms().simulate(scenario, windows=range(300), seed=3).parameters["n_founders"]

    assert (founders(1e-6) == 1).all()
    few, many = founders(0.05), founders(0.5)
    assert 1 < few.mean() < many.mean() <= 20
    assert np.isnan(founders(0.05, position=-10.0)).all()


def test_tables_of_loss_agree_with_additive_selection() -> None:
    x = node_frequencies()
    for s in (0.02, -0.02, 1e-7):
        table = loss_tables(np.array([2e4]), np.array([s / 2]), np.array([s]))[0]
        strength = 4e4 * s / 2
        exact = np.log(strength / -np.expm1(-strength * (1 - x))) + np.log1p(-x)
        np.testing.assert_allclose(table, exact, atol=2e-4)
