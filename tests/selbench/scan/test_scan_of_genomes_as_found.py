"""``selbench scan`` of genomes as they are found, from the file to the table: what becomes of each oddity."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cyvcf2 import VCF, Writer
from numpy.typing import NDArray
from site_counting import NumberOfSites, Silent, method_of
from typer.testing import CliRunner

from selbench.trained import TrainedMethod

WINDOW_BP = 1000
NAMES = [f"p{i}" for i in range(6)]
N_HAPLOTYPES = 2 * len(NAMES)
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
    '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    '##FILTER=<ID=q10,Description="low">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
)


SITES, SILENT = (method_of(encoder, N_HAPLOTYPES, WINDOW_BP) for encoder in (NumberOfSites(), Silent()))


@dataclass(frozen=True)
class Scanned:
    """What ``selbench scan`` left and said; the table is empty where it refused."""

    refused: bool
    words: str
    table: pd.DataFrame
    about: dict[str, Any]

    @property
    def n_sites(self) -> list[int]:
        return [int(n) for n in self.table["n_sites"]]


Scan = Callable[..., Scanned]
Change = Callable[[int, list[str]], list[str]]


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    """Return a function that scans a VCF by the command line, with a method of 12 haplotypes."""
    from selbench.cli import console
    from selbench.cli.app import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("selbench.scan.plot.plot_scan", lambda *_: None)

    def run(path: Path, *options: str, method: TrainedMethod = SITES) -> Scanned:
        monkeypatch.setattr(TrainedMethod, "load", classmethod(lambda *_: method))
        console.stderr.cache_clear()
        done = CliRunner().invoke(app, ["scan", "predictors/a", str(path), "--out", "out", *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        if done.exit_code:
            assert done.stderr.count("\n") == 1
            return Scanned(True, done.stderr, pd.DataFrame(), {})
        table = pd.read_csv(
            tmp_path / "out" / "scan.csv", keep_default_na=False, na_values={"probability": [""]}
        )
        return Scanned(False, done.stderr, table, json.loads((tmp_path / "out" / "scan.json").read_text()))

    return run


def calls_of(n_sites: int, n_individuals: int = 6, seed: int = 1) -> NDArray[np.int64]:
    """Draw alleles (n_sites, n_individuals, 2), such that everybody is heterozygous at the first site."""
    drawn = np.random.default_rng(seed).integers(0, 2, (n_sites, n_individuals, 2))
    drawn[0] = [0, 1]
    return drawn


def write(
    path: Path,
    calls: NDArray[np.int64],
    *,
    step: int = 100,
    names: list[str] = NAMES,
    change: Change = lambda i, fields: fields,
    encoding: str = "utf-8",
) -> Path:
    """Write a site every `step` bp, from 1 on; `change` gets its number and fields."""
    lines = []
    for i, row in enumerate(calls.tolist()):
        genotypes = [f"{a}|{b}" for a, b in row]
        fields = ["1", str(1 + step * i), ".", "A", "C", ".", "PASS", ".", "GT", *genotypes]
        lines.append("\t".join(change(i, fields)) + "\n")
    path.write_bytes((HEADER + "\t".join(names) + "\n" + "".join(lines)).encode(encoding))
    return path


def at(column: int, value: str, when: Callable[[int], bool] = lambda i: True) -> Change:
    """Return a change: this field becomes that value, at some sites."""

    def change(i: int, fields: list[str]) -> list[str]:
        return [*fields[:column], value, *fields[column + 1 :]] if when(i) else fields

    return change


def test_people_written_as_two_equal_haplotypes_are_refused_and_read_with_haploid(
    scan: Scan, tmp_path: Path
) -> None:
    calls = np.repeat(np.random.default_rng(3).integers(0, 2, (101, 12, 1)), 2, axis=2)
    path = write(tmp_path / "x.vcf", calls, step=10, names=[f"p{i}" for i in range(12)])
    refused = scan(path, "--draw", "6")
    assert refused.refused
    assert "(--haploid)" in refused.words
    assert scan(path, "--haploid").n_sites == [100]
    mixed = scan(write(tmp_path / "y.vcf", calls_of(101, 12), step=10), "--haploid")
    assert mixed.refused or mixed.about["records"]["excluded"]["heterozygous"] > 90


def test_windows_without_records_are_skipped_unless_they_were_observed(scan: Scan, tmp_path: Path) -> None:
    def apart(i: int, fields: list[str]) -> list[str]:
        return at(1, str(1 + 100 * i + (1000 if i >= 20 else 0)))(i, fields)

    path = write(tmp_path / "gap.vcf", calls_of(41), change=apart)
    bare = scan(path)
    assert bare.n_sites == [10, 10, 0, 10, 10]
    assert bare.table["skipped"].tolist() == ["", "", "the file has no records here", "", ""]
    assert bare.table["probability"].isna().tolist() == [False, False, True, False, False]
    (tmp_path / "mask.bed").write_text("1\t0\t3500\n1\t4000\t5000\n")
    masked = scan(path, "--callable", "mask.bed")
    assert masked.table["skipped"].tolist() == [""] * 5
    assert masked.table["probability"][2] == 1
    assert masked.table["observed"].tolist() == [1, 1, 1, 0.5, 1]
    assert scan(path, "--region", "1:2001-3000").refused


def test_windows_whose_records_were_all_left_out_are_skipped(scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", calls_of(31), change=at(4, "C,G", lambda i: 10 <= i < 20))
    found = scan(path)
    assert found.table["skipped"].tolist() == ["", "every record here was left out", ""]
    assert found.about["records"]["excluded"]["multiallelic"] == 10
    assert "warning" not in found.words


def test_windows_of_invariant_records_alone_are_asked_about(scan: Scan, tmp_path: Path) -> None:
    """As a file of all sites has them: a block that says where the next variable site is."""

    def block(first: int, last: int) -> str:
        fields = [
            "1",
            str(first),
            ".",
            "A",
            "<NON_REF>",
            ".",
            ".",
            f"END={last}",
            "GT",
            *["0|0"] * len(NAMES),
        ]
        return "\t".join(fields)

    def followed(i: int, fields: list[str]) -> list[str]:
        if 10 <= i < 20:
            return [block(100 * i + 1, 100 * i + 100)]
        return ["\t".join(fields) + "\n" + block(100 * i + 2, 100 * i + 100)]

    found = scan(write(tmp_path / "g.vcf", calls_of(31), change=followed))
    assert found.n_sites == [10, 0, 10]
    assert found.table["skipped"].tolist() == ["", "", ""]
    assert found.table["observed"].tolist() == [1, 1, 1]
    assert found.table["probability"][1] == 1


@pytest.mark.parametrize("number", ["2", "255", "256", "65536"])
def test_an_allele_that_is_not_in_alt_costs_its_record_alone(scan: Scan, tmp_path: Path, number: str) -> None:
    found = scan(write(tmp_path / "a.vcf", calls_of(11), change=at(12, f"0|{number}", lambda i: i == 4)))
    assert found.n_sites == [9]
    assert found.about["records"]["excluded"]["unknown_allele"] == 1
    assert "unknown_allele: a call of an allele that is not in ALT" in found.words


def test_an_index_older_than_its_file_is_not_used(scan: Scan, tmp_path: Path) -> None:
    plain, packed = write(tmp_path / "a.vcf", calls_of(31)), tmp_path / "b.bcf"
    vcf = VCF(str(plain))
    writer = Writer(str(packed), vcf, mode="wb")
    for record in vcf:
        writer.write_record(record)
    writer.close()
    index = Path(f"{packed}.csi")
    index.write_bytes(b"of another file")
    os.utime(index, (1, 1))
    found = scan(packed, "--region", "1:1-2000")
    assert found.n_sites == [10, 10]
    assert "is older than its file and was not used" in found.words


def test_homozygous_calls_need_no_phase(scan: Scan, tmp_path: Path) -> None:
    def slashed(i: int, fields: list[str]) -> list[str]:
        return [field.replace("0|0", "0/0").replace("1|1", "1/1") for field in fields]

    calls = calls_of(21)
    whole = scan(write(tmp_path / "a.vcf", calls), method=SILENT)
    found = scan(write(tmp_path / "b.vcf", calls, change=slashed), method=SILENT)
    pd.testing.assert_frame_equal(found.table, whole.table)
    assert found.about["phased"]


def test_unphased_heterozygotes_are_seen_by_those_alone_that_need_no_phase(
    scan: Scan, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.vcf", calls_of(21), change=at(9, "0/1", lambda i: i % 2 == 1))
    assert scan(path).n_sites == [10, 10]
    silent = scan(path, method=SILENT)
    assert silent.n_sites == [5, 5]
    assert silent.about["records"]["excluded"]["unphased"] == 10
    assert "sites that vary among the chosen individuals are left out" in silent.words


def test_ancestral_alleles_are_found_wherever_they_begin(scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", calls_of(1300), step=10, change=at(7, "AA=A", lambda i: i >= 1200))
    assert "polarised by aa (the records carry INFO/AA)" in scan(path).words
    nowhere = scan(path, "--region", "1:1-5000")
    assert "polarised by ref (no site that was read carries INFO/AA" in nowhere.words


def test_other_filters_are_used_counted_and_left_out_as_asked(scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", calls_of(11), change=at(6, "q10", lambda i: i in (2, 5)))
    found = scan(path)
    assert found.n_sites == [10]
    assert "2 of 11 records have a FILTER other than PASS and are used all the same" in found.words
    passing = scan(path, "--filter", "pass")
    assert (passing.n_sites, passing.about["filter"]) == ([8], "pass")


def test_phase_sets_that_are_joined_are_counted(scan: Scan, tmp_path: Path) -> None:
    def in_sets(i: int, fields: list[str]) -> list[str]:
        return [*fields[:8], "GT:PS", *(f"0|1:{1 if i < 5 else 6}" for _ in NAMES[:-1]), "0|0:1"]

    found = scan(write(tmp_path / "a.vcf", calls_of(11), change=in_sets))
    assert "5 times an individual's phase set (FORMAT/PS) ends" in found.words


def test_sites_with_few_missing_calls_are_kept_for_those_that_accept_them(scan: Scan, tmp_path: Path) -> None:
    twelve = [f"p{i}" for i in range(12)]
    method, silent = (method_of(encoder, 24, WINDOW_BP) for encoder in (NumberOfSites(), Silent()))
    path = write(
        tmp_path / "a.vcf", calls_of(21, 12), names=twelve, change=at(9, ".|.", lambda i: i % 5 == 1)
    )
    found = scan(path, method=method)
    assert found.n_sites == [10, 10]
    assert found.about["with_missing_calls"]
    left = scan(path, method=silent)
    assert left.n_sites == [8, 8]
    assert left.about["records"]["excluded"]["missing"] == 4
    assert "4 of 21 sites that vary among the chosen individuals are left out (4 missing)" in left.words


@pytest.mark.parametrize("name", ["p,0", "^p", "p 0", "#p", "Jérôme", "*", "-p", "'"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_individuals_of_any_name_are_scanned(scan: Scan, tmp_path: Path, name: str, encoding: str) -> None:
    path = write(tmp_path / "a.vcf", calls_of(11), names=[*NAMES[:5], name], encoding=encoding)
    (tmp_path / "who.txt").write_text("\n".join([name, *NAMES[:5]]) + "\n", encoding=encoding)
    found = scan(path, "--individuals", "who.txt")
    assert found.n_sites == [10]
    assert found.about["individuals"][0] == name


def test_position_zero_and_a_blank_last_line_cost_nothing(scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", calls_of(11), change=at(1, "0", lambda i: i == 0))
    path.write_bytes(path.read_bytes() + b"\n")
    found = scan(path)
    assert found.n_sites == [9]
    assert found.about["records"]["looked_at"] == 11
    assert found.about["records"]["excluded"]["position_zero"] == 1


def test_polarisation_is_doubted_only_where_it_matters(scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", calls_of(11))
    assert "the predictor was trained on" not in scan(path).words
    assert "believe it only if its encoding does not depend on that" in scan(path, method=SILENT).words
