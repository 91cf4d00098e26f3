"""Windows as plain numpy arrays in one ``.npz`` file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.files import complete_file
from selbench.windows import Windows


def write_npz(path: str | Path, batches: Mapping[str, Windows] | Iterable[tuple[str, Windows]]) -> int:
    """Write windows as compressed arrays, and return their number.

    Per split: ``SPLIT_haplotypes`` uint8 (total_sites, n_haplotypes),
    ``SPLIT_positions`` float64 (total_sites,) in bp, ``SPLIT_offsets`` int64
    (n_windows + 1,), window i owning the rows offsets[i] to offsets[i + 1], and
    ``SPLIT_labels`` str (n_windows,) where there are labels. Besides:
    ``sequence_length``, ``ploidy``, ``polarisation``.

    Raises
    ------
    DataError
        If there is no window, or the batches are of different shapes.
    """
    by_split: dict[str, list[Windows]] = {}
    for split, windows in batches.items() if isinstance(batches, Mapping) else batches:
        windows.check_complete(str(path))
        by_split.setdefault(split, []).append(windows)
    if not by_split:
        raise DataError(f"{path}: expected windows to write, found none")
    joined = {split: Windows.concatenate(parts) for split, parts in by_split.items()}
    arrays = _shared({windows.spec: windows for windows in joined.values()}, path)
    for split, windows in joined.items():
        arrays |= {
            f"{split}_haplotypes": windows.haplotypes,
            f"{split}_positions": windows.positions,
            f"{split}_offsets": windows.offsets,
        }
        if windows.labels is not None:
            arrays[f"{split}_labels"] = windows.labels
    with complete_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **cast(Any, arrays))
    return sum(map(len, joined.values()))


def _shared(windows_of: dict[Any, Windows], path: str | Path) -> dict[str, NDArray[Any]]:
    if len(windows_of) > 1:
        raise DataError(f"{path}: expected windows of one shape, found {' and '.join(map(str, windows_of))}")
    (spec, windows), *_ = windows_of.items()
    return {
        "sequence_length": np.asarray(spec.sequence_length),
        "ploidy": np.asarray(spec.ploidy),
        "polarisation": np.asarray(windows.polarisation),
    }
