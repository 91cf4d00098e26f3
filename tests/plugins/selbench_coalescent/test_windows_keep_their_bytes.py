"""The bytes of a seed stay: what a window is may not change with the engine's insides.

They hold on every processor, as the engine's exponentials and logarithms are its own.
A change here changes everybody's results and belongs into the changelog.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selbench import Epoch, Locus, Population, Sample, Scenario, Selection, Simulator, Trajectory, Windows
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel

NEUTRAL = Scenario(Sample(20), Locus(100_000, 1e-8, 1e-8), Population(10_000.0))
RHO_800 = Locus(100_000, 1e-8, 2e-7)
HISTORY = Population(
    10_000.0, 0.001, (Epoch(500.0, 2_000.0), Epoch(3000.0, 8_000.0, -1e-4), Epoch(9000.0, 9000.0))
)
GIVEN = (Trajectory((0.0, 400.0, 900.0), (0.7, 0.3, 0.0)), Trajectory((0.0, 75.0), (0.5, 0.0)))


def selected(**selection: Any) -> Scenario:
    return replace(NEUTRAL, selection=Selection(**({"position": 50_000.0} | selection)))


FIXED = selected(s=0.02, fixation_time=50.0)
PINNED: dict[str, tuple[Simulator, Scenario, str]] = {
    "neutral": (Ms(), NEUTRAL, "f25c5294bda39146"),
    "without recombination": (Ms(), replace(NEUTRAL, locus=Locus(100_000, 1e-8, 0.0)), "f542c12239c7a1cb"),
    "history": (Ms(), replace(NEUTRAL, population=HISTORY), "eb1408629e7312aa"),
    "rho 800": (Ms(), replace(NEUTRAL, sample=Sample(70), locus=RHO_800), "c2148ad5e1d48c21"),
    "fixed": (Mssel(), FIXED, "4db5fe0d5540adb3"),
    "fixed, rho 800": (Mssel(), replace(FIXED, locus=RHO_800), "7f31a2d3a00fe075"),
    "partial": (
        Mssel(),
        selected(s=0.02, present_frequency=0.6, position=-20_000.0),
        "e4d33f50ffc62005",
    ),
    "given": (
        Mssel(),
        selected(given_trajectories=GIVEN, carriers=9, position=30_000.0, keep_selected_site=True),
        "b0b7b84084d245f5",
    ),
    "standing": (Msms(), selected(s=0.05, onset_time=60, onset_frequency=0.1), "8fac5ab617967388"),
    "merge": (
        Msms(),
        selected(s=0.05, origin="multiple", onset_time=60, onset_frequency=0.1),
        "001bdcbe55e61b78",
    ),
    "soft": (Msms(), selected(s=0.05, onset_time=60, present_frequency=0.4), "a8a8f5477b6feb2c"),
    "overdominant": (
        Msms(),
        selected(w_AA=1.0, w_Aa=1.01, w_aa=1.0, present_frequency=0.5),
        "7e3811dca74f8128",
    ),
    "bottleneck": (
        Mssel(),
        replace(selected(s=0.02, present_frequency=0.6), population=HISTORY),
        "b8c56da74d933dcc",
    ),
    "shared": (
        Msms(),
        selected(s=0.05, present_frequency=0.4, trajectories=3, trajectory_seed=8),
        "0cdeb73789930624",
    ),
    "wright-fisher": (
        Msms(),
        selected(s=0.05, fixation_time=5.0, dynamics="wright-fisher"),
        "dd300c28331ebae7",
    ),
}


def digest(windows: Windows) -> str:
    """Hash positions in thousandths of a base pair, haplotypes and where windows begin."""
    digested = hashlib.blake2b(digest_size=8)
    digested.update(np.floor(windows.positions * 1000).astype("<i8").tobytes())
    digested.update(windows.haplotypes.tobytes())
    digested.update(np.asarray(windows.offsets, dtype="<i8").tobytes())
    return digested.hexdigest()


@pytest.mark.parametrize("kind", PINNED)
def test_a_seed_gives_the_bytes_that_it_always_gave(kind: str) -> None:
    simulator, scenario, pinned = PINNED[kind]
    assert digest(simulator.simulate(scenario, windows=range(30), seed=11)) == pinned
