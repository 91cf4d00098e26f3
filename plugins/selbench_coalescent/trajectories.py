"""Which trajectories a scenario asks for, as the engine takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench import Trajectory, UnsupportedError
from selbench.scenario import elementary
from selbench_coalescent.loss_tables import mean_ages
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.regimes import fitness_effects, regimes_of

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import (
        GivenTrajectories,
        Plan,
        Trajectories,
        TrajectoriesFromMutation,
        TrajectoriesFromOnset,
        TrajectoriesFromPresent,
        TrajectoriesToFixation,
    )

ABSENT = Trajectory(times=(0.0,), frequencies=(0.0,))
"""The trajectory of an allele that never was."""

FREQUENCY_TOLERANCE = 0.05
"""How far a forward trajectory may end from the present frequency, relative to the rarer side's."""
OLDEST_ORIGIN = 10.0
"""How old a mutation may be, relative to the mean age at the largest size: older ones are below 1 %."""
MOST_GENERATIONS = 5_000_000
"""Generations that a forward trajectory may take."""


def trajectories_of(quantities: Quantities) -> Trajectories:
    """Return the trajectories of a scenario that a simulator can do, one for each window."""
    selection = quantities.selection
    if selection.given_trajectories:
        return given_trajectories(selection.given_trajectories, quantities.windows)
    if selection.fixation_time is not None:
        if selection.dynamics == "wright-fisher":
            return _forward_to_fixation(quantities)
        return _back_from_fixation(quantities)
    if selection.present_frequency is not None:
        if selection.dynamics == "wright-fisher":
            return _forward_from_mutation(quantities)
        return _back_from_present(quantities)
    return _from_onset(quantities)


def shared_trajectories(plan: Plan, windows: range, *, seed: int) -> GivenTrajectories:
    """Draw the trajectories that windows share; window i takes number i mod how many there are.

    Parameters
    ----------
    plan : Plan
        One row for each trajectory to be drawn.
    windows : range
    seed : int
        Of the trajectories.
    """
    from selbench_coalescent.engine.plan import GivenTrajectories
    from selbench_coalescent.engine.recording import record_steps

    count = len(plan.position)
    recorded = record_steps(plan, windows=range(count), seed=seed, trajectory_seed=seed + 1)
    ends = np.cumsum([len(trajectory.times) for trajectory in recorded])
    starts = np.concatenate([[0], ends[:-1]])
    taken = np.asarray(windows, dtype=np.int64) % count
    return GivenTrajectories(
        times=np.concatenate([trajectory.times for trajectory in recorded]),
        frequencies=np.concatenate([trajectory.frequencies for trajectory in recorded]),
        first=starts[taken],
        last=ends[taken] - 1,
        today=np.array([trajectory.today for trajectory in recorded])[taken],
    )


def given_trajectories(trajectories: tuple[Trajectory, ...], windows: range) -> GivenTrajectories:
    """Return trajectories over given trajectories; window i takes trajectory i mod their number."""
    from selbench_coalescent.engine.plan import GivenTrajectories

    ends = np.cumsum([len(trajectory.times) for trajectory in trajectories])
    starts = np.concatenate([[0], ends[:-1]])
    taken = np.asarray(windows, dtype=np.int64) % len(trajectories)
    frequencies = np.concatenate([trajectory.frequencies for trajectory in trajectories])
    return GivenTrajectories(
        times=np.concatenate([trajectory.times for trajectory in trajectories]),
        frequencies=frequencies,
        first=starts[taken],
        last=ends[taken] - 1,
        today=frequencies[starts[taken]],
    )


def _back_from_present(quantities: Quantities) -> TrajectoriesFromPresent:
    """Condition on the frequency today; selection began at an onset, if there is one."""
    from selbench_coalescent.engine.plan import TrajectoriesFromPresent

    selection = quantities.selection
    frequency = quantities.of(selection.present_frequency, "selection.present_frequency")
    onset_time = None
    if selection.onset_time is not None:
        onset_time = quantities.of(selection.onset_time, "selection.onset_time")
    onset = _onset_frequency(quantities)
    effects = fitness_effects(quantities)
    regimes = regimes_of(quantities.epochs(), *effects, frequency, onset_time, onset)
    return TrajectoriesFromPresent(frequency, np.zeros(len(frequency)), frequency, regimes, onset)


def _back_from_fixation(quantities: Quantities) -> TrajectoriesFromPresent:
    """Condition on fixation: the last copy without the allele left then."""
    from selbench_coalescent.engine.plan import TrajectoriesFromPresent

    since = quantities.of(quantities.selection.fixation_time, "selection.fixation_time")
    epochs = quantities.epochs()
    nearly_fixed = 1 - 1 / (2 * sizes_at(epochs, since))
    onset = _onset_frequency(quantities)
    regimes = regimes_of(epochs, *fitness_effects(quantities), nearly_fixed, onset_frequency=onset)
    return TrajectoriesFromPresent(nearly_fixed, since, np.ones(len(since)), regimes, onset)


def _onset_frequency(quantities: Quantities) -> NDArray[np.float64] | None:
    """Return the frequency that selection began at, at whatever time, or None: since the allele arose."""
    if quantities.selection.onset_frequency is None:
        return None
    return quantities.of(quantities.selection.onset_frequency, "selection.onset_frequency")


def _forward_to_fixation(quantities: Quantities) -> TrajectoriesToFixation:
    from selbench_coalescent.engine.plan import TrajectoriesToFixation

    since = quantities.of(quantities.selection.fixation_time, "selection.fixation_time")
    return TrajectoriesToFixation(since, 2 * quantities.epochs()[:, 0, 1], *fitness_effects(quantities))


def _forward_from_mutation(quantities: Quantities) -> TrajectoriesFromMutation:
    """Let one mutation arise at any time and keep those that lead near the present frequency."""
    from selbench_coalescent.engine.plan import TrajectoriesFromMutation

    frequency = quantities.of(quantities.selection.present_frequency, "selection.present_frequency")
    epochs, (a, b) = quantities.epochs(), fitness_effects(quantities)
    largest = largest_sizes(epochs)
    oldest = np.ceil(OLDEST_ORIGIN * mean_ages(2 * largest, a, b, frequency))
    if len(oldest) and not oldest.max() < MOST_GENERATIONS:
        raise UnsupportedError(
            f"selection: the favoured allele may be {oldest.max():.3g} generations old, more than the "
            f'{MOST_GENERATIONS} that dynamics = "wright-fisher" runs through; expected "diffusion"'
        )
    tolerance = np.maximum(FREQUENCY_TOLERANCE * np.minimum(frequency, 1 - frequency), 1 / largest)
    return TrajectoriesFromMutation(frequency, tolerance, oldest, 2 * largest, a, b)


def _from_onset(quantities: Quantities) -> TrajectoriesFromOnset:
    """Run forward from onset; before it the allele was neutral, unless it arises there."""
    from selbench_coalescent.engine.plan import TrajectoriesFromOnset

    selection = quantities.selection
    onset = np.maximum(1, np.rint(quantities.of(selection.onset_time, "selection.onset_time")))
    a, b = fitness_effects(quantities)
    new = selection.onset_frequency is None
    frequency = quantities.of(0.0 if new else selection.onset_frequency, "selection.onset_frequency")
    stands = selection.origin == "single" and not new
    before = regimes_of(quantities.epochs(), 0 * a, 0 * b, frequency) if stands else None
    return TrajectoriesFromOnset(onset, frequency, a, b, before)


def largest_sizes(epochs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest number of diploid individuals that each window's population ever had."""
    ends = np.concatenate([epochs[:, 1:, 0], np.full((len(epochs), 1), np.inf)], axis=1)
    shrinks = epochs[:, :, 2] < 0
    at_end = np.where(shrinks, -epochs[:, :, 2] * (np.where(shrinks, ends, 0) - epochs[:, :, 0]), 0.0)
    largest: NDArray[np.float64] = (epochs[:, :, 1] * elementary.exp(at_end)).max(axis=1)
    return largest


def sizes_at(epochs: NDArray[np.float64], time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the diploid individuals of each window's population at a time, generations ago."""
    epoch = (epochs[:, :, 0] <= time[:, None]).sum(axis=1) - 1
    begin, size, growth = np.take_along_axis(epochs, epoch[:, None, None], axis=1)[:, 0].T
    sizes: NDArray[np.float64] = size * elementary.exp(-growth * (time - begin))
    return sizes
