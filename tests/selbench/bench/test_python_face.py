"""Python's front door: simulate, read, fit and compare, with the words that a notebook gets for mistakes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

import selbench
from selbench import DataError, ExperimentError, Registry, UnsupportedError, Windows
from selbench.formats.ms_text import write_ms
from selbench.formats.vcf_text import write_vcf
from selbench.testing import assert_same_windows, random_windows

SCENARIO = selbench.Scenario(
    selbench.Sample(10), selbench.Locus(1000, 1e-8, 1e-8), selbench.Population(80_000)
)
NEUTRAL = selbench.simulate("ms", n_haplotypes=10, n_windows=60, seed=1, label="neutral")
SWEEP = selbench.simulate(
    "mssel", s=0.02, position=500, fixation_time=0, n_haplotypes=10, n_windows=60, seed=2, label="sweep"
)
BOTH = Windows.concatenate([NEUTRAL, SWEEP])


def test_settings_make_the_same_windows_as_a_scenario() -> None:
    by_hand = Registry.installed().simulators["ms"]().simulate(SCENARIO, windows=range(60), seed=1)
    assert_same_windows(NEUTRAL, by_hand.with_label("neutral"))
    assert_same_windows(
        selbench.simulate("ms", SCENARIO, n_windows=60, seed=1),
        selbench.simulate("ms", n_haplotypes=10, n_windows=60),
    )


def test_a_window_does_not_depend_on_how_many_are_asked_for() -> None:
    few = selbench.simulate("ms", n_haplotypes=4, mutation_rate=1e-9, n_windows=10, seed=3)
    many = selbench.simulate("ms", n_haplotypes=4, mutation_rate=1e-9, n_windows=1010, seed=3)
    assert_same_windows(many[:10], few)
    assert len(many) == 1010


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_haplotype": 4}, r"simulate: unknown key 'n_haplotype' \(did you mean 'n_haplotypes'"),
        ({"s": 0.1}, "simulator ms cannot do this scenario"),
        ({"scenario": SCENARIO, "s": 1}, "a scenario says it all: leave s out"),
    ],
)
def test_mistakes_in_a_scenario_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        selbench.simulate("ms", **settings)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="n_windows: expected at least 1, found 0"):
        selbench.simulate("ms", n_windows=0)


def test_ms_text_becomes_one_batch(tmp_path: Path) -> None:
    stream = io.BytesIO()
    write_ms([NEUTRAL[:4], NEUTRAL[4:9]], stream, command="ms 10 9", seeds=[1], digits=6)
    (tmp_path / "neutral.ms").write_bytes(stream.getvalue())
    windows = selbench.read_ms(tmp_path / "neutral.ms", sequence_length=1000, label="neutral")
    np.testing.assert_array_equal(windows.haplotypes, NEUTRAL[:9].haplotypes)
    np.testing.assert_allclose(windows.positions, NEUTRAL[:9].positions, atol=1e-3)
    assert windows.labels is not None
    assert set(windows.labels.tolist()) == {"neutral"}
    with pytest.raises(DataError):
        selbench.read_ms(io.StringIO(""), sequence_length=1000)


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    windows = random_windows(3, seed=4, n_haplotypes=8, sequence_length=500, mean_sites=40)[2:]
    with (tmp_path / "genome.vcf").open("wb") as stream:
        write_vcf([windows], stream, n_windows=1, source="a test")
    return tmp_path / "genome.vcf"


def test_windows_along_a_vcf_know_where_they_lie(vcf: Path) -> None:
    windows = selbench.read_vcf(vcf, window_bp=100, step_bp=50)
    assert windows.spec.n_haplotypes == 8
    starts = windows.parameters["start"]
    assert np.diff(starts).tolist() == [50] * (len(windows) - 1)
    assert set(windows.parameters["chromosome"].tolist()) == {"1"}
    lines = [line.split("\t") for line in vcf.read_text().splitlines() if not line.startswith("#")]
    places = np.array([int(line[1]) - 1 for line in lines])
    for window, start in zip(windows, starts, strict=True):
        inside = places[(places >= start) & (places < start + 100)]
        np.testing.assert_array_equal(window.positions, inside - start)
    assert selbench.read_vcf(vcf, window_bp=100, draw=2, seed=1).spec.n_haplotypes == 4
    assert selbench.read_vcf(vcf, window_bp=100, individuals=["i2", "i1"]).spec.n_haplotypes == 4
    with pytest.raises(DataError, match="either names or draw"):
        selbench.read_vcf(vcf, window_bp=100, draw=2, individuals=["i1"])


def test_a_method_is_fitted_saved_loaded_and_scans(vcf: Path, tmp_path: Path) -> None:
    method = selbench.fit("statistics+logistic", BOTH, seed=1)
    assert method.classes == ("neutral", "sweep")
    assert method.positive == "sweep"
    probabilities = method.predict(BOTH)
    assert probabilities[60:, 1].mean() > 0.7 > 0.3 > probabilities[:60, 1].mean()
    method.save(tmp_path / "mine")
    again = selbench.load_method(str(tmp_path / "mine"))
    np.testing.assert_array_equal(again.predict(BOTH), probabilities)
    np.testing.assert_array_equal(
        selbench.fit("statistics+logistic", BOTH, seed=1).predict(BOTH), probabilities
    )

    long = selbench.simulate("ms", n_haplotypes=10, sequence_length=20_000, n_windows=1, seed=5)
    with (tmp_path / "long.vcf").open("wb") as stream:
        write_vcf([long], stream, n_windows=1, source="a test")
    table = again.scan(tmp_path / "long.vcf").table
    assert len(table) >= 18
    assert ((table["probability"] >= 0) & (table["probability"] <= 1)).sum() > 15
    with pytest.raises(DataError, match="either names or draw"):
        again.scan(tmp_path / "long.vcf", individuals=["i1"], draw=5)


def test_a_method_that_learns_a_background_learns_it_of_the_null_windows(tmp_path: Path) -> None:
    method = selbench.fit("scan-sweepfinder2[grid_points=3]", BOTH, seed=1)
    assert method.learned
    method.save(tmp_path / "scanner")
    again = selbench.load_method(tmp_path / "scanner")
    np.testing.assert_array_equal(again.predict(BOTH), method.predict(BOTH))
    scores = method.encoder.encode_with(BOTH, method.learned)
    assert (scores != method.encoder.encode(BOTH)).any(), "another background, other scores"


def test_what_cannot_be_learned_from_is_refused() -> None:
    with pytest.raises(DataError, match="expected labels to learn from"):
        selbench.fit("statistics+logistic", random_windows(10, seed=1))
    with pytest.raises(DataError, match="at least two classes, found neutral"):
        selbench.fit("statistics+logistic", NEUTRAL)
    renamed = Windows.concatenate([NEUTRAL.with_label("null"), SWEEP])
    with pytest.raises(DataError, match=r"which of null, sweep is the null class\?"):
        selbench.fit("statistics+logistic", renamed)
    assert selbench.fit("statistics+logistic", renamed, classes=["null", "sweep"]).null == "null"
    with pytest.raises(UnsupportedError, match="fadja-cnn"):
        selbench.fit("statistics+fadja-cnn", BOTH)


def test_scores_are_compared_as_runs_are() -> None:
    good = selbench.fit("statistics+logistic", BOTH, seed=1).predict(BOTH)[:, 1]
    random = np.random.default_rng(1).random(len(BOTH))
    table = selbench.compare({"good": good, "random": random}, BOTH.labels)
    (row,) = table[table["metric"] == "roc_auc"].to_dict("records")
    from sklearn.metrics import roc_auc_score

    truth = BOTH.labels == "sweep"
    assert row["difference"] == pytest.approx(roc_auc_score(truth, good) - roc_auc_score(truth, random))
    as_numbers = selbench.compare({"good": good, "random": random}, truth)
    assert as_numbers.equals(table)
    with pytest.raises(DataError, match="labels: expected 'neutral' and one other class"):
        selbench.compare({"good": good, "random": random}, ["a"] * 60 + ["b"] * 60)
    with pytest.raises(DataError, match="labels: expected one per window"):
        selbench.compare({"good": good, "random": random})
