"""Libraries that parse strangers' bytes are called to read in one room, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import selbench

CORE = Path(selbench.__file__).parent
MODULES = sorted(
    path
    for folder in (CORE, CORE.parent / "plugins")
    for path in folder.rglob("*.py")
    if not path.is_relative_to(CORE / "foreign") and not path.is_relative_to(CORE / "testing")
)
"""`selbench.testing` reads what its own children wrote."""

PARSERS = {"cyvcf2", "tskit", "skops", "tomllib", "zipfile", "gzip", "bz2", "lzma", "tarfile", "zarr"}
"""Never imported elsewhere."""

READING = {
    "json.load", "json.loads", "np.load", "np.loadtxt", "np.genfromtxt", "np.fromfile", "numpy.load",
    "Image.open", "pd.read_parquet", "pd.read_csv", "pd.read_json", "pd.read_pickle", "pandas.read_parquet",
    "pq.ParquetFile", "pq.read_table", "pa.ipc.open_file",
}  # fmt: skip
"""Never called elsewhere; writing by the same libraries is free."""


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]


def called(tree: ast.AST) -> Iterator[str]:
    """Yield what is called, as it is spelt; ``from skops.io import load`` is spelt out."""
    homes = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            spelt = ast.unparse(node.func)
            yield homes.get(spelt, spelt)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CORE.parent)))
def test_strangers_bytes_are_parsed_in_one_room(path: Path) -> None:
    tree, name = parsed(path), str(path.relative_to(CORE.parent))
    assert not set(imported(tree)) & PARSERS, f"{name}: read by selbench.foreign instead"
    found = {(name, call) for call in called(tree) if call in READING}
    assert not found, f"{found}: read by selbench.foreign instead"
