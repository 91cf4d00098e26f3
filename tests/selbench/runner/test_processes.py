"""Worker processes of one machine: what becomes of jobs, whatever becomes of workers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from selbench.runner.events import Event, JobAdvanced, JobEnded, JobStarted, ignore
from selbench.runner.job_process import JobProcess
from selbench.runner.processes import Processes


def is_running(process: int) -> bool:
    """Tell whether a process is there and more than a zombie."""
    try:
        return "(zombie)" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def wait_until_gone(processes: list[int], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while any(map(is_running, processes)):
        assert time.monotonic() < deadline, "processes outlive the run"
        time.sleep(0.05)


def test_a_job_that_kills_its_worker_fails_alone_and_only_the_second_time() -> None:
    from toy_jobs import ToyJob

    events: list[Event] = []
    jobs = [ToyJob("lethal", dies="process"), *(ToyJob(f"calm {i}") for i in range(4))]
    with Processes(2) as executor:
        outcomes = {outcome.job.name: outcome for outcome in executor.run(jobs, events.append)}
    assert outcomes.keys() == {job.name for job in jobs}
    assert outcomes.pop("lethal").error == "its worker died 2 times (killed, or out of memory)"
    assert {outcome.error for outcome in outcomes.values()} == {""}
    assert sum(event == JobStarted("lethal") for event in events) == 2
    assert sum(isinstance(event, JobEnded) for event in events) == 5


def test_workers_are_kept_to_their_threads_and_report_progress() -> None:
    from toy_jobs import ToyJob

    events: list[Event] = []
    with Processes(1, threads=3) as executor:
        (outcome,) = executor.run([ToyJob("slow", seconds=1.5)], events.append)
    assert outcome.result["threads"] == "3"
    assert [event.fraction for event in events if isinstance(event, JobAdvanced)]


def test_a_job_that_cannot_travel_is_an_error_of_its_own() -> None:
    from toy_jobs import ToyJob

    class Local(ToyJob):
        """A class that no other process can import."""

    with Processes(1) as executor:
        stuck, calm = executor.run([Local("stuck"), ToyJob("calm")], ignore)
    assert "Local" in stuck.error
    assert not calm.error


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_closing_ends_the_workers_in_the_middle_of_a_job() -> None:
    from toy_jobs import ToyJob

    executor = Processes(2)
    running = executor.run(
        [ToyJob("short"), *(ToyJob(f"endless {i}", seconds=600) for i in range(3))], ignore
    )
    first = next(running)
    workers = [process._process.pid for process, _ in executor._busy.values()]
    assert first.job.name == "short"
    running.close()
    assert workers
    wait_until_gone([*workers, first.result["process"]])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_process_leaves_when_idle_and_when_its_parent_is_gone(tmp_path: Path) -> None:
    from toy_jobs import ToyJob

    idle = JobProcess(1, seconds_idle=0.2)
    idle._process.wait(timeout=20)  # a process whose threads are still ending is gone from /proc before
    assert not idle.is_alive
    idle.give(ToyJob("too late"))
    assert idle.receive() is None
    idle.stop()

    note = tmp_path / "child"
    parent = os.fork()
    if parent == 0:
        busy = JobProcess(1)
        busy.give(ToyJob("endless", seconds=600))
        busy.receive()
        note.write_text(str(busy._process.pid))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)
    child = int(note.read_text())
    wait_until_gone([child])
