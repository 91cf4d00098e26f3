"""Speed of the built-in coalescent engine beside the programs it stands for, on the same settings in one run.

    python benchmarks/simulators.py [--msms "java -jar /path/to/msms.jar"] [--mssel /path/to/mssel] …

Programs are taken from these options, from SELBENCH_MS, SELBENCH_MSSEL … in the
environment, or from PATH; those that are missing are left out. Windows per CPU
second of one core, unpacked into `Windows`, with the CPU time of the program
and of reading its output: medians of alternating pairs of runs. Mean numbers of
sites are compared in the same run, and a difference ends it.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from selbench import Locus, Population, Sample, Scenario, Selection, Simulator, Windows
from selbench.adapters.ms_program import run_program
from selbench.adapters.program import Program
from selbench.experiment import BLOCK
from selbench_coalescent.engine.recording import record_trajectories
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.msprime_simulator import Msprime
from selbench_coalescent.mssel import Mssel
from selbench_coalescent.quantities import Quantities

N_PAIRS = 5
SECONDS = 1.0  # that a run of the engine takes, about
N_BLOCKS = 400  # for the workers
N_MSPRIME = 200  # windows; programs run in blocks
SEED = 1
PROGRAMS = ("ms", "mssel", "msms", "discoal", "scrm", "mspms")
DRIVERS: Mapping[str, type[Ms] | type[Mssel] | type[Msms]] = {
    "ms": Ms,
    "mspms": Ms,
    "scrm": Ms,
    "mssel": Mssel,
    "msms": Msms,
}

Simulate = Callable[[int], Windows]
"""Simulates so many windows."""


@dataclass(frozen=True)
class Setting:
    """One setting, who can simulate it, and what is asked of the engine."""

    name: str
    simulator: Simulator
    scenario: Scenario
    targets: Mapping[str, float]  # times as fast as this contestant
    discoal: str = ""
    elsewhere: Mapping[str, float] = field(default_factory=dict)  # windows/s, recorded on another machine


STUDY = Scenario(Sample(48), Locus(1000, 1e-8, 1e-8), Population(80_000.0))
TEN_KB = Scenario(Sample(48), Locus(10_000, 2e-8, 1e-8), Population(10_000.0))
PARTIAL = Selection(s=0.005, present_frequency=0.22, carriers="all", position=4999.0, trajectories="shared")
FIXED = Selection(s=0.005, fixation_time=0.0, carriers="all", position=499.0)
IMAGENE = (
    "-N 10000 -ms 128 1 -t 48 -r 32 80000 -Sp .50 -SI .0150 1 .010000 -SAA 600 -SAa 300 -Saa 0 "
    "-eN 0.0875 1 -eN 0.075 0.2 -eN 0 2"
)
SETTINGS = (
    Setting(
        "neutral, 1 kb",
        Ms(),
        STUDY,
        {"ms": 2},
        discoal="-t 3.2 -r 3.2",
        elsewhere={"ms": 38_000, "msms": 7_800, "discoal": 13_800, "msprime": 1_900},
    ),
    Setting(
        "the study's selection, 1 kb, one trajectory",
        Mssel(),
        replace(STUDY, selection=PARTIAL),
        {"mssel": 2},
        elsewhere={"mssel": 40_300},
    ),
    Setting(
        "the same, a trajectory per window",
        Mssel(),
        replace(STUDY, selection=replace(PARTIAL, trajectories="each")),
        {"mssel": 2},
        elsewhere={"mssel": 40_300},
    ),
    Setting(
        "the study's ds5, 10 kb",
        Mssel(),
        replace(TEN_KB, selection=replace(PARTIAL, trajectories="each")),
        {"mssel": 2},
    ),
    Setting(
        "hard sweep, 1 kb",
        Mssel(),
        replace(STUDY, selection=FIXED),
        {"msprime": 50},
        discoal="-t 3.2 -r 3.2 -ws 0 -a 400 -x 0.5 -N 80000",
        elsewhere={"msms": 790, "discoal": 260, "msprime": 190},
    ),
    Setting(
        "the same, 500 trajectories in turn",
        Mssel(),
        replace(STUDY, selection=replace(FIXED, trajectories=500)),
        {"mssel": 2},
        elsewhere={"mssel": 43_600},
    ),
    Setting(
        "ImaGene, S = 300, epoch 3, 80 kb",
        Msms(),
        Msms().parse_command(IMAGENE).scenario,
        {"msms": 5},
        elsewhere={"msms": 300},
    ),
)


def programs() -> dict[str, str]:
    """Return the programs that are there, by name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in PROGRAMS:
        beside = shutil.which(name) or str(Path(sys.executable).with_name(name))
        found = os.environ.get(f"SELBENCH_{name.upper()}", shlex.quote(beside))
        parser.add_argument(f"--{name}", default=found, metavar="COMMAND")
    asked = vars(parser.parse_args())
    return {name: asked[name] for name in PROGRAMS if shutil.which(shlex.split(asked[name])[0])}


def contestants(setting: Setting, found: Mapping[str, str]) -> dict[str, Simulate]:
    """Return who can simulate a setting, by name."""
    able: dict[str, Simulate] = {}
    for name, driver in DRIVERS.items():
        simulator, scenario = driver(program=found.get(name, "")), setting.scenario
        if name == "mssel" and scenario.selection is not None:
            scenario = _along_given_trajectories(scenario)
        if simulator.program and simulator.unsupported(scenario) is None:
            able[name] = _simulate(simulator, scenario)
    if "discoal" in found and setting.discoal:
        able["discoal"] = lambda n: _run_discoal(found["discoal"], setting, n)
    if Msprime().unsupported(setting.scenario) is None:
        able["msprime"] = _simulate(Msprime(), setting.scenario)
    return able


def _simulate(simulator: Simulator, scenario: Scenario) -> Simulate:
    return lambda n: simulator.simulate(scenario, windows=range(n), seed=SEED)


def _along_given_trajectories(scenario: Scenario) -> Scenario:
    """Return the scenario with trajectories to take in turn: mssel need not wait until they are drawn."""
    assert scenario.selection is not None
    each = replace(scenario.selection, trajectories="each")
    windows = range(1 if scenario.selection.trajectories == "shared" else 500)
    quantities = Quantities.draw(replace(scenario, selection=each), windows=windows, seed=SEED)
    plan = Mssel().plan(quantities, seed=SEED)
    given = record_trajectories(plan, windows=windows, seed=SEED, trajectory_seed=SEED)
    return replace(scenario, selection=replace(each, given_trajectories=given))


def _run_discoal(command: str, setting: Setting, n_windows: int) -> Windows:
    spec = setting.scenario.window_spec
    told = f"{spec.n_haplotypes} {n_windows} {spec.sequence_length + 1} {setting.discoal} -d {SEED} 2"
    return run_program([*Program.find(command).words, *told.split()], spec=spec, expected_windows=n_windows)


def cpu_seconds() -> float:
    """CPU seconds of this process and of the programs that it has run."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def rate(simulate: Simulate, n_windows: int) -> tuple[float, Windows]:
    """Windows per CPU second of one call, and the windows."""
    started = cpu_seconds()
    windows = simulate(n_windows)
    return n_windows / (cpu_seconds() - started), windows


def enough(simulate: Simulate) -> int:
    """How many windows the engine makes in about `SECONDS`; the first call compiles."""
    simulate(BLOCK)
    per_second, _ = rate(simulate, BLOCK)
    return max(BLOCK, round(per_second * SECONDS))


def assert_same_sites(ours: Windows, theirs: Windows, who: str) -> None:
    """Refuse to compare the speed of things that differ: mean sites apart by more than 6 % and 6 SE."""
    means = [windows.n_sites.mean() for windows in (ours, theirs)]
    error = np.sqrt(sum(windows.n_sites.var() / len(windows) for windows in (ours, theirs)))
    if abs(means[0] - means[1]) > 6 * error + 0.06 * means[0]:
        raise SystemExit(f"{who} makes {means[1]:.2f} sites per window, the engine {means[0]:.2f}")


def compare(setting: Setting, found: Mapping[str, str]) -> None:
    """Print the rows of a setting: engine and contestant in alternating pairs, then what is missing."""
    engine, others = _simulate(setting.simulator, setting.scenario), contestants(setting, found)
    n_ours = enough(engine)
    for name, simulate in others.items():
        n_theirs = BLOCK if name in found else N_MSPRIME
        pairs = []
        for _ in range(N_PAIRS):
            (ours, our_windows), (theirs, their_windows) = rate(engine, n_ours), rate(simulate, n_theirs)
            assert_same_sites(our_windows, their_windows, name)
            pairs.append((ours, theirs))
        ours, theirs = np.median(pairs, axis=0)
        _print_row(setting, name, ours, theirs, float(np.median([a / b for a, b in pairs])))
    recorded = {name: speed for name, speed in setting.elsewhere.items() if name not in others}
    if recorded or not others:
        alone = float(np.median([rate(engine, n_ours)[0] for _ in range(N_PAIRS)]))
        for name, speed in recorded.items():
            _print_row(setting, name, alone, speed, alone / speed, mark="*")
        if not recorded:
            print(f"| {setting.name} | {alone:,.0f} | | | | |", flush=True)


def _print_row(
    setting: Setting, name: str, ours: float, theirs: float, ratio: float, *, mark: str = ""
) -> None:
    asked = f"≥ {setting.targets[name]:g}×" if name in setting.targets else ""
    other = " | ".join(f"{mark}{text}{mark}" for text in (name, f"{theirs:,.0f}", f"{ratio:.1f}×"))
    print(f"| {setting.name} | {ours:,.0f} | {other} | {asked} |", flush=True)


def peak_memory() -> float:
    """MiB that this process took at most; getrusage would also count what its parent held when it began."""
    held = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(held[1]) / 1024 if held else float("nan")


def work(blocks: range) -> tuple[float, float, float]:
    """Simulate blocks of the study's selection; return CPU seconds, and peak memory before and after, MiB."""
    simulator, scenario = Mssel(), replace(STUDY, selection=PARTIAL)
    simulator.simulate(scenario, windows=range(BLOCK), seed=SEED)
    before, started = peak_memory(), time.process_time()
    for block in blocks:
        simulator.simulate(scenario, windows=range(block * BLOCK, (block + 1) * BLOCK), seed=SEED)
    return time.process_time() - started, before, peak_memory()


def print_workers() -> None:
    """Print what two worker processes cost beside one, and how much memory they take."""
    ratios, told = [], []
    for _ in range(N_PAIRS):
        seconds = []
        for shares in ([range(N_BLOCKS)], [range(N_BLOCKS // 2), range(N_BLOCKS // 2, N_BLOCKS)]):
            with get_context("spawn").Pool(len(shares), maxtasksperchild=1) as pool:
                told = pool.map(work, shares, chunksize=1)
            seconds.append(sum(spent for spent, _, _ in told))
        ratios.append(seconds[1] / seconds[0])
    _, before, after = np.max(told, axis=0)
    print(f"\nTwo worker processes: {np.median(ratios):.2f}× the CPU seconds of one (target ≤ 1.1×), for")
    print(f"{N_BLOCKS * BLOCK:,} windows of the study's selection in blocks of {BLOCK:,}. A worker, imports")
    print(f"included, took {before:.0f} MiB up to its first block and {after:.0f} MiB in all.")


def main() -> None:
    """Run all settings and print the table."""
    found = programs()
    print("Windows per CPU second. *In italics: recorded on another machine, not measured in this run.*\n")
    print("| setting | selbench | other | windows/s | ratio | target |")
    print("|---|---|---|---|---|---|")
    for setting in SETTINGS:
        compare(setting, found)
    print_workers()


if __name__ == "__main__":
    main()
