"""What is simulated: sample, locus, population and selection, with priors and trajectories."""

from selbench.scenario.population import Epoch, Population
from selbench.scenario.priors import Prior, Quantity, check_range, highest, lowest
from selbench.scenario.scenario import Locus, Sample, Scenario, Selection, draw_priors
from selbench.scenario.settings import scenario_of
from selbench.scenario.trajectories import Trajectory, read_trajectories, write_trajectories

__all__ = [
    "Epoch",
    "Locus",
    "Population",
    "Prior",
    "Quantity",
    "Sample",
    "Scenario",
    "Selection",
    "Trajectory",
    "check_range",
    "draw_priors",
    "highest",
    "lowest",
    "read_trajectories",
    "scenario_of",
    "write_trajectories",
]
