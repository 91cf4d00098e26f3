"""Windows as rows of an Arrow table, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.tables import check_name
from selbench.windows import Polarisation, Windows, WindowSpec

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_WINDOWS = 1000
ROW_GROUP_BYTES = 2**26
"""A row group ends after this many windows, or this many bytes of unpacked haplotypes."""

MOST_SITES = 2**31 - 1
"""Sites of a window: Arrow's lists count no further."""

_PARAMETER = "parameter."


def base_schema() -> pa.Schema:
    """Return the columns that every dataset has."""
    import pyarrow as pa

    return pa.schema(
        {
            "split": pa.string(),
            "label": pa.string(),
            "n_sites": pa.int64(),
            "positions": pa.list_(pa.float64()),
            "haplotypes": pa.binary(),
            "digest": pa.binary(32),
        }
    )


def row_groups(windows: Windows) -> Iterator[Windows]:
    """Cut a batch into parts of bounded size."""
    bytes_per_site = windows.spec.n_haplotypes
    start = 0
    while start < len(windows):
        full = windows.offsets[start] + ROW_GROUP_BYTES // bytes_per_site
        stop = int(np.searchsorted(windows.offsets, full, side="right")) - 1
        stop = min(max(stop, start + 1), start + ROW_GROUP_WINDOWS, len(windows))
        yield windows.take(slice(start, stop))
        start = stop


def as_table(windows: Windows, split: str) -> pa.Table:
    """Turn windows into rows, their alleles packed eight to a byte; numeric parameters become float64."""
    import pyarrow as pa

    packed = np.packbits(windows.haplotypes, axis=1)
    ends = (windows.offsets * packed.shape[1]).astype(np.int32)
    haplotypes = pa.Array.from_buffers(
        pa.binary(), len(windows), [None, pa.py_buffer(ends), pa.py_buffer(packed)]
    )
    labels = [None] * len(windows) if windows.labels is None else windows.labels.tolist()
    columns = {
        "split": pa.array([split] * len(windows), pa.string()),
        "label": pa.array(labels, pa.string()),
        "n_sites": pa.array(windows.n_sites),
        "positions": pa.ListArray.from_arrays(windows.offsets.astype(np.int32), windows.positions),
        "haplotypes": haplotypes,
        "digest": pa.array(windows.digests(), pa.binary(32)),
    }
    for name, values in windows.parameters.items():
        is_text = values.dtype.kind in "UO"
        columns[_PARAMETER + name] = pa.array(values if is_text else values.astype(np.float64))
    return pa.table(columns)


def as_windows(table: pa.Table, spec: WindowSpec, polarisation: Polarisation) -> Windows:
    """Turn rows back into windows.

    Raises
    ------
    DataError
        If a value is missing, a label cannot be a name, the columns disagree
        about the number of sites, or a digest is not that of its window.
    """
    for name in ("split", "n_sites", "positions", "haplotypes", "digest"):
        if table[name].null_count:
            raise DataError(f"dataset: expected a value in every row of {name}, found one missing")
    n_sites = table["n_sites"].to_numpy().astype(np.int64)
    if len(n_sites) and (n_sites.min() < 0 or n_sites.max() > MOST_SITES):
        raise DataError(f"dataset: expected n_sites in [0, {MOST_SITES:,}], found another number")
    positions = table["positions"].combine_chunks()
    haplotypes = table["haplotypes"].combine_chunks()
    n_bytes = -(-spec.n_haplotypes // 8)
    offsets = np.concatenate([[0], np.cumsum(n_sites)]).astype(np.int64)
    packed = b"".join(haplotypes.to_pylist())
    lengths = np.array([len(row) for row in haplotypes.to_pylist()], dtype=np.int64)
    counts = np.asarray(positions.value_lengths(), dtype=np.int64)
    if (lengths != n_sites * n_bytes).any() or (counts != n_sites).any():
        raise DataError(
            f"dataset: expected {offsets[-1]} sites in a row group, as n_sites says, found others"
        )
    bits = np.frombuffer(packed, dtype=np.uint8).reshape(-1, n_bytes)
    windows = Windows(
        spec=spec,
        haplotypes=np.unpackbits(bits, axis=1, count=spec.n_haplotypes),
        positions=positions.flatten().to_numpy(),
        offsets=offsets,
        polarisation=polarisation,
        labels=_labels(table["label"]),
        parameters={
            name.removeprefix(_PARAMETER): _parameter(table[name])
            for name in table.column_names
            if name.startswith(_PARAMETER)
        },
    )
    differs = [i for i, digest in enumerate(windows.digests()) if digest != table["digest"][i].as_py()]
    if differs:
        raise DataError(
            f"dataset: expected windows with the digests that stand beside them, found another in "
            f"{len(differs)} of {len(windows)} rows of a group, the first its row {differs[0]}"
        )
    return windows


def _labels(column: pa.ChunkedArray) -> NDArray[np.str_] | None:
    """Return the class of every window; none where no window has one."""
    if column.null_count == len(column):
        return None
    if column.null_count:
        raise DataError(
            f"dataset: expected a label for every window or for none, found {column.null_count} of "
            f"{len(column)} in a row group without"
        )
    for name in column.unique().to_pylist():
        check_name(name, where="dataset: label", error=DataError)
    return np.array(column.to_pylist(), dtype=np.str_)


def _parameter(column: pa.ChunkedArray) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_string(column.type):
        return np.array([value or "" for value in column.to_pylist()], dtype=np.str_)
    return np.asarray(column.to_numpy())
