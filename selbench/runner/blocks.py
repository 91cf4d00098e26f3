"""Windows as bytes: how blocks are stored and sent between processes. Haplotypes are bit-packed."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.arrays import read_npz
from selbench.foreign.json import parse_json
from selbench.tables import from_table
from selbench.windows import Polarisation, Windows, WindowSpec

if TYPE_CHECKING:
    import pandas as pd

FILE = "windows.npz"
_PARAMETER = "parameter."
_WAY_OUT = "delete its folder and run again"


@dataclass(frozen=True)
class _About:
    """What a block says of its windows."""

    spec: WindowSpec
    polarisation: Polarisation
    phased: bool = True


def windows_to_bytes(windows: Windows) -> bytes:
    """Return a batch of windows as an ``.npz`` archive; equal windows give equal bytes."""
    if windows.missing:
        windows.check_complete("a block of windows")
    about: dict[str, Any] = {"spec": asdict(windows.spec), "polarisation": windows.polarisation}
    about |= {} if windows.phased else {"phased": False}
    arrays: dict[str, Any] = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "packed": np.packbits(windows.haplotypes, axis=1),
        "positions": windows.positions,
        "offsets": windows.offsets,
    }
    if (windows.observed < 1).any():
        arrays["observed"] = windows.observed
    arrays |= {_PARAMETER + name: values for name, values in sorted(windows.parameters.items())}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def windows_from_bytes(content: bytes | Path) -> Windows:
    """Read what `windows_to_bytes` wrote, from bytes or a file.

    Raises
    ------
    DataError
        If it is damaged.
    """
    where = str(content) if isinstance(content, Path) else "a block of windows"
    arrays = read_npz(content, where=where, expected="windows", way_out=_WAY_OUT)
    try:
        about = parse_json(arrays["about"].tobytes(), where, way_out=_WAY_OUT)
        described = from_table(_About, about, where=f"{where}: about", error=DataError)
        return Windows(
            spec=described.spec,
            haplotypes=_unpacked(arrays["packed"], described.spec.n_haplotypes),
            positions=arrays["positions"],
            offsets=arrays["offsets"],
            polarisation=described.polarisation,
            phased=described.phased,
            observed=arrays.get("observed"),  # type: ignore[arg-type]  # all of each window where it is not there
            parameters={
                name.removeprefix(_PARAMETER): values
                for name, values in arrays.items()
                if name.startswith(_PARAMETER)
            },
        )
    except KeyError as problem:
        raise DataError(f"{where}: damaged: no array {problem}; {_WAY_OUT}") from problem


def rows_from_bytes(content: bytes | Path) -> pd.DataFrame:
    """Read from what `windows_to_bytes` wrote what `rows_of` returns, alleles and positions unread.

    Raises
    ------
    DataError
        If it is damaged.
    """
    where = str(content) if isinstance(content, Path) else "a block of windows"
    arrays = read_npz(content, where=where, expected="windows", way_out=_WAY_OUT, wanted=_is_of_rows)
    if "offsets" not in arrays:
        raise DataError(f"{where}: damaged: no array 'offsets'; {_WAY_OUT}")
    n_sites = np.diff(arrays["offsets"])
    observed = arrays.get("observed", np.ones(len(n_sites)))
    parameters = {
        name.removeprefix(_PARAMETER): values
        for name, values in arrays.items()
        if name.startswith(_PARAMETER)
    }
    return _rows(n_sites, observed, parameters)


def rows_of(windows: Windows) -> pd.DataFrame:
    """Return a row per window: `n_sites`, `observed`, and its numeric parameters as float64, by name."""
    return _rows(windows.n_sites, windows.observed, windows.parameters)


def _rows(
    n_sites: NDArray[np.int64], observed: NDArray[np.float64], parameters: Mapping[str, NDArray[Any]]
) -> pd.DataFrame:
    import pandas as pd

    numeric = {
        n: values.astype(np.float64) for n, values in parameters.items() if values.dtype.kind in "biuf"
    }
    return pd.DataFrame({**dict(sorted(numeric.items())), "n_sites": n_sites, "observed": observed})


def _is_of_rows(name: str) -> bool:
    return name in ("offsets", "observed") or name.startswith(_PARAMETER)


def _unpacked(packed: NDArray[Any], n_haplotypes: int) -> NDArray[np.uint8]:
    if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != -(-n_haplotypes // 8):
        raise DataError(
            f"a block of windows: expected {n_haplotypes} haplotypes, eight to a byte, "
            f"found {packed.dtype} {packed.shape}"
        )
    return np.unpackbits(packed, axis=1, count=n_haplotypes)
