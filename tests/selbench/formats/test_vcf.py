import ctypes
import gzip
from pathlib import Path

import allel
import numpy as np
import pytest
from cyvcf2 import VCF, Writer, cyvcf2
from numpy.testing import assert_array_equal

from selbench.errors import DataError
from selbench.formats.individuals import draw_individuals, read_individuals, vcf_individuals
from selbench.formats.vcf import read_genotypes, read_vcf
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import EXCLUSIONS, Choices

GENOMES = Path(__file__).resolve().parents[4] / "shared" / "reference" / "genomes"
SLC24A5 = GENOMES / "SLC24A5.chr15.GRCh37.1000G.vcf.gz"
LCT = GENOMES / "LCT.chr2.CEU.vcf.gz"
needs_genomes = pytest.mark.skipif(not GENOMES.is_dir(), reason="the 1000 Genomes extracts are absent")

HEADER = """##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=2>
##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral allele">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	ann	bob	cat
"""


def record(position, calls, ref="A", alt="C", info=".", chromosome="1"):
    calls = "\t".join(calls.split())
    return f"{chromosome}\t{position}\t.\t{ref}\t{alt}\t.\tPASS\t{info}\tGT\t{calls}\n"


@pytest.fixture
def write(tmp_path):
    """Write records under the header and return the path."""

    def write_records(*records, header=HEADER):
        path = tmp_path / "genome.vcf"
        path.write_text(header + "".join(records))
        return path

    return write_records


def test_columns_follow_the_individuals_in_the_order_asked(write):
    path = write(record(11, "0|1 1|0 0|0"), record(20, "1|1 0|0 0|1"))
    genome = read_vcf(path, polarise="ref", individuals=["cat", "ann"])
    assert genome.individuals == ("cat", "ann")
    (chromosome,) = genome.chromosomes
    assert_array_equal(chromosome.positions, [10, 19])
    assert_array_equal(chromosome.haplotypes, [[0, 0, 0, 1], [0, 1, 1, 1]])
    assert (chromosome.name, chromosome.start, chromosome.end) == ("1", 10, 20)
    assert vcf_individuals(path) == ("ann", "bob", "cat")


def write_bcf(source, path):
    vcf = VCF(str(source))
    writer = Writer(str(path), vcf, mode="wb")
    for each in vcf:
        writer.write_record(each)
    writer.close()


EXCLUDED = {
    "position_zero": [record(0, "0|1 0|0 0|0")],
    "filtered": [record(5, "0|1 0|0 0|0").replace("PASS", "q10")],
    "unknown_allele": [record(5, "0|2 0|1 0|0"), record(6, "0|256 0|1 0|0")],
    "heterozygous": [record(5, "0/1 0/0 1/1")],
    "multiallelic": [record(5, "0|1 0|2 0|0", alt="C,G")],
    "no_alternative": [record(5, "0|0 0|0 0|0", alt=".")],
    "indel": [record(5, "0|1 0|0 0|0", ref="AT"), record(5, "0|1 0|0 0|0", alt="ACC")],
    "symbolic": [record(5, "0|1 0|0 0|0", alt="<DEL>"), record(5, "0|1 0|0 0|0", alt="*")],
    "duplicate_position": [record(5, "0|1 0|0 0|0"), record(5, "0|0 0|1 0|0", alt="G")],
    "missing": [record(5, ".|. 0|1 0|0"), record(6, "0|. 0|1 0|0"), record(7, ". 0|1 0|0")],
    "other_ploidy": [record(5, "0 0|1 0|0"), record(6, "0|0|1 0|1 0|0"), record(7, "0 1 0")],
    "unphased": [record(5, "0/1 0|1 0|0"), record(6, "0/0 0/1 1/1")],
    "monomorphic": [record(5, "0|0 0|0 0|0"), record(6, "1|1 1|1 1|1")],
    "no_ancestral_allele": [
        record(5, "0|1 0|0 0|0"),
        record(6, "0|1 0|0 0|0", info="AA=.|||"),
        record(7, "0|1 0|0 0|0", info="AA=N"),
    ],
    "low_confidence_ancestral_allele": [record(5, "0|1 0|0 0|0", info="AA=a|||")],
    "other_ancestral_allele": [record(5, "0|1 0|0 0|0", info="AA=G")],
}


@pytest.mark.parametrize("reason", EXCLUSIONS)
def test_what_is_left_out_is_counted_under_its_reason(write, reason):
    records = EXCLUDED[reason]
    choices = Choices(ploidy=1, haploid=True) if reason == "heterozygous" else Choices(filters="pass")
    last = record(9, "1|1 0|0 0|0" if choices.haploid else "0|1 0|0 0|0", info="AA=A|||")
    genome = read_vcf(write(*records, last), choices=choices)
    assert genome.excluded == {name: len(records) if name == reason else 0 for name in EXCLUSIONS}
    assert genome.n_records == len(records) + 1
    assert genome.n_sites == 1
    assert genome.chromosomes[0].start in (0, 4)


def test_an_indel_beside_a_snp_does_not_cost_the_snp(write):
    path = write(record(5, "0|1 0|0 0|0"), record(5, "0|0 0|1 0|0", alt="AT"))
    assert read_vcf(path, polarise="ref").n_sites == 1


def test_only_the_chosen_individuals_count(write):
    path = write(record(5, ".|. 0|1 0|0"), record(6, "0|1 0|0 0|0"), record(7, "0/1 0|0 1/1"))
    genome = read_vcf(path, polarise="ref", individuals=["bob", "cat"])
    assert genome.n_sites == 2
    assert genome.excluded["monomorphic"] == 1


def test_polarisation(write):
    path = write(
        record(5, "0|1 0|0 0|0", info="AA=C|||"),
        record(6, "1|1 1|1 0|0", info="AA=A"),
        record(7, "1|1 1|0 0|0", info="AA=A"),
    )
    ancestral, ref, major = (read_vcf(path, polarise=polarise) for polarise in ("aa", "ref", "major"))
    assert_array_equal(ref.chromosomes[0].haplotypes.sum(axis=1), [1, 4, 3])
    assert_array_equal(ancestral.chromosomes[0].haplotypes.sum(axis=1), [5, 4, 3])
    assert_array_equal(major.chromosomes[0].haplotypes.sum(axis=1), [1, 2, 3])  # exactly ½ stays
    assert [genome.n_flipped for genome in (ancestral, ref, major)] == [1, 0, 1]
    assert [genome.polarisation for genome in (ancestral, ref, major)] == ["ancestral", "ref", "major"]


def test_haploid_genomes(write):
    path = write(record(5, "0 1 0"), record(6, "0|1 1|0 0|0"))
    genome = read_vcf(path, polarise="ref", ploidy=1)
    assert_array_equal(genome.chromosomes[0].haplotypes, [[0, 1, 0]])
    assert genome.excluded["other_ploidy"] == 1


def test_several_chromosomes_and_progress(write):
    path = write(record(5, "0|1 0|0 0|0"), record(3, "0|1 0|0 0|0", chromosome="2"))
    seen = []
    genome = read_vcf(path, polarise="ref", progress=lambda *at: seen.append(at))
    assert [(c.name, c.positions.tolist()) for c in genome.chromosomes] == [("1", [4]), ("2", [2])]
    assert seen == [(1, "1", 5), (2, "2", 3)]


def test_region_by_streaming_and_by_index(write, tmp_path):
    plain = write(
        *(record(at, "0|1 0|0 0|0") for at in range(10, 100, 10)),
        record(1, "0|1 0|0 0|0", chromosome="2"),
    )
    indexed = tmp_path / "genome.bcf"
    write_bcf(plain, indexed)
    library = ctypes.CDLL(cyvcf2.__file__)
    if not hasattr(library, "bcf_index_build"):
        pytest.skip("this cyvcf2 cannot build an index")
    assert library.bcf_index_build(str(indexed).encode(), 14) == 0
    for text, expected, span in [
        ("1:20-40", [19, 29, 39], (19, 40)),
        ("1:1-15", [9], (0, 15)),
        ("1:75-", [79, 89], (74, 90)),
        ("1", list(range(9, 90, 10)), (9, 90)),
    ]:
        for path in (plain, indexed):
            (chromosome,) = read_vcf(path, polarise="ref", region=Region.parse(text)).chromosomes
            assert_array_equal(chromosome.positions, expected)
            assert (chromosome.start, chromosome.end) == span


def test_region_text():
    assert Region.parse("chr2:1,001-2,000") == Region("chr2", 1000, 2000)
    assert str(Region.parse("HLA:A*01:7-")) == "HLA:A*01:7-"
    assert Region.parse("X") == Region("X")
    for text in ("", "1:0-5", "1:6-5", "1 :5-6"):
        with pytest.raises(DataError, match="region: expected chromosome:from-to"):
            Region.parse(text)


def test_absent_region_names_where_the_records_are(write):
    path = write(record(5, "0|1 0|0 0|0"))
    with pytest.raises(DataError, match=r"in region chr1, found none; the first record .* at 1:5"):
        read_vcf(path, polarise="ref", region=Region("chr1"))


def test_no_site_left_says_why(write):
    path = write(record(5, "0/1 0|0 0|0"), record(6, "0 0|1 0|0"))
    with pytest.raises(DataError, match=r"found none: 1 other_ploidy, 1 unphased; phase .*, choose"):
        read_vcf(path, polarise="ref")
    with pytest.raises(DataError, match="without INFO/AA, polarise by ref or major"):
        read_vcf(write(record(5, "0|1 0|0 0|0")))
    with pytest.raises(DataError, match="expected records, found none; the file has none"):
        read_vcf(write(), polarise="ref")


def test_unsorted_records_are_refused(write):
    for second in (record(4, "0|1 0|0 0|0"), record(9, "0|1 0|0 0|0", chromosome="2")):
        path = write(record(5, "0|1 0|0 0|0"), second, record(6, "0|1 0|0 0|0"))
        with pytest.raises(DataError, match=r"expected records sorted by position|in one piece"):
            list(read_vcf(path, polarise="ref").chromosomes)


def test_unknown_and_repeated_individuals(write):
    path = write(record(5, "0|1 0|0 0|0"))
    with pytest.raises(DataError, match=r"such as ann, bob, cat.* 1 of 2 that it lacks, the first 'dan'"):
        read_vcf(path, individuals=["ann", "dan"])
    with pytest.raises(DataError, match="each individual once"):
        read_vcf(path, individuals=["ann", "ann"])


def test_sites_only_files_have_no_individuals(write):
    header = HEADER.replace("\tFORMAT\tann\tbob\tcat", "")
    with pytest.raises(DataError, match="sites only"):
        read_vcf(write("1\t5\t.\tA\tC\t.\t.\t.\n", header=header))


def test_drawing_is_repeatable_and_in_the_order_of_the_file(write):
    path = write(record(5, "0|1 0|0 0|0"))
    drawn = draw_individuals(path, 2, seed=1)
    assert drawn == draw_individuals(path, 2, seed=1)
    assert list(drawn) == sorted(drawn)
    assert len({draw_individuals(path, 2, seed=seed) for seed in range(40)}) == 3
    with pytest.raises(DataError, match="at least 4 individuals to draw from, found 3"):
        draw_individuals(path, 4, seed=1)


def test_individuals_from_a_file(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("# chosen\nbob\n\nann\n")
    assert read_individuals(path) == ("bob", "ann")
    for text, message in [
        ("ann bob\n", "line 1: expected one new individual .*found 2 words"),
        ("ann\nann\n", "line 2: .*found it twice"),
        ("# none\n", "found none"),
    ]:
        path.write_text(text)
        with pytest.raises(DataError, match=message):
            read_individuals(path)
    with pytest.raises(DataError, match="expected a text file"):
        read_individuals(tmp_path / "absent.txt")


def damaged(content, kind):
    half = len(content) // 2
    return {
        "cut": content[:half],
        "without its end": content[:-28],
        "flipped": content[:half] + bytes(b ^ 0xFF for b in content[half : half + 4]) + content[half + 4 :],
        "cut near the end": content[:-40],
    }[kind]


@needs_genomes
@pytest.mark.parametrize("kind", ["cut", "without its end", "flipped", "cut near the end"])
@pytest.mark.parametrize("source", ["bgzf", "gzip", "bcf"])
def test_damaged_files_are_one_line(tmp_path, capfd, source, kind):
    path = tmp_path / "damaged.vcf.gz"
    if source == "bcf":
        write_bcf(SLC24A5, path)
        content = path.read_bytes()
    else:
        content = (SLC24A5 if source == "bgzf" else LCT).read_bytes()
    path.write_bytes(damaged(content, kind))
    with pytest.raises(DataError, match=r"truncated|damaged") as error:
        read_vcf(path, polarise="ref")
    assert "\n" not in str(error.value)
    assert capfd.readouterr().err == ""


def test_a_line_cut_in_half_is_seen(write):
    whole = HEADER + record(5, "0|1 0|0 0|0") + record(6, "0|1 0|0 0|1")
    for n_missing in range(1, 12):
        path = write()
        path.write_text(whole[:-n_missing])
        with pytest.raises(DataError, match="truncated"):
            read_vcf(path, polarise="ref")
    path = write(record(5, "0|1 0|0 0|0").replace("\t0|0\n", "\n"), record(6, "0|1 0|0 0|1"))
    with pytest.raises(DataError, match="truncated or damaged after its header"):
        read_vcf(path, polarise="ref")


@pytest.mark.parametrize("position", ["abc", "1e5", "12.5", "12x", "-5"])
@pytest.mark.parametrize("n_before", [0, 5000])
@pytest.mark.parametrize("is_gzip", [False, True])
def test_a_position_that_is_no_number_is_named_with_its_line(write, position, n_before, is_gzip):
    before = [record(5 + i, "0|1 0|0 0|0") for i in range(n_before)]
    path = write(*before, record(position, "0|1 0|0 0|0"), record(9000, "0|1 0|0 0|1"))
    if is_gzip:
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    line = HEADER.count("\n") + n_before + 1
    with pytest.raises(DataError) as error:
        read_vcf(path, polarise="ref")
    assert str(error.value) == f"{path}, line {line}: POS: expected a whole number, found {position!r}"


@pytest.mark.parametrize(
    "content", [b"", b"hello\nworld\n", bytes(range(256)) * 20, gzip.compress(b"hello\n", mtime=0)]
)
def test_what_is_no_vcf_is_one_line(tmp_path, content, capfd):
    path = tmp_path / "file.vcf"
    path.write_bytes(content)
    with pytest.raises(DataError, match="expected a VCF or BCF file"):
        read_vcf(path)
    with pytest.raises(DataError, match="no such file"):
        read_vcf(tmp_path / "absent.vcf")
    assert capfd.readouterr().err == ""


@needs_genomes
def test_ancestral_alleles_of_slc24a5():
    genome = read_vcf(SLC24A5)
    assert genome.n_records == 575
    assert {reason: count for reason, count in genome.excluded.items() if count} == {
        "multiallelic": 2,
        "indel": 15,
        "monomorphic": 1,
        "no_ancestral_allele": 2,
        "low_confidence_ancestral_allele": 9,
    }
    assert genome.n_flipped == 19
    assert genome.n_sites == 558 - 1 - 2 - 9
    (chromosome,) = genome.chromosomes
    causal = np.searchsorted(chromosome.positions, 48_426_484 - 1)
    assert chromosome.positions[causal] == 48_426_484 - 1
    european = [i for i, name in enumerate(genome.individuals) if "NA20502" <= name <= "NA20832"]
    columns = [2 * i + copy for i in european for copy in (0, 1)]
    assert chromosome.haplotypes[causal, columns].mean() > 0.95  # the derived allele is swept there


@needs_genomes
def test_haplotypes_equal_those_of_scikit_allel():
    names = draw_individuals(LCT, 24, seed=5)
    (chromosome,) = read_vcf(LCT, individuals=names, polarise="ref").chromosomes
    peer = allel.read_vcf(str(LCT), samples=list(names), fields=["variants/POS", "calldata/GT"])
    haplotypes = peer["calldata/GT"].reshape(len(peer["variants/POS"]), -1)
    derived = haplotypes.sum(axis=1)
    kept = (derived > 0) & (derived < 48)
    assert_array_equal(chromosome.positions, peer["variants/POS"][kept] - 1)
    assert_array_equal(chromosome.haplotypes, haplotypes[kept])


@needs_genomes
def test_a_header_that_announces_ancestral_alleles_is_not_believed():
    region = Region("15", 48_420_000, 48_421_000)
    assert read_genotypes(SLC24A5, region=region).names_ancestral_alleles
    assert not read_genotypes(LCT).names_ancestral_alleles
