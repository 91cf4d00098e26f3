"""What a scan does with what a genome lacks: windows are skipped with a reason, methods refuse by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from site_counting import NumberOfSites, Silent, method_of

from selbench.bench import scan
from selbench.errors import DataError, UnsupportedError
from selbench.formats.genome import Genome, joined, overlap, told_from_gaps
from selbench.formats.vcf import read_genotypes, read_vcf
from selbench.formats.vcf_sites import Choices
from selbench.scan.choices import choose_genotypes, choose_individuals, choose_polarisation
from selbench.scan.prediction import scan_genome
from selbench.trained import TrainedMethod
from selbench.windows import WindowSpec

METHOD = method_of(NumberOfSites(), 6, 100)
SILENT = replace(METHOD, encoder=Silent())


def told(method: TrainedMethod, **changed: Any) -> TrainedMethod:
    """Return the method with another description."""
    return replace(method, description=replace(method.description, **changed))


HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\tbob\tcat\n"
)


def write(path: Path, *records: tuple[int, str]) -> Path:
    lines = [
        "\t".join(["1", str(at), ".", "A", "C", ".", ".", ".", "GT", *calls.split()]) for at, calls in records
    ]
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return path


def reasons(genome: Genome, method: TrainedMethod = METHOD) -> list[str]:
    return list(scan_genome(method, genome).skipped)


def test_windows_that_show_nothing_are_skipped_with_the_reason(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.vcf",
        (1, "0|1 0|0 0|1"),
        (150, "0|0 0|0 0|0"),  # the same in all: a record that shows something
        (250, "./. 0|1 0|0"),  # left out
        (401, "0|1 0|0 0|0"),
        (500, "0|1 0|0 0|1"),
    )
    genome = read_vcf(path, polarise="ref")
    result = scan_genome(METHOD, genome)
    assert list(result.skipped) == [
        "",
        "",
        "every record here was left out",
        "the file has no records here",
        "",
    ]
    assert np.isnan(result.probability).tolist() == [False, False, True, True, False]
    assert result.table["observed"].tolist() == [1] * 5  # too few records to tell a gap
    mask = {"1": np.array([[0, 250], [300, 400]])}
    masked = read_vcf(path, polarise="ref", callable_in=mask)
    assert reasons(masked) == ["", "", "", "", "no variable site would have been seen here"]
    assert scan_genome(METHOD, masked).observed.tolist() == [1, 1, 0.5, 1, 0]


def test_windows_beside_an_unread_record_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", (1, "0|1 0|0 0|1"), (150, "0|1 0|0 1|1"), (300, "0|1 0|1 1|1"))
    genome = read_vcf(path, polarise="ref")
    (chromosome,) = genome.chromosomes
    damaged = replace(chromosome, unread=np.array([[160, 220]]))
    assert reasons(replace(genome, chromosomes=(damaged,))) == [
        "", "records here could not be read", "records here could not be read",
    ]  # fmt: skip
    assert "in 1:161-220" in replace(genome, chromosomes=(damaged,)).warnings[0]


def test_an_encoder_that_declares_nothing_never_sees_what_it_might_not_take(tmp_path: Path) -> None:
    path = write(tmp_path / "a.vcf", (1, "0/1 0|0 0|1"), (50, ".|. 0|1 1|1"), (100, "0|1 0|1 1|1"))
    all_kept = read_vcf(path, polarise="ref", choices=Choices(max_missing=0.5, keep_unphased=True))
    assert all_kept.n_sites == 3
    assert scan_genome(METHOD, all_kept).n_sites.tolist() == [3]
    with pytest.raises(UnsupportedError, match="silent: needs phased genotypes"):
        scan_genome(SILENT, all_kept)
    with pytest.raises(UnsupportedError, match="silent: has no rule for alleles without a call"):
        scan_genome(SILENT, replace(all_kept, phased=True))
    assert choose_genotypes(SILENT) == Choices()
    assert choose_genotypes(METHOD, filters="pass") == Choices(
        filters="pass", max_missing=0.1, keep_unphased=True
    )
    assert scan(SILENT, path).result.genome.n_sites == 1


def test_one_haplotype_each_is_read_for_haploid_people(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    records = [(4 * i + 1, " ".join(f"{a}/{a}" for a in rng.permutation([0, 0, 1]))) for i in range(25)]
    path = write(tmp_path / "a.vcf", *records)
    with pytest.raises(DataError, match="--haploid"):
        scan(METHOD, path)
    of_three = told(METHOD, windows=WindowSpec(3, 97, 1))
    assert len(choose_individuals(of_three, path, listed=None, n_drawn=3, seed=1, haploid=True)) == 3
    result = scan(of_three, path, haploid=True).result
    assert (result.genome.ploidy, result.n_sites.tolist()) == (1, [25])


def test_polarisation_is_doubted_only_where_the_encoding_depends_on_it(tmp_path: Path) -> None:
    from selbench.plugin import Registry

    genome = read_genotypes(write(tmp_path / "a.vcf", (1, "0|1 0|0 0|1")))
    how, sentence = choose_polarisation(METHOD, genome.names_ancestral_alleles, None)
    assert how == "ref"
    assert "no site that was read carries INFO/AA" in sentence
    assert "trained on" not in sentence
    assert "believe it only if" in choose_polarisation(SILENT, genome.names_ancestral_alleles, None)[1]
    encoders = Registry.installed().encoders
    folded = replace(METHOD, encoder=encoders.build("sfs[folded=true]"))
    assert "trained on" not in choose_polarisation(folded, genome.names_ancestral_alleles, None)[1]
    by_statistics = encoders.build("statistics[names=fay_wu_h;tajimas_d]")
    trained_on_ref = told(replace(METHOD, encoder=by_statistics), polarisation="ref")
    assert "fay_wu_h depend on that" in choose_polarisation(trained_on_ref, True, "aa")[1]


def test_stretches_are_joined_and_measured() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        starts = rng.integers(0, 100, 6)
        stretches = np.column_stack([starts, starts + rng.integers(0, 20, 6)])
        covered = np.zeros(130, dtype=bool)
        for start, end in stretches.tolist():
            covered[start:end] = True
        apart = joined(stretches)
        assert (apart[1:, 0] > apart[:-1, 1]).all()
        at = rng.integers(0, 120, 10)
        measured = overlap(apart, at, at + 9)
        assert measured.tolist() == [int(covered[a : a + 9].sum()) for a in at.tolist()]


def test_random_sites_leave_no_gap() -> None:
    """At random, and where their density varies tenfold: gaps are told from what no variation makes."""
    rng = np.random.default_rng(1)
    for density in (np.full(100, 100), rng.integers(20, 200, 100)):
        parts = [np.sort(rng.integers(i * 10_000, (i + 1) * 10_000, n)) for i, n in enumerate(density)]
        positions = np.unique(np.concatenate(parts))
        assert told_from_gaps(positions, 0, 1_000_000).tolist() == [[0, 1_000_000]]
        centromere = positions[(positions < 400_000) | (positions > 600_000)]
        (before, after) = told_from_gaps(centromere, 0, 1_000_000).tolist()
        assert 399_000 < before[1] <= 400_000 < 600_000 <= after[0] < 601_000
