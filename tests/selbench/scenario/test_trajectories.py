"""Trajectories of the favoured allele, and mssel's file of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import DataError, Trajectory
from selbench.scenario import read_trajectories, write_trajectories


@st.composite
def drawn_trajectories(draw: st.DrawFn) -> Trajectory:
    steps = draw(st.lists(st.floats(0, 1e5), max_size=6))
    times = (0.0, *sorted(steps))
    frequencies = draw(st.lists(st.floats(0, 1), min_size=len(steps), max_size=len(steps)))
    return Trajectory(times, (*frequencies, 0.0))


@given(st.lists(drawn_trajectories(), min_size=1, max_size=3), st.sampled_from([100.0, 10_000, 80_000]))
def test_a_file_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, trajectories: list[Trajectory], population_size: float
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.txt"
    path.write_text(write_trajectories(trajectories, population_size=population_size))
    again = read_trajectories(path, population_size=population_size)
    assert len(again) == len(trajectories)
    for read, written in zip(again, trajectories, strict=True):
        assert read.times == pytest.approx(written.times, rel=1e-9)
        assert read.frequencies == pytest.approx(written.frequencies, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("traj_ds5_Ne10000_s0.005_seed135757.txt", 10_000),
        ("traj_paper_Ne80000_s0.005_seed135757.txt", 80_000),
    ],
)
def test_the_study_s_own_trajectories_are_read(shared_reference: Path, name: str, size: int) -> None:
    path = shared_reference / "trajectories" / name
    (trajectory,) = read_trajectories(path, population_size=size)
    rows = [line.split() for line in path.read_text().splitlines()[4:]]
    assert trajectory.frequencies == tuple(float(frequency) for _, frequency in rows)
    assert trajectory.times == pytest.approx([4 * size * float(time) for time, _ in rows])
    assert trajectory.frequencies[0] == 0.25


def test_times_are_turned_into_generations(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("# made by hand\nntraj: 1\nnpop: 1\n\nn: 2\n0 0.5\n0.25 0\n")
    assert read_trajectories(path, population_size=100) == (Trajectory((0, 100), (0.5, 0)),)


@pytest.mark.parametrize(
    ("times", "frequencies", "message"),
    [
        ((), (), "as many frequencies as times, found 0 and 0"),
        ((0, 1), (0.5,), "as many frequencies as times, found 1 and 2"),
        ((1, 2), (0.5, 0), "expected to start at time 0, found 1"),
        ((0, 5, 3), (0.5, 0.2, 0), r"times that rise into the past, found 3 after 5 \(step 2\)"),
        ((0, float("nan")), (0.5, 0), r"times that rise into the past, found nan after 0 \(step 1\)"),
        ((0, float("inf")), (0.5, 0), "times that rise into the past, found inf after 0"),
        ((0, 1), (1.5, 0), r"frequencies in \[0, 1\], found 1.5 \(step 0\)"),
        ((0, 1, 2), (0.5, -0.1, 0), r"frequencies in \[0, 1\], found -0.1 \(step 1\)"),
        ((0, 1), (float("nan"), 0), r"frequencies in \[0, 1\], found nan"),
        ((0, 1), (0.5, 0.1), "expected to end in frequency 0, found 0.1"),
    ],
)
def test_a_trajectory_that_cannot_be_is_refused(
    times: tuple[float, ...], frequencies: tuple[float, ...], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        Trajectory(times, frequencies)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 'ntraj: NUMBER', found 'the end'"),
        ("ntraj: 1", "expected 'npop: NUMBER', found 'the end'"),
        ("ntraj: 0\nnpop: 1", "line 1: expected 'ntraj: NUMBER', found 'ntraj: 0'"),
        ("ntraj: ²\nnpop: 1", "line 1: expected 'ntraj: NUMBER'"),
        ("traj: 1\nnpop: 1", "line 1: expected 'ntraj: NUMBER', found 'traj: 1'"),
        ("ntraj: 1\nnpop: 2", "expected npop: 1, found 2"),
        ("ntraj: 1\nnpop: 1\n0 0.5", "line 3: expected 'n: NUMBER', found '0 0.5'"),
        ("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n", "expected 'time frequency', found 'the end'"),
        ("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n0.1", "line 5: expected 'time frequency', found '0.1'"),
        ("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n0.1 x", "line 5: expected 'time frequency', found '0.1 x'"),
        ("ntraj: 1\nnpop: 1\nn: 2\n0 0.5\n0.1 0.2\n", "line 5: trajectory: expected to end in frequency 0"),
        ("ntraj: 1\nnpop: 1\nn: 1\n0 0\n0.3 0\n", "line 5: expected the end after 1 trajectories"),
        ("ntraj: 2\nnpop: 1\nn: 1\n0 0\n", "expected 'n: NUMBER', found 'the end'"),
    ],
)
def test_a_malformed_file_is_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"bad\.txt.*{message}"):
        read_trajectories(path, population_size=100)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.txt: cannot read the trajectory file"):
        read_trajectories(tmp_path / "nowhere.txt", population_size=100)
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"bytes\.txt: cannot read the trajectory file"):
        read_trajectories(tmp_path / "bytes.txt", population_size=100)
