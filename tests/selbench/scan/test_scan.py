import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from typer.testing import CliRunner

from selbench.errors import DataError, UnsupportedError
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_pieces import names_ancestral_alleles
from selbench.formats.vcf_regions import Region
from selbench.plugin import Encoder, Model, Predictor
from selbench.scan import place_windows, scan_genome
from selbench.scan.choices import choose_individuals, choose_polarisation
from selbench.scan.output import write_scan
from selbench.trained import MethodDescription, TrainedMethod
from selbench.windows import Classes, FeatureSpec, WindowSpec

GENOMES = Path(__file__).resolve().parents[4] / "shared" / "reference" / "genomes"
needs_genomes = pytest.mark.skipif(not GENOMES.is_dir(), reason="the 1000 Genomes extracts are absent")

NAMES = ("ann", "bob", "cat", "dan", "eve")
WINDOW_BP = 100


@dataclass(frozen=True)
class CarrierCount(Encoder):
    """Derived alleles per window, and the mean position of its sites."""

    name: ClassVar[str] = "carrier-count"
    ancestral_only: bool = False

    def unsupported(self, windows, polarisation):
        return "needs ancestral states" if self.ancestral_only and polarisation != "ancestral" else None

    def feature_spec(self, windows):
        return FeatureSpec((2,), "float32", ("number",))

    def encode_window(self, haplotypes, positions, spec):
        return np.array([haplotypes.sum(), positions.mean() if len(positions) else 0], dtype=np.float32)


class Ratio(Predictor):
    """Probability of a sweep: 1 / (1 + carriers), shifted a little by the mean position."""

    def predict_proba(self, features):
        sweep = 1 / (1 + features[:, 0] + features[:, 1] / 1000)
        return np.stack([1 - sweep, sweep], axis=1).astype(np.float32)

    def save(self, directory):
        raise NotImplementedError


@dataclass(frozen=True)
class RatioModel(Model):
    """Learns nothing."""

    name: ClassVar[str] = "ratio"
    default_encoder: ClassVar[str] = "carrier-count"

    def fit(self, train, validation, *, seed, progress):
        return Ratio()

    def load(self, directory):
        return Ratio()


METHOD = TrainedMethod(
    CarrierCount(),
    RatioModel(),
    Ratio(),
    MethodDescription.of(
        CarrierCount(),
        RatioModel(),
        WindowSpec(8, WINDOW_BP),
        Classes(("neutral", "sweep"), "sweep"),
        empty_windows="drop",
        training_range={"segregating_sites": (1, 3), "fay_wu_h": (-100, 100)},
    ),
)


def told(**changed):
    """Return the method with another description."""
    return replace(METHOD, description=replace(METHOD.description, **changed))


def write_vcf(path, positions, chromosome="1", seed=3, ancestral="A"):
    """Write phased biallelic sites at 1-based positions; returns the haplotypes (n_sites, 10)."""
    haplotypes = np.random.default_rng(seed).integers(0, 2, (len(positions), 2 * len(NAMES)))
    haplotypes[:, 0], haplotypes[:, 1] = 0, 1
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        "##contig=<ID=2>",
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *NAMES]),
    ]
    for position, row in zip(positions, haplotypes, strict=True):
        calls = [f"{a}|{b}" for a, b in row.reshape(-1, 2)]
        info = f"AA={ancestral}" if ancestral else "."
        lines.append("\t".join([chromosome, str(position), ".", "A", "C", ".", ".", info, "GT", *calls]))
    path.write_text("\n".join(lines) + "\n")
    return haplotypes


POSITIONS = [1, 40, 100, 101, 350, 360, 370, 380, 399, 500]


@pytest.fixture
def vcf(tmp_path):
    path = tmp_path / "genome.vcf"
    write_vcf(path, POSITIONS)
    return path


def test_every_window_is_asked_about_its_own_sites(tmp_path):
    haplotypes = write_vcf(tmp_path / "genome.vcf", POSITIONS)[:, :8]
    result = scan_genome(METHOD, read_vcf(tmp_path / "genome.vcf", individuals=NAMES[:4]))
    table = result.table
    assert table["start"].tolist() == [0, 100, 200, 300, 400]
    assert table["end"].tolist() == [100, 200, 300, 400, 500]
    zero_based = np.array(POSITIONS) - 1
    for row in table.itertuples():
        inside = (zero_based >= row.start) & (zero_based < row.end)
        assert row.n_sites == inside.sum()
        if not inside.any():
            assert np.isnan(row.probability)
            continue
        expected = 1 / (1 + haplotypes[inside].sum() + (zero_based[inside] - row.start).mean() / 1000)
        assert_allclose(row.probability, expected, rtol=1e-5)


def test_a_scan_is_shown_in_a_line_and_a_notebook_has_its_highest_windows(vcf):
    result = scan_genome(METHOD, read_vcf(vcf, individuals=NAMES[:4]))
    words = f"ScanResult: {len(result.places)} windows of {result.places.window_bp:,} bp"
    assert repr(result).startswith(words)
    shown = result._repr_html_()
    assert words in shown
    assert shown.count("<tr") <= 11


def test_windows_without_sites_are_skipped_as_in_training(vcf):
    genome = read_vcf(vcf, individuals=NAMES[:4])
    dropped = scan_genome(METHOD, genome)
    assert [bool(reason) for reason in dropped.skipped] == [False, False, True, False, False]
    assert dropped.skipped[2] == "the file has no records here"
    kept = scan_genome(told(empty_windows="keep"), genome)
    assert kept.skipped == dropped.skipped
    everywhere = {"1": np.array([[0, 500]])}
    genome = read_vcf(vcf, individuals=NAMES[:4], callable_in=everywhere)
    assert "no sites" in scan_genome(METHOD, genome).skipped[2]
    kept = scan_genome(told(empty_windows="keep"), genome)
    assert not any(kept.skipped)
    assert kept.probability[2] == 1
    assert kept.observed.tolist() == [1] * 5


def test_windows_that_the_method_declines_are_skipped_and_say_so(vcf, monkeypatch):
    genome = read_vcf(vcf, individuals=NAMES[:4])
    whole = scan_genome(METHOD, genome)
    answer = Ratio.predict_proba

    def choosy(self, features):
        said = answer(self, features)
        said[features[:, 0] == features[:, 0].max()] = np.nan
        return said

    monkeypatch.setattr(Ratio, "predict_proba", choosy)
    monkeypatch.setattr(Ratio, "may_decline", True)
    result = scan_genome(METHOD, genome)
    (declined,) = np.flatnonzero(np.isnan(result.probability) & ~np.isnan(whole.probability))
    assert result.skipped[declined] == "the method declines it"
    others = np.arange(len(result.places)) != declined
    assert_array_equal(result.probability[others], whole.probability[others])


def test_windows_outside_the_training_range_are_named(vcf):
    result = scan_genome(METHOD, read_vcf(vcf, individuals=NAMES[:4]))
    assert result.outside == ((), (), (), ("segregating_sites",), ())
    assert result.table["outside_training_range"].tolist() == [False, False, False, True, False]
    by_major = scan_genome(METHOD, read_vcf(vcf, individuals=NAMES[:4], polarise="major"))
    assert by_major.outside[3] == ("segregating_sites",)  # what needs ancestral states is left out


def test_step_and_region_set_the_starts(vcf):
    genome = read_vcf(vcf, individuals=NAMES[:4], region=Region.parse("1:51-400"))
    assert place_windows(genome, 100, 30).start.tolist() == list(range(60, 301, 30))
    result = scan_genome(METHOD, genome, step_bp=30)
    assert result.places.end[-1] <= 400
    for i, (start, end) in enumerate(zip(result.places.start, result.places.end, strict=True)):
        in_region = [p for p in POSITIONS if 51 <= p <= 400]
        assert result.n_sites[i] == sum(start < p <= end for p in in_region)


def test_a_region_beyond_the_records_is_skipped_there(vcf):
    genome = read_vcf(vcf, individuals=NAMES[:4], region=Region.parse("1:301-900"))
    result = scan_genome(told(empty_windows="keep"), genome)
    assert result.skipped == ("",) * 2 + ("the file has no records here",) * 4


def test_batches_do_not_show(vcf, monkeypatch):
    genome = read_vcf(vcf, individuals=NAMES[:4])
    whole = scan_genome(METHOD, genome, step_bp=7)
    monkeypatch.setattr("selbench.scan.prediction.ENCODE_BATCH", 3)
    seen = []
    cut = scan_genome(METHOD, genome, step_bp=7, progress=lambda *done: seen.append(done))
    pd.testing.assert_frame_equal(whole.table, cut.table)
    assert seen[-1] == (len(whole.places),) * 2


def test_what_does_not_fit_is_refused(vcf):
    with pytest.raises(DataError, match=r"trained on 8 haplotypes per window; the chosen .* have 10"):
        scan_genome(METHOD, read_vcf(vcf))
    genome = read_vcf(vcf, individuals=NAMES[:4], polarise="major")
    with pytest.raises(UnsupportedError, match="needs ancestral states"):
        scan_genome(replace(METHOD, encoder=CarrierCount(ancestral_only=True)), genome)
    with pytest.raises(DataError, match=r"at least 10000 bp.* is 1:1-500 with 500 bp"):
        scan_genome(told(windows=WindowSpec(8, 10_000)), genome)
    with pytest.raises(DataError, match="at least 1 bp"):
        place_windows(genome, 100, 0)


def test_choosing_individuals(vcf, tmp_path):
    listed = tmp_path / "who.txt"
    listed.write_text("eve\nann\nbob\ncat\n")

    def choose(listed=None, n_drawn=None, method=METHOD):
        return choose_individuals(method, vcf, listed=listed, n_drawn=n_drawn, seed=1)

    assert choose(listed=listed) == ("eve", "ann", "bob", "cat")
    assert len(choose(n_drawn=4)) == 4
    assert choose(method=told(windows=WindowSpec(10, 100))) == NAMES
    with pytest.raises(DataError, match=r"8 haplotypes, that is 4 individuals; .* has 5: choose by --ind"):
        choose()
    with pytest.raises(DataError, match="--draw asks for 3: write --draw 4"):
        choose(n_drawn=3)
    with pytest.raises(DataError, match="found both"):
        choose(listed=listed, n_drawn=4)
    listed.write_text("eve\n")
    with pytest.raises(DataError, match=r"who.txt names 1: name 4"):
        choose(listed=listed)


def test_choosing_a_polarisation(vcf, tmp_path):
    write_vcf(tmp_path / "bare.vcf", POSITIONS, ancestral="")
    assert names_ancestral_alleles(vcf, None)
    assert not names_ancestral_alleles(tmp_path / "bare.vcf", None)
    picky = replace(METHOD, encoder=CarrierCount(ancestral_only=True))
    assert choose_polarisation(METHOD, True, None)[0] == "aa"
    assert choose_polarisation(METHOD, False, None)[0] == "ref"
    assert choose_polarisation(picky, False, None)[0] == "major"
    assert "believe it only if" not in choose_polarisation(METHOD, True, None)[1]
    assert "believe it only if" in choose_polarisation(METHOD, True, "major")[1]


def test_files_hold_table_description_and_plots(vcf, tmp_path):
    out = tmp_path / "out"
    result = scan_genome(METHOD, read_vcf(vcf, individuals=NAMES[:4]))
    write_scan(out, result, METHOD, {"vcf": "genome.vcf"})
    table = pd.read_csv(out / "scan.csv", keep_default_na=False, na_values={"probability": [""]})
    assert table.columns.tolist() == [
        "chromosome",
        "start",
        "end",
        "n_sites",
        "observed",
        "probability",
        "p_sim",
        "rank",
        "called",
        "q",
        "skipped",
        "outside_training_range",
        "outside",
        "distance_from_training",
        "looks_like",
    ]
    assert_allclose(table["probability"], result.probability, rtol=1e-5)
    described = json.loads((out / "scan.json").read_text())
    assert described["individuals"] == list(NAMES[:4])
    assert described["polarisation"] == "ancestral"
    assert described["records"]["kept"] == 10
    assert described["windows"] == {
        "all": 5,
        "behind_the_last_record": 0,
        "skipped": 1,
        "outside_training_range": 1,
        "probability_over_one_half": int((result.probability > 0.5).sum()),
    }
    assert Image.open(out / "scan.png").size[0] > 1000
    assert (out / "scan.svg").read_text().count("<use") >= 5
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write_scan(out, result, METHOD, {"vcf": "genome.vcf"})  # an older scan is replaced, by the same bytes
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_another_folder_is_not_replaced(vcf, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    result = scan_genome(METHOD, read_vcf(vcf, individuals=NAMES[:4]))
    with pytest.raises(DataError, match="found it in use"):
        write_scan(tmp_path / "mine", result, METHOD, {})
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Run ``selbench scan`` with METHOD as the predictor of every folder."""
    from selbench.cli.app import app

    monkeypatch.setattr(TrainedMethod, "load", classmethod(lambda cls, directory, registry: METHOD))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["scan", "predictors/a", *map(str, arguments)])


def test_the_command_writes_a_folder_and_says_what_it_did(command, vcf, tmp_path):
    done = command(vcf, "--draw", 4, "--seed", 2, "--region", "1:1-500", "--step-bp", 50)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    assert "polarised by aa" in done.stderr
    assert "10 records looked at" in done.stderr
    assert "" not in done.stderr.splitlines()
    described = json.loads((tmp_path / "scan" / "genome.a" / "scan.json").read_text())
    assert described["chosen_by"] == {"draw": 4, "seed": 2}
    assert described["region"] == "1:1-500"
    assert described["windows"]["all"] == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["genome.vcf"], "choose by --individuals FILE, or --draw 4 --seed 1"),
        (["genome.vcf", "--draw", "3"], "--draw asks for 3"),
        (["genome.vcf", "--draw", "4", "--region", "1:9-2"], "region: expected chromosome:from-to"),
        (["genome.vcf", "--draw", "4", "--region", "7"], "expected records in region 7, found none"),
        (["absent.vcf", "--draw", "4"], "no such file"),
        (["genome.vcf", "--draw", "4", "--out", "."], "found it in use"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(command, vcf, tmp_path, arguments, message):
    failed = command(*arguments)
    assert failed.exit_code == 1
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("error:")]
    assert message in line
    assert [path.name for path in tmp_path.iterdir()] == ["genome.vcf"]


@needs_genomes
@pytest.mark.parametrize(
    ("name", "polarise", "n_windows"), [("SLC24A5.chr15.GRCh37.1000G", "aa", 26), ("LCT.chr2.CEU", "ref", 80)]
)
def test_real_genomes(command, tmp_path, monkeypatch, name, polarise, n_windows):
    method = told(windows=WindowSpec(48, 1000))
    monkeypatch.setattr(TrainedMethod, "load", classmethod(lambda cls, directory, registry: method))
    chromosome, at = name.split(".")[1].removeprefix("chr"), {"aa": 48_426_000, "ref": 135_850_000}[polarise]
    Path("labels.bed").write_text(f"{chromosome}\t{at}\t{at + 2000}\n")
    done = command(GENOMES / f"{name}.vcf.gz", "--draw", 24, "--out", "real", "--truth", "labels.bed")
    assert done.exit_code == 0, done.stderr
    assert "independent" in done.stderr or "one sweep" in done.stderr
    described = json.loads((tmp_path / "real" / "scan.json").read_text())
    assert described["polarised_by"] == polarise
    records = described["records"]
    assert records["kept"] + sum(records["excluded"].values()) == records["looked_at"]
    table = pd.read_csv(tmp_path / "real" / "scan.csv")
    assert len(table) == n_windows
    assert table["n_sites"].sum() <= records["kept"]
    assert_array_equal(np.diff(table["start"]), 1000)


def test_many_scaffolds_stand_on_one_axis_end_to_end():
    from selbench.scan.plot import MOST_PANELS, _parts

    names = [f"s{i}" for i in range(MOST_PANELS + 1)]
    table = pd.DataFrame({"chromosome": np.repeat(names, 2), "start": [0, 100] * 25, "end": [100, 200] * 25})
    ((label, shifted),) = _parts(table)
    assert "25 chromosomes, end to end" in label
    assert shifted["start"].tolist() == list(range(0, 5000, 100))
    assert len(_parts(table[table["chromosome"] != "s0"])) == MOST_PANELS
