"""Indices of VCF texts: records are found by them, and refused by them as without."""

from __future__ import annotations

import ctypes
import gzip
from pathlib import Path

import pytest
from cyvcf2 import cyvcf2

from selbench.errors import DataError
from selbench.foreign.gzip import opened_at
from selbench.foreign.variant_index import extents_of, offset_of
from selbench.formats.vcf import read_genotypes
from selbench.formats.vcf_regions import Region

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n##contig=<ID=3>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\tbob\n"
)
STEP = 4000
"""bp between records: four of them in a window of an index."""


def record(chromosome: int, number: int, calls: str = "0|1\t0|0") -> str:
    return f"{chromosome}\t{1 + STEP * number}\t.\tA\tC\t.\tPASS\t.\tGT\t{calls}\n"


@pytest.fixture(scope="module")
def htslib() -> ctypes.CDLL:
    library = ctypes.CDLL(cyvcf2.__file__)
    if not hasattr(library, "tbx_index_build") or not hasattr(library, "bgzf_write"):
        pytest.skip("this cyvcf2 cannot build an index")
    library.bgzf_open.restype = ctypes.c_void_p
    return library


def indexed(htslib: ctypes.CDLL, path: Path, lines: list[str], suffix: str) -> Path:
    """Write a block-gzip text, a block per five lines, and its index by htslib."""
    file = ctypes.c_void_p(htslib.bgzf_open(str(path).encode(), b"w"))
    for start in range(0, len(lines), 5):
        content = "".join(lines[start : start + 5]).encode()
        assert htslib.bgzf_write(file, content, ctypes.c_size_t(len(content))) == len(content)
        htslib.bgzf_flush(file)
    htslib.bgzf_close(file)
    conf = (ctypes.c_int32 * 6).in_dll(htslib, "tbx_conf_vcf")
    assert htslib.tbx_index_build(str(path).encode(), 14 if suffix == ".csi" else 0, conf) == 0
    return Path(f"{path}{suffix}")


@pytest.mark.parametrize("suffix", [".tbi", ".csi"])
def test_the_offset_lies_in_front_of_every_record_of_a_stretch_and_near_it(
    htslib: ctypes.CDLL, tmp_path: Path, suffix: str
) -> None:
    lines = [record(chromosome, i) for chromosome in (1, 2) for i in range(100)]
    path = tmp_path / "a.vcf.gz"
    index = indexed(htslib, path, [HEADER, *lines], suffix)
    for chromosome, number in [(1, 0), (1, 57), (2, 0), (2, 3), (2, 99)]:
        offset = offset_of(index, str(chromosome), STEP * number)
        assert offset is not None
        with opened_at(path, offset) as stream:
            rest = stream.block(2**20).decode()
        assert record(chromosome, number) in rest
        wanted = "".join(lines).index(record(chromosome, number))
        assert len("".join(lines)) - wanted <= len(rest) < len("".join(lines)) - wanted + 6 * len(lines[0])
    assert offset_of(index, "3", 0) is None


@pytest.mark.parametrize("suffix", [".tbi", ".csi"])
def test_an_index_tells_how_far_its_chromosomes_reach(
    htslib: ctypes.CDLL, tmp_path: Path, suffix: str
) -> None:
    lines = [record(chromosome, i) for chromosome in (1, 2) for i in range(100 * chromosome)]
    index = indexed(htslib, tmp_path / "a.vcf.gz", [HEADER, *lines], suffix)
    reach = extents_of(index, ())
    assert list(reach) == ["1", "2"]
    for chromosome, end in zip((1, 2), reach.values(), strict=True):
        last = 1 + STEP * (100 * chromosome - 1)
        assert last <= end < last + 2**14
    index.write_bytes(gzip.compress(gzip.decompress(index.read_bytes())[:60]))
    with pytest.raises(DataError, match="bcftools index"):
        extents_of(index, ())


@pytest.mark.parametrize(("suffix", "number"), [(".tbi", "4294967297"), (".csi", "1" * 40)])
def test_allele_numbers_of_ten_digits_are_refused_in_a_region_as_in_the_file(
    htslib: ctypes.CDLL, tmp_path: Path, suffix: str, number: str
) -> None:
    lines = [record(chromosome, i) for chromosome in (1, 2) for i in range(60)]
    lines[60 + 30] = record(2, 30, f"0|1\t{number}|0")
    path = tmp_path / "a.vcf.gz"
    indexed(htslib, path, [HEADER, *lines], suffix)
    at = 30 * STEP
    for region in (None, Region("2"), Region("2", at, at + 1)):
        with pytest.raises(DataError, match=rf"2:{at + 1}|damaged"):
            read_genotypes(path, region=region)
    for region, n_records in ((Region("1"), 60), (Region("2", 0, at), 30)):
        assert read_genotypes(path, region=region).n_records == n_records
    assert read_genotypes(path, region=Region("2"), individuals=["ann"]).n_records == 60


def test_a_damaged_index_is_one_line(tmp_path: Path) -> None:
    index = tmp_path / "a.vcf.gz.tbi"
    for content in (b"", b"TBI\1", b"TBI\1" + b"\x7f" * 40, b"CSI\1" + b"\x7f" * 60, b"BAI\1"):
        index.write_bytes(gzip.compress(content))
        with pytest.raises(DataError, match=r"a\.vcf\.gz\.tbi: damaged.*bcftools index"):
            offset_of(index, "1", 0)
