"""The task that asks a method whether it reads the generator: neutral windows, by two paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from selbench.experiment import ClassSource, Task

LEAST_TEST_WINDOWS = 2000
"""Test windows per class at least: a reader of the generator should not be missed for want of them."""


@dataclass(frozen=True)
class Placebo:
    """The negative control of a task.

    Parameters
    ----------
    audited : Task
    control : Task or None
        Same null class, sizes and policy; in place of every selected class its
        placebo. None where no class has one.
    lacking : mapping of str to str
        Why a class has no placebo, by class.
    """

    audited: Task
    control: Task | None
    lacking: Mapping[str, str]


def placebo_of(task: Task) -> Placebo:
    """Derive the negative control of a task.

    It has a name of its own, and random streams hang on the name: no window of
    the task is in it.
    """
    null = task.sources[task.null]
    if null.simulator is None:
        why = f"class {task.null!r} is read from a file, so no more of its windows can be made"
        return Placebo(task, None, {task.null: why})
    sources, lacking = {task.null: null}, {}
    for label in task.classes[1:]:
        placebo = _placebo_source(task.sources[label])
        if isinstance(placebo, str):
            lacking[label] = placebo
        else:
            sources[f"{label}-placebo"] = placebo
    if len(sources) == 1:
        return Placebo(task, None, lacking)
    looked_for = f"{task.positive}-placebo"
    control = Task(
        name=f"{task.name}-placebo",
        sources=sources,
        positive=looked_for if looked_for in sources else list(sources)[1],
        spec=task.spec,
        windows=replace(task.windows, test=max(task.windows.test, LEAST_TEST_WINDOWS), threshold=0),
        empty_windows=task.empty_windows,
    )
    return Placebo(task, control, lacking)


def _placebo_source(source: ClassSource) -> ClassSource | str:
    """Return where the placebo of a class comes from, or why there is none."""
    simulator, scenario = source.simulator, source.scenario
    if simulator is None or scenario is None:
        return "it is read from a file, and what made it is not known"
    if scenario.selection is None:
        return "its scenario has no selection to take away"
    without_allele = simulator.placebo(scenario)
    if without_allele is None:
        return f"simulator {simulator.name} offers no placebo"
    reason = simulator.unsupported(without_allele)
    return f"simulator {simulator.name}: {reason}" if reason else replace(source, scenario=without_allele)
