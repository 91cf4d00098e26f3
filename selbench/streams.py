"""Random streams named by what they are for, never by order of execution.

Every seed in a run is derived from the experiment's seed and the *purpose* of
the stream: ``stream_seed(2021, "windows", "paper", "sweep", "test")``. Two
purposes can never share a stream, and a stream does not change when other work
is added, removed or reordered.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def stream_seed(seed: int, *purpose: str | int) -> int:
    """Derive the seed of one stream: 63 bits, the same on every machine.

    Parameters
    ----------
    seed : int
        The parent seed.
    *purpose : str or int
        What the stream is for; ``("a", "bc")`` and ``("ab", "c")`` differ.
    """
    message = json.dumps([int(seed), *purpose]).encode()
    return int.from_bytes(hashlib.blake2b(message, digest_size=8).digest(), "little") >> 1


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return a numpy generator on the stream ``stream_seed(seed, *purpose)``."""
    return np.random.default_rng(stream_seed(seed, *purpose))


def window_uniforms(seed: int, windows: range, *purpose: str | int) -> NDArray[np.float64]:
    """Draw one uniform number per window, from (seed, window index) alone.

    Counter based (SplitMix64's mixing function, Steele et al. 2014), so any
    chunking of the same windows gives the same numbers.

    Returns
    -------
    uniforms : float64 (n_windows,)
        In the open interval (0, 1), so that a quantile function may be asked.
    """
    key = np.uint64(stream_seed(seed, *purpose))
    counter = np.asarray(windows, dtype=np.uint64) + np.uint64(1)
    return _open_unit(_mixed(key + counter * _GOLDEN))


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _open_unit(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Put 64 random bits into (0, 1): 52 of them, for with 53 the largest would round to 1."""
    uniforms: NDArray[np.float64] = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return uniforms
