"""The dataset file: labelled windows as rows of one Parquet file that pandas and Arrow open.

Columns: ``split``, ``label``, ``n_sites``, ``positions`` (list of float64, bp),
``haplotypes`` (bytes: per site the alleles of all haplotypes, eight to a byte
as `numpy.packbits` does it), ``digest`` (32 bytes) and ``parameter.NAME`` for
what a window was made with. What all windows share stands in the file's
metadata under the key ``selbench``, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.files import complete_file
from selbench.foreign.json import parse_json
from selbench.foreign.parquet import ParquetFile, opened_parquet
from selbench.formats.dataset_table import ROW_GROUP_WINDOWS, as_table, as_windows, base_schema, row_groups
from selbench.tables import check_name, from_table, show
from selbench.windows import Polarisation, Windows, WindowSpec

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FORMAT = 1
_KEY = b"selbench"


@dataclass(frozen=True)
class DatasetMetadata:
    """What all windows of a dataset share.

    Parameters
    ----------
    spec : WindowSpec
    polarisation : {"ancestral", "ref", "major"}
    classes : tuple of str
        Class names, the null class first.
    provenance : mapping of str to JSON value
        What made the windows: simulator, options, seed, versions, files.
    """

    spec: WindowSpec
    polarisation: Polarisation = "ancestral"
    classes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)


def write_dataset(path: str | Path, batches: Iterable[tuple[str, Windows]], metadata: DatasetMetadata) -> int:
    """Write batches of labelled windows, one row group at a time, and return their number.

    The file takes its name only when it is whole.

    Parameters
    ----------
    batches : iterable of (split, Windows)
        The parameters of a window that its batch lacks are null.

    Raises
    ------
    DataError
        If a batch is of another shape or polarisation than `metadata` says, or
        carries a label that is not among its classes.
    """
    with complete_file(path) as temporary:
        writer = _Writer(temporary, metadata)
        try:
            for split, windows in batches:
                _check_batch(windows, metadata)
                for part in row_groups(windows):
                    writer.write(as_table(part, split))
        finally:
            writer.close()
    return writer.n_windows


def dataset_metadata(path: str | Path) -> DatasetMetadata:
    """Read what all windows of a dataset share.

    Raises
    ------
    DataError
        If the file is missing, damaged, or no dataset.
    """
    with _opened(path) as (_, metadata):
        return metadata


def dataset_counts(path: str | Path) -> dict[tuple[str, str], int]:
    """Count the windows of each (split, label), in order of first appearance."""
    with _opened(path) as (file, _):
        table = file.read(columns=["split", "label"])
    pairs = zip(table["split"].to_pylist(), table["label"].to_pylist(), strict=True)
    counts: dict[tuple[str, str], int] = {}
    for split, label in pairs:
        counts[split, label or ""] = counts.get((split, label or ""), 0) + 1
    return counts


def iterate_dataset(path: str | Path, batch_size: int = ROW_GROUP_WINDOWS) -> Iterator[tuple[str, Windows]]:
    """Read a dataset in bounded memory: (split, at most `batch_size` windows), in file order.

    Raises
    ------
    DataError
        If the file is missing, damaged, or no dataset.
    """
    with _opened(path) as (file, metadata):
        for group in range(file.n_groups):
            table = file.group(group)
            splits = np.asarray(table["split"].to_pylist())
            changes = np.flatnonzero(splits[1:] != splits[:-1]) + 1
            for start, stop in pairwise([0, *changes.tolist(), len(splits)]):
                for at in range(start, stop, batch_size):
                    part = table.slice(at, min(batch_size, stop - at))
                    yield str(splits[at]), _windows_of(part, metadata, path)


def read_dataset(path: str | Path, *, split: str | None = None, label: str | None = None) -> Windows:
    """Read the windows of a dataset, or of one split or label, into one batch.

    Raises
    ------
    DataError
        If the file is missing, damaged, or no dataset, or holds no such windows.
    """
    taken = []
    for found, windows in iterate_dataset(path):
        if split in (None, found):
            wanted = slice(None) if label is None else _labels_of(windows) == label
            taken.append(windows.take(wanted))
    if not sum(map(len, taken)):
        asked = " ".join(f"{kind} {name!r}" for kind, name in [("split", split), ("label", label)] if name)
        there = ", ".join(f"{s} {name or '(no label)'}" for s, name in dataset_counts(path)) or "no window"
        raise DataError(f"{path}: expected windows of {asked or 'any split'}, found {there}")
    return Windows.concatenate(taken)


def _windows_of(part: pa.Table, metadata: DatasetMetadata, path: str | Path) -> Windows:
    try:
        return as_windows(part, metadata.spec, metadata.polarisation)
    except DataError as problem:
        raise DataError(f"{path}: {problem}") from problem


def _labels_of(windows: Windows) -> NDArray[np.str_]:
    return np.full(len(windows), "") if windows.labels is None else windows.labels


def _check_batch(windows: Windows, metadata: DatasetMetadata) -> None:
    windows.check_complete("a dataset file")
    if (windows.spec, windows.polarisation) != (metadata.spec, metadata.polarisation):
        raise DataError(
            f"dataset: expected {metadata.spec}, {metadata.polarisation}, "
            f"found {windows.spec}, {windows.polarisation}"
        )
    strangers = set(_labels_of(windows).tolist()) - set(metadata.classes) - {""}
    if strangers and metadata.classes:
        raise DataError(
            f"dataset: expected labels among {', '.join(metadata.classes)}, found {min(strangers)!r}"
        )


class _Writer:
    """Writes tables as row groups; a parameter not met before widens the whole file."""

    def __init__(self, path: Path, metadata: DatasetMetadata) -> None:
        self.path = path
        self.metadata = {_KEY: json.dumps(_described(metadata)).encode()}
        self.n_windows = 0
        self.file = self._opened(base_schema())

    def write(self, table: pa.Table) -> None:
        import pyarrow as pa

        new = [column for column in table.schema if column.name not in self.file.schema.names]
        if new:
            self._widen(pa.schema([*self.file.schema, *new]))
        self._write_group(table)
        self.n_windows += len(table)

    def close(self) -> None:
        self.file.close()

    def _opened(self, schema: pa.Schema) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        return pq.ParquetWriter(
            self.path,
            schema.with_metadata(self.metadata),
            compression="zstd",
            use_dictionary=["split", "label"],
            write_page_checksum=True,
        )

    def _widen(self, schema: pa.Schema) -> None:
        self.file.close()
        narrow = self.path.with_suffix(".narrow")
        self.path.rename(narrow)
        self.file = self._opened(schema)
        with opened_parquet(narrow) as file:
            for group in range(file.n_groups):
                self._write_group(file.group(group))
        narrow.unlink()

    def _write_group(self, table: pa.Table) -> None:
        import pyarrow as pa

        columns = [
            table[column.name] if column.name in table.column_names else pa.nulls(len(table), column.type)
            for column in self.file.schema
        ]
        self.file.write_table(pa.table(columns, schema=self.file.schema))


def _described(metadata: DatasetMetadata) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "spec": asdict(metadata.spec),
        "polarisation": metadata.polarisation,
        "classes": list(metadata.classes),
        "provenance": dict(metadata.provenance),
    }


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple[ParquetFile, DatasetMetadata]]:
    with opened_parquet(path, expected="a dataset file", way_out="make or copy it again") as file:
        yield file, _metadata_of(file, path)


@dataclass(frozen=True)
class _Described:
    """What the file says of itself; the fields are those of `DatasetMetadata`."""

    spec: WindowSpec
    polarisation: Polarisation
    classes: tuple[str, ...]
    provenance: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name in self.classes:
            check_name(name, where="classes", error=DataError)
        if len(set(self.classes)) < len(self.classes):
            raise DataError(f"classes: expected each once, found {', '.join(self.classes)}")


def _metadata_of(file: ParquetFile, path: str | Path) -> DatasetMetadata:
    schema, where = file.schema, f"{path}: damaged description of a dataset"
    if _KEY not in (schema.metadata or {}):
        raise DataError(f"{path}: expected a dataset that selbench wrote, found another Parquet file")
    table = parse_json(schema.metadata[_KEY], where)
    found = table.pop("format", None) if isinstance(table, dict) else type(table).__name__
    if found != FORMAT:
        raise DataError(f"{path}: expected a dataset of format {FORMAT}, found {found!r}")
    if isinstance(table, dict) and not isinstance(table.get("classes"), list):
        raise DataError(f"{where}: classes: expected a list, found {show(table.get('classes'))}")
    described = from_table(_Described, table, where=where, error=DataError)
    for column in base_schema():
        if column.name not in schema.names or schema.field(column.name).type != column.type:
            raise DataError(f"{path}: expected a column {column.name} ({column.type}), found none")
    return DatasetMetadata(described.spec, described.polarisation, described.classes, described.provenance)
