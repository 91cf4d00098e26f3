"""The simulator msprime: an independent road to what it can do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain, groupby
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import Citation, Population, Scenario, Selection, Simulator, UnsupportedError, Windows
from selbench.scenario import draw_priors, highest, lowest
from selbench.streams import window_uniforms

_FIXED = 1 - 1e-9
"""Frequency of a fixed allele: msprime needs one below 1, and every haplotype shall carry it."""

_STEPS_PER_GENERATION = 20
_LARGEST_SEED = 2**32 - 2

_BLOCK_WINDOWS = 50
"""Windows per start of msprime, which costs as much as a dozen small windows."""

Window = tuple[NDArray[np.int8], NDArray[np.float64]]


@dataclass(frozen=True)
class Msprime(Simulator):
    """msprime: neutral with any size history; additive sweeps at constant size, complete or partial.

    Known of its sweeps (msprime 1.4): where a sweep begins, one event too many
    happens among the lineages that are left. After a partial sweep to 0.6, two
    haplotypes share an ancestor within it with probability 0.515 where theory
    has 0.367, and 48 of them have 1 % fewer sites and 3 % fewer singletons.
    """

    name: ClassVar[str] = "msprime"
    independent_windows: ClassVar[bool] = True
    citations: ClassVar[tuple[Citation, ...]] = (
        Citation(
            key="baumdicker2022msprime",
            authors="Baumdicker, Franz and Bisschop, Gertjan and Goldstein, Daniel and others",
            title="Efficient ancestry and mutation simulation with msprime 1.0",
            journal="Genetics",
            year=2022,
            doi="10.1093/genetics/iyab229",
        ),
    )

    def unsupported(self, scenario: Scenario) -> str | None:
        """Say which part of a scenario msprime cannot do; priors are tried at both ends."""
        for end in (lowest, highest):
            ends = {name: end(prior) for name, prior in scenario.priors().items()}
            reason = _refusal(scenario.with_values(ends))
            if reason:
                return reason
        return None

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Simulate windows with infinitely many sites: positions are continuous, none is hit twice."""
        reason = self.unsupported(scenario)
        if reason:
            raise UnsupportedError(f"{self.name}: {reason}")
        values = draw_priors(scenario, windows=windows, seed=seed)
        simulated: Iterator[Window]
        if values:
            simulated = chain.from_iterable(
                _windows(_drawn(scenario, values, i), range(index, index + 1), seed, block_windows=1)
                for i, index in enumerate(windows)
            )
        else:
            simulated = _windows(scenario, windows, seed, block_windows=_BLOCK_WINDOWS)
        pairs = list(simulated)
        spec = scenario.window_spec
        return Windows.from_arrays(
            [haplotypes for haplotypes, _ in pairs],
            [positions for _, positions in pairs],
            sequence_length=spec.sequence_length,
            ploidy=spec.ploidy,
            n_haplotypes=spec.n_haplotypes,
            parameters=values,
        )

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return the neutral scenario: msprime makes it too."""
        return replace(scenario, selection=None)

    def provenance(self) -> Mapping[str, str]:
        """Return the installed version of msprime."""
        return {"program": "msprime", "version": version("msprime")}


def _refusal(scenario: Scenario) -> str | None:
    selection = scenario.selection
    if selection is None:
        return None
    if not scenario.population.is_constant:
        return "population: sweeps need a constant size; expected no epochs and no growth"
    checks = {
        f"trajectory_file: {_DRAWS_ITS_OWN}": bool(selection.given_trajectories),
        f"trajectories = {selection.trajectories}: {_DRAWS_ITS_OWN}": selection.trajectories != "each",
        f"dynamics = {selection.dynamics}: expected diffusion": selection.dynamics != "diffusion",
        f"origin = {selection.origin}: expected single": selection.origin != "single",
        "onset: sweeps start from one copy; expected no onset_time and no onset_frequency": (
            selection.onset_time is not None or selection.onset_frequency is not None
        ),
        "keep_selected_site: the selected site is no column of msprime's windows; expected false": (
            selection.keep_selected_site
        ),
        f"selection.position = {selection.position}: expected a site inside the window": not (
            0 <= lowest(selection.position) < scenario.locus.sequence_length
        ),
        "expected either present_frequency or fixation_time": (selection.present_frequency is None)
        == (selection.fixation_time is None),
    }
    for reason, is_met in checks.items():
        if is_met:
            return reason
    return _fitness_refusal(selection) or _carrier_refusal(selection, scenario.population)


_DRAWS_ITS_OWN = "msprime draws its own, one per window; expected 'each' and no file"


def _fitness_refusal(selection: Selection) -> str | None:
    w_AA, w_Aa, w_aa = selection.fitnesses
    if not math.isclose(2 * w_Aa, w_AA + w_aa, rel_tol=1e-9):
        return f"fitnesses {w_AA:g}, {w_Aa:g}, {w_aa:g}: expected additive ones (h = 0.5)"
    if not w_AA > w_aa:
        return f"fitnesses {w_AA:g}, {w_Aa:g}, {w_aa:g}: expected an advantage (s above 0)"
    return None


def _carrier_refusal(selection: Selection, population: Population) -> str | None:
    if selection.fixation_time is not None:
        if selection.carriers not in ("binomial", "all"):
            return f"carriers = {selection.carriers}: expected all of them after a fixation"
        return None
    if selection.carriers != "binomial":
        return f"carriers = {selection.carriers}: expected binomial"
    frequency = lowest(selection.present_frequency or 0.0)
    origin = 1 / (2 * lowest(population.size))
    if not origin < frequency < 1:
        return f"present_frequency = {frequency:g}: expected one between 1/(2N) = {origin:g} and 1"
    return None


def _drawn(scenario: Scenario, values: Mapping[str, NDArray[np.float64]], row: int) -> Scenario:
    return scenario.with_values({name: float(value[row]) for name, value in values.items()})


def _windows(scenario: Scenario, windows: range, seed: int, *, block_windows: int) -> Iterator[Window]:
    """Yield haplotypes (n_sites, n_haplotypes) and positions (n_sites,) of each window of a scenario.

    Ancestries of one block come from one seed, so that msprime starts once for
    them; a block is a fixed range of indices, whichever of them are asked for.
    """
    import msprime

    mutation_seeds = iter(_seeds(seed, windows, "mutations"))
    for block, members in groupby(windows, lambda index: index // block_windows):
        wanted = [index % block_windows for index in members]
        ancestries = msprime.sim_ancestry(
            samples=[msprime.SampleSet(scenario.sample.n_haplotypes, ploidy=1)],
            demography=_demography(scenario.population),
            sequence_length=scenario.locus.sequence_length,
            recombination_rate=scenario.locus.recombination_rate,
            discrete_genome=False,
            model=_models(scenario),
            random_seed=_seeds(seed, range(block, block + 1), "ancestry")[0],
            num_replicates=wanted[-1] + 1,
            record_provenance=False,
        )
        for replicate, ancestry in enumerate(ancestries):
            if replicate in wanted:
                mutated = msprime.sim_mutations(
                    ancestry,
                    rate=scenario.locus.mutation_rate,
                    model=msprime.BinaryMutationModel(),
                    discrete_genome=False,
                    random_seed=next(mutation_seeds),
                    record_provenance=False,
                )
                yield mutated.genotype_matrix(), mutated.sites_position


def _demography(population: Population) -> Any:
    import msprime

    demography = msprime.Demography.isolated_model([population.size], growth_rate=[population.growth_rate])
    for epoch in population.epochs:
        demography.add_population_parameters_change(
            time=epoch.start, initial_size=epoch.size, growth_rate=epoch.growth_rate
        )
    return demography


def _models(scenario: Scenario) -> list[Any]:
    """Return msprime's ancestry models from today backwards: neutral, the sweep, neutral."""
    import msprime

    selection, size = scenario.selection, lowest(scenario.population.size)
    if selection is None:
        return [msprime.StandardCoalescent()]
    w_AA, _, w_aa = selection.fitnesses
    is_fixed = selection.fixation_time is not None
    sweep = msprime.SweepGenicSelection(
        position=selection.position,
        start_frequency=1 / (2 * size),
        end_frequency=_FIXED if is_fixed else selection.present_frequency,
        s=w_AA / w_aa - 1,
        dt=1 / (2 * size * _STEPS_PER_GENERATION),
    )
    since = [msprime.StandardCoalescent(duration=selection.fixation_time)] if selection.fixation_time else []
    return [*since, sweep, msprime.StandardCoalescent()]


def _seeds(seed: int, windows: range, purpose: str) -> list[int]:
    """Return a seed of msprime (1 … 2³² − 1) for each window, from (seed, window index) alone."""
    uniforms = window_uniforms(seed, windows, "msprime", purpose)
    seeds: list[int] = (1 + np.floor(uniforms * _LARGEST_SEED)).astype(np.int64).tolist()
    return seeds
