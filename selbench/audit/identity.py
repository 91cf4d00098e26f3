"""When two windows are the same: exactly, up to the order of haplotypes, or without their positions.

Digests are the first eight bytes of a SHA-256: among a million windows the
chance that any two different ones agree is below 1e-7.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

Digests = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Identities:
    """Four digests per window, uint64 (n_windows,).

    Parameters
    ----------
    exact : array
        Of matrix and base-pair positions: the dataset's digest.
    unordered : array
        The same, whatever the order of the haplotypes.
    matrix : array
        Of the matrix alone.
    unordered_matrix : array
        Of the matrix alone, whatever the order of the haplotypes.
    """

    exact: Digests
    unordered: Digests
    matrix: Digests
    unordered_matrix: Digests

    @classmethod
    def of(cls, windows: Windows) -> Identities:
        """Compute the digests of a batch."""
        exact = b"".join(digest[:8] for digest in windows.digests())
        base_pairs = np.floor(windows.positions).astype("<i8")
        packed = np.packbits(windows.haplotypes, axis=1)
        relaxed = bytearray()
        head = windows.spec.n_haplotypes.to_bytes(8, "little")
        for start, stop in pairwise(windows.offsets.tolist()):
            shape = head + (stop - start).to_bytes(8, "little")
            columns = _sorted_columns(windows.haplotypes[start:stop])
            relaxed += _digest(shape + base_pairs[start:stop].tobytes() + columns)
            relaxed += _digest(shape + packed[start:stop].tobytes())
            relaxed += _digest(shape + columns)
        table = np.frombuffer(bytes(relaxed), dtype="<u8").reshape(-1, 3)
        return cls(np.frombuffer(exact, dtype="<u8"), *np.ascontiguousarray(table.T))

    @staticmethod
    def joined(parts: list[Identities]) -> Identities:
        """Put the digests of batches end to end."""
        names = ("exact", "unordered", "matrix", "unordered_matrix")
        return Identities(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _sorted_columns(haplotypes: NDArray[np.uint8]) -> bytes:
    """Return the haplotypes of a window, packed, in an order that depends on what they are alone."""
    packed = np.packbits(haplotypes.T, axis=1)
    n_bytes = packed.shape[1]
    if n_bytes == 0:
        return b""
    if n_bytes > 8:
        rows: NDArray[Any] = packed[np.lexsort(packed.T[::-1])]
        return rows.tobytes()
    words = np.zeros((len(packed), 8), dtype=np.uint8)
    words[:, :n_bytes] = packed
    return np.sort(words.view("<u8").ravel()).tobytes()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:8]
