"""The page of a scan, put together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from selbench.report.html.document import content_policy
from selbench.report.html.svg import drawing, element, text
from selbench.report.scan_html.candidates import PICTURED, candidates, copies_of
from selbench.report.scan_html.packing import packed
from selbench.scan.gate import Fit
from selbench.scan.summary import few_digits, remarks_on
from selbench.scan.track import Track
from selbench.scan.truth import confusions
from selbench.scan.yardstick import MEANING

if TYPE_CHECKING:
    from jinja2 import Environment

_RUN, _SCAN = "selbench.report.html", "selbench.report.scan_html"

MOST_ROWS = 500
"""Of more candidate regions the table shows the highest; all are in regions.csv."""


@cache
def _environment() -> Environment:
    """Return the templates; compiled once for all pages that a process writes."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in (_SCAN, _RUN)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def document(tracks: Sequence[Track], made_with: Mapping[str, Any]) -> str:
    """Return the page of a scan as one HTML document."""
    environment = _environment()
    assert environment.loader is not None
    script = "".join(environment.loader.get_source(environment, name)[0] for name in ("page.js", "scan.js"))
    first = tracks[0]
    return environment.get_template("scan.html.jinja").render(
        name=_name(made_with.get("vcf", "genome")),
        version=version("selbench"),
        script=script,
        policy=content_policy(script),
        data=packed(tracks),
        facts=_facts(tracks),
        tracks=[_told(track) for track in tracks],
        individuals=len(first.result.genome.individuals),
        several=len(tracks) > 1,
        is_labelled=any(track.result.truth is not None for track in tracks),
        is_judged=any(track.result.judgement is not None for track in tracks),
        meaning=MEANING,
        n_pictured=PICTURED,
        most_rows=MOST_ROWS,
        made_with={
            key: ", ".join(map(str, value)) if isinstance(value, list) else value
            for key, value in made_with.items()
            if value not in (None, False, [])
        },
    )


def _name(vcf: str | Sequence[str]) -> str:
    """Return what the page is called: the file, or the first of several."""
    first, *others = [vcf] if isinstance(vcf, str) else vcf
    more = f" and {len(others):,} more" if others else ""
    return f"{PurePath(first).name}{more}"


def _told(track: Track) -> dict[str, Any]:
    """Return what the page says of one method."""
    result, method = track.result, track.method
    fit, judgement = result.fit, result.judgement
    return {
        "label": track.label,
        "positive": method.positive,
        "null": method.null,
        "window_bp": result.places.window_bp,
        "verdict": _verdict(track),
        "fit": fit,
        "misfits": () if fit is None else fit.misfits,
        "histogram": None if fit is None or not sum(fit.p_histogram) else _histogram(fit),
        "compared": () if fit is None else tuple(_compared(fit)),
        "why_no_q": "" if judgement is None else judgement.why_no_q,
        "regions": result.regions[:MOST_ROWS],
        "in_genome_order": _in_genome_order(track),
        "n_regions": len(result.regions),
        "has_expected": any(not math.isnan(each.expected_regions_as_high) for each in result.regions),
        "candidates": candidates(track),
        "confusions": []
        if result.truth is None
        else confusions(result.truth, result.probability, judgement, method.positive),
        "remarks": list(remarks_on(result, method)),
    }


def _verdict(track: Track) -> tuple[str, str]:
    """Return a sentence on whether the numbers below can be believed, and a colour for it."""
    judgement, fit = track.result.judgement, track.result.fit
    if judgement is None or fit is None:
        return (
            "Nothing says how unusual these probabilities are: the method carries no scores of windows "
            "without selection.",
            "amber",
        )
    if fit.misfits:
        return "The windows simulated without selection do not fit this genome.", "red"
    asked = sum(not reason for reason in track.result.skipped)
    called, expected = int(judgement.called.sum()), judgement.yardstick.fpr * asked
    if judgement.yardstick.threshold is None:
        return "There are too few windows without selection to call any at this rate.", "amber"
    return (
        f"{called:,} of {asked:,} windows are called; {few_digits(expected)} would be without any selection.",
        "green",
    )


def _in_genome_order(track: Track) -> dict[int, int]:
    """Return where each region stands along the genome, by its rank."""
    names = [chromosome.name for chromosome in track.result.genome.chromosomes]
    ordered = sorted(track.result.regions, key=lambda each: (names.index(each.chromosome), each.start))
    return {region.rank: number for number, region in enumerate(ordered)}


def _facts(tracks: Sequence[Track]) -> list[tuple[str, str]]:
    """Return the strip of figures below the title."""
    result = tracks[0].result
    names = {int(index) for index in result.places.chromosome}
    facts = [
        (f"{len(names):,}", "chromosome" if len(names) == 1 else "chromosomes or scaffolds"),
        (f"{len(result.places):,}", f"windows of {result.places.window_bp:,} bp"),
        (f"{sum(map(bool, result.skipped)):,}", "skipped"),
        (f"{len(result.genome.individuals):,}", "individuals"),
    ]
    if len(tracks) > 1:
        return [(f"{len(tracks)}", "methods"), facts[0], facts[3]]
    if (judgement := result.judgement) is not None:
        facts += [
            (f"{int(judgement.called.sum()):,}", f"called at a rate of {judgement.yardstick.fpr:g}"),
            (f"{len(result.regions):,}", "candidate region" + "s" * (len(result.regions) != 1)),
            (f"{len(judgement.yardstick.null):,}", "null windows"),
        ]
    return facts


def _compared(fit: Fit) -> list[tuple[str, str, str]]:
    """Return measure, genome and null, as they are read."""
    words = {
        "segregating_sites": "segregating sites per window",
        "nucleotide_diversity": "nucleotide diversity per window",
    }
    rows = []
    for name, (genome, null) in fit.compared.items():
        kind, _, bounds = name.partition("_")
        if kind == "minor":
            copies = copies_of(name)
            said, form = (
                f"sites with {copies} cop{'y' if copies == '1' else 'ies'} of the rarer allele",
                ".1%",
            )
        elif kind == "r2":
            said, form = f"mean r², {bounds.replace('-', '–')} of a window apart", ".3f"
        else:
            said, form = words.get(name, name), ",.1f"
        rows.append((said, format(genome, form), format(null, form)))
    return rows


def _histogram(fit: Fit) -> Markup:
    """Draw how p_sim spreads over windows that do not overlap, and what is expected."""
    width, height, left, foot = 420.0, 210.0, 40.0, 168.0
    counts, slot = fit.p_histogram, (420.0 - 40.0 - 8) / 10
    most, expected = max(counts), sum(fit.p_histogram) / 10
    parts = [
        element(
            "rect", element("title", f"{n / 10:.1f} to {(n + 1) / 10:.1f}: {count:,} windows"), class_="bar",
            x=left + slot * n + 1, y=foot - 140 * count / most, width=slot - 2, height=140 * count / most,
        )
        for n, count in enumerate(counts)
    ]  # fmt: skip
    y = foot - 140 * expected / most
    parts += [
        element("line", class_="gridline", x1=left, x2=width - 8, y1=foot, y2=foot),
        element("line", class_="null", x1=left, x2=width - 8, y1=y, y2=y),
        *(text(left + slot * 10 * at, foot + 16, f"{at:g}", "tick middle") for at in (0, 0.5, 1)),
        text(left - 6, foot - 136, f"{most:,}", "tick end"),
        text(left, 16, "windows that do not overlap", "axis"),
        text((left + width) / 2, height - 6, "p_sim", "axis middle"),
    ]
    return drawing(width, height, "Histogram of p_sim", *parts)
