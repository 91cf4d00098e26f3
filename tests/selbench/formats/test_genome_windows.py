"""Windows on a grid along chromosomes: those behind the last record are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from selbench.formats.genome_windows import n_behind, place_windows
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_regions import Region


def written(folder: Path, contig: str) -> Path:
    rows = [f"1\t{at}\t.\tA\tC\t.\tPASS\t.\tGT\t0|1\t0|0" for at in range(151, 1050, 50)]
    head = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb"
    meta = [
        "##fileformat=VCFv4.2",
        f"##contig=<ID=1{contig}>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">',
    ]
    path = folder / "genome.vcf"
    path.write_text("\n".join([*meta, head, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("contig", "region", "behind"),
    [
        (
            ",length=3000",
            None,
            40,
        ),  # they begin at 850, 900, … 2,800
        (",length=1001", None, 0),
        ("", None, 0),
        (",length=3000", "1:101-", 40),
        (",length=3000", "1:101-900", 0),
    ],
)
def test_windows_behind_the_last_record_are_counted_to_the_length_that_a_header_states(
    tmp_path: Path, contig: str, region: str | None, behind: int
) -> None:
    asked = None if region is None else Region.parse(region)
    genome = read_vcf(written(tmp_path, contig), polarise="ref", region=asked)
    places = place_windows(genome, 200, 50)
    assert n_behind(genome, places, 50) == behind
