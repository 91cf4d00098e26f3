"""Tasks × methods × repetitions: what is asked for, and where each class has its windows from."""

from selbench.experiment.experiment import Experiment, Method, Training
from selbench.experiment.permission import expect_leave, programs_of, programs_without_leave
from selbench.experiment.sources import (
    BLOCK,
    MAX_EMPTY_BLOCKS,
    DatasetClass,
    SimulatedClass,
    keep,
    kept_of_block,
    simulate_in_blocks,
)
from selbench.experiment.table import parse_experiment, read_experiment
from selbench.experiment.task import (
    SPLITS,
    ClassSource,
    KeptWindows,
    Portion,
    Split,
    Target,
    Task,
    WindowCounts,
    portions,
)

__all__ = [
    "BLOCK",
    "MAX_EMPTY_BLOCKS",
    "SPLITS",
    "ClassSource",
    "DatasetClass",
    "Experiment",
    "KeptWindows",
    "Method",
    "Portion",
    "SimulatedClass",
    "Split",
    "Target",
    "Task",
    "Training",
    "WindowCounts",
    "expect_leave",
    "keep",
    "kept_of_block",
    "parse_experiment",
    "portions",
    "programs_of",
    "programs_without_leave",
    "read_experiment",
    "simulate_in_blocks",
]
