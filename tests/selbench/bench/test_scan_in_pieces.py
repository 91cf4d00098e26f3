"""A genome scanned piece by piece: in one file or many, by one worker or two, the same comes out."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cyvcf2
import numpy as np
import pandas as pd
import pytest

from selbench.bench import genome_workers, scan, scan_several
from selbench.errors import DataError
from selbench.formats import vcf_pieces
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_regions import read_bed
from selbench.runner.executors import InProcess
from selbench.scan import Places, kept_sites, scan_genome, vcf, windows_at
from selbench.trained import MethodDescription, TrainedMethod
from selbench.windows import Classes, WindowSpec

PACKAGES = Path(__file__).parents[2] / "packages"
NAMES = tuple(f"i{i}" for i in range(5))
WINDOW_BP, STEP_BP, PIECE_BP = 100, 50, 400
CHROMOSOMES = {"2": 1700, "10": 900, "1": 2100}
"""Lengths of the test genome's chromosomes, in the order of its file."""


def method_of(folder: Path, window_bp: int, seconds: float = 0.0) -> TrainedMethod:
    sys.path.insert(0, str(PACKAGES))
    from toy_selection import FewSites, FewSitesPredictor, SiteCount

    spec, classes = WindowSpec(2 * len(NAMES), window_bp), Classes(("neutral", "sweep"), "sweep")
    described = MethodDescription.of(
        SiteCount(), FewSites(seconds=seconds), spec, classes, empty_windows="keep",
        training_range={"segregating_sites": (1, 6)},
    )  # fmt: skip
    TrainedMethod(
        SiteCount(), FewSites(seconds=seconds), FewSitesPredictor(0.04 * window_bp), described
    ).save(folder)
    return TrainedMethod.load_with(folder, SiteCount(), FewSites(seconds=seconds))


@pytest.fixture(scope="module")
def method(tmp_path_factory: pytest.TempPathFactory) -> TrainedMethod:
    return method_of(tmp_path_factory.mktemp("method"), WINDOW_BP)


@pytest.fixture(scope="module")
def shorter(tmp_path_factory: pytest.TempPathFactory) -> TrainedMethod:
    """Return a method of shorter windows."""
    return method_of(tmp_path_factory.mktemp("shorter"), 3 * WINDOW_BP // 4, seconds=1e-3)


@pytest.fixture(autouse=True)
def _short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcf, "PIECE_BP", PIECE_BP)


def lines_of(name: str, length: int) -> list[str]:
    """Draw sites, a third of them with a missing call or two alternatives; and a gap in the middle."""
    random = np.random.default_rng(length)
    positions = np.flatnonzero(random.random(length) < 0.06) + 1
    positions = positions[(positions < 0.4 * length) | (positions > 0.55 * length)]
    lines = []
    for number, position in enumerate(positions.tolist()):
        calls = random.integers(0, 2, (len(NAMES), 2))
        calls[number % len(NAMES)] = 0, 1
        written = [f"{a}|{b}" for a, b in calls.tolist()]
        if number % 9 == 0:
            written[0] = ".|."
        alternative = "C,G" if number % 11 == 0 else "C"
        ancestor = "AA=C" if number % 2 else "AA=A"
        lines.append(
            "\t".join([name, str(position), ".", "A", alternative, ".", "PASS", ancestor, "GT", *written])
        )
    return lines


def packed(path: Path, names: Sequence[str]) -> Path:
    """Write chromosomes as BCF with an index."""
    head = [
        "##fileformat=VCFv4.2",
        *(f"##contig=<ID={name},length={CHROMOSOMES[name]}>" for name in names),
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *NAMES]),
    ]
    lines = [line for name in names for line in lines_of(name, CHROMOSOMES[name])]
    text = path.with_suffix(".vcf")
    text.write_text("\n".join([*head, *lines]) + "\n")
    source = cyvcf2.VCF(str(text))
    writer = cyvcf2.Writer(str(path), source, mode="wb")
    for record in source:
        writer.write_record(record)
    writer.close()
    library = ctypes.CDLL(cyvcf2.cyvcf2.__file__)
    if not hasattr(library, "bcf_index_build"):
        pytest.skip("this cyvcf2 cannot build an index")
    assert library.bcf_index_build(str(path).encode(), 14) == 0
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("genome") / "whole.bcf", list(CHROMOSOMES))


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("split")
    return [packed(folder / f"chr{name}.bcf", [name]) for name in sorted(CHROMOSOMES)]


def test_pieces_say_what_the_genome_read_at_once_says(method: TrainedMethod, whole: Path) -> None:
    done = scan(method, whole, step_bp=STEP_BP, progress=False).result
    at_once = scan_genome(method, read_vcf(whole, individuals=NAMES, polarise="aa"), step_bp=STEP_BP)
    order = at_once.table.assign(number=at_once.table["chromosome"].astype(int))
    expected = order.sort_values(["number", "start"]).drop(columns="number").reset_index(drop=True)
    pd.testing.assert_frame_equal(done.table, expected)
    assert [chromosome.name for chromosome in done.genome.chromosomes] == ["1", "2", "10"]
    assert (done.table["skipped"] != "").any()
    for name in ("n_records", "n_sites", "n_flipped", "excluded", "variable", "phased", "n_filtered"):
        assert getattr(done.genome, name) == getattr(at_once.genome, name), name


def test_one_file_or_many_and_one_worker_or_two_give_the_same_bytes(
    method: TrainedMethod, whole: Path, split: list[Path], tmp_path: Path
) -> None:
    alone = scan(method, whole, step_bp=STEP_BP, progress=False).result.table.to_csv()
    assert scan(method, split, step_bp=STEP_BP, progress=False).result.table.to_csv() == alone
    done = scan(method, split, step_bp=STEP_BP, workers=2, out=tmp_path / "two", progress=False)
    assert done.result.table.to_csv() == alone
    assert (tmp_path / "two" / "scan.csv").is_file()


def test_a_long_genome_lets_go_of_sites_and_keeps_those_that_are_looked_at_again(
    method: TrainedMethod, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = scan(method, whole, step_bp=STEP_BP, progress=False).result
    assert everything.at_hand is None
    n_bytes = sum(chromosome.haplotypes.nbytes for chromosome in everything.genome.chromosomes)
    monkeypatch.setattr(kept_sites, "MOST_BYTES", n_bytes // 3)
    monkeypatch.setattr(kept_sites, "BEST", 3)
    result = scan(method, whole, step_bp=STEP_BP, progress=False).result
    pd.testing.assert_frame_equal(result.table, everything.table)
    assert result.genome.n_sites == everything.genome.n_sites
    assert sum(chromosome.haplotypes.nbytes for chromosome in result.genome.chromosomes) < 0.6 * n_bytes
    at_hand = result.at_hand
    assert at_hand is not None
    with_sites = np.where(result.n_sites > 0, result.probability, np.nan)
    assert at_hand.all[with_sites == np.nanmax(with_sites)].any()
    assert 0 < at_hand.spread.sum() < at_hand.all.sum() < len(result.places)
    here = Places(
        result.places.chromosome[at_hand.all], result.places.start[at_hand.all], result.places.window_bp
    )
    again = windows_at(result.genome, here, method.spec)
    first = windows_at(everything.genome, here, method.spec)
    np.testing.assert_array_equal(again.haplotypes, first.haplotypes)
    np.testing.assert_array_equal(again.positions, first.positions)


def test_a_mask_is_laid_on_whole_chromosomes(method: TrainedMethod, whole: Path, tmp_path: Path) -> None:
    bed = tmp_path / "callable.bed"
    bed.write_text("1\t0\t2100\n2\t300\t1100\n10\t0\t450\n")
    done = scan(method, whole, step_bp=STEP_BP, callable_bed=bed, progress=False).result
    genome = read_vcf(whole, individuals=NAMES, polarise="aa", callable_in=read_bed(bed))
    at_once = scan_genome(method, genome, step_bp=STEP_BP).table
    expected = at_once.sort_values(["chromosome", "start"], key=lambda c: c.astype(int), ignore_index=True)
    pd.testing.assert_frame_equal(done.table, expected)
    asked_in_the_gap = (done.table["n_sites"] == 0) & ~done.table["probability"].isna()
    assert asked_in_the_gap.any()


def test_a_region_shares_its_windows_with_the_whole(method: TrainedMethod, whole: Path) -> None:
    table = scan(method, whole, step_bp=STEP_BP, progress=False).result.table
    part = scan(method, whole, step_bp=STEP_BP, region="2:421-1,490", progress=False).result.table
    assert part["start"].tolist() == list(range(450, 1351, 50))
    shared = table[(table["chromosome"] == "2") & table["start"].isin(part["start"])].reset_index(drop=True)
    assert (shared["n_sites"] == part["n_sites"]).all()
    both = shared["probability"].notna() & part["probability"].notna()
    assert (shared["probability"][both] == part["probability"][both]).all()
    assert both.sum() > 10


def test_files_that_do_not_fit_together_are_one_line(
    method: TrainedMethod, whole: Path, split: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(
        DataError, match=r"each chromosome in one file, found 1 in .*whole\.bcf and .*chr1\.b"
    ):
        scan(method, [whole, split[0]], progress=False)
    with pytest.raises(DataError, match="expected each file once"):
        scan(method, [whole, whole], progress=False)
    other = tmp_path / "chr7.vcf"
    text = split[0].with_suffix(".vcf").read_text()
    other.write_text(text.replace("\n1\t", "\nchr7\t").replace("ID=1,", "ID=chr7,"))
    with pytest.raises(DataError, match=r"named alike in all files, found 10 in .* and chr7 in .*chr7\.vcf"):
        scan(method, [split[1], other], progress=False)
    other.write_text(text.replace("\ti4\n", "\tzoe\n").replace("\n1\t", "\n7\t").replace("ID=1,", "ID=7,"))
    with pytest.raises(DataError, match=r"chr7\.vcf: expected individuals of this file"):
        scan(method, [split[1], other], progress=False)


def test_of_files_with_and_without_ancestral_alleles_none_loses_its_sites(
    method: TrainedMethod, split: list[Path], tmp_path: Path
) -> None:
    bare = tmp_path / "chr7.vcf"
    text = split[0].with_suffix(".vcf").read_text()
    text = text.replace("\tAA=A\t", "\t.\t").replace("\tAA=C\t", "\t.\t")
    bare.write_text(text.replace("\n1\t", "\n7\t").replace("ID=1,", "ID=7,"))
    assert scan(method, split[:2], progress=False).made_with["polarised_by"] == "aa"
    assert scan(method, [*split[:2], bare], progress=False).made_with["polarised_by"] == "ref"
    done = scan(method, [bare, *split[1:]], region="2", progress=False)
    assert done.made_with["polarised_by"] == "aa"
    assert done.result.table["chromosome"].unique().tolist() == ["2"]


def test_a_damaged_file_ends_the_workers_in_one_line(
    method: TrainedMethod, split: list[Path], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.bcf"
    cut.write_bytes(split[1].read_bytes()[:-30])
    with pytest.raises(DataError, match=r"cut\.bcf: truncated"):
        scan(replace(method), [split[0], cut], workers=2, progress=False)


@pytest.mark.parametrize("shares", [False, True])
def test_several_methods_read_the_genome_once_and_say_what_each_says_alone(
    method: TrainedMethod, shorter: TrainedMethod, whole: Path, monkeypatch: pytest.MonkeyPatch, shares: bool
) -> None:
    alone = [scan(each, whole, polarise="aa", step_bp=STEP_BP, progress=False) for each in (method, shorter)]
    n_read = []
    opened = vcf_pieces.genotype_records
    monkeypatch.setattr(vcf_pieces, "genotype_records", lambda *how: n_read.append(how) or opened(*how))
    monkeypatch.setattr(genome_workers, "Processes", lambda workers, threads: InProcess())
    both = scan_several(
        [method, shorter], whole, polarise="aa", step_bp=STEP_BP, workers=1 + shares, progress=False
    )
    n_pieces = sum(-(-length // PIECE_BP) for length in CHROMOSOMES.values())
    assert len(n_read) == (n_pieces if shares else 1)
    for one, other in zip(both.scans, alone, strict=True):
        assert one.result.table.to_csv() == other.result.table.to_csv()
        assert one.made_with == other.made_with
        assert one.remarks == other.remarks


def test_methods_that_cut_the_genome_otherwise_are_still_asked_together(
    method: TrainedMethod, shorter: TrainedMethod, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genome_workers, "Processes", lambda workers, threads: InProcess())
    both = scan_several([method, shorter], whole, region="1", workers=2, progress=False)
    for each, asked in zip(both.scans, (method, shorter), strict=True):
        assert each.made_with["step_bp"] == asked.spec.sequence_length
        alone = scan(asked, whole, region="1", progress=False)
        assert each.result.table.to_csv() == alone.result.table.to_csv()


def test_workers_of_a_dask_cluster_give_the_same_bytes(method: TrainedMethod, split: list[Path]) -> None:
    distributed = pytest.importorskip("distributed", reason="needs selbench[dask]")
    alone = scan(method, split, region="1", step_bp=STEP_BP, progress=False).result.table.to_csv()
    how = {"processes": False, "n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**how) as cluster:
        done = scan(
            method,
            split,
            region="1",
            step_bp=STEP_BP,
            dask=cluster.scheduler_address,
            progress=False,
        )
    assert done.result.table.to_csv() == alone
