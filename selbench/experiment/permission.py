"""Leave to start programs: an experiment is data until its user says that it may start what it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from selbench.errors import ExperimentError, PluginError
from selbench.experiment.experiment import Experiment
from selbench.plugin import Registry
from selbench.tables import parse_text


def programs_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the commands that an experiment's simulators start as it names them, each once."""
    simulators = (part for task in experiment.tasks.values() for part in task.simulators)
    return tuple(dict.fromkeys(program for simulator in simulators for program in simulator.programs))


def typed_programs(overrides: Iterable[str], registry: Registry) -> set[str]:
    """Return the commands in what a user typed just now, ``tasks.t.classes.c.simulator=ms[program=…]``.

    They need no further leave.
    """
    typed: set[str] = set()
    for override in overrides:
        key, _, text = override.partition("=")
        if not key.strip().endswith("simulator"):
            continue
        try:
            typed.update(registry.simulators.build(str(parse_text(text.strip()))).programs)
        except PluginError:
            continue  # whoever reads the experiment says what is wrong with it
    return typed


def programs_without_leave(
    experiment: Experiment, *, allow_programs: bool, overrides: Sequence[str] = (), registry: Registry
) -> tuple[str, ...]:
    """Return the commands that an experiment would start, and that nobody gave leave to."""
    if allow_programs:
        return ()
    typed = typed_programs(overrides, registry)
    return tuple(program for program in programs_of(experiment) if program not in typed)


def expect_leave(experiment: Experiment, programs: Sequence[str]) -> None:
    """Raise where programs are left that nobody gave leave to.

    Raises
    ------
    ExperimentError
        With every command as it would be started.
    """
    refuse_programs(experiment.name, programs)


def refuse_programs(who: str, programs: Sequence[str]) -> None:
    """Raise where anything that somebody wrote would start programs, and nobody gave leave to.

    Raises
    ------
    ExperimentError
        With every command as it would be started.
    """
    if programs:
        raise ExperimentError(
            f"{who}: would start {'; '.join(map(repr, programs))}, and a command can do whatever "
            "you can: if you know and trust it, add --allow-programs (in Python allow_programs=True)"
        )
