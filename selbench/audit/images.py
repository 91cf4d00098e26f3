"""Images that somebody else made, read leniently: a faulty one is a problem, and the rest go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.audit.audited import BATCH, Batch, ReadProblem
from selbench.errors import DataError
from selbench.foreign.images import read_image
from selbench.windows import Windows, WindowSpec

IMAGE_ENDINGS = (".png", ".bmp", ".gif", ".jpeg", ".jpg", ".tif", ".tiff", ".webp")

MOSTLY_WHITE = 0.5


@dataclass(frozen=True, eq=False)
class _Image:
    """The rows of an image that hold a derived allele.

    Parameters
    ----------
    rows : int64 (n_sites,)
    alleles : uint8 (n_sites, width)
    """

    path: Path
    rows: NDArray[np.int64]
    alleles: NDArray[np.uint8]
    height: int
    width: int


def image_batches(root: Path, split: str, label: str, paths: Sequence[Path]) -> Iterator[Batch | ReadProblem]:
    """Read the images of one class and split: a row is a base pair, a column a haplotype, white derived.

    Images of one width are put together, whatever their height.
    """
    for start in range(0, len(paths), BATCH):
        by_width: dict[int, list[_Image]] = {}
        for path in paths[start : start + BATCH]:
            for item in _read(root, path):
                if isinstance(item, ReadProblem):
                    yield item
                else:
                    by_width.setdefault(item.width, []).append(item)
        for width, images in by_width.items():
            yield _batch(root, split, label, width, images)


def _batch(root: Path, split: str, label: str, width: int, images: list[_Image]) -> Batch:
    heights = np.array([image.height for image in images])
    windows = Windows(
        spec=WindowSpec(width, int(heights.max()), _ploidy(width)),
        haplotypes=np.concatenate([image.alleles for image in images]),
        positions=np.concatenate([image.rows for image in images]).astype(np.float64),
        offsets=np.cumsum([0, *(len(image.rows) for image in images)], dtype=np.int64),
    )
    names = [str(image.path.relative_to(root)) for image in images]
    return Batch(split, label, windows, names=names, heights=heights, decimals=0)


def _ploidy(n_haplotypes: int) -> int:
    """Images do not tell: two haplotypes make an individual where that comes out even."""
    return 1 if n_haplotypes % 2 else 2


def _read(root: Path, path: Path) -> Iterator[_Image | ReadProblem]:
    name = str(path.relative_to(root))
    try:
        pixels, is_colour = read_image(path)
    except DataError as problem:
        yield ReadProblem(name, str(problem), "unreadable")
        return
    height, width = pixels.shape
    if width < 2:
        yield ReadProblem(name, f"expected two columns or more, found {width}", "unreadable")
        return
    top = int(pixels.max(initial=0))
    rows = np.flatnonzero(pixels.any(axis=1))
    chosen = pixels[rows]
    alleles = (2 * chosen.astype(np.int32) > top).astype(np.uint8)
    if ((chosen != 0) & (chosen != top)).any():
        yield ReadProblem(
            name, f"grey levels: brighter than {top // 2} taken as derived", "with grey levels", lost=False
        )
        kept = alleles.any(axis=1)
        rows, alleles = rows[kept], alleles[kept]
    if is_colour:
        yield ReadProblem(name, "colours, turned to grey", "in colour", lost=False)
    if alleles.sum() > MOSTLY_WHITE * pixels.size:
        yield ReadProblem(name, "mostly white: is black the derived allele?", "mostly white", lost=False)
    yield _Image(path, rows, alleles, height, width)
