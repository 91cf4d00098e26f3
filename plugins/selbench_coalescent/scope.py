"""What the engine can and cannot do, said of a scenario before it runs."""

from __future__ import annotations

from selbench import Population, Prior, Scenario, Selection, Trajectory
from selbench.scenario import highest, lowest


def unsupported_history(scenario: Scenario) -> str | None:
    """Say why the engine cannot do a population's history, or None."""
    population = scenario.population
    oldest = population.epochs[-1] if population.epochs else population
    if lowest(oldest.growth_rate) < 0:
        return (
            "population: the oldest epoch grows without end into the past "
            f"(growth_rate = {oldest.growth_rate}), so that ancestors may never meet; "
            "give an older epoch of constant size"
        )
    return None


def unsupported_selection(scenario: Scenario, selection: Selection) -> str | None:
    """Name the first thing about a favoured allele that the engine cannot do, or None."""
    if selection.given_trajectories:
        how = _unsupported_given(scenario, selection)
    else:
        how = _unsupported_start(selection, scenario.population) or _unsupported_sharing(scenario, selection)
    return _unsupported_position(scenario, selection) or how or _unsupported_carriers(scenario, selection)


def _unsupported_position(scenario: Scenario, selection: Selection) -> str | None:
    length = scenario.locus.sequence_length
    outside = lowest(selection.position) < 0 or highest(selection.position) >= length
    if outside and lowest(scenario.locus.recombination_rate) == 0:
        return (
            f"selection.position: {selection.position} lies outside the window of {length} bp, "
            "which needs a recombination_rate above 0"
        )
    return None


def _unsupported_given(scenario: Scenario, selection: Selection) -> str | None:
    if selection.origin == "multiple":
        return 'selection.origin: a given trajectory has one origin; expected "single", found "multiple"'
    for i, trajectory in enumerate(selection.given_trajectories):
        reason = _unsupported_trajectory(trajectory, _least_carriers(scenario, selection))
        if reason is not None:
            return f"selection.given_trajectories[{i}]: {reason}"
    return None


def _unsupported_trajectory(trajectory: Trajectory, least_carriers: int) -> str | None:
    frequencies = trajectory.frequencies
    if frequencies[0] == 0 and least_carriers > 0:
        return f"frequency 0 today cannot have {least_carriers} carriers; expected carriers = 0"
    reached = next((i for i, frequency in enumerate(frequencies) if frequency < 1), 0)
    if 1.0 in frequencies[reached:]:
        return "an allele that was fixed before cannot have a frequency below 1 later"
    return None


def _least_carriers(scenario: Scenario, selection: Selection) -> int:
    if isinstance(selection.carriers, int):
        return selection.carriers
    return {"all": scenario.sample.n_haplotypes, "conditioned": 1, "binomial": 0}[selection.carriers]


def _unsupported_start(selection: Selection, population: Population) -> str | None:
    """Check that frequency and time are told once, and in a way that fits together."""
    ends = [name for name in ("present_frequency", "fixation_time") if getattr(selection, name) is not None]
    onset = [name for name in ("onset_time", "onset_frequency") if getattr(selection, name) is not None]
    if len(ends) > 1 or (len(onset) == 2 and ends) or {"fixation_time", "onset_time"} <= {*ends, *onset}:
        return (
            f"selection: {' and '.join([*ends, *onset])} together: expected present_frequency (alone, or "
            "with onset_time or onset_frequency), fixation_time (alone, or with onset_frequency), "
            "or onset_time (alone, or with onset_frequency)"
        )
    if not ends and not onset:
        return (
            "selection: expected present_frequency, fixation_time, onset_time or a trajectory_file, "
            "found none of them"
        )
    if onset == ["onset_frequency"] and not ends:
        return "selection.onset_frequency: expected onset_time, present_frequency or fixation_time with it"
    return _unsupported_dynamics(selection, population) or _unsupported_frequency(selection)


def _unsupported_dynamics(selection: Selection, population: Population) -> str | None:
    forward = selection.dynamics == "wright-fisher"
    if forward and selection.present_frequency is not None and selection.onset_time is not None:
        return (
            'selection.dynamics: "wright-fisher" cannot be conditioned on present_frequency where '
            'selection begins at onset_time; expected "diffusion"'
        )
    if forward and selection.fixation_time is not None and not population.is_constant:
        return (
            'selection.dynamics: "wright-fisher" until fixation needs a constant population size; '
            'expected "diffusion"'
        )
    if forward and selection.onset_frequency is not None and selection.onset_time is None:
        return (
            'selection.dynamics: "wright-fisher" needs an onset_time to begin at an onset_frequency; '
            'expected "diffusion"'
        )
    has_onset = selection.onset_frequency is not None and selection.onset_time is not None
    if selection.origin == "multiple" and not has_onset:
        return 'selection.origin: "multiple" needs onset_time and onset_frequency, where its copies merge'
    return None


def _unsupported_frequency(selection: Selection) -> str | None:
    for name in ("present_frequency", "onset_frequency"):
        frequency = getattr(selection, name)
        if frequency is None:
            continue
        # a prior is not drawn at its lower end, and the least frequency is that of one copy
        may_touch_0 = name == "onset_frequency" and isinstance(frequency, Prior)
        if not (lowest(frequency) > 0 or (may_touch_0 and lowest(frequency) == 0)) or highest(frequency) >= 1:
            return f"selection.{name}: expected a frequency between 0 and 1, found {frequency}"
    present, onset = selection.present_frequency, selection.onset_frequency
    if present is not None and onset is not None and highest(onset) > lowest(present):
        return (
            f"selection.onset_frequency: expected one below present_frequency = {present}, found {onset}: "
            "it is where selection began"
        )
    return None


def _unsupported_sharing(scenario: Scenario, selection: Selection) -> str | None:
    if selection.trajectories == "each":
        return None
    for name in scenario.priors():
        if name.startswith("population.") or (name.startswith("selection.") and name != "selection.position"):
            return (
                f"selection.trajectories: windows cannot share {selection.trajectories} while {name} "
                'is drawn for each; expected "each"'
            )
    return None


def _unsupported_carriers(scenario: Scenario, selection: Selection) -> str | None:
    n = scenario.sample.n_haplotypes
    if selection.fixation_time is None or selection.carriers in ("all", "binomial", n):
        return None
    return (
        f"selection.carriers: with fixation_time all {n} haplotypes carry the allele; "
        f'expected "all", found {selection.carriers!r}'
    )
