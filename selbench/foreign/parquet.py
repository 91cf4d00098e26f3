"""Parquet tables: columns by name and kind, sizes looked at first, no code out of a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from selbench.errors import DataError
from selbench.foreign.containment import contained

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

Kind = Literal["text", "number", "whole", "truth", "any"]
"""What a column holds; ``number`` takes whole ones, too."""

_TABLE = "a parquet table"

MOST_TABLE_BYTES = 2**34
"""Bytes that a table may take when it is unpacked whole."""


def read_parquet(
    path: str | Path,
    columns: Mapping[str, Kind] | Sequence[str] = (),
    *,
    way_out: str = "",
    as_categories: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table, its columns as their names and kinds say.

    Parameters
    ----------
    columns : mapping of str to {"text", "number", "whole", "truth", "any"}, or sequence of str
        Columns that must be there, and what they hold. Others come along.
    way_out : str
        What a message advises.
    as_categories : sequence of str
        Columns of text that come as categories: of millions of rows, each word is kept once.

    Raises
    ------
    DataError
        If the file is absent or damaged, a column is missing or of another
        kind, or the table would take more than `MOST_TABLE_BYTES`.
    """
    with opened_parquet(path, way_out=way_out, as_categories=as_categories) as file:
        table = file.read()
        kinds: Mapping[str, Kind] = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "any")
        missing = [name for name in kinds if name not in table.column_names]
        if missing:
            raise DataError(
                f"{path}: expected the columns {', '.join(kinds)}, missing {', '.join(missing)}"
                + (f"; {way_out}" if way_out else "")
            )
        for name, kind in kinds.items():
            _check_kind(path, name, kind, table.schema.field(name).type)
        with contained(path, _TABLE, way_out=way_out):
            frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
        return frame


class ParquetFile:
    """An open table, read whole or group by group; damage that shows is a `DataError`."""

    def __init__(self, file: pq.ParquetFile, path: str | Path, way_out: str) -> None:
        self.file = file
        self.path = path
        self.way_out = way_out

    @property
    def schema(self) -> pa.Schema:
        """The columns and the file's own metadata."""
        return self.file.schema_arrow

    @property
    def n_groups(self) -> int:
        """How many row groups there are."""
        return int(self.file.num_row_groups)

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the table, or some columns of it."""
        names = None if columns is None else list(columns)
        return self._contained(range(self.n_groups), lambda: self.file.read(columns=names))

    def group(self, index: int) -> pa.Table:
        """Read one row group."""
        return self._contained(range(index, index + 1), lambda: self.file.read_row_group(index))

    def _contained(self, groups: range, read: Callable[[], pa.Table]) -> pa.Table:
        with contained(self.path, _TABLE, way_out=self.way_out):
            n_bytes = sum(self.file.metadata.row_group(index).total_byte_size for index in groups)
            if not 0 <= n_bytes <= MOST_TABLE_BYTES:
                raise DataError(
                    f"{self.path}: expected at most {MOST_TABLE_BYTES:,} bytes, found {n_bytes:,}"
                )
            table = read()
            table.validate(full=True)
            return table


@contextmanager
def opened_parquet(
    path: str | Path, *, expected: str = _TABLE, way_out: str = "", as_categories: Sequence[str] = ()
) -> Iterator[ParquetFile]:
    """Open a table.

    Raises
    ------
    DataError
        If the file is absent or damaged, has columns of extension types, or two of one name.
    """
    import pyarrow.parquet as pq

    if not Path(path).is_file():
        raise DataError(f"{path}: not found; expected {expected}" + (f"; {way_out}" if way_out else ""))
    with contained(path, expected, way_out=way_out):
        file = pq.ParquetFile(path, page_checksum_verification=True, read_dictionary=list(as_categories))
    with file:
        with contained(path, expected, way_out=way_out):
            _check_types(file.schema_arrow, path)
        yield ParquetFile(file, path, way_out)


def _check_types(schema: Any, path: str | Path) -> None:
    """Refuse extension types: what makes them is named in the file, and looked up among classes."""
    import pyarrow as pa

    for column in schema:
        if isinstance(column.type, pa.BaseExtensionType):
            raise DataError(f"{path}: expected plain columns, found {column.name} of an extension type")
    if len(set(schema.names)) < len(schema.names):
        raise DataError(f"{path}: expected each column once, found one twice")


def _check_kind(path: str | Path, name: str, kind: Kind, found: Any) -> None:
    from pyarrow import types

    if types.is_dictionary(found):
        found = found.value_type
    fits = {
        "text": types.is_string(found) or types.is_large_string(found) or types.is_string_view(found),
        "number": types.is_floating(found) or types.is_integer(found),
        "whole": types.is_integer(found),
        "truth": types.is_boolean(found),
        "any": True,
    }
    if not (fits[kind] or types.is_null(found)):
        raise DataError(f"{path}: expected {kind} in column {name}, found {found}")
