"""What happens to ancestors: they coalesce, cross over and change sides; branches get their mutations.

Hudson's algorithm (1983, 2002) on segments that carry, as a bit mask, the
sampled haplotypes below them. When a segment coalesces, its branch is finished:
mutations are dropped on it there and then with the mask as their column, and no
tree is kept.
"""

from __future__ import annotations

import numpy as np

from selbench_coalescent.engine.compiled import Wholes, compiled
from selbench_coalescent.engine.splitmix import exponential
from selbench_coalescent.engine.workspace import (
    MUTATION,
    SITES,
    TOO_SMALL,
    Workspace,
    give_segment,
    take_segment,
)

NONE = -1


@compiled
def distance(start: float, end: float, site: float) -> float:
    """Return the base pairs between a span and the selected site, 0 if the span covers it."""
    return max(0.0, start - site, site - end)


@compiled
def add_ancestor(w: Workspace, allele: int, head: int, start: float, end: float, site: float) -> None:
    """Append an ancestor; without room for it the window is void."""
    k = w.n_ancestors[allele]
    if k >= w.row:
        w.tally[TOO_SMALL] = 1
        return
    i = allele * w.row + k
    w.head[i], w.start[i], w.end[i] = head, start, end
    w.n_ancestors[allele] = k + 1
    w.span[allele] += end - start
    w.gap[allele] += distance(start, end, site)


@compiled
def remove_ancestor(w: Workspace, allele: int, i: int, site: float) -> None:
    """Take out ancestor i; the last of its row moves into its place."""
    last = w.n_ancestors[allele] - 1
    w.n_ancestors[allele] = last
    last += allele * w.row
    start, end = w.start[i], w.end[i]
    w.span[allele] -= end - start
    w.gap[allele] -= distance(start, end, site)
    w.head[i], w.start[i], w.end[i] = w.head[last], w.start[last], w.end[last]


@compiled
def finish_branch(w: Workspace, segment: int, right: float, time: float, mutation_rate: float) -> None:
    """Drop mutations on a segment, up to `right`, whose branch ends at `time`.

    All branches of a window lie end to end on one line of expected mutations;
    a Poisson process of rate 1 runs along it.
    """
    left = w.left[segment]
    expected = mutation_rate * (right - left) * (time - w.birth[segment])
    ahead = w.clock[MUTATION]
    while ahead < expected:
        site = w.tally[SITES]
        w.tally[SITES] = site + 1
        if site < w.n_sites:
            w.position[site] = left + (right - left) * (ahead / expected)
            for word in range(w.words):
                w.derived[site * w.words + word] = w.below[segment * w.words + word]
        ahead += exponential(w.stream)
    w.clock[MUTATION] = ahead - expected


@compiled
def _copy(w: Workspace, segment: int) -> int:
    twin = take_segment(w)
    w.left[twin], w.right[twin], w.birth[twin] = w.left[segment], w.right[segment], w.birth[segment]
    w.n_below[twin] = w.n_below[segment]
    for word in range(w.words):
        w.below[twin * w.words + word] = w.below[segment * w.words + word]
    return twin


@compiled
def _same_below(w: Workspace, a: int, b: int) -> bool:
    differ = np.uint64(0)
    for word in range(w.words):
        differ |= w.below[a * w.words + word] ^ w.below[b * w.words + word]
    return bool(differ == 0)


@compiled
def _join(w: Workspace, a: int, b: int, right: float, time: float) -> int:
    """Return the segment that a and b, starting together, become up to `right`."""
    joint = take_segment(w)
    w.left[joint], w.right[joint], w.birth[joint] = w.left[a], right, time
    w.n_below[joint] = w.n_below[a] + w.n_below[b]
    for word in range(w.words):
        w.below[joint * w.words + word] = w.below[a * w.words + word] | w.below[b * w.words + word]
    return joint


@compiled
def _consume(w: Workspace, segment: int, right: float) -> int:
    """Cut a segment off up to `right`; return it, or its successor if nothing is left."""
    if w.right[segment] > right:
        w.left[segment] = right
        return segment
    successor = w.next[segment]
    give_segment(w, segment)
    return successor


@compiled
def _append(w: Workspace, tail: int, piece: int) -> int:
    """Link a piece behind the tail, or lengthen the tail where both are the same branch."""
    if (
        w.right[tail] == w.left[piece]
        and w.birth[tail] == w.birth[piece]
        and w.n_below[tail] == w.n_below[piece]
        and _same_below(w, tail, piece)
    ):
        w.right[tail] = w.right[piece]
        w.next[tail] = w.next[piece]
        give_segment(w, piece)
        return tail
    w.next[tail] = piece
    return piece


@compiled
def coalesce(
    w: Workspace, allele: int, i: int, j: int, time: float, mutation_rate: float, n: int, site: float
) -> None:
    """Make ancestors i < j, both of one allele, the children of a common one at `time`."""
    a, b = w.head[i], w.head[j]
    far_end = max(w.end[i], w.end[j])
    head, tail, piece = NONE, NONE, NONE
    while a >= 0 and b >= 0:
        if w.left[a] > w.left[b]:
            a, b = b, a
        if w.right[a] <= w.left[b]:
            piece = a
            a = w.next[a]
        elif w.left[a] < w.left[b]:
            piece = _copy(w, a)
            w.right[piece] = w.left[b]
            w.left[a] = w.left[b]
        else:
            right = min(w.right[a], w.right[b])
            finish_branch(w, a, right, time, mutation_rate)
            finish_branch(w, b, right, time, mutation_rate)
            piece = NONE
            if w.n_below[a] + w.n_below[b] < n:
                piece = _join(w, a, b, right, time)
            a = _consume(w, a, right)
            b = _consume(w, b, right)
            if piece == NONE:
                continue
        if tail == NONE:
            head = piece
            tail = piece
        else:
            tail = _append(w, tail, piece)
    rest = max(a, b)
    if tail == NONE:
        head = rest
    elif rest == NONE:
        w.next[tail] = NONE
        far_end = w.right[tail]
    else:
        _append(w, tail, rest)
    remove_ancestor(w, allele, j, site)
    remove_ancestor(w, allele, i, site)
    if head != NONE:
        add_ancestor(w, allele, head, w.left[head], far_end, site)


@compiled
def cross_over(w: Workspace, allele: int, i: int, at: float, other: int, site: float) -> None:
    """Split ancestor i at base pair `at`; the piece away from the selected site gets allele `other`."""
    previous, segment = NONE, w.head[i]
    while w.right[segment] <= at:
        previous, segment = segment, w.next[segment]
    start, end, left_head, right_head = w.start[i], w.end[i], w.head[i], segment
    if w.left[segment] < at:
        right_head = _copy(w, segment)
        w.next[right_head] = w.next[segment]
        w.left[right_head] = at
        w.right[segment] = at
        previous = segment
    elif previous == NONE:
        return
    w.next[previous] = NONE
    remove_ancestor(w, allele, i, site)
    site_is_left = site < at
    add_ancestor(w, allele if site_is_left else other, left_head, start, w.right[previous], site)
    add_ancestor(w, other if site_is_left else allele, right_head, w.left[right_head], end, site)


@compiled
def change_side(w: Workspace, allele: int, i: int, site: float) -> None:
    """Move ancestor i to the other allele: a crossing-over between it and the selected site."""
    head, start, end = w.head[i], w.start[i], w.end[i]
    remove_ancestor(w, allele, i, site)
    add_ancestor(w, 1 - allele, head, start, end, site)


@compiled
def found_sample(w: Workspace, columns: Wholes, n: int, n_derived: int, length: float, site: float) -> None:
    """Start with one ancestor per haplotype, each spanning the window; the last `n_derived` are derived.

    The haplotype of rank i in that order stands in column ``columns[i]``.
    """
    for rank in range(n):
        segment = take_segment(w)
        w.left[segment], w.right[segment], w.birth[segment] = 0.0, length, 0.0
        w.n_below[segment], w.next[segment] = 1, NONE
        for word in range(w.words):
            w.below[segment * w.words + word] = np.uint64(0)
        column = columns[rank]
        w.below[segment * w.words + (column >> 6)] = np.uint64(1) << np.uint64(column & 63)
        allele = 1 if rank >= n - n_derived else 0
        add_ancestor(w, allele, segment, 0.0, length, site)
