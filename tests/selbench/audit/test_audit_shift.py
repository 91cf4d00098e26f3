"""Splits that differ, and classes that were made, rounded, sized or thinned differently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selbench import Windows
from selbench.audit.audited import AuditedData, Source
from selbench.audit.checks import audit_windows
from selbench.audit.shift import compare_splits
from selbench.audit.survey import take_survey

Bench = Any
SHIFT = "One distribution"


def rounded(windows: Windows, decimals: int) -> Windows:
    """Print positions with fewer digits."""
    return replace(windows, positions=np.floor(windows.positions * 10**decimals) / 10**decimals)


def test_another_selection_coefficient_in_the_test_is_found(
    clean: Bench, study: Callable[..., Windows]
) -> None:
    """As in the study's public data: s = 0.0005 in one split, 0.005 in the others."""
    weaker = study("sweep", n_windows=300, seed=77, s=0.0005)
    finding = clean.planted("test", "sweep", lambda _: weaker).finding(SHIFT)
    assert finding.verdict == "red"
    assert "sweep windows of test are not like those of train" in finding.headline
    assert all("sweep" in line for line in finding.evidence), "the neutral class is as it was"


def test_a_shift_of_the_spectrum_alone_is_found(clean: Bench) -> None:
    """Alleles flipped at every site: S and π stay, the unfolded spectrum does not."""
    flipped = clean.planted("test", "neutral", lambda w: replace(w, haplotypes=1 - w.haplotypes))
    finding = flipped.finding(SHIFT)
    assert finding.verdict == "red"
    assert any("rare" in line or "common" in line for line in finding.evidence)
    survey = take_survey(flipped.data())
    pi = [c for c in compare_splits(survey) if c.statistic == "nucleotide_diversity"]
    assert all(c.verdict == "green" for c in pi)


def test_a_shift_that_is_sure_but_tiny_is_no_fault(clean: Bench) -> None:
    """Many copies of the windows make any difference significant; it must matter, too."""
    many = clean.planted("train", "neutral", lambda w: w.take(np.tile(np.arange(400), 20)))
    many = many.planted("test", "neutral", lambda w: w.take(np.tile(np.arange(300), 20)))
    tiny = [c for c in compare_splits(take_survey(many.data())) if c.effect < 0.1]
    assert any(c.adjusted < 1e-3 for c in tiny)
    assert all(c.verdict == "green" for c in tiny)


def test_classes_of_different_programs_are_said_and_of_one_engine_not(clean: Bench) -> None:
    two = replace(
        clean, sources={"neutral": Source("ms", "/usr/bin/ms"), "sweep": Source("msms", "java -jar msms.jar")}
    )
    assert two.finding("One program").verdict == "amber"
    engine = "built-in engine"
    one = replace(clean, sources={"neutral": Source("ms", engine), "sweep": Source("mssel", engine)})
    assert one.finding("One program").verdict == "green"


def test_another_rounding_of_one_class_is_red_and_of_one_split_amber(clean: Bench) -> None:
    one_class = clean
    for split in ("train", "validation", "test"):
        one_class = one_class.planted(split, "sweep", lambda w: rounded(w, 0))
    assert one_class.finding("Precision").verdict == "red"
    assert one_class.finding("how the files were made").verdict == "red", "precision alone tells the class"
    one_split = clean
    for label in ("neutral", "sweep"):
        one_split = one_split.planted("test", label, lambda w: rounded(w, 1))
    finding = one_split.finding("Precision")
    assert finding.verdict == "amber"
    assert "test/sweep: 1 decimal" in finding.evidence
    assert one_split.finding("how the files were made").verdict == "green"


@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_the_same_rounding_everywhere_is_green(clean: Bench, decimals: int) -> None:
    everywhere = clean
    for place in clean.windows:
        everywhere = everywhere.planted(*place, lambda w: rounded(w, decimals))
    finding = everywhere.finding("Precision")
    assert finding.verdict == "green"
    assert f"{decimals} decimal" in finding.headline


def test_a_sample_of_another_size_is_a_finding_and_the_rest_is_audited(clean: Bench) -> None:
    def fewer(windows: Windows) -> Windows:
        return Windows.from_arrays(
            [matrix[:, :40] for matrix, _ in windows], [at for _, at in windows], sequence_length=1000
        )

    audit = clean.planted("test", "sweep", fewer).audited()
    verdicts = {finding.check: finding.verdict for finding in audit.findings}
    assert verdicts["Size of windows"] == "red"
    assert verdicts["Identical windows across splits"] == "green"


def test_windows_dropped_in_one_class_are_counted(clean: Bench) -> None:
    counts = {place: (len(windows), 0) for place, windows in clean.windows.items()}
    assert replace(clean, counts=counts).finding("Windows without sites").verdict == "green"
    unequal = {
        place: (n + n // 4, n // 4) if place[1] == "sweep" else (n, 0) for place, (n, _) in counts.items()
    }
    finding = replace(clean, counts=unequal).finding("Windows without sites")
    assert finding.verdict == "amber"
    assert "neutral 0.0%, sweep 20.0%" in finding.headline


def test_a_few_more_dropped_by_chance_are_no_fault(clean: Bench) -> None:
    few = {place: (100, 3 if place[1] == "sweep" else 0) for place in clean.windows}
    assert replace(clean, counts=few).finding("Windows without sites").verdict == "green"


def test_windows_dropped_before_anyone_counted_are_told_from_those_with_one_site(clean: Bench) -> None:
    """The clean bench dropped them, and does not say so: 22 % of the selected, none of the neutral ones."""
    finding = clean.finding("Windows without sites")
    assert finding.verdict == "amber"
    assert "neutral 0%" in finding.headline
    share = int(finding.headline.rpartition("sweep ")[2].rstrip("%."))
    assert 10 <= share <= 24, "a lower bound of the true 22 %"


def test_classes_out_of_balance_are_said(clean: Bench) -> None:
    assert clean.finding("Balance").verdict == "green"
    assert clean.planted("train", "sweep", lambda w: w.take(range(100))).finding("Balance").verdict == "amber"


def test_one_class_only_is_red_and_still_audited(clean: Bench) -> None:
    data = clean.data()
    neutral = [item for item in data.batches() if item.label == "neutral"]
    audit, _ = audit_windows(AuditedData("one", ("neutral",), lambda: iter(neutral)))
    assert audit.verdict == "red"
    assert audit.findings[0].headline == "Found one class only, neutral."
    assert len(audit.findings) > 5
    nothing, _ = audit_windows(AuditedData("none", (), lambda: iter([])))
    assert nothing.verdict == "red"


def test_equal_seeds_and_equal_draws_are_found(clean: Bench) -> None:
    places = list(clean.windows)
    apart = replace(clean, seeds={place: i for i, place in enumerate(places)})
    assert apart.finding("Random streams").verdict == "green"
    assert replace(clean, seeds=dict.fromkeys(places[:3], 5)).finding("Random streams").verdict == "red"
    rng = np.random.default_rng(1)
    drawn = clean
    for split, n_windows in (("train", 800), ("test", 300)):
        values = rng.random(n_windows)
        drawn = drawn.planted(split, "sweep", lambda w, v=values: replace(w, parameters={"selection.s": v}))
    assert drawn.finding("Random streams").verdict == "green"
    same = drawn.windows["train", "sweep"].parameters["selection.s"][:300]
    again = drawn.planted("test", "sweep", lambda w: replace(w, parameters={"selection.s": same}))
    finding = again.finding("Random streams")
    assert finding.verdict == "red"
    assert "selection.s: 300 of 300 values of test/sweep are those of train/sweep" in finding.evidence


@pytest.mark.parametrize(
    ("trajectories", "verdict", "words"),
    [
        ("each", "green", "of its own"),
        ("shared", "amber", "one trajectory"),
        (50, "amber", "50 trajectories"),
    ],
)
def test_shared_trajectories_are_said(clean: Bench, trajectories: object, verdict: str, words: str) -> None:
    scenario = {"selection": {"s": 0.005, "trajectories": trajectories}}
    bench = replace(clean, sources={"neutral": Source("ms", "x"), "sweep": Source("mssel", "x", scenario)})
    finding = bench.finding("Trajectories")
    assert finding.verdict == verdict
    assert words in finding.headline
