"""PNG images as arrays of grey levels: PNG only, bounded in pixels, never clipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.containment import contained, said

MOST_PIXELS = 2**26
"""Pixels of one image."""

FORMATS = {
    ".png": "PNG", ".bmp": "BMP", ".gif": "GIF", ".jpeg": "JPEG", ".jpg": "JPEG", ".tif": "TIFF",
    ".tiff": "TIFF", ".webp": "WEBP",
}  # fmt: skip
"""The formats that are read, by the ending of a file's name; no other decoder is ever tried."""

_MAGIC = b"\x89PNG\r\n\x1a\n"
_HEADER = len(_MAGIC) + 4 + 4 + 8
"""The magic, then the length and the name of the first chunk, then width and height."""

_OPAQUE = 255


def png_size(path: Path) -> tuple[int, int]:
    """Read the width and the height of a PNG image from its first bytes.

    Raises
    ------
    DataError
        If it is no PNG image, or larger than `MOST_PIXELS`.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEADER)
    except OSError as problem:
        raise DataError(f"{path}: expected a PNG image ({said(problem)})") from problem
    if not head.startswith(_MAGIC) or len(head) < _HEADER or head[12:16] != b"IHDR":
        raise DataError(f"{path}: expected a PNG image, found {_kind_of(head)}")
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
    if not 0 < width * height <= MOST_PIXELS:
        raise DataError(
            f"{path}: expected an image of at most {MOST_PIXELS:,} pixels, found {width:,} × {height:,}"
        )
    return width, height


def read_png(path: Path) -> tuple[NDArray[np.uint8 | np.uint16], bool]:
    """Read the grey levels of a PNG image, and whether it is in colour; see `read_image`."""
    png_size(path)
    return _read(path, "PNG")


def read_image(path: Path) -> tuple[NDArray[np.uint8 | np.uint16], bool]:
    """Read the grey levels of an image, and whether it is in colour. The format is that of the file's ending.

    Black and white, grey (8 or 16 bits), palette and colour images are read as
    they are; of colours, the brightest channel is the grey level.

    Returns
    -------
    pixels : uint8 or, of 16 bits, uint16 (height, width)
    is_colour : bool
        Whether channels differ anywhere.

    Raises
    ------
    DataError
        If it is no image of that format or a damaged one, larger than
        `MOST_PIXELS`, of levels beyond 16 bits, or transparent somewhere.
    """
    ending = path.suffix.lower()
    if ending == ".png":
        return read_png(path)
    if ending not in FORMATS:
        raise DataError(f"{path}: expected an image ({', '.join(FORMATS)}), found an ending {ending!r}")
    return _read(path, FORMATS[ending])


def _read(path: Path, kind: str) -> tuple[NDArray[np.uint8 | np.uint16], bool]:
    from PIL import Image

    with contained(path, f"a {kind} image"), Image.open(path, formats=(kind,)) as image:
        mode = image.mode
        if image.width * image.height > MOST_PIXELS:
            raise DataError(
                f"{path}: expected at most {MOST_PIXELS:,} pixels, found {image.width:,} × {image.height:,}"
            )
        if mode in ("I", "I;16", "I;16B") and "transparency" not in image.info:
            return _deep(np.asarray(image), path), False
        if mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
            raise DataError(f"{path}: expected an image of grey levels or colours, found one of mode {mode}")
        has_alpha = mode in ("LA", "PA", "RGBA") or "transparency" in image.info
        if mode in ("1", "L") and not has_alpha:
            return np.asarray(image.convert("L")), False
        pixels = np.asarray(image.convert("RGBA"))
    if (pixels[..., 3] != _OPAQUE).any():
        raise DataError(f"{path}: expected an opaque image, found transparent pixels")
    channels = pixels[..., :3]
    is_colour = bool((np.ptp(channels, axis=2) > 0).any())
    return np.ascontiguousarray(channels.max(axis=2)), is_colour


def _deep(pixels: NDArray[Any], path: Path) -> NDArray[np.uint16]:
    """Return grey levels of 16 bits; libraries hand them over in 16 or in 32."""
    if pixels.size and not 0 <= pixels.min() <= pixels.max() <= np.iinfo(np.uint16).max:
        raise DataError(f"{path}: expected grey levels of 16 bits, found {pixels.max()}")
    return pixels.astype(np.uint16)


def _kind_of(head: bytes) -> str:
    kinds = {b"%!PS": "PostScript", b"\xff\xd8": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"DDS ": "DDS"}
    kinds |= {b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"P5": "PGM", b"P6": "PPM", b"\xc5\xd0\xd3\xc6": "EPS"}
    named = [kind for magic, kind in kinds.items() if head.startswith(magic)]
    return named[0] if named else "something else" if head else "an empty file"
