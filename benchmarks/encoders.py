"""Speed of selbench's image encoders beside plain ways to the same pixels, in one run.

    python benchmarks/encoders.py

Prints CPU microseconds per window and their ratio: medians of alternating pairs
of runs. Pixels are compared in the same run, and a difference ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

from selbench import Encoder, Windows
from selbench.testing import random_windows
from selbench.windows import ENCODE_BATCH
from selbench_fadja.full_length import FullLength
from selbench_imagene.images import ImaGeneImage

N_PAIRS = 7
SORTS = (("none", "frequency"), ("rows", "frequency"), ("both", "frequency"), ("rows", "distance"))

Encode = Callable[[Windows], NDArray[np.uint8]]


@dataclass(frozen=True)
class Contest:
    """An encoder, the plain way to the same pixels, and the windows they draw."""

    name: str
    encoder: Encoder
    plain: Encode
    windows: Windows
    target: str


def drawn_one_by_one(windows: Windows) -> NDArray[np.uint8]:
    """Full-length images, one window after another."""
    images = np.zeros((len(windows), windows.spec.sequence_length, windows.spec.n_haplotypes), dtype=np.uint8)
    for image, (haplotypes, positions) in zip(images, windows, strict=True):
        row = -1
        for site, position in zip(haplotypes, positions, strict=True):
            row = max(row + 1, int(position))
            image[row] = 255 * site
    return images


def imagene_by_unique(windows: Windows, sort: str = "rows", by: str = "frequency") -> NDArray[np.uint8]:
    """ImaGene's steps, by `numpy.unique` and scikit-image; its sort is made stable, to compare ties."""
    images = []
    for haplotypes, _ in windows:
        rows = 255 * haplotypes.T
        often = rows.mean(axis=0) / 255 > 0.5
        rows[:, often] = 255 - rows[:, often]
        rows = rows[:, rows.mean(axis=0) / 255 >= 0.01]
        if sort in ("rows", "both"):
            rows = sorted_by_unique(rows, by)
        if sort in ("columns", "both"):
            rows = sorted_by_unique(rows.T, by).T
        grey = (resize(rows, (128, 128), anti_aliasing=True, mode="reflect") * 255).astype(np.uint8)
        images.append(np.where(grey < 128, 0, 255).astype(np.uint8))
    return np.stack(images)


def sorted_by_unique(rows: NDArray[np.uint8], by: str) -> NDArray[np.uint8]:
    """Rows by how often they occur, or by their distance from the most frequent one."""
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    order = counts.argsort(kind="stable")[::-1]
    if by == "distance":
        order = np.abs(patterns - patterns[order[0]].astype(float)).mean(axis=1).argsort(kind="stable")
    return np.repeat(patterns[order], counts[order], axis=0)


def contests() -> list[Contest]:
    """Images of the study's windows, and of windows of ImaGene's size."""
    study = random_windows(ENCODE_BATCH + 1, seed=1, n_haplotypes=48, sequence_length=1000, mean_sites=14)
    study = study.take(study.n_sites > 0)
    spread = study.take(FullLength().count_collisions(study) == 0)
    long = random_windows(40, seed=2, n_haplotypes=128, sequence_length=80_000, mean_sites=220)
    long = long.take(long.n_sites > 1)
    found = [Contest("full-length, 1,000 × 48", FullLength(), drawn_one_by_one, spread, "1 GB/s")]
    for name, windows in (("48 × 14", study), ("128 × 220", long)):
        for sort, by in (
            ("none", "frequency"),
            ("rows", "frequency"),
            ("both", "frequency"),
            ("rows", "distance"),
        ):
            found.append(
                Contest(
                    f"imagene, {name} sites, sort={sort}, by={by}",
                    ImaGeneImage(sort=sort, by=by),
                    partial(imagene_by_unique, sort=sort, by=by),
                    windows,
                    "15×",
                )
            )
    return found


def microseconds(encode: Encode, windows: Windows) -> float:
    """CPU microseconds per window of one call."""
    started = time.process_time()
    encode(windows)
    return (time.process_time() - started) / len(windows) * 1e6


def main() -> None:
    """Run every contest and print the table."""
    print("| images | selbench µs | plain µs | ratio | GB/s of image | target |")
    print("|---|---|---|---|---|---|")
    for contest in contests():
        images = contest.encoder.encode(contest.windows)
        np.testing.assert_array_equal(images, contest.plain(contest.windows))
        pairs = np.array(
            [
                (
                    microseconds(contest.encoder.encode, contest.windows),
                    microseconds(contest.plain, contest.windows),
                )
                for _ in range(N_PAIRS)
            ]
        )
        ours, plain = np.median(pairs, axis=0)
        ratio = np.median(pairs[:, 1] / pairs[:, 0])
        rate = images[0].nbytes / ours / 1e3
        print(
            f"| {contest.name} | {ours:.0f} | {plain:.0f} | {ratio:.1f}× | {rate:.2f} | {contest.target} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
