"""Example images of every class in every encoding, as the model sees them, inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.images import read_png
from selbench.report.html.page import Page, Section
from selbench.run_folder import ImageRecord

WIDEST = 500
"""Columns of a strip; longer windows are pooled to that."""

STRIP_RATIO = 3
"""Taller than this many times its width, an image is laid on its side."""


@dataclass(frozen=True)
class Picture:
    """An image as a data URI, with its size in pixels."""

    uri: str
    width: int
    height: int
    label: str


@dataclass(frozen=True)
class Gallery:
    """The examples of one encoding on one task, by class."""

    task: str
    encoder: str
    note: str
    is_strip: bool
    classes: tuple[tuple[str, tuple[Picture, ...]], ...]


def section(page: Page) -> Section | None:
    """Return example images per task and encoding."""
    galleries = list(_galleries(page))
    by_task = {
        task: [gallery for gallery in galleries if gallery.task == task]
        for task in dict.fromkeys(gallery.task for gallery in galleries)
    }
    return Section("images", "What the models see", {"by_task": by_task}) if by_task else None


def _galleries(page: Page) -> Iterator[Gallery]:
    record = page.record
    for task in dict.fromkeys(image.task for image in record.images):
        for encoder in dict.fromkeys(image.encoder for image in record.images if image.task == task):
            chosen = [image for image in record.images if (image.task, image.encoder) == (task, encoder)]
            classes = []
            note, is_strip = "", False
            for label in dict.fromkeys(image.label for image in chosen):
                pixels = [(i, _read(i)) for i in chosen if i.label == label]
                note, is_strip = _note(pixels[0][1]), _is_strip(pixels[0][1])
                classes.append((label, tuple(_picture(image, values) for image, values in pixels)))
            yield Gallery(task, encoder, note, is_strip, tuple(classes))


def _read(image: ImageRecord) -> NDArray[np.uint8]:
    path = image.folder / image.file
    if not path.resolve().is_relative_to(image.folder.resolve()):
        raise DataError(
            f"{image.folder / 'run.json'}: images: expected a file inside the folder, found {image.file!r}"
        )
    pixels, _ = read_png(path)
    if pixels.dtype != np.uint8:
        raise DataError(f"{path}: expected grey levels of 8 bits, found 16; run the experiment again")
    return pixels.astype(np.uint8)


def _is_strip(pixels: NDArray[Any]) -> bool:
    height, width = pixels.shape
    return bool(height > STRIP_RATIO * width)


def _note(pixels: NDArray[Any]) -> str:
    height, width = pixels.shape
    size = f"{height:,} × {width:,} pixels"
    if not _is_strip(pixels):
        return size
    pooled = -(-height // WIDEST)
    shown = f"; each column shows the brightest of {pooled} base pairs" if pooled > 1 else ""
    return f"{size}, laid on its side: base pairs run to the right, one row per chromosome{shown}"


def _picture(image: ImageRecord, pixels: NDArray[np.uint8]) -> Picture:
    shown = _on_its_side(pixels) if _is_strip(pixels) else pixels
    return Picture(
        uri=data_uri(shown),
        width=shown.shape[1],
        height=shown.shape[0],
        label=f"{image.label} window of task {image.task}, encoded by {image.encoder}",
    )


def _on_its_side(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn (base pairs, chromosomes) into (chromosomes, columns of pooled base pairs)."""
    pooled = -(-len(pixels) // WIDEST)
    padding = -len(pixels) % pooled
    padded = np.pad(pixels, ((0, padding), (0, 0)))
    return np.ascontiguousarray(padded.reshape(-1, pooled, pixels.shape[1]).max(axis=1).T)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """Return grey levels as a PNG inside a URI."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
