"""The seed study's image folders: TRAIN, VALID, TEST / NEUTRAL, SELECTION / one PNG per window.

An image has one channel, one row per base pair and one column per haplotype;
a derived allele is one white pixel (255) on black (0), as in Nguembang Fadja
et al. (2021). PNG is lossless: what is written is read back site by site, at
whole base pairs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.files import complete_folder
from selbench.foreign.images import png_size, read_png
from selbench.formats.image_rows import rows_of_their_own
from selbench.tables import check_name
from selbench.windows import Windows

WHITE = 255
DESCRIPTION = "images.json"
READ_BATCH, BATCH_PIXELS = 1000, 2**27
"""A batch ends after this many images, or images of this many pixels."""

_FOLDER_OF_SPLIT = {"train": "TRAIN", "validation": "VALID", "test": "TEST", "threshold": "THRESHOLD"}
_SPLIT_OF_FOLDER = {name: split for split, name in _FOLDER_OF_SPLIT.items()} | {"VALIDATION": "validation"}


@dataclass(frozen=True)
class PngCounts:
    """What a folder of images holds, per ``SPLIT/CLASS``.

    Parameters
    ----------
    images : mapping of str to int
    moved_sites : mapping of str to int
        Sites that shared a base pair with the one before and were drawn on
        another row.
    """

    images: Counter[str] = field(default_factory=Counter)
    moved_sites: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.images.total()} images, {self.moved_sites.total()} sites moved to a row of their own"


def write_png_folder(
    directory: str | Path,
    batches: Mapping[str, Windows] | Iterable[tuple[str, Windows]],
    *,
    null: str,
    positive: str,
) -> PngCounts:
    """Draw labelled windows into the study's folder layout.

    The null class goes to ``NEUTRAL``, the positive one to ``SELECTION``, any
    other to its name in capitals. A site on the base pair of the one before it
    moves to the next row, as in the study, and may push others on; a site that
    would leave the image moves up instead, so that no image grows and no site
    is lost.

    Parameters
    ----------
    directory : path
        New or empty; it takes its name when all images are written.
    batches : mapping of split to Windows, or iterable of (split, Windows)

    Raises
    ------
    DataError
        If the folder is in use, a window has no label, or more sites than base pairs.
    """
    counts = PngCounts()
    with complete_folder(directory) as folder:
        for split, windows in batches.items() if isinstance(batches, Mapping) else batches:
            windows.check_complete("a folder of images")
            if windows.labels is None:
                raise DataError(f"{split}: expected labelled windows, found no labels")
            rows, moved = site_rows(windows)
            for i, label in enumerate(windows.labels.tolist()):
                check_name(label, where=f"{split}: label", error=DataError)
                kind = {null: "NEUTRAL", positive: "SELECTION"}.get(label, label.upper())
                place = f"{_FOLDER_OF_SPLIT.get(split, split.upper())}/{kind}"
                path = folder / place / f"{kind.lower()}_{counts.images[place]:06d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_image(path, windows, i, rows)
                counts.images[place] += 1
                counts.moved_sites[place] += int(moved[i])
        described = {
            "images": counts.images,
            "moved_sites": counts.moved_sites,
            "null": null,
            "positive": positive,
        }
        (folder / DESCRIPTION).write_text(json.dumps(described, indent=2) + "\n")
    return counts


def site_rows(windows: Windows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give every site of a window a row of its own.

    Returns
    -------
    rows : int64 (total_sites,)
        Rising within a window; floor(position) wherever no earlier site is in the way.
    n_moved : int64 (n_windows,)
        Sites per window that are drawn on another row than floor(position).

    Raises
    ------
    DataError
        If a window has more sites than base pairs.
    """
    base_pairs = np.floor(windows.positions).astype(np.int64)
    rows = rows_of_their_own(base_pairs, windows)
    window = np.repeat(np.arange(len(windows)), windows.n_sites)
    return rows, np.bincount(window[rows != base_pairs], minlength=len(windows))


def read_png_folder(directory: str | Path, *, ploidy: int = 2) -> Iterator[tuple[str, Windows]]:
    """Read a folder of images in the study's layout, split by split, in bounded batches.

    A row with a white pixel is a site, at the row's number. The labels are the
    folders' names in lower case; the parameter ``file`` names each image.
    Images may differ in height (the study's sometimes grew): `sequence_length`
    is the greatest height in the folder.

    Parameters
    ----------
    ploidy : int
        Haplotypes per individual; images do not tell.

    Yields
    ------
    split, windows : (str, Windows)

    Raises
    ------
    DataError
        If there is no image, or one is damaged, of another width, or neither black nor white.
    """
    directory = Path(directory)
    found = list(_images(directory))
    if not found:
        raise DataError(f"{directory}: expected TRAIN, VALID or TEST / CLASS / *.png, found no image there")
    sizes = [png_size(path) for _, _, path in found]
    for (_, _, path), (width, _) in zip(found, sizes, strict=True):
        if width != sizes[0][0]:
            raise DataError(f"{path}: expected {sizes[0][0]} columns as in the others, found {width}")
    length = max(height for _, height in sizes)
    for split in dict.fromkeys(split for split, _, _ in found):
        members = [(label, path) for its_split, label, path in found if its_split == split]
        n_images = min(READ_BATCH, max(1, BATCH_PIXELS // (length * sizes[0][0])))
        for start in range(0, len(members), n_images):
            batch = members[start : start + n_images]
            yield split, _windows_of_images(directory, batch, length, ploidy)


def _windows_of_images(directory: Path, members: list[tuple[str, Path]], length: int, ploidy: int) -> Windows:
    images = [_read_sites(path) for _, path in members]
    return Windows.from_arrays(
        [alleles for _, alleles in images],
        [rows for rows, _ in images],
        sequence_length=length,
        ploidy=ploidy,
        labels=[label for label, _ in members],
        parameters={"file": np.array([str(path.relative_to(directory)) for _, path in members])},
    )


def _images(directory: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield (split, label, path) of every image, in the order of their names."""
    for path in sorted(directory.glob("*/*/*.png")):
        split = _SPLIT_OF_FOLDER.get(path.parent.parent.name.upper())
        if split is not None:
            yield split, path.parent.name.lower(), path


def _write_image(path: Path, windows: Windows, index: int, rows: NDArray[np.int64]) -> None:
    from PIL import Image

    haplotypes, _ = windows.window(index)
    image = np.zeros((windows.spec.sequence_length, windows.spec.n_haplotypes), dtype=np.uint8)
    image[rows[windows.offsets[index] : windows.offsets[index + 1]]] = haplotypes * np.uint8(WHITE)
    Image.fromarray(image).save(path)


def _read_sites(path: Path) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the rows that hold a derived allele, and what they hold: an image itself is not kept."""
    image = _read_image(path)
    rows = np.flatnonzero(image.any(axis=1))
    return rows, image[rows]


def _read_image(path: Path) -> NDArray[np.uint8]:
    pixels, _ = read_png(path)
    neither = (pixels != 0) & (pixels != WHITE)
    if neither.any():
        raise DataError(f"{path}: expected pixels 0 and {WHITE}, found {pixels[neither][0]}")
    alleles: NDArray[np.uint8] = (pixels == WHITE).astype(np.uint8)
    return alleles
