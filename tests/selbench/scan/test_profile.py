"""Profiles of files: what each kind of file is as a stretch, small tables read strictly, refusals by name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from selbench import DataError, Profile, Scanner, Stretch, UnsupportedError, Windows
from selbench.cli.app import app
from selbench.formats.vcf_regions import Region
from selbench.plugin import Learned
from selbench.scan.profile import Given, profile_files
from selbench.scan.profile_plot import plot_profiles
from selbench.scan.site_tables import read_b_map, read_counts, read_grid, read_map, read_spectrum
from selbench.scan.stretches import Reading, read_stretches

MS = "ms 4 2\n1 2 3\n\n//\nsegsites: 3\npositions: 0.1 0.25 0.9\n010\n110\n011\n000\n\n//\nsegsites: 0\n\n"
COUNTS = "position\tx\tn\tfolded\n10\t1\t8\t0\n30\t8\t8\t0\n30\t3\t7\t1\n"
VCF = """##fileformat=VCFv4.2
##contig=<ID=2,length=1000>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb
2\t100\t.\tA\tC\t.\tPASS\t.\tGT\t0|1\t0|0
2\t250\t.\tA\tC\t.\tPASS\t.\tGT\t1|1\t0|1
2\t700\t.\tA\tC\t.\tPASS\t.\tGT\t0|0\t0|1
"""


@dataclass(frozen=True)
class Carriers(Scanner):
    """Derived alleles at each site, over the most that was seen in the background."""

    name: ClassVar[str] = "carriers"
    takes_counts: ClassVar[bool] = True
    needs_phase: ClassVar[bool] = False
    needs_ancestral: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"map_cm", "spectrum"})

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        return {"most": np.array(max((int(each.derived.max(initial=0)) for each in stretches), default=0))}

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        most = float(background.get("most", 1))
        at = stretch.positions if stretch.map_cm is None else stretch.map_cm
        return Profile(at, stretch.derived / most, {"called": stretch.called.astype(float)})


@dataclass(frozen=True)
class Rows(Scanner):
    """Haplotypes of each site, from haplotypes alone."""

    name: ClassVar[str] = "rows"

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        assert stretch.haplotypes is not None
        return Profile(stretch.positions, np.full(stretch.n_sites, float(stretch.haplotypes.shape[1])))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def only(path: Path, **reading: Any) -> list[tuple[str, Stretch]]:
    return [(place.name, stretch) for place, stretch in read_stretches(path, Reading(**reading))]


def test_samples_that_a_tree_sequence_puts_together_are_told(tmp_path: Path) -> None:
    import msprime

    demography = msprime.Demography.isolated_model([100, 100])
    demography.add_population(name="old", initial_size=100)
    demography.add_population_split(time=50, derived=["pop_0", "pop_1"], ancestral="old")
    for n_times, times in ((1, [0, 0]), (2, [0, 20])):
        sets = [msprime.SampleSet(2, population=f"pop_{i}", time=time) for i, time in enumerate(times)]
        ancestry = msprime.sim_ancestry(sets, demography=demography, sequence_length=1000, random_seed=1)
        msprime.sim_mutations(ancestry, rate=1e-5, random_seed=1).dump(tmp_path / "a.trees")
        remarks = profile_files([Rows()], [tmp_path / "a.trees"], Reading(), Given()).remarks
        assert "samples of 2 populations are in one window" in remarks[0]
        assert any("samples of 2 times are in one window" in said for said in remarks) == (n_times == 2)
    alone = msprime.sim_mutations(msprime.sim_ancestry(2, sequence_length=1000, random_seed=1), rate=0.01)
    alone.keep_intervals([[0, 500]]).dump(tmp_path / "b.trees")
    (said,) = profile_files([Rows()], [tmp_path / "b.trees"], Reading(), Given()).remarks
    assert "no ancestry in a part of it (50% at most)" in said


def test_ms_text_is_replicates_at_fractions_of_the_length(tmp_path: Path) -> None:
    (first, stretch), (second, empty) = only(written(tmp_path, "a.ms", MS), sequence_length=1_000)
    assert (first, second) == ("1", "2")
    assert stretch.positions.tolist() == [100.0, 250.0, 900.0]
    assert stretch.derived.tolist() == [1, 3, 1]
    assert stretch.length_bp == 1_000
    assert empty.n_sites == 0
    with pytest.raises(DataError, match=r"a\.ms: --sequence-length: ms text does not say"):
        only(tmp_path / "a.ms")


def test_a_vcf_is_chromosomes_at_its_own_positions(tmp_path: Path) -> None:
    vcf = written(tmp_path, "a.vcf", VCF)
    ((name, stretch),) = only(vcf)
    assert name == "2"
    assert stretch.positions.tolist() == [100.0, 250.0, 700.0]
    assert stretch.length_bp == 700
    assert stretch.polarisation == "ref"
    assert stretch.folded.all()
    ((_, polarised),) = only(vcf, polarise="ref", sequence_length=900, individuals=("b",))
    assert polarised.polarisation == "ancestral"
    assert polarised.length_bp == 900
    assert polarised.positions.tolist() == [250.0, 700.0]


def test_a_dataset_counts_base_pairs_from_one(tmp_path: Path) -> None:
    from selbench.formats.dataset import DatasetMetadata, write_dataset

    windows = Windows.from_arrays([[[0, 1]], [[1, 0]]], [[4.0], [7.5]], sequence_length=10, labels=["n", "s"])
    metadata = DatasetMetadata(windows.spec, windows.polarisation, ("n", "s"), {})
    write_dataset(tmp_path / "a.parquet", [("", windows)], metadata)
    found = only(tmp_path / "a.parquet")
    assert [(name, stretch.positions.tolist()) for name, stretch in found] == [("1", [5.0]), ("2", [8.5])]


def test_counts_are_a_stretch_without_haplotypes(tmp_path: Path) -> None:
    ((_, stretch),) = only(written(tmp_path, "a.sf", COUNTS))
    assert stretch.haplotypes is None
    assert stretch.derived.tolist() == [1, 8, 3]
    assert stretch.folded.tolist() == [False, False, True]
    with pytest.raises(UnsupportedError, match="rows: needs haplotypes, found counts of alleles alone"):
        profile_files([Rows()], [tmp_path / "a.sf"], Reading(), Given())
    with pytest.raises(DataError, match="--region: is for VCF and BCF files"):
        only(tmp_path / "a.sf", region=Region("2"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("position\tx\tn\n10\t9\t8\n", r"row 1: expected x from 0 to n = 8, found 9"),
        ("position\tx\tn\n10\t1\t8\n5\t1\t8\n", r"row 2: expected positions in order, found 5"),
        ("position\tx\tn\n10\t1.5\t8\n", r"row 1: expected a whole x, found 1.5"),
        ("position\tx\tn\n10\tone\t8\n", r"line 2: expected a table of counts"),
        ("position\tx\tn\n10\t1\t8\n11\t1\n", r"line 3: expected a table of counts"),
        ("position\tx\tn\tfolded\n10\t1\t8\t2\n", r"row 1: expected folded 0 or 1, found 2"),
        ("position\tx\tn\tpolarised\n10\t1\t8\t1\n", r"line 1: expected columns position, x, n, folded"),
        ("position\tx\tn\n", r"found no row of numbers"),
        ("position\tx\tn\n10\tnan\t8\n", r"line 2: expected a table of counts"),
    ],
)
def test_a_malformed_table_of_counts_is_refused_by_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_counts(written(tmp_path, "a.sf", text))


def test_maps_are_read_in_either_form_and_must_cover_the_sites(tmp_path: Path) -> None:
    sweepfinder = read_map(written(tmp_path, "a.map", "position rate\n10 0\n20 0.5\n40 0.25\n"))
    assert sweepfinder(np.array([10.0, 15.0, 40.0])).tolist() == [0, 0.25, 0.75]
    plink = read_map(written(tmp_path, "b.map", "1 s1 0.0 10\n1 s2 0.5 20\n"))
    assert plink(np.array([20.0])).tolist() == [0.5]
    with pytest.raises(DataError, match=r"found rows from 10 to 20 and a site at 30"):
        plink(np.array([30.0]))
    b_map = read_b_map(written(tmp_path, "c.map", "position bvalue\n10 0.8\n20 1.0\n"))
    assert b_map(np.array([15.0])) == pytest.approx(0.9)
    with pytest.raises(DataError, match=r"row 1: expected B from 0 to 1, found 1.2"):
        read_b_map(written(tmp_path, "d.map", "position bvalue\n10 1.2\n"))


def test_spectra_and_grids_are_read(tmp_path: Path) -> None:
    with_zero = read_spectrum(written(tmp_path, "a.txt", "0\t0.0\n1\t0.75\n2\t0.25\n//\n"))
    without = read_spectrum(written(tmp_path, "b.txt", "1\t0.75\n2\t0.25\n"))
    alone = read_spectrum(written(tmp_path, "c.txt", "0.75\n0.25\n"))
    assert with_zero.tolist() == without.tolist() == [0, 0.75, 0.25]
    assert alone.tolist() == [0.75, 0.25]
    with pytest.raises(DataError, match=r"expected shares that sum to 1, found 0.5"):
        read_spectrum(written(tmp_path, "d.txt", "1 0.25\n2 0.25\n"))
    with pytest.raises(DataError, match="row 2: expected class 2, found 3"):
        read_spectrum(written(tmp_path, "e.txt", "1 0.75\n3 0.25\n"))
    assert read_grid(written(tmp_path, "f.txt", "1\n5.5\n")).tolist() == [1, 5.5]
    with pytest.raises(DataError, match="row 2: expected positions in order, found 1"):
        read_grid(written(tmp_path, "g.txt", "5\n1\n"))


def test_the_background_is_all_files_together_or_what_is_given(tmp_path: Path) -> None:
    a, b = written(tmp_path, "a.ms", MS), written(tmp_path, "b.ms", MS.replace("000\n", "111\n"))
    reading = Reading(sequence_length=100)
    together = profile_files([Carriers()], [a, b], reading, Given()).table()
    assert list(together.columns) == ["scanner", "file", "replicate", "position", "value", "called"]
    assert together["value"].max() == 1
    assert together[together["file"] == str(a)]["value"].tolist() == pytest.approx([1 / 4, 3 / 4, 1 / 4])
    alone = profile_files([Carriers()], [a], reading, Given(background=(b,))).table()
    assert list(alone.columns) == ["scanner", "replicate", "position", "value", "called"]
    assert alone["value"].tolist() == pytest.approx([1 / 4, 3 / 4, 1 / 4])


def test_what_a_scanner_does_not_look_at_is_refused(tmp_path: Path) -> None:
    a = written(tmp_path, "a.ms", MS)
    reading, spectrum = Reading(sequence_length=100), np.array([0, 1.0])
    with pytest.raises(UnsupportedError, match="carriers: does not look at --grid; leave it out"):
        profile_files([Carriers()], [a], reading, Given(grid=np.array([1.0])))
    with pytest.raises(UnsupportedError, match="rows: does not look at --spectrum"):
        profile_files([Rows()], [a], reading, Given(spectrum=spectrum))
    with pytest.raises(DataError, match="either --spectrum or --background"):
        profile_files([Carriers()], [a], reading, Given(spectrum=spectrum, background=(a,)))
    mapped = profile_files([Carriers()], [a], reading, Given(map_cm=lambda at: at / 2)).table()
    assert mapped["position"].tolist() == [5.0, 12.5, 45.0]
    with pytest.raises(
        UnsupportedError, match="carriers: needs ancestral states, found sites polarised by 'ref'"
    ):
        profile_files([Carriers()], [written(tmp_path, "a.vcf", VCF)], Reading(), Given())


def test_scanners_stand_together_with_their_parts_and_what_has_no_value_is_said(tmp_path: Path) -> None:
    result = profile_files(
        [Carriers(), Rows()], [written(tmp_path, "a.ms", MS)], Reading(sequence_length=9), Given()
    )
    table = result.table()
    assert table["scanner"].tolist() == ["carriers"] * 3 + ["rows"] * 3
    assert table["called"].isna().tolist() == [False] * 3 + [True] * 3
    assert result.remarks == (
        "carriers has no value in replicate 2 of a.ms: too few sites for its options",
        "rows has no value in replicate 2 of a.ms: too few sites for its options",
    )
    plot_profiles(result, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"


def test_unsorted_positions_and_rows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        DataError, match=r"site 2: expected positions in order, found 1 after 2; sort the sites"
    ):
        Stretch(np.array([2.0, 1.0]), 5.0, np.zeros((2, 4), dtype=np.uint8))
    with pytest.raises(DataError, match=r"map_cm: expected a row for each of 1 sites, found 2"):
        Stretch(np.array([2.0]), 5.0, np.zeros((1, 4), dtype=np.uint8), map_cm=np.zeros(2))
    with pytest.raises(DataError, match=r"profile: expected 1 values, one per position, found 2"):
        Profile(np.zeros(1), np.zeros(2))


def test_calls_that_are_missing_need_a_rule(tmp_path: Path) -> None:
    from selbench.plugin.scanner import checked

    stretch = Stretch(np.array([2.0]), 5.0, np.array([[0, 1, 255]], dtype=np.uint8))
    assert (stretch.derived.tolist(), stretch.called.tolist()) == ([1], [2])
    with pytest.raises(
        DataError, match="rows: has no rule for alleles without a call, found 1 sites with such"
    ):
        checked(Rows(), stretch)
    with pytest.raises(UnsupportedError, match="rows: needs phased genotypes"):
        checked(Rows(), Stretch(np.array([2.0]), 5.0, np.zeros((1, 4), dtype=np.uint8), phased=False))


def test_the_command_writes_a_table_and_a_picture(tmp_path: Path) -> None:
    ms = written(tmp_path, "a.ms", MS)
    arguments = ["profile", "h12[window_sites=1]", str(ms), "--sequence-length", "1000", "--with", "safe"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    table = pd.read_csv(io.StringIO(shown.stdout))
    assert table["scanner"].unique().tolist() == ["h12[window_sites=1]", "safe"]
    out = tmp_path / "out.csv"
    quiet = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert quiet.exit_code == 0, quiet.output
    assert quiet.stdout == ""
    pd.testing.assert_frame_equal(pd.read_csv(out), table)
    assert out.with_suffix(".png").is_file()
    wrong = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out.txt")])
    assert wrong.exit_code == 1
    assert "expected a name that ends in .csv" in wrong.stderr
