"""The tables of a run folder, as plain parquet: written whole, read with their columns checked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.errors import DataError
from selbench.files import write_whole
from selbench.foreign.parquet import Kind, opened_parquet, read_parquet
from selbench.run_folder.layout import MAKE_AGAIN
from selbench.run_folder.names import MethodName

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, Kind]

PREDICTION_COLUMNS: Columns = {
    "train_task": "text", "test_task": "text", "method": "text", "repetition": "whole", "split": "text",
    "window": "whole", "label": "text",
}  # fmt: skip
"""Columns of predictions.parquet and what stands in them; beside them a number ``p_CLASS`` per class."""

WINDOW_COLUMNS: Columns = {
    "test_task": "text", "window": "whole", "label": "text", "n_sites": "whole", "observed": "number",
}  # fmt: skip
"""Columns of windows.parquet; beside them a number per parameter that a window was made with."""

RESULT_COLUMNS: Columns = {
    "train_task": "text", "test_task": "text", "method": "text", "repetition": "whole", "metric": "text",
    "class": "text", "value": "number", "low": "number", "high": "number", "interval": "text",
    "n_windows": "whole",
}  # fmt: skip

COMPARISON_COLUMNS: Columns = {
    "train_task": "text", "test_task": "text", "metric": "text", "class": "text", "family": "text",
    "method": "text", "other": "text", "difference": "number", "low": "number", "high": "number",
    "low_simultaneous": "number", "high_simultaneous": "number", "p": "number", "p_adjusted": "number",
    "n_repetitions": "whole", "other_n_repetitions": "whole", "over": "text", "margin": "number",
    "verdict": "text",
}  # fmt: skip

_NAMES = ("method_label", "method_folder", "other_label", "other_folder")


def with_names(table: pd.DataFrame, names: Mapping[str, MethodName]) -> pd.DataFrame:
    """Return a table with the label and the folder name beside each method."""
    named = table.drop(columns=[column for column in _NAMES if column in table.columns])
    for column in ("method", "other"):
        if column in table.columns:
            for kind in ("folder", "label"):
                values = table[column].map({name: getattr(of, kind) for name, of in names.items()})
                named.insert(list(named.columns).index(column) + 1, f"{column}_{kind}", values.astype(object))
    return named


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with plain text where it has categories."""
    categories = table.select_dtypes("category")
    return table.astype({name: categories[name].cat.categories.dtype for name in categories})


def table_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as the content of a parquet file.

    Few of its fractions are equal: with a dictionary of them predictions take a quarter to two fifths more.
    """
    buffer = io.BytesIO()
    words = [str(name) for name in table.columns if table[name].dtype.kind != "f"]
    table.to_parquet(buffer, index=False, compression="zstd", compression_level=9, use_dictionary=words)
    return buffer.getvalue()


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as parquet, whole or not at all."""
    write_whole(path, table_bytes(table))


def no_windows() -> pd.DataFrame:
    """Return the table of windows of a run that wrote none: its columns, and no row."""
    import pandas as pd

    table = pd.DataFrame(columns=list(WINDOW_COLUMNS))
    return table.astype({"window": "int64", "n_sites": "int64", "observed": "float64"})


def read_table(
    path: Path, columns: Columns, *, numbers: str | None = None, as_categories: bool = False
) -> pd.DataFrame:
    """Read a table of a run folder.

    Parameters
    ----------
    columns : mapping of str to kind
        What must be there, and what it holds; there may be more.
    numbers : str, optional
        Every column whose name begins so must hold numbers, too: with "", all others.
    as_categories : bool
        Whether text comes as categories.

    Raises
    ------
    DataError
        If it is missing or damaged, or a column is missing or of another kind.
    """
    found = table_columns(path)
    kinds = _kinds(found, columns, numbers)
    words = [name for name in found if kinds.get(name) == "text" or name in _NAMES] if as_categories else ()
    return read_parquet(path, kinds, way_out=MAKE_AGAIN, as_categories=words)


def check_table(path: Path, columns: Columns) -> None:
    """Refuse a table that is missing, cut off or without its columns, before its rows are needed."""
    found = table_columns(path)
    if missing := [name for name in columns if name not in found]:
        raise DataError(f"{path}: expected the columns {', '.join(columns)}, missing {', '.join(missing)}")


def table_columns(path: Path) -> list[str]:
    """Return the names of a table's columns, from its last bytes alone."""
    with opened_parquet(path, way_out=MAKE_AGAIN) as file:
        return list(file.schema.names)


def _kinds(found: Sequence[str], columns: Columns, numbers: str | None) -> Columns:
    """Return the kind of every column that has one."""
    further = {name: "number" for name in found if numbers is not None and name.startswith(numbers)}
    return {**further, **columns}  # type: ignore[dict-item]
