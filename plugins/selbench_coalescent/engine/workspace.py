"""The memory that one window is simulated in, used again for the next.

Its sizes are guesses. A window that needs more is void: the caller starts it
afresh, from its own stream, in a larger workspace. So nothing grows inside the
inner loops, and what a window becomes does not depend on the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled, pointer

FREE, SITES, TOO_SMALL = 0, 1, 2
MUTATION = 0


Memory = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.uint64]]


@dataclass(frozen=True)
class Capacity:
    """How much a workspace holds: segments, ancestors of one allele, sites; `words` of 64 haplotypes."""

    segments: int
    ancestors: int
    sites: int
    words: int

    def allocate(self) -> Memory:
        """Return the sizes and the memory that `open_workspace` divides up."""
        segments, ancestors, sites, words = self.segments, self.ancestors, self.sites, self.words
        return (
            np.array([segments, ancestors, sites, words]),
            np.zeros(3 * segments + 4 * ancestors + 5 + sites),
            np.zeros(3 * segments + 2 * ancestors + 2 + 3 + 2 * sites, dtype=np.int64),
            np.zeros((segments + sites) * words + 2, dtype=np.uint64),
        )


class Workspace(NamedTuple):
    """Segments, ancestors and sites of the window in work: pointers, and how many they have room for.

    A *segment* is a stretch of sampled sequence in one ancestor; segments of an
    ancestor are linked from left to right. Ancestors stand in two rows, by
    their allele at the selected site: 0 ancestral, 1 derived.
    """

    n_segments: int
    row: int  # ancestors that a row has room for
    n_sites: int
    words: int
    left: Reals  # (n_segments,) bp
    right: Reals  # (n_segments,) bp
    birth: Reals  # (n_segments,) generations ago
    start: Reals  # (2 · row,) bp, left end of the first segment
    end: Reals  # (2 · row,) bp, right end of the last segment
    span: Reals  # (2,) bp, sum of end − start
    gap: Reals  # (2,) bp, sum of distances to the selected site
    clock: Reals  # (1,) MUTATION: expected mutations until the next
    position: Reals  # (n_sites,) bp, in the order they arose
    next: Wholes  # (n_segments,) -1 at the end of an ancestor
    n_below: Wholes  # (n_segments,) sampled haplotypes that inherit the segment
    free: Wholes  # (n_segments,) stack of unused segments
    head: Wholes  # (2 · row,) first segment
    n_ancestors: Wholes  # (2,)
    tally: Wholes  # (3,) FREE segments, SITES, TOO_SMALL
    order: Wholes  # (n_sites,) the sites by position
    bins: Wholes  # (n_sites,) to sort them with
    below: Words  # (n_segments · words,) one bit for each haplotype that inherits it
    derived: Words  # (n_sites · words,)
    stream: Words  # (2,)


@compiled
def open_workspace(
    sizes: NDArray[np.int64],
    reals: NDArray[np.float64],
    wholes: NDArray[np.int64],
    words: NDArray[np.uint64],
) -> Workspace:
    """Divide up the memory; the last segment is kept back for `take_segment`."""
    n, row, n_sites, width = sizes[0], sizes[1], sizes[2], sizes[3]
    ancestors, sums = 3 * n, 3 * n + 4 * row
    heads = 3 * n + 2 * row
    w = Workspace(
        n,
        row,
        n_sites,
        width,
        pointer(reals, 0),
        pointer(reals, n),
        pointer(reals, 2 * n),
        pointer(reals, ancestors),
        pointer(reals, ancestors + 2 * row),
        pointer(reals, sums),
        pointer(reals, sums + 2),
        pointer(reals, sums + 4),
        pointer(reals, sums + 5),
        pointer(wholes, 0),
        pointer(wholes, n),
        pointer(wholes, 2 * n),
        pointer(wholes, 3 * n),
        pointer(wholes, heads),
        pointer(wholes, heads + 2),
        pointer(wholes, heads + 5),
        pointer(wholes, heads + 5 + n_sites),
        pointer(words, 0),
        pointer(words, n * width),
        pointer(words, (n + n_sites) * width),
    )
    clear(w)
    return w


@compiled
def clear(w: Workspace) -> None:
    """Put back all segments and forget all ancestors."""
    for i in range(w.n_segments - 1):
        w.free[i] = w.n_segments - 2 - i
    w.tally[FREE] = w.n_segments - 1
    w.tally[TOO_SMALL] = 0
    for allele in range(2):
        w.n_ancestors[allele] = 0
        w.span[allele] = 0.0
        w.gap[allele] = 0.0


@compiled
def take_segment(w: Workspace) -> int:
    """Return an unused segment; when there is none, the spare one, and the window is void."""
    top = w.tally[FREE] - 1
    if top < 0:
        w.tally[TOO_SMALL] = 1
        return w.n_segments - 1
    w.tally[FREE] = top
    return w.free[top]


@compiled
def give_segment(w: Workspace, segment: int) -> None:
    """Put a segment back."""
    w.free[w.tally[FREE]] = segment
    w.tally[FREE] += 1
