"""From a run to a scan held against the run's own windows without selection."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selbench import Registry
from selbench.bench import draw_null, run, scan, scan_several
from selbench.errors import DataError, ExperimentError, UnsupportedError
from selbench.experiment import parse_experiment
from selbench.formats.vcf_text import write_vcf
from selbench.scan.null_draws import NullSource
from selbench.scan.yardstick import threshold_at
from selbench.scenario import Scenario, scenario_of
from selbench.trained import TrainedMethod
from selbench.windows import Windows

PACKAGES = Path(__file__).parents[2] / "packages"
WINDOW_BP, N_WINDOWS, SWEPT = 500, 60, 40


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


@pytest.fixture(scope="module")
def method(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> TrainedMethod:
    table = {
        "name": "toy",
        "seed": 7,
        "repetitions": 1,
        "baselines": False,
        "methods": ["few-sites"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 10},
                "locus": {"sequence_length": WINDOW_BP, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "windows": {"train": 60, "validation": 10, "test": 20, "threshold": 200},
                "classes": {
                    "neutral": {"simulator": "toy[mean_sites=20]"},
                    "sweep": {"simulator": "toy[mean_sites=20]", "selection": {"s": 0.1, "carriers": "all"}},
                },
            }
        },
    }
    out = tmp_path_factory.mktemp("runs") / "toy"
    experiment = parse_experiment(table, registry, where="toy.toml")
    return run(experiment, out=out, workers=0, registry=registry).methods["few-sites"]


@pytest.fixture(scope="module")
def genome(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write windows without selection end to end, but for one that has two sites left."""
    simulator = registry.simulators.build("toy[mean_sites=20]")
    scenario = scenario_of({"n_haplotypes": 10, "sequence_length": WINDOW_BP}, where="test")
    windows = simulator.simulate(scenario, windows=range(N_WINDOWS), seed=99)
    # two sites of one base pair are no record that a scan keeps
    sites = [np.unique(np.floor(windows[i][1]), return_index=True)[1] for i in range(N_WINDOWS)]
    sites[SWEPT] = sites[SWEPT][:2]
    whole = Windows.from_arrays(
        [np.concatenate([windows[i][0][sites[i]] for i in range(N_WINDOWS)])],
        [np.concatenate([windows[i][1][sites[i]] + i * WINDOW_BP for i in range(N_WINDOWS)])],
        sequence_length=N_WINDOWS * WINDOW_BP,
    )
    stream = io.BytesIO()
    write_vcf([whole], stream, n_windows=1, source="test")
    path = tmp_path_factory.mktemp("genome") / "genome.vcf"
    path.write_bytes(stream.getvalue())
    return path


REGION = f"1:1-{N_WINDOWS * WINDOW_BP}"


def test_a_run_puts_null_scores_beside_its_methods(method: TrainedMethod) -> None:
    null = method.null_scores
    assert null is not None
    assert len(null.values) == 200
    assert (null.origin.task, null.origin.simulator) == ("small", "toy")
    assert null.origin.options == {"mean_sites": 20.0}
    assert null.portrait is not None
    assert null.portrait.measures["segregating_sites"][0] == pytest.approx(20, abs=2)
    predictions = pd.read_parquet(method.folder.parents[1] / "predictions.parquet")  # type: ignore[union-attr]
    threshold = predictions.loc[predictions["split"] == "threshold", "p_sweep"]
    np.testing.assert_array_equal(null.values, np.sort(threshold))


def test_a_scan_finds_the_odd_window_and_calls_the_others_at_the_rate(
    method: TrainedMethod, genome: Path, registry: Registry, tmp_path: Path
) -> None:
    genes = tmp_path / "genes.bed"
    genes.write_text(f"1\t{SWEPT * WINDOW_BP}\t{SWEPT * WINDOW_BP + 10}\tLCT\n")
    done = scan(
        method, genome, region=REGION, fpr=0.02, null_windows=3000, genes=genes, registry=registry,
        out=tmp_path / "scan", progress=False,
    )  # fmt: skip
    table = done.result.table
    assert table["rank"].iloc[SWEPT] == 1
    assert table["p_sim"].iloc[SWEPT] == pytest.approx(1 / 3201)
    assert table["q"].iloc[SWEPT] == pytest.approx(60 / 3201)
    others = table.drop(index=SWEPT)["p_sim"]
    assert 0.3 < others.median() < 0.7
    assert (others <= 0.02).sum() <= 5
    best, *_ = done.result.regions
    assert (best.start, best.end, best.genes) == (SWEPT * WINDOW_BP, (SWEPT + 1) * WINDOW_BP, ("LCT",))
    assert best.expected_regions_as_high >= 0
    about = json.loads((tmp_path / "scan" / "scan.json").read_text())["null"]
    assert (about["windows"], about["of_them_drawn_for_this_scan"]) == (3200, 3000)
    assert about["fit"]["misfits"] == []
    assert pd.read_csv(tmp_path / "scan" / "regions.csv")["genes"].iloc[0] == "LCT"
    assert "candidate_1\t" in (tmp_path / "scan" / "regions.bed").read_text()
    assert len((tmp_path / "scan" / "scan.bedGraph").read_text().splitlines()) == 1 + N_WINDOWS
    page = (tmp_path / "scan" / "scan.html").read_text()
    assert "<em>LCT</em>" in page
    assert "Nothing speaks against it." in page
    words = " ".join(remark.words for remark in done.remarks)
    assert "not the probability of neutrality" in words
    again = scan(
        method, genome, region=REGION, fpr=0.02, null_windows=3000, registry=registry, progress=False
    )
    pd.testing.assert_frame_equal(again.result.table, table)


def test_several_methods_stand_in_one_table_and_labels_tell_what_was_found(
    method: TrainedMethod, genome: Path, registry: Registry, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.bed"
    labels.write_text(f"1\t{SWEPT * WINDOW_BP}\t{(SWEPT + 1) * WINDOW_BP + 10}\n9\t0\t10\n")
    assert method.folder is not None
    out = tmp_path / "both"
    both = scan_several(
        [method, method.folder], genome, out=out, region=REGION, truth=labels, registry=registry,
        progress=False,
    )  # fmt: skip
    table = pd.read_csv(out / "scan.csv", keep_default_na=False)
    assert table.columns[0] == "method"
    assert table["method"].value_counts().to_dict() == dict.fromkeys(both.labels, N_WINDOWS)
    assert table["truth"].value_counts().to_dict() == {
        "negative": 2 * (N_WINDOWS - 2), "positive": 2, "left out": 2
    }  # fmt: skip
    assert list(pd.read_csv(out / "regions.csv")["method"].unique()) == list(both.labels)
    described = json.loads((out / "scan.json").read_text())["methods"]
    (at_half, at_rate) = described[both.labels[0]]["labelled"]["confusion"]
    assert at_half["true_positive"] + at_half["false_negative"] == 1
    assert (at_rate["true_positive"], at_rate["left_out"], at_rate["loci"]) == (1, 1, 1)
    words = [remark.words for remark in both.remarks]
    assert any("one sweep: it is found" in each for each in words)
    assert any("1 labelled regions lie outside what was scanned" in each for each in words)
    assert "Beside what is known" in (out / "scan.html").read_text()
    assert (out / "manhattan.png").stat().st_size > 1000
    with pytest.raises(DataError, match="expected each once"):
        scan_several([method, method], genome, progress=False)


def test_big_wig_holds_what_the_bed_graph_holds(
    method: TrainedMethod, genome: Path, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = pytest.importorskip("pyBigWig")
    out = tmp_path / "scan"
    scan(method, genome, region=REGION, step_bp=200, big_wig=True, out=out, registry=registry, progress=False)
    rows = [line.split("\t") for line in (out / "scan.bedGraph").read_text().splitlines()[1:]]
    with reader.open(str(out / "scan.bw")) as file:
        found = file.intervals("1")
    assert [(int(start), int(end)) for _, start, end, _ in rows] == [each[:2] for each in found]
    np.testing.assert_allclose([float(row[3]) for row in rows], [each[2] for each in found], rtol=1e-4)
    monkeypatch.setitem(sys.modules, "pyBigWig", None)
    with pytest.raises(UnsupportedError, match="pip install pyBigWig"):
        scan(method, genome, big_wig=True, registry=registry, progress=False)


def test_without_draws_the_threshold_windows_speak_and_q_says_what_it_needs(
    method: TrainedMethod, genome: Path, registry: Registry
) -> None:
    done = scan(method, genome, region=REGION, registry=registry, progress=False)
    judgement = done.result.judgement
    assert judgement is not None
    assert judgement.why_no_q.startswith("needs m ≥ ")
    assert done.result.table["q"].isna().all()
    assert np.isnan(done.result.regions[0].expected_regions_as_high)


def test_a_genome_that_the_null_does_not_fit_has_no_q(
    method: TrainedMethod, genome: Path, registry: Registry
) -> None:
    other = replace(method, null_scores=replace(method.null_scores, scores=(0.0,) * 2000))  # type: ignore[type-var]
    done = scan(other, genome, region=REGION, registry=registry, progress=False)
    assert any("do not fit this genome: the median of p_sim" in remark.words for remark in done.remarks)
    assert done.result.table["q"].isna().all()


def test_stretches_without_selection_are_scanned_as_the_genome_is(
    method: TrainedMethod, registry: Registry
) -> None:
    class ByLength:
        """The toy, with sites in proportion to the length."""

        independent_windows = True

        def unsupported(self, scenario: Scenario) -> None:
            return None

        def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
            toy = registry.simulators.build(f"toy[mean_sites={scenario.locus.sequence_length / 25}]")
            return toy.simulate(scenario, windows=windows, seed=seed)

    source = replace(NullSource.of(method, registry, seed=3), simulator=ByLength())  # type: ignore[arg-type]
    threshold = threshold_at(source.draw(2000).whole, 0.05)
    assert threshold is not None
    found = source.peaks(1000, step_bp=250, threshold=threshold)
    assert found is not None
    peaks, n_windows = found
    assert n_windows == 143 * 7  # four windows at half a window's step are seven
    assert (peaks > threshold).all()
    assert 0.02 * 1000 < len(peaks) < 0.05 * 1000 * 1.3  # neighbours that overlap are called together


def test_programs_of_the_null_are_not_started_without_leave(
    method: TrainedMethod, genome: Path, tmp_path: Path
) -> None:
    null = method.null_scores
    assert null is not None
    touched = tmp_path / "started"
    origin = replace(null.origin, simulator="ms", options={"program": f"touch {touched}"})
    other = replace(method, null_scores=replace(null, origin=origin))
    with pytest.raises(ExperimentError, match=r"would start 'touch .*add --allow-programs"):
        scan(other, genome, null_windows=10, progress=False)
    assert not touched.exists()
    read = replace(method, null_scores=replace(null, origin=replace(origin, simulator="")))
    with pytest.raises(DataError, match="no more can be drawn"):
        scan(read, genome, null_windows=10, progress=False)
    with pytest.raises(DataError, match="expected null scores beside it, found none"):
        scan(replace(method, null_scores=None), genome, null_windows=10, progress=False)


def test_null_scores_are_saved_with_the_method_and_read_strictly(
    method: TrainedMethod, registry: Registry, tmp_path: Path
) -> None:
    method.save(tmp_path / "saved")
    assert TrainedMethod.load(tmp_path / "saved", registry).null_scores == method.null_scores
    (tmp_path / "saved" / "null.json").write_text('{"format": 1, "scores": [2], "origin": {}}')
    with pytest.raises(DataError, match=r"null\.json"):
        TrainedMethod.load(tmp_path / "saved", registry)


def test_genes_of_other_chromosomes_are_refused(method: TrainedMethod, genome: Path, tmp_path: Path) -> None:
    (tmp_path / "genes.bed").write_text("chr1\t0\t10\tA\n")
    with pytest.raises(DataError, match="names its chromosomes chr1, the genome 1"):
        scan(method, genome, genes=tmp_path / "genes.bed", progress=False)
    with pytest.raises(DataError, match=r"genes\.bed: names its chromosomes chr1, the genome 1"):
        scan(method, genome, callable_bed=tmp_path / "genes.bed", progress=False)


@pytest.mark.parametrize("option", ["genes", "truth", "callable_bed"])
def test_files_that_name_no_chromosome_of_the_header_are_refused_before_anything_is_asked(
    method: TrainedMethod, genome: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    def unasked(*_: object, **__: object) -> None:
        raise AssertionError("the genome was scanned")

    monkeypatch.setattr("selbench.bench.scanning.scan_files", unasked)
    (tmp_path / "other.bed").write_text("chr1\t0\t10\tA\n")
    with pytest.raises(DataError, match="names its chromosomes chr1, the genome 1"):
        scan(method, genome, **{option: tmp_path / "other.bed"}, progress=False)  # type: ignore[arg-type]


def test_windows_with_gaps_have_p_only_against_null_windows_with_such_gaps(
    method: TrainedMethod, genome: Path, registry: Registry, tmp_path: Path
) -> None:
    end = N_WINDOWS * WINDOW_BP
    (tmp_path / "seen.bed").write_text(f"1\t0\t300\n1\t500\t600\n1\t1000\t{end}\n")
    found = {
        n: scan(
            method, genome, region=REGION, callable_bed=tmp_path / "seen.bed", null_windows=n,
            registry=registry, progress=False,
        )
        for n in (0, 500)
    }  # fmt: skip
    table = found[500].result.table
    assert table["skipped"].tolist()[:3] == [
        "",
        "a variable site would have been seen in less than a quarter of it",
        "",
    ]
    assert np.isnan(found[0].result.table["p_sim"].iloc[0])
    assert table["p_sim"].notna().tolist()[:3] == [True, False, True]
    assert any("observed in part and ha" in remark.words for remark in found[0].remarks)


def test_null_scores_in_number_go_on_where_they_ended_and_a_scan_takes_them(
    method: TrainedMethod, genome: Path, registry: Registry, tmp_path: Path
) -> None:
    def drawn(name: str, n_windows: int, seed: int = 1, workers: int = 1) -> bytes:
        draw_null(
            method, n_windows, tmp_path / name, seed=seed, workers=workers, registry=registry, progress=False
        )
        return (tmp_path / name).read_bytes()

    at_once = drawn("null.jsonl", 2500)
    assert drawn("pieces.jsonl", 900) == b"".join(at_once.splitlines(keepends=True)[:2])
    with (tmp_path / "pieces.jsonl").open("ab") as file:
        file.write(b"[0.5, 0.25")  # it was stopped within a line
    assert drawn("pieces.jsonl", 3000) == at_once
    assert drawn("pieces.jsonl", 10) == at_once
    assert drawn("shared.jsonl", 2500, workers=2) == at_once
    done = scan(
        method, genome, region=REGION, null=tmp_path / "null.jsonl", registry=registry, progress=False
    )
    judgement = done.result.judgement
    assert judgement is not None
    assert len(judgement.yardstick.null) == 3200
    assert done.result.table["p_sim"].iloc[SWEPT] == pytest.approx(1 / 3201)
    assert done.made_with["null_file"] == str(tmp_path / "null.jsonl")
    assert drawn("other.jsonl", 10, seed=2) != at_once[: len(at_once) // 3]
    with pytest.raises(DataError, match=r"other\.jsonl: its windows are of seed 2, not 1"):
        drawn("other.jsonl", 10)
    stranger = replace(method, null_scores=replace(method.null_scores, made_from="another run"))  # type: ignore[type-var]
    with pytest.raises(DataError, match=r"null scores of another method or run \(made_from differ"):
        scan(stranger, genome, null=tmp_path / "null.jsonl", progress=False)
    for content in (b"", b"[1]\n", at_once.splitlines(keepends=True)[0] + b"[2]\n"):
        (tmp_path / "bad.jsonl").write_bytes(content)
        with pytest.raises(DataError, match=r"bad\.jsonl.*selbench null"):
            scan(method, genome, null=tmp_path / "bad.jsonl", progress=False)
