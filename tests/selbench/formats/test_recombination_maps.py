"""Recombination maps in the format of HapMap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from selbench.errors import DataError
from selbench.formats.recombination_maps import mean_rates, read_recombination_map

HEAD = "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\n"


def test_rates_are_read_by_chromosome_per_base_pair(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text(HEAD + "chr1\t100\t2.5\t0\nchr1\t300\t0\t0.0005\nchr2\t0\t1\t0\n")
    found = read_recombination_map(path)
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
        (HEAD + "1\t5\tx\t0\n", "line 2: expected a recombination map"),
        (HEAD + "1\t5\t1\t0\n1\t5\t1\t0\n", "line 3: expected positions that rise"),
        (HEAD + "1\t5\t-1\t0\n", "line 2: expected a recombination map"),
        (HEAD + "1\n", "line 2: expected a recombination map"),
    ],
)
def test_what_is_no_map_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_recombination_map(path)
