"""Windows of one scenario, from Python."""

from __future__ import annotations

from selbench.errors import DataError, ExperimentError
from selbench.experiment import simulate_in_blocks
from selbench.plugin import Registry, Simulator, spelling
from selbench.scenario import Scenario, scenario_of
from selbench.windows import Windows


def simulate(
    simulator: str | Simulator,
    scenario: Scenario | None = None,
    *,
    n_windows: int = 100,
    seed: int = 1,
    label: str | None = None,
    registry: Registry | None = None,
    **settings: object,
) -> Windows:
    """Simulate windows of one scenario.

    Parameters
    ----------
    simulator : str or Simulator
        ``"ms"``, ``"mssel"``, ``"msms[program=/opt/msms]"`` …, or a component.
    scenario : Scenario, optional
        Or else its settings by name, as ``selbench simulate --set`` takes them.
    n_windows : int
    seed : int
        A window depends on the scenario, the seed and its number alone.
    label : str, optional
        Class name of all windows.
    **settings
        ``n_haplotypes``, ``sequence_length`` (bp), ``mutation_rate`` and ``recombination_rate`` (per bp and
        generation), ``population_size`` (diploid individuals), ``demes``; and for selection ``s``, ``h``,
        ``position`` (bp), ``present_frequency``, ``fixation_time`` (generations ago) … What is not given is
        the neutral setting of the seed study: 48 haplotypes, 1,000 bp, 1e-8, 1e-8, 80,000 individuals.

    Returns
    -------
    windows : Windows

    Raises
    ------
    ExperimentError
        If a setting is unknown, or the simulator cannot do the scenario: why.

    Examples
    --------
    >>> import selbench
    >>> selbench.simulate("ms", n_haplotypes=10, mutation_rate=2e-8, n_windows=3, seed=1)
    Windows: 3 windows of 10 haplotypes, 1,000 bp, 53 sites
    """
    if scenario is not None and settings:
        raise ExperimentError(f"a scenario says it all: leave {', '.join(settings)} out")
    if n_windows < 1:
        raise DataError(f"n_windows: expected at least 1, found {n_windows}")
    component = (
        (registry or Registry.installed()).simulators.build(simulator)
        if isinstance(simulator, str)
        else simulator
    )
    asked = scenario or scenario_of(settings, where="simulate")
    if reason := component.unsupported(asked):
        raise ExperimentError(f"simulator {spelling(component)} cannot do this scenario: {reason}")
    windows = Windows.concatenate(list(simulate_in_blocks(component, asked, n_windows=n_windows, seed=seed)))
    return windows if label is None else windows.with_label(label)
