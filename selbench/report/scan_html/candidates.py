"""The highest candidate regions of a scan, pictured: haplotypes, spectrum, likeness to the training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from selbench.formats.genome_windows import Places, windows_at
from selbench.report.html.pictures import WIDEST, Picture, data_uri
from selbench.report.html.svg import drawing, element, text
from selbench.scan.regions import CandidateRegion
from selbench.scan.track import Track
from selbench.trained import Portrait
from selbench.windows import Windows
from selbench.windows.orderings import haplotype_order, sort_haplotypes

PICTURED = 12
"""Regions of a method that are shown, the highest peaks first."""

_TALLEST = 400
"""Rows of a picture; of more haplotypes, so many evenly spread over the sorted ones."""

_GROUND, _DERIVED, _NO_CALL = 238, 28, 190
"""Grey levels."""


@dataclass(frozen=True)
class Candidate:
    """A region as it is shown.

    Parameters
    ----------
    region : CandidateRegion
    picture : Picture, optional
        Haplotypes of its peak window, sorted; None where it has no site.
    n_shown : str
        Sites and rows of the picture, in words.
    spectrum : Markup
        Copies of the rarer allele, beside those of windows without selection.
    measures : tuple of (str, str, str)
        What is measured, at the peak, and on average without selection.
    likeness : str
        Whether the peak looks like training windows.
    is_like : bool
    """

    region: CandidateRegion
    picture: Picture | None
    n_shown: str
    spectrum: Markup
    measures: tuple[tuple[str, str, str], ...]
    likeness: str
    is_like: bool


def candidates(track: Track) -> list[Candidate]:
    """Picture the highest regions of a scan."""
    regions = track.result.regions[:PICTURED]
    return list(_pictured(track, regions)) if regions else []


def _pictured(track: Track, regions: Sequence[CandidateRegion]) -> Iterator[Candidate]:
    result = track.result
    at = [_window_of(track, region) for region in regions]
    if result.at_hand is not None:  # a long genome holds the sites of the highest windows, and of few others
        held = [i for i, window in enumerate(at) if result.at_hand.all[window]]
        regions, at = [regions[i] for i in held], [at[i] for i in held]
    if not at:
        return
    places = Places(result.places.chromosome[at], result.places.start[at], result.places.window_bp)
    windows = windows_at(result.genome, places, track.method.spec)
    null = {} if result.fit is None else result.fit.compared
    for number, (region, window) in enumerate(zip(regions, at, strict=True)):
        one = windows.take(slice(number, number + 1))
        portrait = Portrait.of(one)
        words, is_like = _likeness(track, window)
        yield Candidate(
            region, *_haplotypes(one, f"{region.chromosome}:{region.peak_start + 1}-{region.peak_end}"),
            _spectrum(portrait, null), tuple(_measures(portrait, null)), words, is_like,
        )  # fmt: skip


def _window_of(track: Track, region: CandidateRegion) -> int:
    names = [chromosome.name for chromosome in track.result.genome.chromosomes]
    places = track.result.places
    here = (places.chromosome == names.index(region.chromosome)) & (places.start == region.peak_start)
    return int(np.flatnonzero(here)[0])


def _likeness(track: Track, window: int) -> tuple[str, bool]:
    """Say whether a window looks like training windows, and of which class."""
    result = track.result
    if not track.method.training_range:
        return "The method does not know what its training windows looked like.", True
    if outside := result.outside[window]:
        how_far = result.distance[window]
        far = f", {how_far:.1f} times as far out as the edge" if np.isfinite(how_far) else ""
        return (
            f"Looks like nothing in the training data: {', '.join(outside)} beyond the range of every "
            f"class{far}.",
            False,
        )
    if like := result.like[window]:
        return f"Looks like training windows of {' and of '.join(like)}.", True
    return "Not compared with the training windows.", True


def _haplotypes(window: Windows, where: str) -> tuple[Picture | None, str]:
    """Draw a window, a row per haplotype; of unphased data a row per individual, darker by copies."""
    if not window.n_sites[0]:
        return None, "no sites"
    if window.phased:
        sorted_ = sort_haplotypes(window, haplotype_order(window, "frequency")).haplotypes.T
        rows = np.where(sorted_ > 1, np.nan, sorted_.astype(np.float64))
        kind = "haplotypes, like ones together, the most frequent first"
    else:
        called = np.where(window.haplotypes > 1, np.nan, window.haplotypes.astype(np.float64))
        rows = called.reshape(len(called), -1, window.spec.ploidy).mean(axis=2).T
        rows = rows[np.argsort(np.nansum(rows, axis=1), kind="stable")]
        kind = "individuals, unphased, by how many derived alleles they carry"
    n_rows, n_sites = rows.shape
    grey = np.where(np.isnan(rows), _NO_CALL, _GROUND - (_GROUND - _DERIVED) * np.nan_to_num(rows))
    pixels = _thinned(grey).astype(np.uint8)
    picture = Picture(data_uri(pixels), pixels.shape[1], pixels.shape[0], f"haplotypes of {where}")
    return picture, f"{n_sites:,} sites of {n_rows:,} {kind}"


def _thinned(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows and columns evenly spread, where there are more than a page shows."""
    for axis, most in ((0, _TALLEST), (1, 2 * WIDEST)):
        n = pixels.shape[axis]
        if n > most:
            pixels = pixels.take(np.linspace(0, n - 1, most).astype(np.int64), axis=axis)
    return pixels


def _measures(portrait: Portrait, null: Mapping[str, tuple[float, float]]) -> Iterator[tuple[str, str, str]]:
    words = {"segregating_sites": "variable sites", "nucleotide_diversity": "π per window"}
    for name, said in words.items():
        expected = f"{null[name][1]:,.1f}" if name in null else "–"
        yield said, f"{portrait.measures[name][0]:,.1f}", expected


def copies_of(name: str) -> str:
    """Return the copies of the rarer allele that a measure of a `Portrait` counts, as they are read.

    Examples
    --------
    >>> copies_of("minor_2-3"), copies_of("minor_4-4")
    ('2–3', '4')
    """
    first, _, last = name.removeprefix("minor_").partition("-")
    return f"{first}–{last}" if last not in ("", first) else first


def _spectrum(portrait: Portrait, null: Mapping[str, tuple[float, float]]) -> Markup:
    """Draw the share of sites by copies of the rarer allele, with the null's mean as a mark."""
    names = [name for name in portrait.measures if name.startswith("minor_")]
    here = np.nan_to_num([portrait.measures[name][0] for name in names])
    expected = [null[name][1] if name in null else None for name in names]
    width, height, left, foot = 320.0, 190.0, 34.0, 150.0
    most = max(0.05, *here, *(value for value in expected if value is not None))
    slot = (width - left) / max(len(names), 1)
    parts = [
        element("line", class_="gridline", x1=left, x2=width, y1=foot - y, y2=foot - y) for y in (0.0, 130.0)
    ]
    parts += [
        text(left - 6, foot - 126, f"{most:.0%}", "tick end"),
        text(left - 6, foot + 4, "0", "tick end"),
        text(left, 14, "share of the sites", "axis"),
        text((left + width) / 2, height - 4, "copies of the rarer allele", "axis middle"),
    ]
    for number, (name, value) in enumerate(zip(names, here.tolist(), strict=True)):
        x, tall = left + slot * number, 130 * value / most
        copies = copies_of(name)
        parts.append(
            element(
                "rect", element("title", f"{copies}: {value:.1%}"), class_="bar",
                x=x + slot * 0.18, y=foot - tall, width=slot * 0.64, height=tall,
            )
        )  # fmt: skip
        if (of_null := expected[number]) is not None:
            y = foot - 130 * of_null / most
            title = element("title", f"{copies}: {of_null:.1%} without selection")
            parts.append(
                element("line", title, class_="null", x1=x + slot * 0.06, x2=x + slot * 0.94, y1=y, y2=y)
            )
        parts.append(text(x + slot / 2, foot + 16, copies, "tick middle"))
    return drawing(width, height, "Frequency spectrum", *parts)
