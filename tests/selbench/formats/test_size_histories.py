"""Size histories as programs write them, each scaled by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from selbench.errors import DataError
from selbench.formats.size_histories import read_size_history
from selbench.scenario import Epoch, Population, Prior

MU = 1.25e-8

STAIRWAY_HEAD = (
    "mutation_per_site\tn_estimation\ttheta_per_site_median\ttheta_per_site_2.5%\ttheta_per_site_97.5%\tyear\t"
    "Ne_median\tNe_2.5%\tNe_97.5%\tNe_12.5%\tNe_87.5%\n"
)


def stairway(*steps: tuple[float, float], years: float = 25) -> str:
    """Write steps of (generations, size), each with its beginning and end as Stairway Plot 2 has them."""
    lines = []
    for (begin, size), (end, _) in zip(steps, [*steps[1:], (2 * steps[-1][0], 0)], strict=True):
        for generations in (begin, end):
            theta = 4 * size * MU
            sizes = [size, 0.8 * size, 1.5 * size, 0.9 * size, 1.2 * size]
            row = [generations * MU, 200, theta, 0.8 * theta, 1.5 * theta, generations * years, *sizes]
            lines.append("\t".join(f"{value:.6g}" for value in row))
    return STAIRWAY_HEAD + "\n".join(lines) + "\n"


def written(folder: Path, text: str, name: str = "history.txt") -> Path:
    (folder / name).write_text(text)
    return folder / name


def near(found: Population, size: float, *epochs: tuple[float, float]) -> None:
    assert found.size == pytest.approx(size, rel=1e-4)
    assert [epoch.start for epoch in found.epochs] == pytest.approx([start for start, _ in epochs], rel=1e-4)
    assert [epoch.size for epoch in found.epochs] == pytest.approx([size for _, size in epochs], rel=1e-4)


def test_stairway_plot_tells_its_own_rate_and_has_a_band(tmp_path: Path) -> None:
    path = written(tmp_path, stairway((0, 20_000), (500, 3000), (9000, 12_000)))
    history = read_size_history(path, generation_time=25)
    assert history.mutation_rate == pytest.approx(MU, rel=1e-4)
    near(history.population(), 20_000, (500, 3000), (9000, 12_000))
    banded = history.population(band=True)
    assert banded.size == Prior("log_uniform", 16_000, 30_000)
    assert len(banded.epochs) == 2
    with pytest.raises(DataError, match="generation_time: 30 was said, the file was made with 25"):
        read_size_history(path, generation_time=30)


def test_psmc_is_scaled_by_the_rate_and_bins_of_100_bp_in_its_last_round(tmp_path: Path) -> None:
    n0 = 8000.0
    theta = 4 * n0 * MU * 100

    def a_round(number: int, *rows: tuple[float, float]) -> str:
        lines = [f"RS\t{k}\t{t}\t{size}\t0.1\t0.1\t0.1" for k, (t, size) in enumerate(rows)]
        return "\n".join([f"RD\t{number}", "LK\t-1", f"TR\t{theta}\t0.001", *lines, "//", ""])

    text = "CC\tPSMC\nMM\tVersion: 0.6.5\n" + a_round(0, (0, 9)) + a_round(1, (0, 1), (0.05, 0.25), (2, 3))
    path = written(tmp_path, text + a_round(0, (0, 7)), "a.psmc")  # a bootstrap behind it
    near(
        read_size_history(path, mutation_rate=MU).population(),
        n0,
        (2 * n0 * 0.05, n0 / 4),
        (2 * n0 * 2, 3 * n0),
    )
    with pytest.raises(DataError, match="PSMC scales by a mutation rate: give mutation_rate"):
        read_size_history(path)


def test_msmc_is_scaled_by_its_rate_of_coalescence(tmp_path: Path) -> None:
    rows = [(0, 300, 10_000), (300, 20_000, 2000), (20_000, math.inf, 5000)]
    lines = [f"{i}\t{a * MU}\t{b * MU}\t{1 / (2 * MU * n)}" for i, (a, b, n) in enumerate(rows)]
    text = "time_index\tleft_time_boundary\tright_time_boundary\tlambda\n" + "\n".join(lines)
    found = read_size_history(written(tmp_path, text), mutation_rate=MU).population()
    near(found, 10_000, (300, 2000), (20_000, 5000))


def test_smcpp_is_in_generations_unless_years_are_said(tmp_path: Path) -> None:
    path = written(tmp_path, "label,x,y,plot_type,plot_num\nYRI,0,9000,step,0\nYRI,50000,8000,step,0\n")
    near(read_size_history(path).population(), 9000, (50_000, 8000))
    near(read_size_history(path, generation_time=2).population(), 9000, (25_000, 8000))
    written(tmp_path, path.read_text() + "CEU,0,1,step,0\n")
    with pytest.raises(DataError, match="expected one population, found CEU, YRI"):
        read_size_history(path)


def test_relate_is_halved_and_epochs_without_coalescence_take_their_neighbours_size(tmp_path: Path) -> None:
    text = f"group1\n0 100 1000 30000\n0 0 nan {0.5 / 7000} {0.5 / 4000} 0\n"
    near(read_size_history(written(tmp_path, text, "a.coal")).population(), 7000, (1000, 4000))


@pytest.mark.parametrize(
    ("text", "generation_time"),
    [
        ("0 5000\n400 2000\n", None),
        ("# comment\ngenerations,size\n0,5000\n400,2000\n", None),
        ("years\tNe\n0\t5000\n10000\t2000\n", 25),
    ],
)
def test_two_columns_are_steps(tmp_path: Path, text: str, generation_time: float | None) -> None:
    found = read_size_history(written(tmp_path, text), generation_time=generation_time).population()
    assert found == Population(5000.0, epochs=(Epoch(400.0, 2000.0),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found nothing"),
        ("years size\n0 10\n", "times in years need generation_time"),
        ("once upon a time\n", "expected .* columns of time and size|found no rows"),
        ("0 5000\n400\n", "expected a size history|columns of time and size"),
        ("0 5000\n400 x\n", "expected a number, found 'x'"),
        ("0 5000\n400 nan\n", "expected a number, found 'nan'"),
        ("0 5000\n400 0\n", "sizes above 0, found 0 individuals 400 generations ago"),
        ("5 50\n4 20\n", "expected times that rise into the past, found 4 after 5"),
        ("mutation_per_site year\n0 0\n", "expected a column theta_per_site_median"),
        ("RS\t0\t0\t1\n", "expected a TR line"),
        (stairway((0, 20_000), (500, 30_000)), "ends 1,000 generations ago, before most lineages have met"),
    ],
)
def test_what_is_no_history_is_refused_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_size_history(written(tmp_path, text), mutation_rate=MU)
    assert "\n" not in str(caught.value)
