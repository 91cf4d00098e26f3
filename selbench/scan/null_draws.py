"""More windows without selection for a scan, from the scenario that a method's null windows came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.experiment.observation import ObservationSettings
from selbench.experiment.permission import refuse_programs
from selbench.experiment.sources import BLOCK, MAX_EMPTY_BLOCKS, block_range
from selbench.formats.genome_windows import Places
from selbench.plugin import Registry, Simulator
from selbench.scan.observation import GenomeSeen
from selbench.scan.regions import runs_of
from selbench.scenario import Scenario
from selbench.streams import stream_seed
from selbench.tables import from_table
from selbench.trained import Portrait, TrainedMethod
from selbench.trained.portrait import MOST_DRAWN
from selbench.windows import WHOLE, Observation, Windows

STRETCH_WINDOWS = 4
"""Length of a stretch without selection, in windows: what regions are made of is seen in it."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a method says of new windows without selection.

    Parameters
    ----------
    whole : float64 (n_windows,), rising
        Of windows that count as observed from end to end.
    partly : mapping of int to float64 (n_windows,), rising
        Of the same with gaps, by class.
    portrait : Portrait
        Of those without gaps.
    """

    whole: NDArray[np.float64]
    partly: Mapping[int, NDArray[np.float64]]
    portrait: Portrait


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
    as_trained : Observation
        Phase, inbreeding and polarisation of the method's own windows; gaps and losses are those of the
        genome that is scanned.
    """

    method: TrainedMethod
    simulator: Simulator
    scenario: Scenario
    seed: int
    as_trained: Observation = field(default_factory=Observation)

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
        stream = stream_seed(seed, "null windows of a scan")
        return cls(method, simulator, scenario, stream, _as_trained(origin.observation))

    def draw(
        self,
        n_windows: int,
        seen: GenomeSeen | None = None,
        progress: Progress = lambda done, of: None,
    ) -> Drawn:
        """Ask the method about so many new windows, seen as a genome was; those it declines have no score.

        Raises
        ------
        DataError
            If nearly every window is without sites, and the method was trained without such.
        """
        seen = seen or GenomeSeen()
        drops = self.method.empty_windows == "drop"
        numbers = dict.fromkeys((WHOLE, *seen.by_class))
        laid_as = {number: seen.of_class(number, self.as_trained) for number in numbers}
        found: dict[int, list[NDArray[np.float64]]] = {number: [] for number in numbers}
        looked_at: list[Windows] = []
        done = 0
        blocks = _blocks(self.simulator, self.scenario, self.seed, None if drops else n_windows)
        for block, windows in enumerate(blocks):
            n_wanted = n_windows - done
            for number, scores in found.items():
                indices = range(block * BLOCK, block * BLOCK + len(windows))
                seed = stream_seed(self.seed, "seen", number)
                laid = laid_as[number].laid_on(windows, indices=indices, seed=seed)
                kept = (laid.take(laid.n_sites > 0) if drops else laid).take(slice(0, n_wanted))
                scores.append(_asked(self.method, kept))
                if number == WHOLE:
                    done += len(kept)
                    looked_at += [kept] if done - len(kept) < MOST_DRAWN else []
            progress(done, n_windows)
            if done == n_windows:
                break
            if block + 1 >= MAX_EMPTY_BLOCKS and done < block + 1:
                raise DataError(
                    f"{self.method.spelling}: its null scenario makes next to no windows with sites"
                )
        drawn = {number: np.concatenate(scores) for number, scores in found.items()}
        scores_of = {number: np.sort(scores[~np.isnan(scores)]) for number, scores in drawn.items()}
        return Drawn(scores_of.pop(WHOLE), scores_of, Portrait.of(Windows.concatenate(looked_at)))

    def peaks(
        self,
        n_windows: int,
        *,
        step_bp: int,
        threshold: float,
        seen: GenomeSeen | None = None,
        progress: Progress = lambda done, of: None,
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
        laid_as = (seen or GenomeSeen()).along(window_bp, scenario.locus.sequence_length, self.as_trained)
        for block, stretches in enumerate(_blocks(self.simulator, scenario, seed, n_stretches)):
            indices = range(block * BLOCK, block * BLOCK + len(stretches))
            laid = laid_as.laid_on(stretches, indices=indices, seed=stream_seed(seed, "seen"))
            for stretch in laid.take(slice(0, n_stretches - done)):
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
        """Return what the method says of every window of a stretch; NaN where not asked, or declined."""
        spec = self.method.spec
        rows = [slice(*np.searchsorted(positions, [start, start + spec.sequence_length])) for start in starts]
        windows = Windows.from_arrays(
            [haplotypes[row] for row in rows],
            [positions[row] - start for row, start in zip(rows, starts, strict=True)],
            sequence_length=spec.sequence_length,
            ploidy=spec.ploidy,
            n_haplotypes=spec.n_haplotypes,
            polarisation=self.as_trained.polarisation,
            phased=self.as_trained.phased,
        )
        scores = np.full(len(windows), np.nan)
        asked = (windows.n_sites > 0) | (self.method.empty_windows == "keep")
        scores[asked] = _asked(self.method, windows.take(asked))
        return scores


def _as_trained(table: Mapping[str, object]) -> Observation:
    """Return phase, inbreeding and polarisation of a method's own windows; nothing is read for it."""
    if not table:
        return Observation()
    told = from_table(ObservationSettings, table, where="null.json: observation", error=DataError)
    return Observation((), told.phased, told.inbreeding, told.polarisation, mispolarised=told.mispolarised)


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
