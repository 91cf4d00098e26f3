"""A piece of a file of null scores as a job of a worker process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.plugin import Simulator
from selbench.scan.null_draws import NullSource
from selbench.scan.null_file import PIECE_WINDOWS
from selbench.scan.worker_methods import MethodAt
from selbench.scenario import Scenario
from selbench.windows import Observation


@dataclass(frozen=True, eq=False)
class NullJob:
    """Draws the windows of a piece.

    Parameters
    ----------
    method : MethodAt
    simulator : Simulator
    scenario : Scenario
    as_trained : Observation
        See `NullSource`.
    number : int
        Of the piece.
    seed : int
        Of the piece.
    """

    method: MethodAt
    simulator: Simulator
    scenario: Scenario
    as_trained: Observation
    number: int
    seed: int

    @property
    def name(self) -> str:
        """What the job is called in messages."""
        return f"piece {self.number + 1} of null windows"

    def run(self, report: Callable[[float, str], None]) -> NDArray[np.float64]:
        """Simulate and ask."""
        source = NullSource(self.method.load(), self.simulator, self.scenario, self.seed, self.as_trained)
        return source.draw(PIECE_WINDOWS).whole
