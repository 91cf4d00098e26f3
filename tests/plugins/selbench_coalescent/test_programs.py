"""Drivers of the user's own programs: what they ask for, and what they believe."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from selbench import (
    Epoch,
    Locus,
    Population,
    Sample,
    Scenario,
    Selection,
    SimulatorError,
    Trajectory,
    UnsupportedError,
    Windows,
)
from selbench.scenario import read_trajectories
from selbench.testing import SimulatorContract
from selbench_coalescent.ms import Ms
from selbench_coalescent.mssel import Mssel
from selbench_coalescent.programs import DiscoalDriver, MsDriver, MsmsDriver, MsselDriver

SCENARIO = Scenario(Sample(4), Locus(1000, 1e-6, 1e-6), Population(1000))
MSPMS = shutil.which("mspms") or str(Path(sys.executable).with_name("mspms"))
SCRM = shutil.which("scrm")

# what a well-behaved ms prints: one site per window, whose place tells the replicate and the seed
HONEST = """
import sys
words = sys.argv[1:]
if "-ms" in words:
    start = words.index("-ms") + 1
else:
    start = 0
n, reps = int(words[start]), int(words[start + 1])
seed = [word for word in words[words.index("-seed" if "-seed" in words else "-seeds") + 1:]][0]
print("ms", *words)
print(seed)
for i in range(reps):
    print(f"\\n//\\nsegsites: 1\\npositions: {(i + int(seed) % 7) / 1007:.6f}")
    print("1", *("0" * (n - 1)), sep="\\n")
"""


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str], str]:
    """A program made of Python source, as a script that starts by itself."""

    def make(source: str) -> str:
        path = tmp_path / "fake program.py"
        path.write_text(f"#!{sys.executable}\n{source}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return f"'{path}'"

    return make


def test_a_window_depends_on_seed_and_index_alone(fake: Callable[[str], str]) -> None:
    program = fake(HONEST)

    def simulate(windows: range, seed: int = 1) -> Windows:
        return MsDriver(program).simulate(SCENARIO, windows=windows, seed=seed)

    whole = simulate(range(2000))
    for part in (range(5), range(998, 1003), range(1999, 2000), range(10, 1500, 333)):
        assert simulate(part).digests() == whole.take(part).digests()
    assert simulate(range(1000)).digests() != simulate(range(1000, 2000)).digests()
    assert simulate(range(3), seed=4).digests() != whole.take(range(3)).digests()
    assert len(simulate(range(0))) == 0


def test_msms_is_asked_in_its_own_words(fake: Callable[[str], str]) -> None:
    selection = Selection(
        s=0.03, origin="multiple", onset_time=60, onset_frequency=0.01, position=500, keep_selected_site=True
    )
    source = (
        HONEST + "print(*words, file=sys.stderr)\nprint('//')"
    )  # one block too many: it tells what it was asked
    with pytest.raises(SimulatorError) as failure:
        MsmsDriver(fake(source)).simulate(replace(SCENARIO, selection=selection), windows=range(1), seed=1)
    asked = str(failure.value).split("ends: ")[1]
    assert asked.startswith("-N 1000 -ms 4 1 -t 4 -r 4 1001 -SAA 60 -SAa 30 -Saa 0 -Sp 0.5 -SI 0.015 1 0.01")
    assert " -Smark -oFP 0.000000 -seed " in asked
    assert int(asked.split("-seed ")[1]) % 1024 == 0


def test_a_marked_allele_that_does_not_vary_is_left_out(fake: Callable[[str], str]) -> None:
    marked = HONEST.replace("segsites: 1", "segsites: 2").replace("{(i", "0.000001 {(i")
    marked = marked.replace('print("1", *("0" * (n - 1))', 'print("21", *(["a0"] * (n - 1))')
    selection = Selection(
        s=0.03, origin="multiple", onset_time=60, onset_frequency=0.01, keep_selected_site=True
    )
    windows = MsmsDriver(fake(marked)).simulate(
        replace(SCENARIO, selection=selection), windows=range(7), seed=1
    )
    assert windows.n_sites.tolist() == [1] * 7
    assert windows.haplotypes[0].tolist() == [1, 0, 0, 0]


def test_mssel_gets_the_trajectory_of_each_window(fake: Callable[[str], str]) -> None:
    # as the original does, the fake takes the trajectories of its file in turn; it prints where each begins
    source = """
import sys
n, reps, _, _, path, site = sys.argv[1:7]
lines = open(path).read().split("\\n")
assert lines[-1] == "" and lines[0].startswith("ntraj: ")
starts = [float(line.split()[1]) for line, before in zip(lines[1:], lines) if before.startswith("n:")]
for i in range(int(reps)):
    print(f"//\\nselsite: 7\\n\\nsegsites: 1\\npositions: {starts[i % len(starts)]:.6f}")
    print("1", *("0" * (int(n) - 1)), sep="\\n")
"""
    windows = range(998, 1400, 2)
    for count in (1, 700, 1700):
        frequencies = [(i + 1) / 2000 for i in range(count)]
        given = tuple(Trajectory((0, 50), (frequency, 0)) for frequency in frequencies)
        scenario = replace(SCENARIO, selection=Selection(carriers=2, position=-500, given_trajectories=given))
        simulated = MsselDriver(fake(source)).simulate(scenario, windows=windows, seed=1)
        expected = [1000 * frequencies[i % count] for i in windows]
        np.testing.assert_allclose(simulated.positions, expected)


# mssel prints where the selected column stands: the second of three, where it tells carriers from the rest
WITH_COLUMN = """
import sys
n, reps, n_other, n_carriers, _, site = sys.argv[1:7]
for i in range(int(reps)):
    print(f"//\\nselsite: {index}\\n\\nsegsites: 3\\npositions: 0.25 0.50 0.75")
    print(*(["001"] * int(n_other) + ["110"] * int(n_carriers)), sep="\\n")
"""


def test_the_selected_column_of_mssel_does_not_give_the_label_away(fake: Callable[[str], str]) -> None:
    driver = MsselDriver(fake(WITH_COLUMN.replace("{index}", "1")))
    given = (Trajectory((0, 50), (0.5, 0)),)
    selection = Selection(carriers=2, position=500, given_trajectories=given)
    hidden = driver.simulate(replace(SCENARIO, selection=selection), windows=range(3), seed=1)
    assert hidden.positions.tolist() == [250, 750] * 3
    assert hidden.haplotypes.tolist() == [[0, 0, 1, 1], [1, 1, 0, 0]] * 3
    # what is no column of the program, or is asked for, stays: its index is then another's, or not even set
    for change in (
        {"keep_selected_site": True},
        {"carriers": "all"},
        {"carriers": 0},
        {"position": -500},
        {"position": 1500},
    ):
        scenario = replace(SCENARIO, selection=replace(selection, **change))
        assert driver.simulate(scenario, windows=range(3), seed=1).n_sites.tolist() == [3] * 3
    # just behind the window, on the last site of mssel: no column of ours, whatever is asked for
    behind = replace(SCENARIO, selection=replace(selection, position=1000, keep_selected_site=True))
    assert driver.simulate(behind, windows=range(1), seed=1).n_sites.tolist() == [2]
    assert "one more or one less" in (
        driver.unsupported(replace(SCENARIO, selection=replace(selection, position=1001))) or ""
    )


# as discoal: a column for the selected site wherever it is carried, empty lines where there is no site
DISCOAL = """
import sys
n, reps, length = sys.argv[1:4]
print("discoal", *sys.argv[1:])
print(*sys.argv[-2:])
for i in range(int(reps)):
    if i == 2:
        print("\\n//\\nsegsites: 2\\npositions: 0.250000 0.500000 \\n01\\n01\\n11\\n01")
    else:
        print("\\n//\\nsegsites: 0", *[""] * int(n), sep="\\n")
"""


def test_discoal_is_asked_in_its_own_words(fake: Callable[[str], str]) -> None:
    selection = Selection(s=0.1, position=500, present_frequency=0.9, keep_selected_site=True)
    scenario = replace(SCENARIO, selection=selection)
    windows = DiscoalDriver(fake(DISCOAL)).simulate(scenario, windows=range(3), seed=1)
    assert windows.n_sites.tolist() == [0, 0, 1]
    assert windows.positions.tolist() == [250]
    one_too_many = DISCOAL + "print(*sys.argv[1:], file=sys.stderr)\nprint('//')"
    with pytest.raises(SimulatorError) as failure:
        DiscoalDriver(fake(one_too_many)).simulate(scenario, windows=range(2), seed=1)
    asked = str(failure.value).split("ends: ")[1]
    assert asked.startswith("4 2 1000 -t 4 -r 4 -N 1000 -ws 0 -x 0.5 -a 100 -c 0.9 -d ")
    assert all(0 < int(word) < 2**31 - 100 for word in asked.split()[-2:])


@pytest.mark.parametrize("told", ["", "selsite: 3", "selsite: -1", "selsite:"])
def test_a_selected_column_that_is_not_told_is_an_error(fake: Callable[[str], str], told: str) -> None:
    source = WITH_COLUMN.replace("selsite: {index}", told)
    selection = Selection(carriers=2, position=500, given_trajectories=(Trajectory((0, 50), (0.5, 0)),))
    with pytest.raises(SimulatorError, match="expected a line selsite: i before, i one of the 3 site"):
        MsselDriver(fake(source)).simulate(replace(SCENARIO, selection=selection), windows=range(1), seed=1)


def test_a_program_makes_as_many_windows_as_are_asked_for(fake: Callable[[str], str], tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    driver = MsDriver(fake(HONEST + f"open({str(asked)!r}, 'a').write(f'{{reps}} ')"))
    for windows, runs in (
        (range(20), "20"),
        (range(998, 1003), "1000 3"),
        (range(1040, 1000, -20), "41"),
        (range(5, 2006, 1000), "6 6 6"),
    ):
        asked.write_text("")
        assert len(driver.simulate(SCENARIO, windows=windows, seed=1)) == len(windows)
        assert asked.read_text().split() == runs.split()


def test_an_allele_that_is_kept_for_good_is_no_trajectory_in_a_file(fake: Callable[[str], str]) -> None:
    balanced = Selection(w_AA=1.0, w_Aa=1.2, w_aa=1.0, present_frequency=0.5, carriers=2, position=500)
    driver = MsselDriver(fake("raise SystemExit"))
    with pytest.raises(UnsupportedError, match="balancing selection may keep it for good"):
        driver.simulate(replace(SCENARIO, selection=balanced), windows=range(1), seed=1)


def test_mssel_gets_the_trajectories_that_the_engine_would_draw(tmp_path: Path) -> None:
    drawn = Selection(s=0.1, carriers=2, present_frequency=0.2, position=500)
    fixed = replace(drawn, present_frequency=None, fixation_time=20, carriers="all")
    for selection in (drawn, fixed):
        scenario = replace(SCENARIO, selection=selection)
        files = MsselDriver("mssel").files(scenario, seed=3, block=1, n_windows=1000)
        (tmp_path / "file").write_text(files["trajectories.txt"])
        given = read_trajectories(tmp_path / "file", population_size=1000)
        assert len(given) == 1000
        followed = replace(scenario, selection=replace(selection, given_trajectories=given))
        windows = range(1000, 2000)
        drawn_sites = Mssel().simulate(scenario, windows=windows, seed=3).n_sites
        followed_sites = Mssel().simulate(followed, windows=windows, seed=3).n_sites
        spread = np.sqrt((drawn_sites.var() + followed_sites.var()) / len(windows))
        assert abs(drawn_sites.mean() - followed_sites.mean()) < 5 * spread


def test_what_the_program_cannot_do_is_refused_before_it_runs(fake: Callable[[str], str]) -> None:
    half_told = replace(SCENARIO, selection=Selection(s=0.1, carriers=2))
    assert "found none" in (MsselDriver(fake("raise SystemExit")).unsupported(half_told) or "")
    driver = MsmsDriver(fake("raise SystemExit"))
    scenario = replace(SCENARIO, selection=Selection(s=0.1, present_frequency=0.2))
    assert "present_frequency" in (driver.unsupported(scenario) or "")
    assert driver.unsupported(SCENARIO) is None
    with pytest.raises(UnsupportedError, match="present_frequency"):
        driver.simulate(scenario, windows=range(1), seed=1)


def test_a_program_that_is_missing_is_refused_before_anything_is_written() -> None:
    told = Ms(program="/nowhere/ms").unsupported(SCENARIO)
    assert (
        told == "program = '/nowhere/ms': '/nowhere/ms' is neither on PATH nor the path of an executable file"
    )


REAL = [
    pytest.param(MSPMS, id="mspms"),
    pytest.param(
        SCRM or "",
        id="scrm",
        marks=pytest.mark.skipif(SCRM is None, reason="scrm is not installed (Debian package scrm)"),
    ),
]


@pytest.mark.slow
@pytest.mark.skipif(SCRM is None, reason="scrm is not installed (Debian package scrm)")
class TestMsWithScrm(SimulatorContract):
    component = Ms(program="scrm")


def test_a_simulator_hands_over_to_the_program_that_it_is_given(fake: Callable[[str], str]) -> None:
    simulator = Ms(program=fake(HONEST), program_timeout_s=20)
    windows = simulator.simulate(SCENARIO, windows=range(5), seed=1)
    assert windows.n_sites.tolist() == [1] * 5
    assert simulator.provenance()["program"].endswith("fake program.py'")
    assert simulator.unsupported(replace(SCENARIO, selection=Selection(s=0.1))) is not None
    given = (Trajectory((0, 50), (0.2, 0)),)
    scenario = replace(SCENARIO, selection=Selection(carriers="binomial", given_trajectories=given))
    assert (Mssel(program="mssel").unsupported(scenario) or "").startswith("carriers = binomial: one run")
    assert Mssel().unsupported(scenario) is None


@pytest.mark.slow
@pytest.mark.parametrize("program", REAL)
def test_a_real_program_agrees_with_theory(program: str) -> None:
    n, theta = 20, 4.0
    scenario = Scenario(Sample(n), Locus(1000, theta / 4e7, 1e-7), Population(10_000))
    windows = MsDriver(program).simulate(scenario, windows=range(1000), seed=1)
    a1, a2 = (sum(1 / i**power for i in range(1, n)) for power in (1, 2))
    # Hudson 1983: recombination leaves the mean alone and lowers the variance of a single tree
    largest_error = np.sqrt((theta * a1 + theta**2 * a2) / 1000)
    assert abs(windows.n_sites.mean() - theta * a1) < 6 * largest_error
    derived = windows.haplotypes.sum(axis=1)
    assert derived.min() >= 1
    assert derived.max() < n
    singletons = (derived == 1).sum() / 1000
    assert abs(singletons - theta) < 0.2 * theta
    assert abs(windows.positions.mean() - 500) < 20
    few = MsDriver(program).simulate(scenario, windows=range(20), seed=1)
    assert few.digests() == windows.take(range(20)).digests()


@pytest.mark.slow
@pytest.mark.parametrize("program", REAL)
def test_a_real_program_understands_a_size_history(program: str) -> None:
    # a tenth of the size for nearly all of the past: a tenth of the sites, but for the first moments
    history = Population(10_000, 0.0, (Epoch(1, 1000), Epoch(50_000, 2000, -1e-6)))
    scenario = Scenario(Sample(10), Locus(1000, 1e-6, 0.0), history)
    windows = MsDriver(program).simulate(scenario, windows=range(1000), seed=1)
    expected = 4 * 1000 * 1e-6 * 1000 * sum(1 / i for i in range(1, 10))
    assert abs(windows.n_sites.mean() - expected) < 0.2 * expected
