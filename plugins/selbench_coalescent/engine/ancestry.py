"""What happens to ancestors: they coalesce, cross over and change sides; branches get their mutations.

Hudson's algorithm (1983, 2002) on segments that carry, as a bit mask, the
sampled haplotypes below them. When a segment coalesces, its branch is finished:
mutations are dropped on it there and then with the mask as their column, and no
tree is kept.
"""

from __future__ import annotations

import numpy as np

from selbench_coalescent.engine.compiled import Wholes, compiled, inlined
from selbench_coalescent.engine.distributions import exponential
from selbench_coalescent.engine.workspace import (
    BELOW,
    BIRTH,
    BLOCK_GAP,
    BLOCK_SPAN,
    DERIVED,
    END,
    FAVOURED,
    GAP,
    HEAD,
    INDEXED,
    LEFT,
    N_ANCESTORS,
    N_BELOW,
    NEXT,
    NONE,
    OTHER,
    POSITION,
    RIGHT,
    SPAN,
    START,
    STREAM,
    TAIL,
    TO_MUTATION,
    TOO_SMALL,
    VOID,
    Workspace,
    ancestor_at,
    block_of,
    give_segment,
    take_segment,
    take_site,
)


@inlined
def distance(start: float, end: float, site: float) -> float:
    """Return the base pairs between a span and the selected site, 0 if the span covers it."""
    return max(0.0, start - site, site - end)


@inlined
def _count_in(w: Workspace, allele: int, i: int, span: float, gap: float) -> None:
    """Add to the sums that crossing-over is drawn from: of the allele and, where kept, of the block of i."""
    w.real[SPAN + allele] += span
    w.real[GAP + allele] += gap
    if w.whole[INDEXED]:
        block = block_of(w, allele, i)
        w.real[block + BLOCK_SPAN] += span
        w.real[block + BLOCK_GAP] += gap


@inlined
def add_ancestor(
    w: Workspace, allele: int, head: int, tail: int, start: float, end: float, site: float
) -> None:
    """Append an ancestor; without room for it the window is void."""
    k = w.whole[N_ANCESTORS + allele]
    if k >= w.row:
        w.whole[VOID] = TOO_SMALL
        return
    i = ancestor_at(w, allele, k)
    w.whole[N_ANCESTORS + allele] = k + 1
    w.whole[i + HEAD], w.whole[i + TAIL], w.real[i + START], w.real[i + END] = head, tail, start, end
    _count_in(w, allele, i, end - start, distance(start, end, site))


@inlined
def remove_ancestor(w: Workspace, allele: int, i: int, site: float) -> None:
    """Take out ancestor i; the last of its allele moves into its place."""
    k = w.whole[N_ANCESTORS + allele] - 1
    w.whole[N_ANCESTORS + allele] = k
    last = ancestor_at(w, allele, k)
    start, end = w.real[i + START], w.real[i + END]
    _count_in(w, allele, i, start - end, -distance(start, end, site))
    start, end = w.real[last + START], w.real[last + END]
    if w.whole[INDEXED] and i != last:
        _move_between_blocks(w, allele, last, i, end - start, distance(start, end, site))
    w.whole[i + HEAD], w.whole[i + TAIL] = w.whole[last + HEAD], w.whole[last + TAIL]
    w.real[i + START], w.real[i + END] = start, end


@inlined
def _move_between_blocks(w: Workspace, allele: int, i: int, j: int, span: float, gap: float) -> None:
    """Count an ancestor in the block of place j, no more in that of place i."""
    old, new = block_of(w, allele, i), block_of(w, allele, j)
    w.real[old + BLOCK_SPAN] -= span
    w.real[old + BLOCK_GAP] -= gap
    w.real[new + BLOCK_SPAN] += span
    w.real[new + BLOCK_GAP] += gap


@inlined
def _replace_ancestor(
    w: Workspace, allele: int, i: int, head: int, tail: int, start: float, end: float, site: float
) -> None:
    """Put another ancestor of the same allele in the place of ancestor i."""
    old_start, old_end = w.real[i + START], w.real[i + END]
    longer = (end - start) - (old_end - old_start)
    _count_in(w, allele, i, longer, distance(start, end, site) - distance(old_start, old_end, site))
    w.whole[i + HEAD], w.whole[i + TAIL], w.real[i + START], w.real[i + END] = head, tail, start, end


@inlined
def _finish_branches(w: Workspace, a: int, b: int, right: float, time: float, mutation_rate: float) -> None:
    """Drop mutations on segments a and b, which start together, up to `right`; both branches end at `time`.

    All branches of a window lie end to end on one line of expected mutations;
    a Poisson process of rate 1 runs along it.
    """
    per_generation = mutation_rate * (right - w.real[a + LEFT])
    on_a = per_generation * (time - w.real[a + BIRTH])
    on_b = per_generation * (time - w.real[b + BIRTH])
    if w.real[TO_MUTATION] <= on_a + on_b:
        _mutate(w, a, right, on_a)
        _mutate(w, b, right, on_b)
    else:
        w.real[TO_MUTATION] -= on_a + on_b


@compiled
def _mutate(w: Workspace, segment: int, right: float, expected: float) -> None:
    """Drop the mutations of a branch with this expected number of them."""
    left, ahead = w.real[segment + LEFT], w.real[TO_MUTATION]
    while ahead < expected:
        site = take_site(w)
        if site != NONE:
            w.real[site + POSITION] = left + (right - left) * (ahead / expected)
            for k in range(w.words):
                w.word[site + DERIVED + k] = w.word[segment + BELOW + k]
        ahead += exponential(w.word, STREAM)
    w.real[TO_MUTATION] = ahead - expected


@inlined
def _copy(w: Workspace, segment: int) -> int:
    twin = take_segment(w)
    w.real[twin + LEFT] = w.real[segment + LEFT]
    w.real[twin + RIGHT] = w.real[segment + RIGHT]
    w.real[twin + BIRTH] = w.real[segment + BIRTH]
    w.whole[twin + N_BELOW] = w.whole[segment + N_BELOW]
    for k in range(w.words):
        w.word[twin + BELOW + k] = w.word[segment + BELOW + k]
    return twin


@inlined
def _same_below(w: Workspace, a: int, b: int) -> bool:
    differ = np.uint64(0)
    for k in range(w.words):
        differ |= w.word[a + BELOW + k] ^ w.word[b + BELOW + k]
    return bool(differ == 0)


@inlined
def _join(w: Workspace, a: int, b: int, time: float) -> None:
    """Make a, which starts with b and ends no later, the segment that both become there."""
    w.real[a + BIRTH] = time
    w.whole[a + N_BELOW] += w.whole[b + N_BELOW]
    for k in range(w.words):
        w.word[a + BELOW + k] |= w.word[b + BELOW + k]


@inlined
def _consume(w: Workspace, segment: int, right: float) -> int:
    """Cut a segment off up to `right`; return it, or its successor if nothing is left."""
    if w.real[segment + RIGHT] > right:
        w.real[segment + LEFT] = right
        return segment
    successor = w.whole[segment + NEXT]
    give_segment(w, segment)
    return successor


@inlined
def _append(w: Workspace, tail: int, piece: int) -> int:
    """Link a piece behind the tail, or lengthen the tail where both are the same branch."""
    if (
        w.real[tail + RIGHT] == w.real[piece + LEFT]
        and w.real[tail + BIRTH] == w.real[piece + BIRTH]
        and w.whole[tail + N_BELOW] == w.whole[piece + N_BELOW]
        and _same_below(w, tail, piece)
    ):
        w.real[tail + RIGHT] = w.real[piece + RIGHT]
        w.whole[tail + NEXT] = w.whole[piece + NEXT]
        give_segment(w, piece)
        return tail
    w.whole[tail + NEXT] = piece
    return piece


@compiled
def coalesce(
    w: Workspace, allele: int, i: int, j: int, time: float, mutation_rate: float, n: int, site: float
) -> None:
    """Make ancestors i < j, both of one allele, the children of a common one at `time`."""
    if w.real[i + END] <= w.real[j + START]:
        _line_up(w, allele, i, j, i, j, site)
    elif w.real[j + END] <= w.real[i + START]:
        _line_up(w, allele, i, j, j, i, site)
    else:
        _merge(w, allele, i, j, time, mutation_rate, n, site)


@inlined
def _line_up(w: Workspace, allele: int, i: int, j: int, left: int, right: int, site: float) -> None:
    """Put two ancestors that do not reach one another end to end; the common one takes the place of i < j.

    Neighbours within an ancestor are never the same branch: each was checked
    when it was linked. So only the seam is.
    """
    start, end, head = w.real[left + START], w.real[right + END], w.whole[left + HEAD]
    first, tail = w.whole[right + HEAD], w.whole[right + TAIL]
    seam = w.whole[left + TAIL]
    if _append(w, seam, first) == seam and first == tail:
        tail = seam
    remove_ancestor(w, allele, j, site)
    _replace_ancestor(w, allele, i, head, tail, start, end, site)


@compiled
def _merge(
    w: Workspace, allele: int, i: int, j: int, time: float, mutation_rate: float, n: int, site: float
) -> None:
    """Go along two ancestors i < j from left to right; where both have a segment, these coalesce."""
    a, b = w.whole[i + HEAD], w.whole[j + HEAD]
    far_end, last = w.real[i + END], w.whole[i + TAIL]
    if w.real[j + END] > far_end:
        far_end, last = w.real[j + END], w.whole[j + TAIL]
    head, tail, piece = NONE, NONE, NONE
    while a >= 0 and b >= 0:
        if w.real[a + LEFT] > w.real[b + LEFT]:
            a, b = b, a
        start = w.real[b + LEFT]
        if w.real[a + RIGHT] <= start:
            piece = a
            a = w.whole[a + NEXT]
        elif w.real[a + LEFT] < start:
            piece = _copy(w, a)
            w.real[piece + RIGHT] = start
            w.real[a + LEFT] = start
        else:
            right = min(w.real[a + RIGHT], w.real[b + RIGHT])
            if w.real[a + RIGHT] > right:
                a, b = b, a
            _finish_branches(w, a, b, right, time, mutation_rate)
            if w.whole[a + N_BELOW] + w.whole[b + N_BELOW] < n:
                _join(w, a, b, time)
                piece = a
                a = w.whole[a + NEXT]
                b = _consume(w, b, right)
            else:
                a = _consume(w, a, right)
                b = _consume(w, b, right)
                continue
        if tail == NONE:
            head = piece
            tail = piece
        else:
            tail = _append(w, tail, piece)
    # what is left over belongs to the ancestor that reaches farther, and ends with its last segment
    rest = max(a, b)
    if tail == NONE:
        head, tail = rest, last
    elif rest == NONE:
        w.whole[tail + NEXT] = NONE
        far_end = w.real[tail + RIGHT]
    elif _append(w, tail, rest) == rest or rest != last:
        tail = last
    _replace_children(w, allele, i, j, head, tail, far_end, site)


@inlined
def _replace_children(
    w: Workspace, allele: int, i: int, j: int, head: int, tail: int, far_end: float, site: float
) -> None:
    """Put a common ancestor, if anything is left of it, in the place of ancestors i < j."""
    remove_ancestor(w, allele, j, site)
    if head == NONE:
        remove_ancestor(w, allele, i, site)
    else:
        _replace_ancestor(w, allele, i, head, tail, w.real[head + LEFT], far_end, site)


@compiled
def cross_over(w: Workspace, allele: int, i: int, at: float, other: int, site: float) -> None:
    """Split ancestor i at base pair `at`; the piece away from the selected site gets allele `other`."""
    previous, segment = NONE, w.whole[i + HEAD]
    while w.real[segment + RIGHT] <= at:
        previous, segment = segment, w.whole[segment + NEXT]
    left_head, right_head, right_tail = w.whole[i + HEAD], segment, w.whole[i + TAIL]
    start, end = w.real[i + START], w.real[i + END]
    if w.real[segment + LEFT] < at:
        right_head = _copy(w, segment)
        w.whole[right_head + NEXT] = w.whole[segment + NEXT]
        w.real[right_head + LEFT] = at
        w.real[segment + RIGHT] = at
        previous = segment
        if segment == right_tail:
            right_tail = right_head
    elif previous == NONE:
        return
    w.whole[previous + NEXT] = NONE
    remove_ancestor(w, allele, i, site)
    left_allele, right_allele = allele, other
    if site >= at:
        left_allele, right_allele = other, allele
    add_ancestor(w, left_allele, left_head, previous, start, w.real[previous + RIGHT], site)
    add_ancestor(w, right_allele, right_head, right_tail, w.real[right_head + LEFT], end, site)


@compiled
def change_side(w: Workspace, allele: int, i: int, site: float) -> None:
    """Move ancestor i to the other allele: a crossing-over between it and the selected site."""
    head, tail, start, end = w.whole[i + HEAD], w.whole[i + TAIL], w.real[i + START], w.real[i + END]
    remove_ancestor(w, allele, i, site)
    add_ancestor(w, OTHER if allele == FAVOURED else FAVOURED, head, tail, start, end, site)


@compiled
def found_sample(
    w: Workspace, columns: Wholes, n: int, n_favoured: int, length: float, site: float, indexed: bool
) -> None:
    """Start with one ancestor per haplotype, spanning the window; the last `n_favoured` carry the allele.

    The haplotype of rank i in that order stands in column ``columns[i]``.
    """
    w.whole[INDEXED] = 1 if indexed else 0
    if indexed:
        for cell in range(w.first_block, w.first_segment):
            w.real[cell] = 0.0
    for allele in range(2):
        # what rounding left of the window before must not reach this one
        w.real[SPAN + allele] = 0.0
        w.real[GAP + allele] = 0.0
    for rank in range(n):
        segment = take_segment(w)
        w.real[segment + LEFT], w.real[segment + RIGHT], w.real[segment + BIRTH] = 0.0, length, 0.0
        w.whole[segment + N_BELOW], w.whole[segment + NEXT] = 1, NONE
        for k in range(w.words):
            w.whole[segment + BELOW + k] = 0
        column = columns[rank]
        w.word[segment + BELOW + (column >> 6)] = np.uint64(1) << np.uint64(column & 63)
        allele = FAVOURED if rank >= n - n_favoured else OTHER
        add_ancestor(w, allele, segment, segment, 0.0, length, site)
