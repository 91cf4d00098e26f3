"""Runs on a real Dask cluster: a scheduler and workers in processes and folders of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import Registry, SelbenchError, UnsupportedError
from selbench.experiment import Experiment, parse_experiment
from selbench.runner.cluster import executor as room
from selbench.runner.cluster.executor import DaskCluster
from selbench.runner.events import ClusterChanged, Event, JobAdvanced, JobEnded, JobStarted, ignore
from selbench.runner.executors import InProcess
from selbench.runner.run import run_experiment
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table

pytest.importorskip("distributed", reason="needs selbench[dask]")

PACKAGES = Path(__file__).parents[2] / "packages"
SECONDS_TO_START = 90
AT_REST = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
}
"""A cluster that looks at itself every 20 ms takes a sixth of a core to do nothing."""


@dataclass
class Cluster:
    """A scheduler and the workers that joined it."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scheduler_file(self) -> Path:
        """Where the scheduler says how to reach it."""
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return str(json.loads(self.scheduler_file.read_text())["address"])

    def start(self, *words: str, packages: Path = PACKAGES) -> subprocess.Popen[bytes]:
        """Start a part of the cluster in a folder of its own."""
        place = self.folder / f"part {len(self.processes)}"
        place.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--scheduler-file", str(self.scheduler_file)],
            cwd=place,
            env=os.environ | AT_REST | {"PYTHONPATH": str(packages)},
            stdout=subprocess.DEVNULL,
            stderr=(place / "log").open("wb"),
        )
        self.processes.append(process)
        return process

    def start_worker(self, *, packages: Path = PACKAGES) -> subprocess.Popen[bytes]:
        """Start a worker and the nanny that replaces it when it dies."""
        return self.start("worker", "--nthreads", "1", "--no-dashboard", packages=packages)

    def ask(self, question: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Ask every worker."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            return dict(client.run(question, *arguments))

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are there, no more and no less."""
        deadline = time.monotonic() + SECONDS_TO_START
        while len(self.ask(os.getpid)) != count:
            assert time.monotonic() < deadline, [p.read_text() for p in self.folder.glob("part*/log")]
            time.sleep(0.1)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a part."""
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a scheduler and two workers."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    deadline = time.monotonic() + SECONDS_TO_START
    while not cluster.scheduler_file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    cluster.start_worker()
    cluster.start_worker()
    cluster.wait_for_workers(2)
    yield cluster
    for process in reversed(cluster.processes.copy()):
        cluster.stop(process)


@pytest.fixture
def experiment(toy_table: dict[str, Any], toy_registry: Registry) -> Experiment:
    """Return the toy experiment."""
    return parse_experiment(toy_table, toy_registry, where="toy.toml")


def children_of(processes: list[int]) -> list[int]:
    """Return the processes that these started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if int(lines["PPid"]) in processes and not lines["State"].startswith("Z"):
            found.append(int(status.parent.name))
    return found


def wait_until_workers_rest(cluster: Cluster) -> None:
    """Wait until no worker has a process that works for it."""
    deadline = time.monotonic() + 60
    while children := children_of(list(cluster.ask(os.getpid).values())):
        assert time.monotonic() < deadline, f"{children} work on"
        time.sleep(0.2)


def with_a_dataset(table: dict[str, Any], registry: Registry, folder: Path) -> dict[str, Any]:
    """Add a task whose selected windows come from a dataset file."""
    from selbench.experiment import portions
    from selbench.formats.dataset import DatasetMetadata, write_dataset

    task = parse_experiment(table, registry, where="toy.toml").tasks["small"]
    parts = [portions(task, split=split)[1] for split in ("train", "validation", "test")]
    windows = [(p.split, p.source.complete(p, experiment_seed=1).windows) for p in parts]
    write_dataset(folder / "sweeps.parquet", windows, DatasetMetadata(task.spec))
    small = table["tasks"]["small"]
    classes = {**small["classes"], "sweep": {"dataset": str(folder / "sweeps.parquet")}}
    return table | {"tasks": {"small": small, "given": {**small, "classes": classes}}}


def test_a_run_needs_no_shared_disk_and_gives_what_a_local_run_gives(
    cluster: Cluster,
    toy_table: dict[str, Any],
    toy_registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = parse_experiment(
        with_a_dataset(toy_table, toy_registry, Path()), toy_registry, where="toy.toml"
    )
    store, events = Store(Path("store")), list[Event]()
    with DaskCluster.for_experiment(cluster.address, experiment) as executor:
        outcome = run_experiment(experiment, store, executor, observe=events.append)
        assert {t.status for t in outcome.trainings} == {"done"}, [
            training.reason for training in outcome.trainings
        ]
        assert not any(cluster.ask(os.path.exists, "store").values()), "workers see the store"
        assert not any(cluster.ask(os.path.exists, "sweeps.parquet").values()), "workers see the dataset"
        shutil.rmtree("store/predictions")
        started: list[Event] = []
        again = run_experiment(experiment, store, executor, observe=started.append)
    here = run_experiment(experiment, Store(Path("here")), InProcess())
    expected = predictions_table(here)
    pd.testing.assert_frame_equal(predictions_table(outcome), expected)
    pd.testing.assert_frame_equal(predictions_table(again), expected)
    assert not [e for e in started if isinstance(e, JobStarted) and "block" in e.name]
    for portion in here.plan.portions():
        there, local = outcome.files_of(portion), here.files_of(portion)
        assert there.load().digests() == local.load().digests()
    assert {event.name for event in events if isinstance(event, JobAdvanced)}
    assert sum(isinstance(event, JobEnded) for event in events) == sum(
        isinstance(event, JobStarted) for event in events
    )
    wait_until_workers_rest(cluster)


def test_inputs_travel_once_and_fits_keep_to_their_threads(
    cluster: Cluster, experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toy_jobs import ToyJob

    (tmp_path / "large").write_bytes(bytes(range(256)) * 80_000)
    reads: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path) or read(path))
    jobs = [ToyJob(f"job {i}", path=tmp_path / "large") for i in range(6)]
    with DaskCluster.for_experiment(str(cluster.scheduler_file), experiment) as executor:
        outcomes = list(executor.run(jobs, ignore))
    assert [outcome.error for outcome in outcomes] == [""] * 6
    assert {len(outcome.result["content"]) for outcome in outcomes} == {20_480_000}
    assert {outcome.result["threads"] for outcome in outcomes} == {"1"}
    assert len({outcome.result["process"] for outcome in outcomes}) <= 2, "a process does many jobs"
    assert reads.count(tmp_path / "large") == 1


def test_workers_killed_in_mid_run_are_replaced_and_change_nothing(
    cluster: Cluster, toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    methods = ["few-sites", "few-sites[seconds=2]"]
    experiment = parse_experiment(toy_table | {"methods": methods}, toy_registry, where="toy.toml")
    killed: list[int] = []
    lost: list[str] = []

    def observe(event: Event) -> None:
        if isinstance(event, JobAdvanced) and "seconds=2" in event.name and not killed:
            killed.extend(cluster.ask(os.getpid).values())
            for process in killed:
                os.kill(process, signal.SIGKILL)
        if isinstance(event, ClusterChanged):
            lost.append(event.message)

    with DaskCluster.for_experiment(cluster.address, experiment) as executor:
        outcome = run_experiment(experiment, Store(tmp_path / "there"), executor, observe=observe)
    assert len(killed) == 2, "both, and with them the inputs that they held"
    assert sum("is lost" in message for message in lost) == 2
    assert [t.status for t in outcome.trainings] == ["done"] * 4, [
        training.reason for training in outcome.trainings
    ]
    here = run_experiment(experiment, Store(tmp_path / "here"), InProcess())
    pd.testing.assert_frame_equal(predictions_table(outcome), predictions_table(here))


@pytest.mark.parametrize("victim", ["process", "worker"])
def test_a_job_that_kills_twice_has_failed_and_the_others_go_on(
    cluster: Cluster, experiment: Experiment, victim: Any
) -> None:
    from toy_jobs import ToyJob

    cluster.wait_for_workers(2)
    jobs = [ToyJob("lethal", dies=victim), *(ToyJob(f"calm {i}", seconds=0.2) for i in range(4))]
    with DaskCluster.for_experiment(cluster.address, experiment) as executor:
        outcomes = {outcome.job.name: outcome for outcome in executor.run(jobs, ignore)}
    assert outcomes.pop("lethal").error == "its worker died 2 times (killed, or out of memory)"
    assert sorted(outcomes) == [f"calm {i}" for i in range(4)]
    assert {outcome.error for outcome in outcomes.values()} == {""}


@contextmanager
def another_version(folder: Path) -> Iterator[Path]:
    """Install the toy plugin once more, as version 0.2."""
    packages = folder / "packages"
    shutil.copytree(PACKAGES, packages, ignore=shutil.ignore_patterns("__pycache__"))
    metadata = packages / "toy_selection-0.1.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 0.1", "Version: 0.2"))
    yield packages


def test_a_worker_with_another_version_is_refused_by_name(
    cluster: Cluster, toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    experiment = parse_experiment(
        toy_table | {"methods": ["few-sites[seconds=3]"]}, toy_registry, where="toy.toml"
    )
    started: list[Event] = []
    wanted = r"worker tcp://\S+ has toy-selection 0\.2, this run needs toy-selection 0\.1"
    with another_version(tmp_path) as packages:
        cluster.wait_for_workers(2)
        with DaskCluster.for_experiment(cluster.address, experiment) as executor:
            run_experiment(experiment, Store(tmp_path / "late"), executor, observe=ignore)
            stranger = cluster.start_worker(packages=packages)
            cluster.wait_for_workers(3)
            time.sleep(1)
            shutil.rmtree(tmp_path / "late" / "predictors")
            outcome = run_experiment(experiment, Store(tmp_path / "late"), executor, observe=started.append)
        assert {training.status for training in outcome.trainings} == {"done"}
        (refused,) = [event.message for event in started if isinstance(event, ClusterChanged)]
        assert re.search(wanted, refused), refused
        started.clear()
        with (
            DaskCluster.for_experiment(cluster.address, experiment) as executor,
            pytest.raises(UnsupportedError, match=wanted),
        ):
            run_experiment(experiment, Store(tmp_path / "store"), executor, observe=started.append)
        assert not [event for event in started if isinstance(event, JobStarted)]
        assert not list((tmp_path / "store").rglob("*.npz"))
        cluster.stop(stranger)
    cluster.wait_for_workers(2)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_stopping_withdraws_the_jobs_from_the_workers(cluster: Cluster, experiment: Experiment) -> None:
    from toy_jobs import ToyJob

    def press(event: Event) -> None:
        if isinstance(event, JobAdvanced):
            raise KeyboardInterrupt

    cluster.wait_for_workers(2)
    jobs = [ToyJob(f"endless {i}", seconds=600) for i in range(3)]
    with (
        DaskCluster.for_experiment(cluster.address, experiment) as executor,
        pytest.raises(KeyboardInterrupt),
    ):
        list(executor.run(jobs, press))
    wait_until_workers_rest(cluster)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_run_that_was_killed_leaves_the_workers_and_goes_on(
    cluster: Cluster, toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    import tomli_w

    cluster.wait_for_workers(2)
    table = toy_table | {"methods": ["few-sites", "few-sites[seconds=4]"], "repetitions": 1}
    (tmp_path / "toy.toml").write_text(tomli_w.dumps(table))
    command = [
        sys.executable,
        "-c",
        "from selbench.cli import main; main()",
        "run",
        "toy.toml",
        "--out",
        "out",
    ]
    command += ["--dask", str(cluster.scheduler_file)]
    environment = os.environ | {"PYTHONPATH": str(PACKAGES)}
    run = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    predictions = tmp_path / "out" / "store" / "predictions"
    while len(list(predictions.glob("??/[!.]*"))) < 3:  # of test, threshold and validation windows
        assert run.poll() is None
        time.sleep(0.05)
    run.kill()
    run.wait()
    wait_until_workers_rest(cluster)
    again = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert "1 done, 1 done before" in again.stderr
    assert len(pd.read_parquet(tmp_path / "out" / "predictions.parquet")) == 2 * 260


def test_without_dask_or_scheduler_the_line_says_what_to_do(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(SelbenchError, match=r"--dask tcp://127\.0\.0\.1:9: no Dask scheduler answers there"):
        DaskCluster.for_experiment("tcp://127.0.0.1:9", experiment)
    with pytest.raises(SelbenchError, match="no Dask scheduler answers there"):
        DaskCluster.for_experiment("nonsense://", experiment)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SelbenchError, match=r"--dask needs Dask, which is not installed: pip install .*dask"):
        DaskCluster.for_experiment("tcp://127.0.0.1:9", experiment)


def test_dask_is_imported_only_where_it_is_asked_for() -> None:
    script = (
        "import sys, selbench.runner.run, selbench.cli.run, selbench.runner.processes; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"dask", "distributed"} & set(done.stdout.split())
