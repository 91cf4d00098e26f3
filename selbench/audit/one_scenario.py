"""One scenario but for selection: classes that differ in anything else can be told by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from selbench.audit.survey import Survey
from selbench.run_folder import Finding
from selbench.tables import show

_CHECK = "One scenario but for selection"
_SELECTION = "selection"


def one_scenario_finding(survey: Survey) -> Iterator[Finding]:
    """Compare the tables that classes are simulated from; nothing where fewer than two are known."""
    scenarios = {label: source.scenario for label, source in survey.data.sources.items() if source.scenario}
    if len(scenarios) < 2:
        return
    differing = differences(scenarios)
    declared = [name for name in differing if _is_declared(name, survey.data.differ_by)]
    lines = tuple(
        f"{name}: " + "; ".join(f"{label} {value}" for label, value in values.items())
        + (" (declared by differ_by)" if name in declared else "")
        for name, values in differing.items()
    )  # fmt: skip
    others = [name for name in differing if name not in declared]
    if not differing:
        yield Finding(_CHECK, "green", "Classes are simulated from one scenario, but for selection.")
    elif not others:
        yield Finding(
            _CHECK,
            "amber",
            f"Classes differ in {', '.join(declared)}, as the task declares.",
            lines,
            "A method may tell them by this rather than by selection, and that may be what is asked.",
            "Say so wherever a score is quoted.",
        )
    else:
        yield Finding(
            _CHECK,
            "red",
            f"Classes differ in {', '.join(others)}.",
            lines,
            "A method can tell the classes without any trace of selection, and will.",
            "Simulate all classes from the same rates, population and sample, or the same prior of each; if "
            f"the difference is the question, declare it: differ_by = {_keys(others)}.",
        )


def differences(scenarios: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what scenarios of classes differ in but selection: by dotted name, the value in each class.

    Equal priors are equal, though every window draws its own value.
    """
    flat = {label: dict(_flat(table)) for label, table in scenarios.items()}
    names = dict.fromkeys(name for table in flat.values() for name in table)
    found = {}
    for name in names:
        values = {label: show(table[name]) if name in table else "none" for label, table in flat.items()}
        if len(set(values.values())) > 1:
            found[name] = values
    return found


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if not prefix and key == _SELECTION:
            continue
        if isinstance(value, Mapping) and not prefix:
            yield from _flat(value, f"{key}.")
        elif value is not None:
            yield f"{prefix}{key}", value


def _keys(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name.split(".")[-1]}"' for name in names) + "]"


def _is_declared(name: str, differ_by: tuple[str, ...]) -> bool:
    return bool({name, *name.split(".")} & set(differ_by))
