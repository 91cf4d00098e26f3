"""What one method says along a genome, under a name of its own."""

from __future__ import annotations

from dataclasses import dataclass

from selbench.scan.prediction import ScanResult
from selbench.trained import TrainedMethod


@dataclass(frozen=True, eq=False)
class Track:
    """A scan by one method.

    Parameters
    ----------
    label : str
        Tells it from the others that stand on the same axis.
    result : ScanResult
    method : TrainedMethod
    """

    label: str
    result: ScanResult
    method: TrainedMethod
