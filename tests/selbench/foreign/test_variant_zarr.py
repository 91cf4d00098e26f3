"""VCF Zarr says what the VCF says from which it was made, and damage of it ends in one line."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selbench.bench import scan
from selbench.errors import DataError, UnsupportedError
from selbench.foreign.genotypes import genotype_records, read_genotype_header
from selbench.foreign.variants import RecordBatch, Stretch
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_cutting import Cutting
from selbench.formats.vcf_pieces import Wish, parts_of, read_part
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import Choices
from selbench.scan import vcf
from selbench.trained import MethodDescription, TrainedMethod
from selbench.windows import Classes, WindowSpec

zarr = pytest.importorskip("zarr", reason="zarr, an optional dependency, is not installed")

PACKAGES = Path(__file__).parents[2] / "packages"
NAMES = ("ann", "bob", "cat", "dan")
LENGTHS = {"2": 1500, "10": 700}
FILTERS = ("PASS", "q10", "low")
HEAD = [
    "##fileformat=VCFv4.2",
    *(f"##contig=<ID={name},length={length}>" for name, length in LENGTHS.items()),
    *(f'##FILTER=<ID={name},Description="a filter">' for name in FILTERS[1:]),
    '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
    "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *NAMES]),
]


def written_calls(random: np.random.Generator) -> list[str]:
    """Draw a call for every individual: mostly whole and phased, some missing, haploid or unphased."""
    kinds = random.choice(
        ["phased", "unphased", "missing", "half", "haploid"], len(NAMES), p=[0.9, *[0.025] * 4]
    )
    calls = []
    for kind in kinds:
        a, b = random.integers(0, 2, 2)
        text = {
            "phased": f"{a}|{b}",
            "unphased": f"{a}/{b}",
            "missing": "./.",
            "half": f"{a}|.",
            "haploid": f"{a}",
        }
        calls.append(f"{text[kind]}:{random.integers(1, 3) if random.random() < 0.5 else '.'}")
    return calls


def written(path: Path) -> Path:
    """Write a VCF of two chromosomes, with all that a record may be."""
    random, lines = np.random.default_rng(5), list(HEAD)
    kinds = [
        ("A", "C", "AA=A"),
        ("a", "G", "."),
        ("A", "C,T", "AA=c"),
        ("AT", "A", "."),
        ("G", "<DEL>", "AA=G|||"),
    ]
    for name, length in LENGTHS.items():
        for position in (np.flatnonzero(random.random(length) < 0.08) + 1).tolist():
            rare = random.random() < 0.2
            reference, alternative, info = kinds[random.integers(1, 5) if rare else 0]
            if random.random() < 0.05:
                alternative, info = ".", f"END={position + 4}"
            filtered = random.choice([".", "PASS", "q10", "q10;low"], p=[0.2, 0.6, 0.1, 0.1])
            words = [name, str(position), ".", reference, alternative, ".", filtered, info, "GT:PS"]
            lines.append("\t".join([*words, *written_calls(random)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def call_of(text: str) -> tuple[list[int], bool, int]:
    """Return the alleles of a call as VCF Zarr has them, whether it is phased, and its phase set."""
    genotype, phase_set = text.split(":")
    alleles = [-1 if each == "." else int(each) for each in genotype.replace("|", "/").split("/")]
    return [*alleles, -2][:2], "/" not in genotype, -1 if phase_set == "." else int(phase_set)


def columns_of(path: Path) -> dict[str, Any]:
    """Return the arrays of VCF Zarr for the text of a VCF, by a way of their own."""
    rows = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]
    calls = [[call_of(text) for text in row[9:]] for row in rows]
    infos = [dict(each.split("=") for each in row[7].split(";") if "=" in each) for row in rows]
    alternatives = [[] if row[4] == "." else row[4].split(",") for row in rows]
    ends = [
        int(info.get("END", int(row[1]) + len(row[3]) - 1)) for row, info in zip(rows, infos, strict=True)
    ]
    return {
        "variant_position": np.array([int(row[1]) for row in rows], dtype=np.int32),
        "variant_contig": np.array([list(LENGTHS).index(row[0]) for row in rows], dtype=np.int8),
        "variant_length": np.array(
            [end - int(row[1]) + 1 for row, end in zip(rows, ends, strict=True)], dtype=np.int8
        ),
        "variant_allele": np.array(
            [[row[3], *alt, "", ""][:3] for row, alt in zip(rows, alternatives, strict=True)], dtype=object
        ),
        "variant_AA": np.array([info.get("AA", ".") for info in infos], dtype=object),
        "variant_filter": np.array([[name in row[6].split(";") for name in FILTERS] for row in rows]),
        "call_genotype": np.array([[alleles for alleles, _, _ in row] for row in calls], dtype=np.int8),
        "call_genotype_phased": np.array([[phased for _, phased, _ in row] for row in calls]),
        "call_PS": np.array([[number for _, _, number in row] for row in calls], dtype=np.int8),
        "sample_id": np.array(NAMES, dtype=object),
        "contig_id": np.array(list(LENGTHS), dtype=object),
        "contig_length": np.array(list(LENGTHS.values())),
        "filter_id": np.array(FILTERS, dtype=object),
    }


def stored(path: Path, columns: dict[str, Any], zarr_format: int = 2) -> Path:
    """Write arrays as VCF Zarr, fifty records to a chunk."""
    group = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)
    for name, values in columns.items():
        chunks = (50, *values.shape[1:]) if name.startswith(("variant", "call")) else values.shape
        array = group.create_array(
            name, shape=values.shape, chunks=chunks, dtype=str if values.dtype == object else values.dtype
        )
        array[...] = values.astype(str) if values.dtype == object else values
    return path


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("genome") / "genome.vcf")


@pytest.fixture(scope="module")
def folder(text: Path) -> Path:
    return stored(text.with_suffix(".vcz"), columns_of(text))


def read_all(path: Path) -> None:
    """Read all that a scan by workers reads."""
    parts_of(path, None, Cutting(400, 100), by_index=True)
    list(records_of(path, [0, 1]))


def records_of(path: Path, rows: list[int], stretch: Stretch | None = None) -> Iterator[tuple[Any, ...]]:
    header = read_genotype_header(path)
    for batch in genotype_records(path, header, rows, stretch):
        assert isinstance(batch, RecordBatch)
        for i in range(len(batch)):
            sets = batch.phase_sets[i].tolist()
            of_record = batch.starts[i], batch.ends[i], batch.alleles[i], batch.ancestral[i]
            filters = batch.filters[i].removeprefix("PASS")
            phased = [call[-1] for call in batch.calls[i].tolist() if call[0] != call[1] and call[0] >= 0]
            yield batch.chromosome, *of_record, filters, batch.calls[i, :, :-1].tolist(), phased, sets


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [1, 3]])
@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_records_are_those_of_the_vcf(text: Path, tmp_path: Path, rows: list[int], zarr_format: int) -> None:
    folder = stored(tmp_path / "genome.vcz", columns_of(text), zarr_format)
    assert list(records_of(folder, rows)) == list(records_of(text, rows))
    header = read_genotype_header(folder)
    assert header.individuals == NAMES
    assert header.contig_lengths() == LENGTHS
    stretch = Stretch("2", 400, 900)
    assert list(records_of(folder, rows, stretch)) == list(records_of(text, rows, stretch))
    assert not list(records_of(folder, rows, Stretch("3")))


def test_a_genome_read_from_it_is_that_of_the_vcf(text: Path, folder: Path) -> None:
    for region in (None, Region("10", 100, 600)):
        ours, theirs = (
            read_vcf(path, individuals=["dan", "ann"], region=region, polarise="ref")
            for path in (folder, text)
        )
        assert [each.name for each in ours.chromosomes] == [each.name for each in theirs.chromosomes]
        for one, other in zip(ours.chromosomes, theirs.chromosomes, strict=True):
            for name in ("positions", "haplotypes", "ancestral", "observed", "records"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
            assert (one.start, one.end) == (other.start, other.end)
        assert (ours.excluded, ours.n_records, ours.n_filtered) == (
            theirs.excluded,
            theirs.n_records,
            theirs.n_filtered,
        )


def test_pieces_that_workers_read_are_those_of_one_reader(folder: Path) -> None:
    cutting = Cutting(400, 100)
    shared, _ = parts_of(folder, None, cutting, by_index=True)
    assert [(part.chromosome, part.number) for part in shared] == [
        *(("2", i) for i in range(4)),
        ("10", 0),
        ("10", 1),
    ]
    alone, _ = parts_of(folder, None, cutting, by_index=False)
    pieces = [
        [piece for part in parts for _, piece in read_part(part, NAMES, [Wish(Choices(), cutting)])]
        for parts in (shared, alone)
    ]
    for one, other in zip(*pieces, strict=True):
        assert (one.name, one.number, one.n_variable) == (other.name, other.number, other.n_variable)
        np.testing.assert_array_equal(one.starts, other.starts)
        np.testing.assert_array_equal(
            one.genome.chromosomes[0].haplotypes, other.genome.chromosomes[0].haplotypes
        )


def test_a_scan_of_it_has_the_bytes_of_a_scan_of_the_vcf(
    text: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vcf, "PIECE_BP", 400)
    sys.path.insert(0, str(PACKAGES))
    from toy_selection import FewSites, FewSitesPredictor, SiteCount

    spec, classes = WindowSpec(2 * len(NAMES), 100), Classes(("neutral", "sweep"), "sweep")
    described = MethodDescription.of(
        SiteCount(),
        FewSites(),
        spec,
        classes,
        empty_windows="keep",
        training_range={"segregating_sites": (1, 6)},
    )
    method = TrainedMethod(SiteCount(), FewSites(), FewSitesPredictor(4.0), described)
    for region in (None, "2:301-1,100"):
        tables = [
            scan(method, path, step_bp=50, region=region, progress=False).result.table.to_csv()
            for path in (folder, text)
        ]
        assert tables[0] == tables[1]
        assert tables[0].count("\n") > 10


def test_without_zarr_it_is_said_how_to_install_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(
        UnsupportedError, match=r"needs zarr, which is not installed: pip install 'selbench\[zarr\]'"
    ):
        read_genotype_header(folder)


def test_another_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="expected a VCF or BCF file, or a VCF Zarr folder, found another folder"
    ):
        read_genotype_header(tmp_path)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("call_genotype", None, "call_genotype: expected this array of VCF Zarr, found none"),
        ("variant_position", lambda values: values[:-1], "expected dimensions and kind of this array"),
        ("variant_position", lambda values: values[::-1], "expected 2 in order"),
        ("variant_contig", lambda values: values + 5, "expected numbers of contig_id"),
        (
            "variant_contig",
            lambda values: np.arange(len(values)) % 2,
            "each chromosome in one piece, found 2 twice",
        ),
        ("call_genotype", lambda values: values - 9, "call_genotype: expected -2 or more"),
        ("call_genotype", lambda values: values.astype(float), "expected dimensions and kind"),
        ("call_genotype", lambda values: values[:, :2], "expected 4 individuals, found 2"),
        ("sample_id", lambda values: np.array(["ann"] * 4, dtype=object), "expected each name once"),
    ],
)
def test_what_does_not_fit_together_is_one_line(
    text: Path, tmp_path: Path, name: str, change: Any, said: str
) -> None:
    columns = columns_of(text)
    values = columns.pop(name)
    if change is not None:
        columns[name] = change(values)
    folder = stored(tmp_path / "odd.vcz", columns)
    with pytest.raises(DataError, match=said) as caught:
        read_all(folder)
    assert "\n" not in str(caught.value)


def test_arrays_packed_by_what_could_run_code_are_refused(folder: Path, tmp_path: Path) -> None:
    odd = Path(shutil.copytree(folder, tmp_path / "odd.vcz"))
    about = json.loads((odd / "variant_allele" / ".zarray").read_text())
    about["filters"] = [{"id": "pickle", "protocol": 5}]
    (odd / "variant_allele" / ".zarray").write_text(json.dumps(about))
    with pytest.raises(DataError, match="variant_allele"):
        list(records_of(odd, [0, 1]))


def test_damaged_bytes_end_in_one_line_or_say_something_else(folder: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    refusals = []
    for number in range(30):
        odd = Path(shutil.copytree(folder, tmp_path / f"odd{number}.vcz"))
        path = odd / files[random.integers(len(files))]
        content = bytearray(path.read_bytes())
        content[random.integers(len(content))] = random.integers(256)
        path.write_bytes(content if number % 2 else content[: len(content) // 2])
        try:
            read_all(odd)
        except DataError as problem:
            refusals.append(str(problem))
    assert len(refusals) > 10
    assert all("odd" in refusal and "\n" not in refusal for refusal in refusals)
