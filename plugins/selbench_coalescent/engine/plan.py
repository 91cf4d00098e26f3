"""What the engine is told, and how a batch of windows is made with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ALL, BINOMIAL, CONDITIONED = -1, -2, -3


@dataclass(frozen=True, eq=False)
class StepPaths:
    """Frequency paths that are step functions.

    Parameters
    ----------
    times : float64 (n_steps,)
        Generations ago at which a step begins; several paths end to end.
    frequencies : float64 (n_steps,)
    steps : int64 (n_windows, 2)
        First and last step of each window's path.
    """

    times: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    steps: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DiffusionPaths:
    """Frequency paths drawn back from today, by additive selection at constant size.

    Parameters
    ----------
    present_frequency : float64 (n_windows,)
    fixed_for : float64 (n_windows,)
        Generations since fixation; −1 where the allele is not fixed.
    s : float64 (n_windows,)
        Selection coefficient of the homozygote.
    """

    present_frequency: NDArray[np.float64]
    fixed_for: NDArray[np.float64]
    s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plan:
    """A batch of windows in natural units.

    Parameters
    ----------
    n_haplotypes : int
    sequence_length : float
        Base pairs.
    mutation_rate, recombination_rate : float64 (n_windows,)
        Per base pair per generation.
    position : float64 (n_windows,)
        Selected site in bp.
    epochs : float64 (n_windows, n_epochs, 3)
        Start (generations ago), size (diploid individuals), growth rate.
    paths : StepPaths or DiffusionPaths
    carriers : int
        A fixed number, or ALL, BINOMIAL, CONDITIONED.
    merge : bool
        Whether derived ancestors are unrelated where the allele arises.
    shuffled : bool
        Whether carriers stand in random columns, not in the last ones.
    keep_selected_site : bool
    """

    n_haplotypes: int
    sequence_length: float
    mutation_rate: NDArray[np.float64]
    recombination_rate: NDArray[np.float64]
    position: NDArray[np.float64]
    epochs: NDArray[np.float64]
    paths: StepPaths | DiffusionPaths
    carriers: int = 0
    merge: bool = False
    shuffled: bool = False
    keep_selected_site: bool = False


class Sites(NamedTuple):
    """The sites of a batch of windows, end to end."""

    position: NDArray[np.float64]  # (n_sites,) bp
    haplotypes: NDArray[np.uint8]  # (n_sites, n_haplotypes)
    offsets: NDArray[np.int64]  # (n_windows + 1,)
    carriers: NDArray[np.int64]  # (n_windows,) sampled haplotypes with the favoured allele
    frequency: NDArray[np.float64]  # (n_windows,) of the favoured allele, today
