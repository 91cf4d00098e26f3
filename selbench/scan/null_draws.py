"""More windows without selection for a scan, from the scenario that a method's null windows came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.experiment.permission import refuse_programs
from selbench.experiment.sources import MAX_EMPTY_BLOCKS, block_range
from selbench.plugin import Registry, Simulator
from selbench.scan.regions import runs_of
from selbench.scan.sliding import Places
from selbench.scenario import Scenario
from selbench.streams import stream_seed
from selbench.trained import TrainedMethod
from selbench.windows import Windows

STRETCH_WINDOWS = 4
"""Length of a stretch without selection, in windows: what regions are made of is seen in it."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class NullSource:
    """What draws windows without selection for a method.

    Parameters
    ----------
    method : TrainedMethod
    simulator : Simulator
    scenario : Scenario
    seed : int
        A stream of its own: no window of the run is drawn again.
    """

    method: TrainedMethod
    simulator: Simulator
    scenario: Scenario
    seed: int

    @classmethod
    def of(
        cls, method: TrainedMethod, registry: Registry, *, seed: int, allow_programs: bool = False
    ) -> NullSource:
        """Return the source of a method's null windows.

        Raises
        ------
        DataError
            If the method does not know it, or its windows were read from a file.
        ExperimentError
            If it would start a program that nobody gave leave to.
        UnsupportedError
            If the simulator cannot do the scenario.
        """
        null = method.null_scores
        if null is None:
            raise DataError(
                f"{method.spelling}: expected null scores beside it, found none; run the experiment again: "
                "finished work is kept"
            )
        origin = null.origin
        if not origin.simulator:
            raise DataError(
                f"{method.spelling}: its null windows came from {origin.spelling}, so no more can be drawn"
            )
        simulator = registry.simulators.make(origin.simulator, origin.options)
        if not allow_programs:
            refuse_programs(f"{method.spelling}: null windows", simulator.programs)
        scenario = Scenario.from_table(origin.scenario, where="null.json: scenario", error=DataError)
        if reason := simulator.unsupported(scenario):
            raise UnsupportedError(f"{origin.spelling}: {reason}")
        method.check(scenario.window_spec)
        return cls(method, simulator, scenario, stream_seed(seed, "null windows of a scan"))

    def scores(self, n_windows: int, progress: Progress = lambda done, of: None) -> NDArray[np.float64]:
        """Return what the method says of so many new windows: float64 (n_windows,), rising.

        Raises
        ------
        DataError
            If nearly every window is without sites, and the method was trained without such.
        """
        drops = self.method.empty_windows == "drop"
        found: list[NDArray[np.float64]] = []
        done = 0
        for number, windows in enumerate(
            _blocks(self.simulator, self.scenario, self.seed, None if drops else n_windows)
        ):
            kept = windows.take(windows.n_sites > 0) if drops else windows
            found.append(_asked(self.method, kept.take(slice(0, n_windows - done))))
            done += len(found[-1])
            progress(done, n_windows)
            if done == n_windows:
                break
            if number + 1 >= MAX_EMPTY_BLOCKS and done < number + 1:
                raise DataError(
                    f"{self.method.spelling}: its null scenario makes next to no windows with sites"
                )
        return np.sort(np.concatenate(found))

    def peaks(
        self, n_windows: int, *, step_bp: int, threshold: float, progress: Progress = lambda done, of: None
    ) -> tuple[NDArray[np.float64], int] | None:
        """Scan stretches without selection as a genome is scanned.

        Returns
        -------
        peaks : float64 (n_regions,), rising
            Highest score of every run of windows above the threshold.
        n_windows : int
            That were asked about.

        None where the scenario or the simulator knows no longer stretches.
        """
        window_bp = self.method.spec.sequence_length
        steps = math.ceil((STRETCH_WINDOWS - 1) * window_bp / step_bp)
        locus = replace(self.scenario.locus, sequence_length=window_bp + steps * step_bp)
        scenario = replace(self.scenario, locus=locus)
        if scenario.selection is not None or self.simulator.unsupported(scenario):
            return None
        n_stretches = -(-n_windows // (steps + 1))
        starts = np.arange(steps + 1) * step_bp
        peaks: list[float] = []
        n_asked = done = 0
        seed = stream_seed(self.seed, "stretches")
        for stretches in _blocks(self.simulator, scenario, seed, n_stretches):
            for stretch in stretches.take(slice(0, n_stretches - done)):
                scores = self._along(*stretch, starts)
                places = Places(np.zeros(len(starts), dtype=np.int64), starts, window_bp)
                peaks += [float(scores[run].max()) for run in runs_of(scores > threshold, places)]
                n_asked += int((~np.isnan(scores)).sum())
                done += 1
            progress(done, n_stretches)
            if done == n_stretches:
                break
        return np.sort(peaks), n_asked

    def _along(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], starts: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what the method says of every window of a stretch; NaN where it is not asked."""
        spec = self.method.spec
        rows = [slice(*np.searchsorted(positions, [start, start + spec.sequence_length])) for start in starts]
        windows = Windows.from_arrays(
            [haplotypes[row] for row in rows],
            [positions[row] - start for row, start in zip(rows, starts, strict=True)],
            sequence_length=spec.sequence_length,
            ploidy=spec.ploidy,
            n_haplotypes=spec.n_haplotypes,
        )
        scores = np.full(len(windows), np.nan)
        asked = (windows.n_sites > 0) | (self.method.empty_windows == "keep")
        scores[asked] = _asked(self.method, windows.take(asked))
        return scores


def _blocks(simulator: Simulator, scenario: Scenario, seed: int, n_windows: int | None) -> Iterator[Windows]:
    """Simulate block by block without end; no more of a block than is needed where that can be known."""
    block = 0
    while True:
        yield simulator.simulate(
            scenario, windows=block_range(simulator, block, n_windows=n_windows), seed=seed
        )
        block += 1


def _asked(method: TrainedMethod, windows: Windows) -> NDArray[np.float64]:
    if not len(windows):
        return np.empty(0)
    scores: NDArray[np.float64] = method.predict(windows)[:, method.classes.index(method.positive)].astype(
        np.float64
    )
    return scores
