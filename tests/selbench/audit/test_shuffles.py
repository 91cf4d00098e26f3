"""The ladder of shuffles: what each takes away and leaves, and what methods are found to live on."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import selbench_statistics
from selbench import DataError, Registry, Windows
from selbench.audit import shuffles
from selbench.audit.areas import Estimate
from selbench.audit.ladder import (
    RUNGS,
    climb,
    keep_numbers_of_sites,
    keep_spectra,
    redraw_positions,
    shuffle_haplotype_order,
    shuffle_site_order,
    shuffle_within_sites,
)
from selbench.audit.reading import Reading, reading_finding
from selbench.audit.shuffles import shuffle_findings
from selbench.experiment import parse_experiment
from selbench.plugin import Encoder, spelling
from selbench.runner.executors import InProcess
from selbench.runner.folder import begin_folder, write_folder
from selbench.runner.run import run_experiment
from selbench.runner.store import Store
from selbench.statistics import compute, site_frequency_spectra

PACKAGES = Path(__file__).parents[2] / "packages"

small_batches = st.lists(st.integers(0, 12), max_size=6).flatmap(
    lambda sizes: st.builds(
        lambda seed: random_batch(sizes, np.random.default_rng(seed)), st.integers(0, 2**32 - 1)
    )
)


def random_batch(sizes: list[int], rng: np.random.Generator, n_haplotypes: int = 8) -> Windows:
    """Return windows of the given numbers of sites, with sites of every frequency."""
    matrices = [rng.random((n, n_haplotypes)) < rng.random((n, 1)) for n in sizes]
    positions = [np.sort(rng.random(n)) * 100 for n in sizes]
    return Windows.from_arrays(
        matrices,
        positions,
        sequence_length=100,
        n_haplotypes=n_haplotypes,
        labels=[f"class-{i % 2}" for i in range(len(sizes))],
        parameters={"index": np.arange(len(sizes), dtype=np.float64)},
    )


def rows(matrix: Any) -> list[bytes]:
    return sorted(row.tobytes() for row in np.ascontiguousarray(matrix))


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
@settings(max_examples=30)
@given(windows=small_batches, seed=st.integers(0, 99))
def test_every_rung_keeps_what_windows_are(rung: Any, windows: Windows, seed: int) -> None:
    before = windows.haplotypes.copy(), windows.positions.copy()
    shuffled = rung.shuffle(windows, np.random.default_rng(seed))  # Windows check their own contract
    np.testing.assert_array_equal(shuffled.offsets, windows.offsets)
    np.testing.assert_array_equal(shuffled.labels, windows.labels)
    np.testing.assert_array_equal(shuffled.parameters["index"], windows.parameters["index"])
    assert (shuffled.spec, shuffled.polarisation) == (windows.spec, windows.polarisation)
    np.testing.assert_array_equal(windows.haplotypes, before[0])
    np.testing.assert_array_equal(windows.positions, before[1])
    again = rung.shuffle(windows, np.random.default_rng(seed))
    np.testing.assert_array_equal(again.haplotypes, shuffled.haplotypes)
    np.testing.assert_array_equal(again.positions, shuffled.positions)


@settings(max_examples=50)
@given(windows=small_batches)
def test_each_shuffle_keeps_its_own(windows: Windows) -> None:
    def both(shuffle: Any) -> Iterator[tuple[Any, Any]]:
        return zip(windows, shuffle(windows, np.random.default_rng(1)), strict=True)

    for (matrix, positions), (found, places) in both(shuffle_haplotype_order):
        assert rows(found.T) == rows(matrix.T)  # the same haplotypes
        np.testing.assert_array_equal(found.sum(axis=1), matrix.sum(axis=1))
        np.testing.assert_array_equal(places, positions)
    for (matrix, positions), (found, places) in both(shuffle_within_sites):
        np.testing.assert_array_equal(found.sum(axis=1), matrix.sum(axis=1))  # site by site
        np.testing.assert_array_equal(places, positions)
    for (matrix, positions), (found, places) in both(shuffle_site_order):
        assert rows(found) == rows(matrix)  # the same sites
        np.testing.assert_array_equal(places, positions)
    for (matrix, _), (found, places) in both(redraw_positions):
        np.testing.assert_array_equal(found, matrix)
        assert ((places >= 0) & (places < 100)).all()
        assert (np.diff(places) >= 0).all()
    spectra = site_frequency_spectra(windows)
    kept = site_frequency_spectra(keep_spectra(windows, np.random.default_rng(1)))
    np.testing.assert_array_equal(kept, spectra)
    only_numbers = keep_numbers_of_sites(windows, np.random.default_rng(1))
    np.testing.assert_array_equal(only_numbers.n_sites, windows.n_sites)
    np.testing.assert_array_equal(site_frequency_spectra(only_numbers).sum(axis=0), spectra.sum(axis=0))


def test_shuffles_reach_every_place_equally_often() -> None:
    """One marked allele, haplotype, site: 4,000 windows over 8 places, within 6 standard errors."""
    n, half = 4000, 50.0
    matrix = np.zeros((8, 8), dtype=np.uint8)
    matrix[0] = [1, 0, 0, 0, 0, 0, 0, 0]
    places = [np.arange(8.0)] * n
    windows = Windows.from_arrays([matrix] * n, places, sequence_length=100)
    error = 6 * np.sqrt(n * 7 / 64)
    for shuffle, axis in ((shuffle_haplotype_order, 2), (shuffle_within_sites, 2), (shuffle_site_order, 1)):
        found = shuffle(windows, np.random.default_rng(3)).haplotypes.reshape(n, 8, 8)
        hits = np.bincount(
            found.argmax(axis=axis).max(axis=1) if axis == 2 else found.any(axis=2).argmax(axis=1)
        )
        assert len(hits) == 8
        assert np.abs(hits - n / 8).max() < error
    drawn = redraw_positions(windows, np.random.default_rng(3)).positions
    assert abs(drawn.mean() - half) < 6 * 100 / np.sqrt(12 * drawn.size)


def test_linkage_goes_where_it_should_and_nowhere_else() -> None:
    """Sites in perfect linkage: orders keep r² at 1, dealing alleles out breaks it."""
    rng = np.random.default_rng(2)
    carriers = [rng.permutation(np.arange(20) < 8) for _ in range(50)]
    windows = Windows.from_arrays(
        [np.tile(one, (6, 1)) for one in carriers], [np.arange(6.0)] * 50, sequence_length=100
    )
    for shuffle in (shuffle_haplotype_order, shuffle_site_order, redraw_positions):
        np.testing.assert_allclose(compute(shuffle(windows, rng), ["kelly_zns"]), 1)
        np.testing.assert_allclose(compute(shuffle(windows, rng), ["distinct_haplotypes"]), 2)
    assert compute(shuffle_within_sites(windows, rng), ["kelly_zns"]).mean() < 0.2


def test_rungs_have_streams_of_their_own() -> None:
    windows = random_batch([9] * 20, np.random.default_rng(1))
    first = {rung.name: shuffled.digests() for rung, shuffled in climb(windows, seed=1, task="a")}
    again = {rung.name: shuffled.digests() for rung, shuffled in climb(windows, seed=1, task="a")}
    assert first == again
    for changed in ({"seed": 2, "task": "a"}, {"seed": 1, "task": "b"}):
        other = {rung.name: shuffled.digests() for rung, shuffled in climb(windows, **changed)}
        assert all(other[name] != digests for name, digests in first.items())


# --- what is said about methods ------------------------------------------------------------------


def reading(method: str, untouched: float, **lost: float) -> Reading:
    by_name = {rung.name: lost.get(rung.name.replace(" ", "_"), 0.0) for rung in RUNGS}
    return Reading(
        method,
        Estimate(untouched, 0.005),
        {rung: Estimate(untouched - by_name[rung.name], 0.005) for rung in RUNGS},
        {rung: Estimate(by_name[rung.name], 0.002) for rung in RUNGS},
    )


@pytest.mark.parametrize(
    ("fared", "expected"),
    [
        (reading("count", 0.87), "unchanged by all shuffles: it lives on the number of sites"),
        (
            reading("svm", 0.96, only_S=0.1),
            "loses 0.100 with the number of sites alone: it lives on the SFS",
        ),
        (
            reading("cnn", 0.99, linkage=0.21, positions=0.02, only_SFS=0.25, only_S=0.3),
            "loses 0.020 with positions redrawn, 0.210 without linkage, 0.250 with the SFS alone, "
            "0.300 with the number of sites alone: "
            "it lives on more than the SFS",
        ),
        (reading("coin", 0.501), "no better than chance, so it reads nothing"),
        (reading("small", 0.9, linkage=0.009), "unchanged by all shuffles: it lives on the number of sites"),
    ],
)
def test_a_sentence_says_what_a_method_lives_on(fared: Reading, expected: str) -> None:
    assert fared.sentence(2.5) == f"{fared.method}: {expected}"


def test_reading_the_order_of_haplotypes_is_amber() -> None:
    clean = reading_finding("t", [reading("svm", 0.96, only_S=0.1), reading("count", 0.87)], 2.5, ["a note"])
    assert clean.verdict == "green"
    assert "the number of sites (1), the SFS (1)" in clean.headline
    assert clean.evidence[-1] == "a note"
    assert (clean.meaning, clean.advice) == ("", "")
    orderly = reading("cnn", 0.99, haplotypes=0.2)
    found = reading_finding("t", [reading("svm", 0.96), orderly], 2.5, [])
    assert found.verdict == "amber"
    assert found.headline.startswith("1 of 2 methods read the order of haplotypes; cnn loses 0.200 AUC")
    assert found.advice
    assert reading_finding("t", [], 2.5, ["not asked: cnn: damaged"]).verdict == "amber"


# --- a run ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    sys.path.insert(0, str(PACKAGES))
    import toy_orders
    import toy_selection

    yield Registry.of(toy_selection, toy_orders, selbench_statistics)
    sys.path.remove(str(PACKAGES))


@pytest.fixture(scope="module")
def run_folder(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run whose selected windows have fewer sites, linked in pairs, carriers first."""
    folder = tmp_path_factory.mktemp("run") / "toy"
    table = {
        "name": "toy",
        "seed": 5,
        "repetitions": 2,
        "baselines": False,
        "methods": [
            "segregating-sites",
            "svm-sfs",
            "statistics[names=kelly_zns]+logistic",
            "first-carriers+logistic",
        ],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 10},
                "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "windows": {"train": 120, "validation": 20, "test": 250, "threshold": 0},
                "classes": {
                    "neutral": {"simulator": "toy-orders"},
                    "sweep": {"simulator": "toy-orders", "selection": {"s": 0.1}},
                },
            }
        },
    }
    experiment = parse_experiment(table, registry, where="toy.toml")
    begin_folder(experiment, folder)
    outcome = run_experiment(experiment, Store(folder / "store"), InProcess())
    write_folder(outcome, registry, folder, started=datetime.now(UTC), command=["selbench", "run"])
    return folder


def test_methods_of_a_run_are_told_apart_by_what_they_read(run_folder: Path, registry: Registry) -> None:
    seen: list[Any] = []
    (finding,) = shuffle_findings(run_folder, registry, observe=seen.append)
    said = {line.partition(":")[0]: line for line in finding.evidence if "lives on" in line}
    assert said["segregating-sites"].endswith("unchanged by all shuffles: it lives on the number of sites")
    assert said["svm-sfs"].endswith("it lives on the SFS")
    assert "without linkage" not in said["svm-sfs"]
    assert "without linkage" in said["statistics+logistic"]
    assert said["statistics+logistic"].endswith("it lives on more than the SFS")
    assert "with haplotypes reordered" not in said["statistics+logistic"]
    assert "with haplotypes reordered" in said["first-carriers+logistic"]
    assert finding.verdict == "amber"
    assert "first-carriers+logistic loses" in finding.headline
    table = {line.split("  ")[0]: line for line in finding.evidence[:5]}
    exact = table["segregating-sites"].split("  ")
    assert len({number.strip() for number in exact[1:] if number.strip()}) == 1  # one number on every rung
    assert [type(event).__name__ for event in seen[:3]] == ["StageBegan", "JobStarted", "JobEnded"]
    assert len(seen[0].jobs) == 8
    assert finding.evidence[-1].startswith("250 neutral, 250 sweep test windows")


def test_the_untouched_rung_is_what_the_run_reported(run_folder: Path, registry: Registry) -> None:
    import pandas as pd

    (finding,) = shuffle_findings(run_folder, registry)
    results = pd.read_parquet(run_folder / "results.parquet")
    overall = results[(results.metric == "roc_auc") & results.repetition.isna() & (results["class"] == "")]
    (line,) = [line for line in finding.evidence if line.startswith("svm-sfs  ")]
    (expected,) = overall[overall.method.str.contains("svm-sfs")].value
    assert f"{expected:.3f}" in line.split("±")[0]


@pytest.mark.parametrize("kept_bytes", [0, 2**26])
def test_windows_are_encoded_once_for_all_trainings_of_an_encoder(
    kept_bytes: int, run_folder: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = shuffle_findings(run_folder, registry)
    asked: Counter[str] = Counter()
    encode = Encoder.encode_with

    def counted(self: Encoder, windows: Windows, learned: Any) -> Any:
        asked[spelling(self)] += len(windows)
        return encode(self, windows, learned)

    monkeypatch.setattr(Encoder, "encode_with", counted)
    monkeypatch.setattr(shuffles, "KEPT_BYTES", kept_bytes)
    assert shuffle_findings(run_folder, registry) == expected
    once = 500 * (1 + len(RUNGS))
    assert set(asked.values()) == {2 + (once if kept_bytes else 2 * once)}  # 2: each is tried when loaded


def test_windows_that_are_gone_are_simulated_again(
    run_folder: Path, registry: Registry, tmp_path: Path
) -> None:
    assert shuffle_findings(run_folder, registry, store=tmp_path) == shuffle_findings(run_folder, registry)


def test_other_windows_than_those_of_the_run_are_told(run_folder: Path, registry: Registry) -> None:
    file = run_folder / "run.json"
    before = file.read_text()
    info = json.loads(before)
    for count in info["tasks"]["small"]["counts"]:
        count["digest"] = "0" * 64
    file.write_text(json.dumps(info))
    try:
        (finding,) = shuffle_findings(run_folder, registry)
    finally:
        file.write_text(before)
    assert finding.evidence[-1].endswith("other code than the run's made them")


def test_a_predictor_that_cannot_be_read_is_told_and_the_others_asked(
    run_folder: Path, registry: Registry
) -> None:
    (method_file,) = run_folder.glob("predictors/*svm-sfs*.r1/method.json")
    before = method_file.read_bytes()
    method_file.unlink()  # a hard link: the store keeps its own
    method_file.write_text("{")
    try:
        (finding,) = shuffle_findings(run_folder, registry)
    finally:
        method_file.write_bytes(before)
    assert any(line.startswith("not asked: svm-sfs: ") for line in finding.evidence)
    assert any(line.startswith("segregating-sites: ") for line in finding.evidence)


def test_a_folder_that_is_no_run_is_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"run\.json: not found"):
        shuffle_findings(tmp_path, registry)
