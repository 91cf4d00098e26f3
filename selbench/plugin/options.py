"""How a component is spelled: a name with options, ``imagene[sort=rows,maf=0.01]``."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from selbench.errors import ExperimentError, PluginError
from selbench.plugin.components import Component
from selbench.tables import parse_text, split_outside, to_table, write_text

C = TypeVar("C", bound=Component)

_SPELLING = re.compile(
    r"(?P<name>(?:[A-Za-z0-9][\w.-]*:)?[A-Za-z0-9][\w.-]*)(?:\[(?P<options>.*)\])?\Z", re.DOTALL
)


def parse_spelling(text: str) -> tuple[str, dict[str, object]]:
    """Split ``name[key=value,…]`` into the name and its options.

    A list is written with semicolons: ``statistics[names=pi;tajimas_d]``. Text
    with a comma, semicolon, bracket or quote in it stands in double quotes.

    Raises
    ------
    PluginError
        If the text is not of that form.
    """
    match = _SPELLING.match(text.strip())
    if match is None:
        raise PluginError(f"{text!r}: expected a name with options, such as imagene[sort=rows]")
    options: dict[str, object] = {}
    for part in filter(str.strip, split_outside(match["options"] or "", ",")):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise PluginError(f"{text!r}: expected KEY=VALUE inside the brackets, found {part!r}")
        if key.strip() in options:
            raise PluginError(f"{text!r}: option {key.strip()!r} is given twice")
        options[key.strip()] = parse_text(value.strip())
    return match["name"], options


def is_name(value: object) -> bool:
    """Whether a value can be the name of a component: a spelling without brackets or plugin."""
    match = _SPELLING.match(value) if isinstance(value, str) and ":" not in value else None
    return match is not None and match["name"] == value


def build_component(cls: type[C], options: Mapping[str, object]) -> C:
    """Build a component from its options; a misspelt one is an error that lists the right ones.

    The class itself holds them to their declared types.
    """
    required = [field.name for field in _fields(cls) if field.init and _has_no_default(field)]
    if missing := [name for name in required if name not in options]:
        raise PluginError(f"{cls.name}: missing {', '.join(missing)}")
    try:
        return cls(**options)
    except Exception as problem:  # of a plugin's own checks, whatever they are
        if isinstance(problem, TypeError | KeyError | AttributeError):
            raise PluginError(f"{cls.name}: {type(problem).__name__}: {problem}") from problem
        if str(problem).startswith(f"{cls.name}: ") or str(problem).startswith(f"{cls.name}."):
            raise
        raise PluginError(f"{cls.name}: {problem}") from problem


def called(component: C, name: str) -> C:
    """Return a component that is called as it was asked for, be it ``plugin:name``."""
    if ":" in name:
        object.__setattr__(component, "name", name)  # it hides the class's name in spellings, ids and labels
    return component


def options_of(component: Component) -> dict[str, Any]:
    """Return all options of a component as plain values: its key and its provenance."""
    return {field.name: to_table(getattr(component, field.name)) for field in _fields(component)}


def spelling(component: Component) -> str:
    """Return the shortest text that rebuilds a component: only options that differ from their defaults."""
    changed = [
        f"{field.name}={write_text(to_table(getattr(component, field.name)))}"
        for field in _fields(component)
        if getattr(component, field.name) != _default(field)
    ]
    return component.name + (f"[{','.join(changed)}]" if changed else "")


def method_spelling(encoder: Component, model: Component) -> str:
    """Return the text that names a method: ``encoder+model``, or once where both are one thing.

    A scanner, ``scan-NAME``, is an encoder and a model of one name, and the encoder has all the options.
    """
    first, second = spelling(encoder), spelling(model)
    return first if second == encoder.name else f"{first}+{second}"


def expect_above_zero(**options: float) -> None:
    """Raise ExperimentError at the first option that is not a finite number above 0."""
    for name, value in options.items():
        if not 0 < value < math.inf:
            raise ExperimentError(f"{name}: expected a number above 0, found {value}")


def summary(cls: type[Any]) -> str:
    """Return the first line of a class's own docstring."""
    lines = (cls.__dict__.get("__doc__") or "").strip().splitlines()
    first = lines[0].strip() if lines else ""
    return "" if first.startswith(f"{cls.__name__}(") else first


def _fields(component: Component | type[Component]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(component) if dataclasses.is_dataclass(component) else ()


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
