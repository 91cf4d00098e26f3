"""What the four simulators share: they turn a scenario into a plan and run it on the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from selbench import Scenario, Simulator, UnsupportedError, Windows
from selbench.adapters.ms_program import DEFAULT_TIMEOUT_S
from selbench_coalescent.plans import engine_seeds
from selbench_coalescent.quantities import Quantities

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan, Sites
    from selbench_coalescent.programs import Driver


@dataclass(frozen=True)
class EngineSimulator(Simulator):
    """A simulator on the built-in coalescent engine, or on the user's own program.

    A window depends on the scenario, the seed and its index alone.

    Parameters
    ----------
    program : str
        Run this instead of the engine: ``/path/to/ms``, ``java -jar msms.jar``.
    program_timeout_s : float
        Seconds after which a run of the program, at most 1,000 windows, is killed.
    """

    program: str = ""
    program_timeout_s: float = DEFAULT_TIMEOUT_S
    independent_windows: ClassVar[bool] = True

    @abstractmethod
    def driver(self) -> Driver:
        """Return what runs `program`."""

    @abstractmethod
    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return what the engine is to do for a scenario that this simulator can do."""

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Simulate the windows with these indices.

        Their parameters are what the priors gave and, with selection,
        ``n_carriers``: how many haplotypes carry the favoured allele. Where
        selection began at an ``onset_frequency``, ``n_founders`` tells how many
        copies of the allele, of those that there were then, the sample's
        carriers descend from; NaN where the selected site lies outside the window.
        """
        from selbench_coalescent.engine.run import run_plan

        reason = self.unsupported(scenario)
        if reason is not None:
            raise UnsupportedError(f"{self.name}: {reason}")
        if self.program:
            return self.driver().simulate(scenario, windows=windows, seed=seed)
        quantities = Quantities.draw(scenario, windows=windows, seed=seed)
        ancestor_seed, trajectory_seed = engine_seeds(self.name, seed)
        sites = run_plan(
            self.plan(quantities, seed=seed),
            windows=windows,
            seed=ancestor_seed,
            trajectory_seed=trajectory_seed,
        )
        return Windows(
            spec=scenario.window_spec,
            haplotypes=sites.haplotypes,
            positions=sites.position,
            offsets=sites.offsets,
            parameters=quantities.drawn | _counts(scenario, sites),
        )

    def provenance(self) -> Mapping[str, str]:
        """Return command, version line and checksum of the program, where there is one."""
        return self.driver().provenance() if self.program else {"program": "built-in engine"}


def _counts(scenario: Scenario, sites: Sites) -> dict[str, NDArray[Any]]:
    """Return what is counted in windows with selection, by name, arrays (n_windows,)."""
    if scenario.selection is None:
        return {}
    if scenario.selection.onset_frequency is None:
        return {"n_carriers": sites.carriers}
    return {"n_carriers": sites.carriers, "n_founders": sites.founders}
