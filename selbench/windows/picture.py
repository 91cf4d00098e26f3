"""Windows as pictures in a notebook: haplotypes are rows, sites are columns, derived alleles are dark."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDEST = 500
"""Columns of a picture; further sites are pooled, so that a column is dark where any of them is derived."""

_PIXELS_PER_ROW = 3
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BIT_DEPTH, _GREY = 8, 0
_DARK, _NO_CALL, _LIGHT = 40, 170, 245


def figures(windows: Iterable[tuple[NDArray[np.uint8], str]], heading: str) -> str:
    """Return HTML of windows side by side: haplotypes uint8 (n_sites, n_haplotypes), and a caption each."""
    shown = (
        f'<figure style="margin:0 1em 1em 0">{_image(haplotypes, escape(caption))}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for haplotypes, caption in windows
    )
    return f'<p>{escape(heading)}</p><div style="display:flex;flex-wrap:wrap">{"".join(shown)}</div>'


def _image(haplotypes: NDArray[np.uint8], title: str) -> str:
    pixels = _pixels(haplotypes)
    height, width = pixels.shape
    uri = base64.b64encode(png(pixels)).decode()
    shown = f"width:{max(width, 1) * _PIXELS_PER_ROW}px;max-width:100%;height:{height * _PIXELS_PER_ROW}px"
    return (
        f'<img alt="{title}" title="{title}" src="data:image/png;base64,{uri}" '
        f'style="{shown};image-rendering:pixelated;border:1px solid #bbb">'
    )


def _pixels(haplotypes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey values (n_haplotypes, n_columns); alleles other than 0 and 1 are no calls."""
    pooled = max(1, -(-len(haplotypes) // WIDEST))
    padded = np.pad(haplotypes, ((0, -len(haplotypes) % pooled), (0, 0)))
    stretches = padded.reshape(-1, pooled, haplotypes.shape[1])
    has_derived, has_no_call = (stretches == 1).any(axis=1), (stretches > 1).any(axis=1)
    grey = np.where(has_derived, _DARK, np.where(has_no_call, _NO_CALL, _LIGHT))
    return grey.T.astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return grey values uint8 (height, width) as a PNG file (ISO/IEC 15948): header, data, end.

    A picture without a column gets one, for the format knows no empty ones.
    """
    if not pixels.shape[1]:
        pixels = np.full((len(pixels), 1), _LIGHT, dtype=np.uint8)
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, _BIT_DEPTH, _GREY, 0, 0, 0)
    rows = np.pad(pixels, ((0, 0), (1, 0)))  # a leading 0 per row: no filter
    data = zlib.compress(rows.tobytes(), level=9)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
