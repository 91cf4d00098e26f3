"""One number alone, the areas behind it, and what is left of a method at equal numbers of sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from selbench import Windows
from selbench.audit import matched
from selbench.audit.audited import AuditedData, Batch
from selbench.audit.checks import audit_windows
from selbench.audit.matched import matched_findings
from selbench.audit.separation import matched_separation, separation
from selbench.audit.shortcuts import shortcuts
from selbench.audit.survey import DERIVED_ALLELES, take_survey
from selbench.statistics import compute

Bench = Any


def test_areas_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    null, positive = rng.integers(0, 12, 300).astype(float), rng.integers(3, 15, 200).astype(float)
    area = separation(null, positive)
    truth = np.repeat([0, 1], [300, 200])
    assert area.value == pytest.approx(roc_auc_score(truth, np.concatenate([null, positive])), abs=1e-12)
    assert area.low < area.value < area.high


def test_intervals_hold_the_true_area() -> None:
    """Normal scores one standard deviation apart have an AUC of Φ(1/√2) = 0.760."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(400):
        area = separation(rng.normal(size=80), rng.normal(1.0, size=120))
        held += area.low <= 0.7602499 <= area.high
    assert 0.90 <= held / 400 <= 0.99


def test_no_interval_has_no_width() -> None:
    """A constant and a perfect separation vary over no windows seen, and would over others."""
    same, apart = np.zeros(40), np.ones(50)
    strata = np.zeros(40), np.zeros(50)
    for positive, value in ((0 * apart, 0.5), (apart, 1.0)):
        matched_area = matched_separation(same[None], positive[None], *strata)
        for area in (separation(same, positive), matched_area):
            assert area is not None
            assert area.value == value
            assert area.low < value <= area.high
            assert area.high - area.low > 0.05


def test_matched_areas_compare_pairs_of_one_stratum_alone() -> None:
    rng = np.random.default_rng(3)
    strata = rng.integers(0, 4, 60), rng.integers(1, 6, 50)
    null, positive = strata[0] + rng.normal(size=60), strata[1] + rng.normal(0.5, size=50)
    area = matched_separation(null[None], positive[None], *strata)
    same = strata[0][:, None] == strata[1]
    assert area is not None
    assert area.value == pytest.approx((null[:, None] < positive)[same].mean(), abs=1e-12)
    assert matched_separation(null[None], positive[None], strata[0], strata[1] + 10) is None


def test_matched_intervals_hold_the_true_area() -> None:
    """Within a stratum scores are half a standard deviation apart, Φ(0.5/√2) = 0.638; strata differ more."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(300):
        a, b = rng.poisson(3.0, 120), rng.poisson(5.0, 120)
        null, positive = 3 * a + rng.normal(size=120), 3 * b + rng.normal(0.5, size=120)
        area = matched_separation(null[None], positive[None], a, b)
        assert area is not None
        held += area.low <= 0.6381632 <= area.high
    assert 0.89 <= held / 300 <= 0.99


def test_numbers_of_the_windows_are_measured_on_test_windows(clean: Bench) -> None:
    found = {s.number: s for s in shortcuts(take_survey(clean.data()))}
    test = [clean.windows["test", label] for label in ("neutral", "sweep")]
    sites = np.concatenate([windows.n_sites for windows in test])
    truth = np.repeat([0, 1], [300, 300])
    assert found["segregating sites"].area.value == pytest.approx(roc_auc_score(truth, -sites), abs=1e-12)
    assert found["segregating sites"].fewer_means_label
    haplotypes = np.concatenate([compute(w, ["distinct_haplotypes"])[:, 0] for w in test])
    assert found["distinct haplotypes"].area.value == pytest.approx(
        roc_auc_score(truth, -haplotypes), abs=1e-12
    )
    finding = clean.finding("One number of the windows")
    assert finding.verdict == "amber", "distinct haplotypes alone reach .99"
    assert "a network must beat 0.99" in finding.advice


def test_derived_alleles_are_counted(clean: Bench) -> None:
    group = take_survey(clean.data()).group("test", "sweep")
    assert group is not None
    expected = [int(matrix.sum()) for matrix, _ in clean.windows["test", "sweep"]]
    assert group.statistics[DERIVED_ALLELES].tolist() == expected


def test_the_direction_is_fixed_on_training_windows(clean: Bench) -> None:
    """Classes swapped in the test: an honest shortcut now does worse than a coin."""
    swapped = clean.planted("test", "sweep", lambda _: clean.windows["test", "neutral"])
    swapped = swapped.planted("test", "neutral", lambda _: clean.windows["test", "sweep"])
    found = {s.number: s for s in shortcuts(take_survey(swapped.data()))}
    assert found["segregating sites"].area.high < 0.2


def test_neutral_against_neutral_has_no_shortcut(clean: Bench, study: Callable[..., Windows]) -> None:
    bench = clean
    for i, (split, n_windows) in enumerate((("train", 800), ("test", 300))):
        other = study("neutral", n_windows=n_windows, seed=500 + i).with_label("sweep")
        bench = bench.planted(split, "sweep", lambda _, other=other: other)
    finding = bench.finding("One number of the windows")
    assert finding.verdict == "green"
    assert bench.finding("how the files were made").verdict == "green"


def test_numbers_in_file_names_that_tell_the_class_are_amber(clean: Bench) -> None:
    def batches() -> Any:
        for (split, label), windows in clean.windows.items():
            first = 5000 if label == "sweep" else 0
            names = [f"{split}/{label}/image_{first + i}.png" for i in range(len(windows))]
            yield Batch(split, label, windows, names=names)

    audit, survey = audit_windows(AuditedData("files", ("neutral", "sweep"), batches))
    found = {s.number: s for s in shortcuts(survey)}
    assert found["file order"].area.value == 1.0
    (finding,) = [f for f in audit.findings if "how the files" in f.check]
    assert finding.verdict == "amber"
    assert "never split by file order" in finding.advice


def predictions(clean: Bench, scores: dict[str, Callable[[Windows], Any]]) -> pd.DataFrame:
    windows = Windows.concatenate(
        [replace(clean.windows["test", label], parameters={}) for label in ("neutral", "sweep")]
    )
    frames = []
    for method, score in scores.items():
        probability = 1 / (1 + np.exp(-score(windows)))
        frames.append(
            pd.DataFrame(
                {
                    "train_task": "study", "test_task": "study", "method": method, "repetition": 0,
                    "split": "test", "window": np.arange(len(windows)), "label": windows.labels,
                    "p_neutral": 1 - probability, "p_sweep": probability,
                }
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def test_a_method_that_counts_sites_has_nothing_left_at_equal_s(clean: Bench) -> None:
    counting, seeing = "count+sites", "look+haplotypes"
    table = predictions(
        clean,
        {
            counting: lambda w: 10.0 - w.n_sites,
            seeing: lambda w: 5.0 - compute(w, ["distinct_haplotypes"])[:, 0],
        },
    )
    surveys = {"study": take_survey(clean.data())}
    finding = matched_findings(table, surveys, baselines=())["study"]
    assert finding.verdict == "amber"
    assert f"Nothing is left of {counting}." in finding.headline
    assert f"same number of sites, {seeing} has an AUC of 0.9" in finding.headline
    (line,) = [line for line in finding.evidence if line.startswith(counting)]
    assert "at equal S 0.500 [0.4" in line, "all ties: as wide as the number of windows leaves it"
    named = matched_findings(table, surveys, baselines=(), names={counting: "a counter"})["study"]
    assert "Nothing is left of a counter." in named.headline
    as_baseline = matched_findings(table, surveys, baselines=[counting])["study"]
    assert as_baseline.verdict == "green", "a baseline may count"


def test_from_few_pairs_at_equal_s_nothing_is_concluded(
    clean: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = predictions(clean, {"count+sites": lambda w: 10.0 - w.n_sites})
    surveys = {"study": take_survey(clean.data())}
    sites = {label: clean.windows["test", label].n_sites for label in ("neutral", "sweep")}
    n_pairs = int((sites["neutral"][:, None] == sites["sweep"]).sum())
    monkeypatch.setattr(matched, "ENOUGH_PAIRS", n_pairs)
    assert f"Among {n_pairs:,} pairs" in matched_findings(table, surveys, baselines=())["study"].headline
    monkeypatch.setattr(matched, "ENOUGH_PAIRS", n_pairs + 1)
    finding = matched_findings(table, surveys, baselines=())["study"]
    assert finding.verdict == "amber"
    assert finding.headline.startswith(f"{n_pairs:,} pairs of windows")
    assert "too few to tell" in finding.headline


def test_predictions_of_other_windows_are_left_alone(clean: Bench) -> None:
    table = predictions(clean, {"m": lambda w: -w.n_sites}).iloc[10:]
    assert matched_findings(table, {"study": take_survey(clean.data())}, baselines=()) == {}
