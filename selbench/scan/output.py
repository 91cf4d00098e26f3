"""What a scan leaves behind: tables, tracks, a description of how it was made, and a plot."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from selbench.files import complete_folder
from selbench.formats.vcf_sites import EXCLUSIONS
from selbench.scan.prediction import ScanResult
from selbench.scan.regions import regions_table
from selbench.scan.track import Track
from selbench.scan.tracks import bed_graph_text, bed_text, write_big_wig
from selbench.scan.truth import confusions
from selbench.scan.yardstick import MEANING
from selbench.tables import to_table
from selbench.trained import TrainedMethod

TABLE, DESCRIPTION, REGIONS = "scan.csv", "scan.json", "regions.csv"
REGIONS_BED, BED_GRAPH = "regions.bed", "scan.bedGraph"
PAGE, MANHATTAN, BIG_WIG = "scan.html", "manhattan.png", "scan.bw"


def write_scan(
    directory: Path,
    result: ScanResult,
    method: TrainedMethod,
    made_with: Mapping[str, Any],
    *,
    page: str | None = None,
    big_wig: bool = False,
) -> None:
    """Write tables, tracks, description and plots into a folder, all or nothing.

    These are ``scan.csv``, ``scan.bedGraph``, ``scan.json``, ``scan.png``, ``scan.svg`` and
    ``manhattan.png``; and where the method has null scores, ``regions.csv`` and ``regions.bed``. An earlier
    scan of that name is replaced.

    Parameters
    ----------
    made_with : mapping of str to JSON value
        How the scan was made: files, region, step, who was chosen and how.
    page : str, optional
        The scan as HTML, written as ``scan.html``.
    big_wig : bool
        Whether to write ``scan.bw`` as well.

    Raises
    ------
    DataError
        If another folder is in the way, or it cannot be written.
    """
    from selbench.scan.manhattan import plot_manhattan
    from selbench.scan.plot import plot_scan

    with complete_folder(directory, replace_if_holds=DESCRIPTION) as folder:
        result.table.to_csv(folder / TABLE, index=False, float_format="%.6g")
        step_bp = int(made_with.get("step_bp", result.places.window_bp))
        (folder / BED_GRAPH).write_text(bed_graph_text(result, step_bp))
        if result.judgement is not None:
            regions_table(result.regions).to_csv(folder / REGIONS, index=False, float_format="%.6g")
            (folder / REGIONS_BED).write_text(bed_text(result.regions))
        text = json.dumps(describe(result, method, made_with), indent=2, ensure_ascii=False)
        (folder / DESCRIPTION).write_text(text + "\n")
        plot_scan(result, method, [folder / "scan.png", folder / "scan.svg"])
        plot_manhattan([Track(method.spelling, result, method)], folder / MANHATTAN)
        if big_wig:
            write_big_wig(folder / BIG_WIG, result, step_bp)
        if page is not None:
            (folder / PAGE).write_text(page, encoding="utf-8")


def describe(result: ScanResult, method: TrainedMethod, made_with: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything about a scan that its table does not say."""
    genome, spec = result.genome, method.spec
    return {
        "format": 1,
        "selbench": version("selbench"),
        "coordinates": "base pairs, 0-based, half-open",
        **made_with,
        "predictor": {
            "method": method.spelling,
            "classes": list(method.classes),
            "null": method.null,
            "positive": method.positive,
            "n_haplotypes": spec.n_haplotypes,
            "window_bp": spec.sequence_length,
            "polarisation": method.polarisation,
            "training_range": {name: list(bounds) for name, bounds in method.training_range.items()},
            "class_ranges": {label: dict(of_class) for label, of_class in method.class_ranges.items()},
            "provenance": dict(method.provenance),
        },
        "individuals": list(genome.individuals),
        "polarisation": genome.polarisation,
        "records": {
            "looked_at": genome.n_records,
            "kept": genome.n_sites,
            "with_a_filter_other_than_pass": genome.n_filtered,
            "kept_with_0_the_alternative_allele": genome.n_flipped,
            "excluded": dict(genome.excluded),
            "reasons": {reason: EXCLUSIONS[reason] for reason, count in genome.excluded.items() if count},
        },
        "phased": genome.phased,
        "with_missing_calls": genome.has_missing,
        "remarks": list(genome.remarks),
        "warnings": list(genome.warnings),
        "windows": {
            "all": len(result.places),
            "skipped": sum(map(bool, result.skipped)),
            "behind_the_last_record": result.n_behind,
            "outside_training_range": sum(map(bool, result.outside)),
            "probability_over_one_half": int(np.count_nonzero(result.probability > 0.5)),
        },
        "null": _described_null(result, method),
        **({} if result.truth is None else {"labelled": _described_truth(result, method)}),
    }


def _described_truth(result: ScanResult, method: TrainedMethod) -> dict[str, Any]:
    """Return what was found of labelled regions, by each rule of calling."""
    assert result.truth is not None
    found = confusions(result.truth, result.probability, result.judgement, method.positive)
    return {
        "loci": result.truth.n_loci,
        "regions_outside": result.truth.n_outside,
        "confusion": [
            {**asdict(each), "interval_of_loci_found": each.interval, "words": each.words} for each in found
        ],
    }


def _described_null(result: ScanResult, method: TrainedMethod) -> dict[str, Any] | None:
    """Return what the yardstick was, what it said, and how it fits the genome."""
    judgement, fit, null = result.judgement, result.fit, method.null_scores
    if judgement is None or fit is None or null is None:
        return None
    yardstick = judgement.yardstick
    return {
        "p_sim": MEANING,
        "windows": len(yardstick.null),
        "of_them_drawn_for_this_scan": yardstick.n_drawn,
        "windows_in_stretches_drawn": yardstick.n_in_stretches,
        "origin": to_table(null.origin),
        "false_positive_rate": yardstick.fpr,
        "called_above": yardstick.threshold,
        "called": int(judgement.called.sum()),
        "candidate_regions": len(result.regions),
        "windows_that_do_not_overlap": int(judgement.apart.sum()),
        "why_no_q": judgement.why_no_q,
        "fit": {
            "misfits": list(fit.misfits),
            "genome_and_null": {name: list(values) for name, values in fit.compared.items()},
            "p_histogram": list(fit.p_histogram),
            "median_p": None if math.isnan(fit.median_p) else fit.median_p,
        },
    }
