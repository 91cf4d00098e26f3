"""Maps of recombination and mutation, in the format of HapMap and as bedGraph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from selbench.errors import DataError
from selbench.formats.rate_maps import mean_rates, read_rate_map

HEAD = "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\n"


def test_rates_are_read_by_chromosome_per_base_pair(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text(HEAD + "chr1\t100\t2.5\t0\nchr1\t300\t0\t0.0005\nchr2\t0\t1\t0\n")
    found = read_rate_map(path, "recombination")
    np.testing.assert_allclose(found["chr1"], np.array([[100, 2.5e-8], [300, 0]]))
    assert list(found) == ["chr1", "chr2"]


def test_windows_take_the_mean_of_what_lies_in_them_against_a_sum_over_base_pairs() -> None:
    rng = np.random.default_rng(1)
    at = np.sort(rng.choice(2000, 30, replace=False)).astype(float)
    rates = rng.random(30) * 1e-8
    every_bp = rates[np.clip(np.searchsorted(at, np.arange(2000), side="right") - 1, 0, None)]
    starts = [start for start in range(7, 1900 - 100, 100) if start >= at[0] and start + 100 <= at[-1]]
    expected = [every_bp[start : start + 100].mean() for start in starts]
    np.testing.assert_allclose(mean_rates(np.column_stack([at, rates]), 7, 1900, 100), expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found no row"),
        (HEAD + "1\t5\tx\t0\n", "line 2: expected a map of recombination"),
        (HEAD + "1\t5\t1\t0\n1\t5\t1\t0\n", "line 3: expected positions that rise"),
        (HEAD + "1\t5\t-1\t0\n", "line 2: expected a map of recombination"),
        (HEAD + "1\n", "line 2: expected a map of recombination"),
    ],
)
def test_what_is_no_map_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_rate_map(path, "recombination")


def test_a_map_of_mutation_is_per_base_pair_and_windows_over_its_gaps_have_no_rate(tmp_path: Path) -> None:
    path = tmp_path / "map.bedGraph"
    path.write_text("track type=bedGraph\n1\t0\t150\t1e-8\n1\t150\t200\t3e-8\n1\t250\t500\t2e-8\n")
    found = read_rate_map(path, "mutation")
    expected = [[0, 1e-8], [150, 3e-8], [200, np.nan], [250, 2e-8], [500, np.nan]]
    np.testing.assert_allclose(found["1"], np.array(expected))
    np.testing.assert_allclose(mean_rates(found["1"], 0, 600, 100), [1e-8, 2e-8, 2e-8, 2e-8])
    path = tmp_path / "map.txt"
    path.write_text("chromosome position rate\n1 0 1.5e-8\n1 100 0\n")
    np.testing.assert_allclose(read_rate_map(path, "mutation")["1"], np.array([[0, 1.5e-8], [100, 0]]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\t0\t100\n", "line 1: expected a map of mutation: chromosome, start, end, rate per bp"),
        ("1\t100\t100\t1e-8\n", "line 1: expected a map of mutation"),
        ("1\t0\t100\t1e-8\n1\t50\t150\t1e-8\n", "line 2: expected positions that rise"),
        ("1\t0\t100\tnan\n", "line 1: expected a map of mutation"),
        ("# nothing\n", "found no row"),
    ],
)
def test_what_is_no_bed_graph_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.bg"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_rate_map(path, "mutation")
