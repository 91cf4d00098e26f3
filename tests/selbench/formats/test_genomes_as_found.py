"""Genomes as strangers hand them over: what is in them is read, counted or refused, never silently wrong."""

from __future__ import annotations

import contextlib
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF, Writer
from numpy.testing import assert_array_equal

from selbench.errors import DataError
from selbench.foreign.variants import Stretch, VariantFile
from selbench.formats.genome_windows import place_windows, windows_at
from selbench.formats.individuals import read_individuals, vcf_individuals
from selbench.formats.vcf import read_genotypes, read_vcf
from selbench.formats.vcf_regions import Region, read_bed
from selbench.formats.vcf_sites import Choices
from selbench.windows import WindowSpec

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the collected cases are absent")

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n"
    '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End of a block">\n'
    '##FILTER=<ID=q10,Description="low">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n'
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


def line(
    position: int, calls: str, *, alt: str = "C", info: str = ".", filter: str = "PASS", keys: str = "GT"
) -> str:
    return "\t".join(["1", str(position), ".", "A", alt, ".", filter, info, keys, *calls.split()]) + "\n"


def write(path: Path, *lines: str, names: str = "ann bob cat", header: str = HEADER) -> Path:
    path.write_text(header + COLUMNS + "\t".join(names.split(" ")) + "\n" + "".join(lines))
    return path


def many(n_sites: int, n_individuals: int = 6, seed: int = 1, first: int = 10, step: int = 10) -> list[str]:
    """Phased records with calls drawn at random: everyone is heterozygous somewhere."""
    drawn = np.random.default_rng(seed).integers(0, 2, (n_sites, n_individuals, 2))
    return [
        line(first + step * i, " ".join(f"{a}|{b}" for a, b in calls))
        for i, calls in enumerate(drawn.tolist())
    ]


def bcf_of(path: Path) -> Path:
    """Write the same records as BCF."""
    packed = path.with_suffix(".bcf")
    vcf = VCF(str(path))
    writer = Writer(str(packed), vcf, mode="wb")
    for record in vcf:
        writer.write_record(record)
    writer.close()
    return packed


NAMES = "a b c d e f"


def haplotypes(genome: object) -> list[list[int]]:
    return genome.chromosomes[0].haplotypes.tolist()  # type: ignore[attr-defined,no-any-return]


def test_an_allele_that_is_not_in_alt_is_counted_and_costs_its_record_alone(tmp_path: Path) -> None:
    calls = ["2|0 0|1 0|0", "256|0 0|1 0|0", "0|1 0|257 0|0", "0|1 0|0 0|0"]
    path = write(tmp_path / "a.vcf", *(line(5 + i, call) for i, call in enumerate(calls)))
    genome = read_vcf(path, polarise="ref")
    assert genome.excluded["unknown_allele"] == 3
    assert genome.chromosomes[0].positions.tolist() == [7]


@pytest.mark.parametrize("number", [2, 256, 32_768, 65_535, 65_536, 65_537, 2**29 + 1])
def test_no_allele_number_wraps_to_another(tmp_path: Path, number: int) -> None:
    calls = ["0|1 0|0 0|0", f"{number}|0 0|1 0|0", f"0|1 1|{number} 0|0", f"0|1 0|0 {number}|{number}"]
    path = write(tmp_path / "a.vcf", *(line(5 + i, call) for i, call in enumerate(calls)))
    packed = bcf_of(path)
    for file in (path, packed):
        genome = read_vcf(file, polarise="ref")
        assert genome.excluded["unknown_allele"] == 3
        assert haplotypes(genome) == [[0, 1, 0, 0, 0, 0]]


@pytest.mark.parametrize("number", [2**30, 2**32 + 1, 10**40])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_allele_number_beyond_a_machine_word_is_refused_with_its_place(
    tmp_path: Path, number: int, pack: Callable[[bytes], bytes]
) -> None:
    odd = [line(6, f"0|1 1|0 {number}|0"), line(7, f"0|1 1|0 0|{number}:3", keys="GT:PS")]
    for row in odd:
        path = write(tmp_path / "a.vcf", line(5, "0|1 0|0 0|0"), row, line(9, "0|1 0|0 1|0"))
        path.write_bytes(pack(path.read_bytes()))
        with pytest.raises(DataError, match=r"line 11 \(1:[67]\): expected alleles|damaged after 1:5"):
            read_vcf(path, polarise="ref")
        assert read_vcf(path, individuals=["ann", "bob"], polarise="ref").n_sites == 3
    assert read_vcf(write(tmp_path / "b.vcf", line(5, "00000000001|0 0|0 0|0")), polarise="ref").n_sites == 1


def test_damage_is_placed_behind_the_last_whole_record(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", *many(9), line(101, "0|1 x|0 0|0 0|0 0|0 0|0"), names=NAMES)
    with pytest.raises(DataError, match="damaged after 1:90:"):
        read_vcf(path, polarise="ref")


def test_one_record_far_behind_the_others_is_no_reason_for_a_billion_windows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", line(5, "0|1 0|0 0|0"), line(2**40, "0|1 0|0 0|0"))
    genome = read_vcf(path, polarise="ref")
    with pytest.raises(
        DataError, match=r"at most 33,554,432 windows, found 109,951,162 .* 1:5-1099511627776"
    ):
        place_windows(genome, 10_000, 10_000)


def test_homozygotes_need_no_phase(tmp_path: Path) -> None:
    phased = many(30)
    homozygous = [text.replace("0|0", "0/0").replace("1|1", "1/1") for text in phased]
    assert homozygous != phased
    one = read_vcf(write(tmp_path / "a.vcf", *phased, names=NAMES), polarise="ref")
    two = read_vcf(write(tmp_path / "b.vcf", *homozygous, names=NAMES), polarise="ref")
    assert haplotypes(one) == haplotypes(two)
    assert two.phased


def test_unphased_sites_are_kept_only_where_that_was_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", line(5, "0/1 0|0 0|0"), line(6, "0|1 1/0 0|0"), line(7, "0|1 0|0 1|1"))
    assert read_vcf(path, polarise="ref").excluded["unphased"] == 2
    genome = read_vcf(path, polarise="ref", choices=Choices(keep_unphased=True))
    assert genome.n_sites == 3
    assert not genome.phased
    windows = windows_at(genome, place_windows(genome, 3, 3), WindowSpec(6, 3))
    assert not windows.phased


def test_sites_with_few_missing_calls_are_kept_only_where_that_was_asked_for(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.vcf",
        line(5, ".|. 0|1 1|0"),
        line(6, "0|. 0|1 1|1"),
        line(7, ".|. ./. 0|1"),
        line(8, "0|1 0|0 1|1"),
    )
    assert read_vcf(path, polarise="ref").excluded["missing"] == 3
    genome = read_vcf(path, polarise="major", choices=Choices(max_missing=0.4))
    assert haplotypes(genome) == [[255, 255, 0, 1, 1, 0], [255, 255, 1, 0, 0, 0], [0, 1, 0, 0, 1, 1]]
    assert genome.has_missing
    windows = windows_at(genome, place_windows(genome, 4, 4), WindowSpec(6, 4, 2))
    assert windows.missing
    assert "with missing calls" in repr(windows)


def test_much_that_is_left_out_is_a_warning(tmp_path: Path) -> None:
    complete = many(30)
    path = write(tmp_path / "a.vcf", *complete, names=NAMES)
    assert read_vcf(path, polarise="ref").warnings == ()
    with_missing = [text.replace("0|1", ".|.", 1) if i % 3 == 0 else text for i, text in enumerate(complete)]
    (warning,) = read_vcf(write(tmp_path / "b.vcf", *with_missing, names=NAMES), polarise="ref").warnings
    assert "sites that vary among the chosen individuals are left out" in warning
    assert "missing" in warning


def test_filters_are_counted_said_and_obeyed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.vcf",
        line(5, "0|1 0|0 0|1"),
        line(6, "0|1 0|0 1|1", filter="q10"),
        line(7, "0|1 0|1 0|0", filter="."),
    )
    genome = read_vcf(path, polarise="ref")
    assert (genome.n_sites, genome.n_filtered) == (3, 1)
    assert "1 of 3 records have a FILTER other than PASS" in genome.warnings[0]
    passing = read_vcf(path, polarise="ref", choices=Choices(filters="pass"))
    assert (passing.n_sites, passing.excluded["filtered"], passing.warnings) == (2, 1, ())


def test_phase_sets_that_are_joined_are_counted(tmp_path: Path) -> None:
    sets = [(5, 5), (5, 5), (9, 5), (9, 9)]
    lines = [line(5 + i, f"0|1:{a} 1|0:{b} 0|0:7", keys="GT:PS") for i, (a, b) in enumerate(sets)]
    (remark,) = read_vcf(write(tmp_path / "a.vcf", *lines), polarise="ref").remarks
    assert remark.startswith("2 times an individual's phase set (FORMAT/PS) ends")
    same = [line(5 + i, "0|1:5 1|0:6 0|0:7", keys="GT:PS") for i in range(4)]
    assert read_vcf(write(tmp_path / "b.vcf", *same), polarise="ref").remarks == ()


def test_position_zero_is_no_base_pair(tmp_path: Path) -> None:
    genome = read_vcf(
        write(tmp_path / "a.vcf", line(0, "0|1 0|0 0|1"), line(7, "0|1 0|0 1|1")), polarise="ref"
    )
    assert genome.excluded["position_zero"] == 1
    assert (genome.chromosomes[0].start, genome.chromosomes[0].positions.tolist()) == (0, [6])


# individuals that are haploid


def test_people_written_twice_are_refused_and_read_once(tmp_path: Path) -> None:
    drawn = np.random.default_rng(2).integers(0, 2, (30, 6))
    lines = [line(10 * i + 10, " ".join(f"{a}|{a}" for a in calls)) for i, calls in enumerate(drawn.tolist())]
    path = write(tmp_path / "a.vcf", *lines, names=NAMES)
    with pytest.raises(DataError, match=r"found none in 6 of 6 \(a, b, c …\) at 27 variable .*--haploid"):
        read_genotypes(path)
    genome = read_genotypes(path, choices=Choices(ploidy=1, haploid=True))
    assert (genome.ploidy, genome.individuals) == (1, tuple(NAMES.split()))
    varies = (drawn.sum(axis=1) > 0) & (drawn.sum(axis=1) < 6)
    assert_array_equal(genome.chromosomes[0].haplotypes, drawn[varies])


def test_one_person_written_twice_among_others_is_refused(tmp_path: Path) -> None:
    lines = many(150)
    male = []
    for text in lines:
        fields = text.rstrip("\n").split("\t")
        fields[-1] = fields[-1][0] + "|" + fields[-1][0]
        male.append("\t".join(fields) + "\n")
    with pytest.raises(DataError, match=r"found none in 1 of 6 \(f\) at 150 variable sites"):
        read_genotypes(write(tmp_path / "a.vcf", *male, names=NAMES))
    assert read_genotypes(write(tmp_path / "b.vcf", *lines, names=NAMES)).remarks == ()
    few = read_genotypes(write(tmp_path / "c.vcf", *male[:90], names=NAMES))
    assert few.remarks == ()


def test_people_homozygous_for_a_common_haplotype_are_no_haploids(tmp_path: Path) -> None:
    """As around a sweep: half of all haplotypes are one; who carries it twice has no heterozygous call."""
    rng = np.random.default_rng(3)
    common, others = rng.integers(0, 2, 150), rng.integers(0, 2, (10, 150))
    pairs = zip(others[1:4], others[4:7], strict=True)
    carriers = [(common, common), (common, common), (common, others[0]), *pairs]
    lines = [line(10 * i + 10, " ".join(f"{a[i]}|{b[i]}" for a, b in carriers)) for i in range(150)]
    (remark,) = read_genotypes(write(tmp_path / "a.vcf", *lines, names=NAMES)).remarks
    assert "no heterozygous call: none in 2 of 6" in remark


# names and text


@pytest.mark.parametrize("odd", ["p,03", "^p", "#p", "-", "été"])
def test_individuals_of_any_name_are_read(tmp_path: Path, odd: str) -> None:
    path = write(tmp_path / "a.vcf", line(5, "0|1 1|0 0|0"), names=f"ann {odd} cat")
    assert vcf_individuals(path) == ("ann", odd, "cat")
    assert haplotypes(read_vcf(path, individuals=[odd, "ann"], polarise="ref")) == [[1, 0, 0, 1]]


def test_names_with_spaces_and_in_latin_1_are_read_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    names = ["p 1", "#2", "J\xe9r\xf4me"]
    path.write_bytes((HEADER + COLUMNS + "\t".join(names) + "\n" + line(5, "0|1 1|0 0|0")).encode("latin-1"))
    assert list(vcf_individuals(path)) == names
    assert haplotypes(read_vcf(path, individuals=names[1:], polarise="ref")) == [[1, 0, 0, 0]]
    listed = tmp_path / "who.txt"
    listed.write_bytes("# two of them\np 1\nJ\xe9r\xf4me\n".encode("latin-1"))
    assert read_individuals(listed, names) == ("p 1", "J\xe9r\xf4me")
    listed.write_bytes(b"\xef\xbb\xbf#2\r\nann\r\n")
    assert read_individuals(listed, [*names, "ann"]) == ("#2", "ann")


def test_blank_lines_are_passed_over_at_the_end_and_named_elsewhere(tmp_path: Path) -> None:
    first, last = line(5, "0|1 0|0 0|1"), line(6, "0|1 0|1 0|0")
    genome = read_vcf(write(tmp_path / "a.vcf", first, last, "\n"), polarise="ref")
    assert (genome.n_records, len(genome.chromosomes), genome.remarks) == (2, 1, ())
    with pytest.raises(DataError, match="a blank line after 1:5"):
        read_vcf(write(tmp_path / "b.vcf", first, "\n", last), polarise="ref")
    with pytest.raises(DataError, match="a blank line after 1:6"):
        read_vcf(write(tmp_path / "d.vcf", first, last, "\n\n"), polarise="ref")
    with pytest.raises(DataError, match="a blank line after the header"):
        read_vcf(write(tmp_path / "c.vcf", "\n", first), polarise="ref")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\ufeff" + HEADER + COLUMNS + "a\n", "found a byte-order mark"),
        (HEADER + COLUMNS.replace("\t", " ") + "a b\n", "expected tabs between the columns, found spaces"),
        (HEADER + COLUMNS + "a\tb\ta\n", "line 9 of its header: .*each individual once, found 'a' twice"),
        (HEADER + COLUMNS + "a\t\tb\n", "expected a name for every individual, found an empty one"),
        (HEADER, "line 9: truncated header: expected a line #CHROM, found its end"),
        (HEADER + "1\t5\n", "expected a line #CHROM, found a record"),
        (HEADER + "#CHROM\tPOS\n", "expected the columns #CHROM POS ID"),
        (HEADER + COLUMNS.replace("FORMAT", "SHAPE") + "a\n", "expected FORMAT before the individuals"),
    ],
)
def test_a_damaged_header_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.vcf"
    for packed in (False, True):
        path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
        with pytest.raises(DataError, match=message) as caught:
            read_vcf(path)
        assert "\n" not in str(caught.value)


# what was observed


def test_a_gap_without_records_is_not_observed(tmp_path: Path) -> None:
    lines = [*many(40, seed=1), *many(40, seed=2, first=20_010)]
    genome = read_genotypes(write(tmp_path / "a.vcf", *lines, names=NAMES))
    (chromosome,) = genome.chromosomes
    assert not chromosome.observed_is_known
    assert chromosome.observed.tolist() == [[9, 400], [20_009, 20_400]]
    windows = windows_at(genome, place_windows(genome, 200, 200), WindowSpec(12, 200))
    assert windows.observed[:2].tolist() == [0.955, 1]  # the first begins before the first record
    assert windows.observed[5] == 0


def test_invariant_records_say_what_was_observed(tmp_path: Path) -> None:
    calls = "0|0 0|0 0|0"
    blocks = [line(11, calls, alt="<NON_REF>", info="END=60"), line(81, calls, alt=".", info="END=100")]
    lines = [blocks[0], line(61, "0|1 0|0 1|0"), blocks[1], line(101, ".|. 0|0 0|0", alt=".", info="END=200")]
    (chromosome,) = read_genotypes(write(tmp_path / "a.vcf", *lines)).chromosomes
    assert chromosome.observed_is_known
    assert chromosome.observed.tolist() == [[10, 61], [80, 101]]


@pytest.mark.parametrize(
    ("length", "end", "looked_at"),
    [
        (150, 200, 150),
        (150, 150, 150),
        (150, 149, 149),
        (150, 2**31 - 1, 150),
        (90, 200, 101),
        (None, 200, 101),
    ],
)
def test_a_last_block_is_held_to_the_length_of_its_chromosome(
    tmp_path: Path, length: int | None, end: int, looked_at: int
) -> None:
    """INFO/END may lie at, or behind, the end that the header tells; without that, records tell the end."""
    rows = [line(1, "0|0 0|0 0|0", alt="<NON_REF>", info="END=100"), line(61, "0|1 0|0 1|0")]
    last = line(101, "0|0 0|0 0|0", alt="<NON_REF>", info=f"END={end}")
    header = HEADER if length is None else HEADER.replace("<ID=1>", f"<ID=1,assembly=b37,length={length}>")
    path = write(tmp_path / "a.vcf", *rows, last, header=header)
    for file in (path, bcf_of(path)):
        genome = read_genotypes(file)
        (chromosome,) = genome.chromosomes
        assert (chromosome.start, chromosome.end) == (0, looked_at)
        assert chromosome.observed.tolist() == [[0, looked_at]]
        (within,) = read_genotypes(file, region=Region("1", 20, 110)).chromosomes
        assert within.end == 110
        assert (within.observed[:, 1] - within.observed[:, 0]).sum() <= 90


def test_a_mask_says_what_was_observed(tmp_path: Path) -> None:
    bed = tmp_path / "mask.bed"
    bed.write_text("track x\n1\t30\t50\n1 0 10\n1\t40\t60\textra\n2\t0\t5\n")
    mask = read_bed(bed)
    assert {name: stretches.tolist() for name, stretches in mask.items()} == {
        "1": [[0, 10], [30, 60]],
        "2": [[0, 5]],
    }
    path = write(tmp_path / "a.vcf", line(5, "0|1 0|0 0|1"), line(100, "0|1 0|1 0|0"))
    genome = read_genotypes(path, region=Region("1", 0, 100), callable_in=mask)
    windows = windows_at(genome, place_windows(genome, 20, 20), WindowSpec(6, 20))
    assert windows.observed.tolist() == [0.5, 0.5, 1, 0, 0]
    for text in ("1\t5\n", "1\t9\t5\n", "1 a b\n", ""):
        bed.write_text(text)
        with pytest.raises(DataError, match="expected"):
            read_bed(bed)


# indices, and readers that die


def indexed(folder: Path, lines: list[str]) -> Path:
    import ctypes

    from cyvcf2 import cyvcf2

    packed = bcf_of(write(folder / "genome.vcf", *lines, names=NAMES))
    library = ctypes.CDLL(cyvcf2.__file__)
    if not hasattr(library, "bcf_index_build"):
        pytest.skip("this cyvcf2 cannot build an index")
    assert library.bcf_index_build(str(packed).encode(), 14) == 0
    return packed


def test_an_index_older_than_its_file_is_not_used(tmp_path: Path) -> None:
    path = indexed(tmp_path, many(50))
    region = Region("1", 0, 300)
    assert read_genotypes(path, region=region).remarks == ()
    os.utime(f"{path}.csi", (1, 1))
    (tmp_path / "whole").mkdir()
    whole = indexed(tmp_path / "whole", many(30))
    path.write_bytes(whole.read_bytes())  # the index is now of another file, and older
    os.utime(f"{path}.csi", (1, 1))
    genome = read_genotypes(path, region=region)
    assert genome.n_records == 30
    assert "is older than its file and was not used" in genome.remarks[0]


def test_a_record_that_ends_its_reader_is_named_and_the_rest_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = many(60)
    whole = read_genotypes(write(tmp_path / "whole.vcf", *lines, names=NAMES))
    rows = list(lines)
    rows[20] = rows[20].replace("GT", "\x80U\xfd:GT")
    path = write(tmp_path / "broken.vcf", names=NAMES)
    path.write_bytes(path.read_bytes() + "".join(rows).encode("latin-1"))
    genome = read_genotypes(path)
    if not genome.warnings:
        pytest.skip("this htslib reads the record")
    assert genome.n_records == 59
    assert_array_equal(
        genome.chromosomes[0].haplotypes, np.delete(whole.chromosomes[0].haplotypes, 20, axis=0)
    )
    assert genome.chromosomes[0].unread.tolist() == [[200, 219]]
    assert "could not be read, and were passed over, in 1:201-219" in genome.warnings[-1]
    assert capfd.readouterr().err == ""


@needs_cases
@pytest.mark.parametrize("name", ["crash.vcf", "silent-exit.vcf"])
def test_a_file_of_one_record_that_ends_its_reader_is_one_line(name: str) -> None:
    path = CASES / "hostile" / "12-vcf-segmentation-fault" / name
    with pytest.raises(DataError, match=r"truncated or damaged after its header: the reader") as caught:
        read_vcf(path, polarise="ref")
    assert "\n" not in str(caught.value)


@needs_cases
def test_the_collected_genomes_are_read_or_one_line() -> None:
    refused = {}
    for path in sorted(CASES.rglob("*.vcf")):
        with contextlib.suppress(DataError):
            read_vcf(path, polarise="ref")
            continue
        with pytest.raises(DataError) as caught:
            read_vcf(path, polarise="ref")
        refused[path] = str(caught.value)
    assert all(str(path) in text and "\n" not in text for path, text in refused.items())


@needs_cases
def test_what_the_collected_genomes_hold() -> None:
    base = read_vcf(CASES / "homozygous-unphased" / "base.vcf", polarise="ref")
    assert base.n_records == base.n_sites == 64
    for name in ("homozygous-unphased/homslash.vcf", "blank-line-in-vcf/trail.vcf"):
        assert haplotypes(read_vcf(CASES / name, polarise="ref")) == haplotypes(base)
    assert (
        read_vcf(CASES / "allele-beyond-alt" / "allele2.vcf", polarise="ref").excluded["unknown_allele"] == 1
    )
    assert read_vcf(CASES / "questionable-filter" / "filter.vcf", polarise="ref").n_filtered == 32
    (gap,) = read_vcf(CASES / "gap-in-records" / "gap.vcf", polarise="ref").chromosomes
    assert gap.observed.tolist() == [[703, 9798], [24_022, 34_154]]
    assert read_vcf(CASES / "sample-name-with-comma" / "comma.vcf", polarise="ref").individuals[3] == "p,03"
    with pytest.raises(DataError, match="haplotype written twice"):
        read_vcf(CASES / "pseudo-diploid" / "pseudo.vcf", polarise="ref")


def test_a_new_interpreter_reads_the_same_as_a_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.vcf", *many(30), names=NAMES)
    forked = read_vcf(path, polarise="ref")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert haplotypes(read_vcf(path, polarise="ref")) == haplotypes(forked)


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", *many(3000), names=NAMES)
    from selbench.foreign.variant_header import read_variant_header

    header = read_variant_header(path)
    file = iter(VariantFile(path, header, range(6), Stretch("1", 0, 50)))
    assert len(next(file)) == 5  # type: ignore[arg-type]
    file.close()  # type: ignore[attr-defined]
    left = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "stat="], capture_output=True, text=True)
    assert "Z" not in left.stdout
