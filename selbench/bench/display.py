"""What a run shows while it works: what runs, what is done, what failed, and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selbench.plugin import TrainingEnded
from selbench.runner.events import (
    ClusterChanged,
    Event,
    JobAdvanced,
    JobEnded,
    JobStarted,
    StageBegan,
    TrainingSkipped,
)

SECONDS_BETWEEN_PLAIN_LINES = 15

_TELLING = 0.1
"""Fraction of a job from which on it tells how long it will take: the first batch of a network is slow."""

_TITLES = {"simulate": "Simulating windows", "train": "Training and testing", "ask": "Asking trained methods"}


@dataclass
class _Running:
    began: float
    fraction: float = 0.0
    message: str = ""


@dataclass
class _Stage:
    title: str
    kinds: dict[str, str]
    done_before: int = 0
    ended: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    running: dict[str, _Running] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def seconds_left(self, workers: int, now: float) -> tuple[float, int] | None:
        """Estimate the time left, and count the kinds of job that it leaves out; None without a clue.

        A kind of which no job has ended or come far is left out: methods differ a
        thousandfold in their cost, so that no other kind says what it will take.
        """
        expected = {kind: sum(values) / len(values) for kind, values in self.seconds.items()}
        for name, job in self.running.items():
            if job.fraction > _TELLING and self.kinds[name] not in expected:
                expected[self.kinds[name]] = (now - job.began) / job.fraction
        if not expected:
            return None
        left = {
            name: expected[kind] - (now - self.running[name].began if name in self.running else 0.0)
            for name, kind in self.kinds.items()
            if name not in self.finished and kind in expected
        }
        untimed = {kind for name, kind in self.kinds.items() if name not in self.finished} - set(expected)
        jobs = [max(0.0, seconds) for seconds in left.values()]
        return max(sum(jobs) / workers, *jobs, 0.0), len(untimed)


class RunDisplay:
    """A live display on a terminal; plain lines elsewhere. Call it with every event of a run."""

    def __init__(self, console: Console, *, workers: int) -> None:
        self.console = console
        self.workers = max(1, workers)
        self.stage: _Stage | None = None
        self._live = Live(console=console, refresh_per_second=6, transient=True, get_renderable=self._picture)
        self._last_line = 0.0

    def __enter__(self) -> RunDisplay:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *failure: object) -> None:
        if failure[0] is None:
            self._end_stage()
        self.stage = None
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, StageBegan):
            self._begin_stage(event)
        elif isinstance(event, TrainingSkipped):
            self.console.print(Text.assemble(("skipped", "yellow"), f"  {event.name}: {event.reason}"))
        elif isinstance(event, ClusterChanged):
            self.console.print(f"cluster  {event.message}", markup=False)
        elif self.stage is not None and not isinstance(event, TrainingEnded):
            self._note(self.stage, event)

    def _begin_stage(self, event: StageBegan) -> None:
        title = _TITLES[event.stage]
        if self.stage is not None and self.stage.title == title:
            self.stage.kinds |= dict(event.jobs)
            return
        self._end_stage()
        self.stage = _Stage(title, dict(event.jobs), event.done_before)
        before = f", {event.done_before} done before" if event.done_before else ""
        if not self.console.is_terminal:
            self.console.print(f"{title}: {len(event.jobs)} to do{before}")

    def _end_stage(self) -> None:
        stage, self.stage = self.stage, None
        if stage is None or not (stage.kinds or stage.done_before):
            return
        before = f", {stage.done_before} done before" if stage.done_before else ""
        took = duration(time.monotonic() - stage.began)
        self.console.print(
            Text.assemble(
                ("!", "yellow") if stage.failed else ("✓", "green"),
                f" {stage.title}: {stage.ended - stage.failed} done{before}",
                (f", {stage.failed} failed", "red") if stage.failed else "",
                f" in {took}",
            )
        )

    def _note(self, stage: _Stage, event: JobStarted | JobAdvanced | JobEnded) -> None:
        now = time.monotonic()
        if event.name in stage.finished or event.name not in stage.kinds:
            return  # a worker's message that came after its job had ended
        if isinstance(event, JobStarted):
            stage.running[event.name] = _Running(now)
        elif isinstance(event, JobAdvanced) and event.name in stage.running:
            stage.running[event.name].fraction = event.fraction
            stage.running[event.name].message = event.message
            self._plain_advance(stage, event, now)
        elif isinstance(event, JobEnded):
            stage.running.pop(event.name, None)
            stage.finished.add(event.name)
            stage.ended += 1
            stage.failed += bool(event.error)
            if event.error:
                first = stage.errors.setdefault(event.error, event.name)
                why = event.error if first == event.name else f"as {first}"
                self.console.print(Text.assemble(("failed", "red"), f"  {event.name}: {why}"))
            else:
                stage.seconds.setdefault(stage.kinds.get(event.name, ""), []).append(event.seconds)
            self._plain_line(stage, event, now)

    def _plain_advance(self, stage: _Stage, event: JobAdvanced, now: float) -> None:
        if self.console.is_terminal or now - self._last_line < SECONDS_BETWEEN_PLAIN_LINES:
            return
        self._last_line = now
        self.console.print(
            f"[{stage.ended}/{len(stage.kinds)}] {event.name}: {event.message}, {self._left(stage, now)}",
            markup=False,
        )

    def _plain_line(self, stage: _Stage, event: JobEnded, now: float) -> None:
        last = stage.ended == len(stage.kinds)
        if self.console.is_terminal or (now - self._last_line < 2 and not last):
            return
        self._last_line = now
        progress = f"[{stage.ended}/{len(stage.kinds)}]"
        left = "" if last else f", {self._left(stage, now)}"
        self.console.print(f"{progress} {event.name} ({duration(event.seconds)}){left}", markup=False)

    def _left(self, stage: _Stage, now: float) -> str:
        estimate = stage.seconds_left(self.workers, now)
        if estimate is None or (estimate[1] and estimate[0] < 1):
            return "estimating the time left"
        seconds, untimed = estimate
        if untimed:
            kinds = len(set(stage.kinds.values()))
            return f"about {duration(seconds)} left, plus {untimed} of {kinds} kinds of job not timed yet"
        return f"about {duration(seconds)} left"

    def _picture(self) -> RenderableType:
        stage = self.stage
        if stage is None:
            return Text("")
        now = time.monotonic()
        table = Table.grid(padding=(0, 1))
        for row in self._rows(stage, now):
            table.add_row(*row)
        return Group(table)

    def _rows(self, stage: _Stage, now: float) -> Iterator[tuple[RenderableType, ...]]:
        total = max(1, len(stage.kinds))
        done = stage.ended + sum(job.fraction for job in stage.running.values())
        yield (
            Text(stage.title, style="bold"),
            ProgressBar(total=total, completed=done, width=30),
            Text(f"{stage.ended}/{total} · {duration(now - stage.began)} · {self._left(stage, now)}"),
        )
        for name, job in list(stage.running.items()):
            yield (
                Text(f"  {name}", style="cyan", overflow="ellipsis", no_wrap=True),
                ProgressBar(total=1.0, completed=job.fraction, width=30),
                Text(job.message or "starting", style="dim"),
            )


def duration(seconds: float) -> str:
    """Return seconds as people say them: ``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
