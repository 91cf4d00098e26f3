"""The results and comparisons as comma-separated values, to go on with elsewhere."""

from __future__ import annotations

from selbench.run_folder import RunRecord


def render(record: RunRecord) -> str:
    """Return every row of both tables; the column ``table`` says of which it is.

    ``results``: one row per training, metric and class. ``comparisons``: one per pair of methods and metric.
    """
    import pandas as pd

    tables = {"results": record.results, "comparisons": record.comparisons}
    parts = [table.assign(table=name) for name, table in tables.items()]
    rows = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    return str(rows.to_csv(index=False))
