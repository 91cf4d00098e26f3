"""The memory that one window is simulated in, used again for the next.

It is one block of 8-byte cells. Segments, ancestors and sites are records of a
few cells each, known by the cell they begin at; so little is handed from
function to function, and what belongs together lies together.

Its size is a guess. A window that needs more is void: the caller starts it
afresh, from its own stream, in a larger workspace. So nothing grows inside the
inner loops, and what a window becomes does not depend on the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled, inlined, pointer

# cells that a workspace begins with
FREE = 0  # first unused segment; they are linked by NEXT
VOID = 1  # why the window in work is void, or 0
N_SITES = 2
N_ANCESTORS = 3  # and 4: by allele at the selected site, OTHER and FAVOURED
SPAN = 5  # and 6: bp, sum of END − START, by allele
GAP = 7  # and 8: bp, sum of distances to the selected site, by allele
TO_MUTATION = 9  # expected mutations until the next
STREAM: Any = np.int64(10)  # and 11
EPOCH = 12  # of the size history
N_FOUNDERS = 13  # copies of the allele at onset that the sample's carriers descend from, or NOT_COUNTED
INDEXED = 14  # whether the sums of blocks of ancestors are kept
FIRST_ANCESTOR = 15
NOT_COUNTED = -1

OTHER: Any = np.int64(0)
FAVOURED: Any = np.int64(1)

# cells of an ancestor
HEAD, TAIL = 0, 1  # its first and its last segment
START, END = 2, 3  # bp, from the left end of its first segment to the right end of its last
ANCESTOR_CELLS = 4

# cells of a block of ancestors that stand side by side: the sums of their spans and of their gaps, bp
BLOCK_SPAN, BLOCK_GAP = 0, 1
BLOCK_CELLS = 2
BLOCK_ANCESTORS = 32

# cells of a segment: a stretch of sampled sequence in one ancestor
LEFT, RIGHT = 0, 1  # bp
BIRTH = 2  # generations ago
NEXT = 3  # the ancestor's next segment to the right, or NONE
N_BELOW = 4  # sampled haplotypes that inherit it
BELOW = 5  # and following: one bit for each of them
NONE = -1

# why a window is void
TOO_SMALL = 1  # the workspace is
TOO_OLD = 2  # the favoured allele is

# cells of a site
POSITION = 0  # bp
DERIVED = 1  # and following: one bit for each haplotype with the derived allele


@dataclass(frozen=True)
class Capacity:
    """How much a workspace holds.

    Parameters
    ----------
    segments, sites : int
    ancestors : int
        Of either allele; whole blocks.
    words : int
        Words of 64 haplotypes.
    """

    segments: int
    ancestors: int
    sites: int
    words: int

    def allocate(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the sizes and the cells that `open_workspace` divides up."""
        sizes = np.array([self.segments, self.ancestors, self.sites, self.words])
        ancestors = 2 * self.ancestors * ANCESTOR_CELLS
        blocks = 2 * (self.ancestors // BLOCK_ANCESTORS) * BLOCK_CELLS
        segments = self.segments * (BELOW + self.words)
        sites = self.sites * (DERIVED + self.words)
        return sizes, np.zeros(FIRST_ANCESTOR + ancestors + blocks + segments + sites + 2 * self.sites)


class Workspace(NamedTuple):
    """The cells, seen as three kinds of number, and where their regions begin."""

    real: Reals
    whole: Wholes
    word: Words
    words: int  # that a mask has
    row: int  # ancestors of one allele that there is room for
    first_block: int
    first_segment: int
    spare: int  # the last segment, which `take_segment` keeps back
    first_site: int
    n_sites: int  # that there is room for
    order: int  # n_sites cells to sort sites in, and as many for bins


@compiled
def open_workspace(sizes: NDArray[np.int64], cells: NDArray[np.float64]) -> Workspace:
    """Divide up the cells and link the unused segments."""
    segments, row, sites, words = sizes[0], sizes[1], sizes[2], sizes[3]
    segment_cells = BELOW + words
    first_block = FIRST_ANCESTOR + 2 * row * ANCESTOR_CELLS
    first_segment = first_block + 2 * (row // BLOCK_ANCESTORS) * BLOCK_CELLS
    first_site = first_segment + segments * segment_cells
    w = Workspace(
        pointer(cells, 0),
        pointer(cells.view(np.int64), 0),
        pointer(cells.view(np.uint64), 0),
        words,
        row,
        first_block,
        first_segment,
        first_site - segment_cells,
        first_site,
        sites,
        first_site + sites * (DERIVED + words),
    )
    for segment in range(first_segment, w.spare, segment_cells):
        w.whole[segment + NEXT] = segment + segment_cells
    w.whole[FREE] = first_segment
    return w


@inlined
def take_segment(w: Workspace) -> int:
    """Return an unused segment; when there is none, the spare one, and the window is void."""
    segment = w.whole[FREE]
    if segment == w.spare:
        w.whole[VOID] = TOO_SMALL
    else:
        w.whole[FREE] = w.whole[segment + NEXT]
    return segment


@inlined
def give_segment(w: Workspace, segment: int) -> None:
    """Put a segment back."""
    w.whole[segment + NEXT] = w.whole[FREE]
    w.whole[FREE] = segment


@inlined
def ancestor_at(w: Workspace, allele: int, i: int) -> int:
    """Return the i-th ancestor of an allele."""
    return FIRST_ANCESTOR + (allele * w.row + i) * ANCESTOR_CELLS


@inlined
def block_at(w: Workspace, allele: int, block: int) -> int:
    """Return a block of ancestors of an allele."""
    return w.first_block + (allele * (w.row // BLOCK_ANCESTORS) + block) * BLOCK_CELLS


@inlined
def block_of(w: Workspace, allele: int, i: int) -> int:
    """Return the block that ancestor i of an allele stands in."""
    return block_at(w, allele, (i - ancestor_at(w, allele, 0)) // (ANCESTOR_CELLS * BLOCK_ANCESTORS))


@inlined
def take_site(w: Workspace) -> int:
    """Return the next unused site, or NONE; the count goes on, to tell how many are wanted."""
    i = w.whole[N_SITES]
    w.whole[N_SITES] = i + 1
    return w.first_site + i * (DERIVED + w.words) if i < w.n_sites else NONE
