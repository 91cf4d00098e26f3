"""Tell observers what happens in a run, and keep the tracebacks of what fails in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from selbench.errors import PluginError
from selbench.plugin import Observer, Registry, RunBegan, RunEnded, RunListener, TrainingEnded
from selbench.plugin.faults import fault_in, title_of, trace_of
from selbench.run_folder.failures import failure_file, forget_failure, keep_failure
from selbench.runner.events import Event, JobEnded, JobStarted, Listener


def observers_of(wanted: Sequence[str | Observer], registry: Registry) -> tuple[Observer, ...]:
    """Return observers by their spellings, ``NAME[option=…]``, or as they are.

    Raises
    ------
    PluginError
        If a name or an option is unknown, or something else stands there.
    """
    built = tuple(registry.observers.build(each) if isinstance(each, str) else each for each in wanted)
    for each in built:
        if not isinstance(each, Observer):
            raise PluginError(f"observers: expected names or observers, found {each!r}")
    return built


@dataclass
class Audience:
    """Everybody who is told of a run, apart from the display.

    Parameters
    ----------
    folder : Path
        The run folder, which keeps what fails.
    say : callable
        Takes a line that the user should read.
    """

    folder: Path
    say: Callable[[str], None]
    _listeners: list[tuple[Observer, RunListener]] = field(default_factory=list)

    def begin(self, observers: Sequence[Observer], began: RunBegan) -> None:
        """Tell observers that the run began; those that can are told of the rest."""
        for observer in observers:
            forget_failure(self.folder, title_of(observer))
            with _Guard(self, observer) as guard:
                listener = observer.watch(began)
                if not callable(listener):
                    raise PluginError(
                        f"{title_of(observer)}: watch returned {type(listener).__name__}, expected a function"
                    )
            if not guard.has_failed:
                self._listeners.append((observer, listener))

    def beside(self, display: Listener) -> Listener:
        """Return what tells a display and this audience."""

        def tell(event: Event) -> None:
            display(event)
            if isinstance(event, JobStarted):
                forget_failure(self.folder, event.name)
            elif isinstance(event, JobEnded) and event.error:
                keep_failure(self.folder, event.name, event.error, event.traceback)
            elif isinstance(event, TrainingEnded):
                self.tell(event)

        return tell

    def tell(self, event: TrainingEnded | RunEnded) -> None:
        """Tell every observer that has not failed before."""
        for observer, listener in list(self._listeners):
            with _Guard(self, observer) as guard:
                listener(event)
            if guard.has_failed:
                self._listeners.remove((observer, listener))


@dataclass
class _Guard:
    """Lets nothing out of an observer: neither its errors nor what it prints."""

    audience: Audience
    observer: Observer
    has_failed: bool = False

    def __enter__(self) -> _Guard:
        self._turned = redirect_stdout(sys.stderr)
        self._turned.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: object
    ) -> bool:
        self._turned.__exit__(None, None, None)
        if not isinstance(problem, Exception | SystemExit):
            return False
        self.has_failed = True
        name = title_of(self.observer)
        words = fault_in(problem, type(self.observer).__module__.partition(".")[0])
        keep_failure(self.audience.folder, name, words, trace_of(problem))
        self.audience.say(
            f"{words if name in words else f'{name}: {words}'}; it is told no more of this run; whole "
            f"traceback: {failure_file(self.audience.folder, name)}"
        )
        return True
