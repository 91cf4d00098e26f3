"""Tasks × methods × repetitions: what is asked for, and where each class has its windows from."""

from selbench.experiment.experiment import Experiment, Method, Training
from selbench.experiment.table import parse_experiment, read_experiment
from selbench.experiment.task import (
    BLOCK,
    MAX_EMPTY_BLOCKS,
    SPLITS,
    ClassSource,
    KeptWindows,
    Portion,
    Split,
    Task,
    WindowCounts,
    blocks_needed,
    complete_portion,
    keep,
    kept_portion,
    portions,
    read_portion,
    simulate_block,
)

__all__ = [
    "BLOCK",
    "MAX_EMPTY_BLOCKS",
    "SPLITS",
    "ClassSource",
    "Experiment",
    "KeptWindows",
    "Method",
    "Portion",
    "Split",
    "Task",
    "Training",
    "WindowCounts",
    "blocks_needed",
    "complete_portion",
    "keep",
    "kept_portion",
    "parse_experiment",
    "portions",
    "read_experiment",
    "read_portion",
    "simulate_block",
]
