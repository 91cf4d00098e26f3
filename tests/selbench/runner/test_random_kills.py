"""Runs that are killed, stopped, doubled or starved at any moment end as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

KILLS = 6
INTERRUPTS = 1

EXPERIMENT = """\
name = "toy"
seed = 11
repetitions = 2
baselines = false
methods = ["few-sites", "few-sites[seconds=0.05]", "few-sites[seconds=0.1]"]

[tasks.small]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 10 }
locus = { sequence_length = 500, mutation_rate = 1e-8 }
population = { size = 1000 }
windows = { train = 40, validation = 20, test = 40, threshold = 40 }

[tasks.small.classes.neutral]
simulator = "toy"

[tasks.small.classes.sweep]
simulator = "toy"
selection = { s = 0.1, carriers = "all" }
"""


@dataclass(frozen=True)
class Bench:
    """A folder with the experiment, and its run that nothing disturbed."""

    folder: Path
    forked: Any
    seconds: float

    def start(self, *words: str, out: str = "run") -> Any:
        """Start a run in a process group of its own."""
        said = self.folder / f"said {len(list(self.folder.glob('said *')))}"
        command = ["run", "toy.toml", "--out", out, *(words or ("--workers", "2"))]
        return self.forked(command, self.folder, said, {"SELBENCH_TEST": str(self.folder), "COLUMNS": "160"})

    def finish(self, *words: str, out: str = "run") -> str:
        """Run to the end; return what was said."""
        run = self.start(*words, out=out)
        said = str(run.finish())
        assert run.returncode == 0, said
        return said

    def check(self, out: str = "run") -> None:
        """Compare a run's tables with those of the undisturbed one, byte by byte but for what things cost."""
        run, undisturbed = self.folder / out, self.folder / "undisturbed"
        name = "predictions.parquet"
        assert (run / name).read_bytes() == (undisturbed / name).read_bytes()
        pd.testing.assert_frame_equal(results_of(run), results_of(undisturbed), check_exact=True)
        left = [path for path in run.rglob(".*") if "store" not in path.parts]
        assert not left, "what a kill left half written is removed"
        assert (run / "report.html").stat().st_size > 10_000
        methods = {path.name for path in (undisturbed / "predictors").iterdir()}
        assert {path.name for path in (run / "predictors").iterdir()} == methods

    def artefacts(self, out: str = "run") -> int:
        """Count what a run's store holds."""
        store = self.folder / out / "store"
        kinds = ("windows", "predictors", "predictions")
        return sum(len(list((store / kind).glob("??/[!.]*/made_by.json"))) for kind in kinds)

    def processes(self) -> list[int]:
        """Return the workers of this bench, whatever became of their runs."""
        mark = f"SELBENCH_TEST={self.folder}".encode()
        found = []
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environment.read_bytes().split(b"\0"):
                    found.append(int(environment.parent.name))
            except OSError:
                continue
        return found

    def wait_for_orphans(self) -> None:
        """Wait until the workers of a run that is gone are gone too."""
        deadline = time.monotonic() + 30
        while left := self.processes():
            assert time.monotonic() < deadline, f"workers {left} outlive their run"
            time.sleep(0.02)


def results_of(folder: Path) -> pd.DataFrame:
    """Read results.parquet without what things cost."""
    results = pd.read_parquet(folder / "results.parquet")
    is_cost = results["metric"].str.contains("seconds") | (results["metric"] == "peak_memory_bytes")
    return results[~is_cost].reset_index(drop=True)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, forked: Any) -> Bench:
    """Run the experiment undisturbed, and time it where nothing is compiled any more."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "toy.toml").write_text(EXPERIMENT)
    bench = Bench(folder, forked, 0.0)
    bench.finish("--workers", "0", out="undisturbed")
    began = time.monotonic()
    bench.finish(out="timed")
    bench.check("timed")
    return Bench(folder, forked, time.monotonic() - began)


@pytest.fixture(autouse=True)
def clean_bench(request: pytest.FixtureRequest) -> Iterator[None]:
    """Kill what a failed test left running."""
    yield
    bench = request.getfixturevalue("bench")
    for process in bench.processes():
        os.kill(process, signal.SIGKILL)


def wait_for_a_moment(bench: Bench, run: Any, out: str, rng: random.Random) -> None:
    """Wait until any moment of a run, or until one at which something is being stored."""
    if rng.random() < 0.5:
        wait_at_most(run, rng.uniform(0.05, 0.7) * bench.seconds)
        return
    wanted, patience = bench.artefacts(out) + rng.randint(1, 6), time.monotonic() + bench.seconds / 2
    while bench.artefacts(out) < wanted and time.monotonic() < patience and run.poll() is None:
        time.sleep(0.001)
    time.sleep(rng.expovariate(1 / 0.01))


def wait_at_most(run: Any, seconds: float) -> None:
    """Wait for some time, or until the run has ended."""
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_killed_at_random_moments_a_run_ends_as_if_undisturbed(bench: Bench) -> None:
    rng = random.Random(2021)
    kills, round_ = 0, 0
    while kills < KILLS:
        out, is_whole = f"run {round_}", False
        for _ in range(min(KILLS - kills, 15)):
            held = bench.artefacts(out)
            run = bench.start(out=out)
            wait_for_a_moment(bench, run, out, rng)
            if run.poll() is not None:
                said = run.finish()
                assert run.returncode == 0, said
                is_whole = True
                break
            os.killpg(run.pid, signal.SIGKILL)
            said = run.finish()
            assert "Error" not in said, said
            assert bench.artefacts(out) >= held, "nothing that was finished is lost"
            kills += 1
            bench.wait_for_orphans()
        if not is_whole:
            bench.finish("--workers", "0", out=out)
        bench.check(out)
        round_ += 1
    bench.wait_for_orphans()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_stopped_by_the_keyboard_a_run_says_so_in_a_line_and_goes_on(bench: Bench) -> None:
    rng = random.Random(7)
    stops = 0
    while stops < INTERRUPTS:
        run = bench.start(out="stopped")
        wait_at_most(run, rng.uniform(0.3, 0.9) * bench.seconds)
        if run.poll() is None:
            os.kill(run.pid, signal.SIGINT)
        said = run.finish()
        bench.wait_for_orphans()
        stops += 1
        assert "Traceback" not in said, said
        if run.returncode == 0:
            break
        assert run.returncode in {130, -signal.SIGINT}, said
    bench.finish("--workers", "0", out="stopped")
    bench.check("stopped")


@pytest.mark.slow
@pytest.mark.parametrize("shares", ["store", "folder"])
def test_two_runs_at_once_both_end_well(bench: Bench, shares: str) -> None:
    outs = [f"twin {shares} {i if shares == 'store' else 0}" for i in range(2)]
    store = ("--store", f"shared by {shares}", "--workers", "1")
    twins = [bench.start(*store, out=out) for out in outs]
    for twin in twins:
        said = twin.finish()
        assert twin.returncode == 0, said
    for out in outs:
        bench.check(out)
    before = sorted((bench.folder / f"shared by {shares}").rglob("*"))
    assert "to do" not in bench.finish(*store, out=outs[0]).replace(": 0 to do", "")
    assert sorted((bench.folder / f"shared by {shares}").rglob("*")) == before
