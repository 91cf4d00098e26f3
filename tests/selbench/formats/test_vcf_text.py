"""VCF text: what is written is what the reader reads, and what a line of plain Python reads."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from selbench import Windows
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_text import write_vcf
from selbench.testing import random_windows

WINDOWS = random_windows(6, n_haplotypes=8, sequence_length=500, seed=2)[2:]


def written(windows: Windows, parts: int = 1) -> str:
    stream = io.BytesIO()
    batches = [windows[part] for part in np.array_split(np.arange(len(windows)), parts)]
    write_vcf(batches, stream, n_windows=len(windows), source="a test")
    return stream.getvalue().decode()


def test_a_genotype_is_two_neighbouring_columns() -> None:
    lines = [line.split("\t") for line in written(WINDOWS).splitlines() if not line.startswith("#")]
    assert len(lines) == len(WINDOWS.positions)
    for line, row, position in zip(lines, WINDOWS.haplotypes, WINDOWS.positions, strict=True):
        assert int(line[1]) == int(position) + 1
        assert [int(c) for genotype in line[9:] for c in genotype.split("|")] == row.tolist()
    assert [int(line[0]) for line in lines] == np.repeat([1, 2, 3, 4], WINDOWS.n_sites).tolist()


def test_batches_do_not_show() -> None:
    assert written(WINDOWS, parts=3) == written(WINDOWS)


@pytest.mark.parametrize("polarise", ["aa", "ref"])
def test_the_reader_reads_what_was_written(polarise: str, tmp_path: Path) -> None:
    (tmp_path / "written.vcf").write_text(written(WINDOWS))
    genome = read_vcf(tmp_path / "written.vcf", polarise=polarise)  # type: ignore[arg-type]
    assert genome.individuals == ("i1", "i2", "i3", "i4")
    assert sum(genome.excluded.values()) == 0
    for chromosome, window in zip(genome.chromosomes, WINDOWS, strict=True):
        np.testing.assert_array_equal(chromosome.haplotypes, window.haplotypes)
        np.testing.assert_array_equal(chromosome.positions, np.floor(window.positions))


def test_ancestral_alleles_are_told_only_where_they_are_known() -> None:
    matrices, places = zip(*WINDOWS, strict=True)
    folded = Windows.from_arrays(matrices, places, sequence_length=500, polarisation="major")
    assert "AA=A" in written(WINDOWS)
    assert "AA=A" not in written(folded)
