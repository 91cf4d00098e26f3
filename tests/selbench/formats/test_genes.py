"""Genes from GFF3, GTF and BED."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from selbench.errors import DataError
from selbench.formats.genes import check_chromosomes, read_genes

GFF = """\
##gff-version 3
2\tensembl\tchromosome\t1\t9000\t.\t.\t.\tID=chromosome:2
2\tensembl\tgene\t101\t200\t.\t+\t.\tID=gene:E1;Name=LCT;biotype=protein_coding
2\tensembl\tmRNA\t101\t200\t.\t+\t.\tID=transcript:T1;Parent=gene:E1
2\tensembl\tgene\t50\t120\t.\t+\t.\tID=gene:E2
##FASTA
>2
ACGT
"""
GTF = '2\thavana\tgene\t101\t200\t.\t+\t.\tgene_id "E1"; gene_version "2"; gene_name "LCT";\n'
BED = "track name=genes\n2\t100\t200\tLCT\t0\t+\n3\t5\t6\n"


def test_the_genes_of_a_gff_are_0_based_and_named(tmp_path: Path) -> None:
    path = tmp_path / "genes.gff3.gz"
    path.write_bytes(gzip.compress(GFF.encode()))
    genes = read_genes(path)
    assert genes.stretches["2"].tolist() == [[49, 120], [100, 200]]
    assert genes.names["2"] == ("gene:E2", "LCT")
    assert genes.within("2", 119, 130) == ("gene:E2", "LCT")
    assert genes.within("2", 120, 130) == ("LCT",)
    assert genes.within("2", 200, 300) == genes.within("1", 0, 9) == ()


@pytest.mark.parametrize(("text", "names"), [(GTF, ("LCT",)), (BED, ("LCT",))])
def test_gtf_and_bed_say_the_same(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    (tmp_path / "genes").write_text(text)
    genes = read_genes(tmp_path / "genes")
    assert genes.names["2"] == names
    assert genes.stretches["2"].tolist() == [[100, 200]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2\t9\t5\tx\n", r"line 1: expected a start and an end that lies behind it, found 9 5"),
        ("2\tnine\n", r"line 1: expected genes as GFF3, GTF or BED"),
        ("2\tx\tmRNA\t1\t9\t.\t.\t.\tID=a\n", r"expected genes as GFF3, GTF or BED, found none"),
    ],
)
def test_what_is_no_gene_is_refused_by_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "genes").write_text(text)
    with pytest.raises(DataError, match=expected):
        read_genes(tmp_path / "genes")


def test_chromosomes_named_otherwise_are_told_with_both_names() -> None:
    check_chromosomes(["1", "2"], ["2"], "genes.bed")
    with pytest.raises(
        DataError, match=r"genes.bed: names its chromosomes chr1, chr2, the genome 1: none is in both"
    ):
        check_chromosomes(["chr1", "chr2"], ["1"], "genes.bed")
