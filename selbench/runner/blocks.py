"""Windows as bytes: how blocks are stored and sent between processes. Haplotypes are bit-packed."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError
from selbench.windows import Windows, WindowSpec

FILE = "windows.npz"
_PARAMETER = "parameter."


def windows_to_bytes(windows: Windows) -> bytes:
    """Return a batch of windows as an ``.npz`` archive; equal windows give equal bytes."""
    about = {"spec": asdict(windows.spec), "polarisation": windows.polarisation}
    arrays: dict[str, Any] = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "packed": np.packbits(windows.haplotypes, axis=1),
        "positions": windows.positions,
        "offsets": windows.offsets,
    }
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
    source = content if isinstance(content, Path) else io.BytesIO(content)
    try:
        with np.load(source, allow_pickle=False) as archive:
            about = json.loads(archive["about"].tobytes())
            spec = WindowSpec(**about["spec"])
            packed = archive["packed"]
            return Windows(
                spec=spec,
                haplotypes=np.unpackbits(packed, axis=1, count=spec.n_haplotypes),
                positions=archive["positions"],
                offsets=archive["offsets"],
                polarisation=about["polarisation"],
                parameters={
                    name.removeprefix(_PARAMETER): archive[name]
                    for name in archive.files
                    if name.startswith(_PARAMETER)
                },
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        where = content if isinstance(content, Path) else "a block of windows"
        raise DataError(f"{where}: damaged: {problem}; delete its folder and run again") from problem
