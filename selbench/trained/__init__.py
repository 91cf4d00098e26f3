"""A trained method: what is saved, loaded and asked about new windows."""

from selbench.trained.description import MethodDescription
from selbench.trained.method import TrainedMethod
from selbench.trained.null import NullOrigin, NullScores
from selbench.trained.portrait import Portrait
from selbench.trained.training_ranges import RANGE_STATISTICS, TrainingRanges, training_ranges

__all__ = [
    "RANGE_STATISTICS",
    "MethodDescription",
    "NullOrigin",
    "NullScores",
    "Portrait",
    "TrainedMethod",
    "TrainingRanges",
    "training_ranges",
]
