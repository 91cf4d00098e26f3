"""What keeps a registered thing from being a component: said when its plugin is loaded, in one line."""

from __future__ import annotations

import dataclasses
import inspect
from functools import cache
from typing import Any, cast, get_type_hints

from selbench.plugin.components import Component, Model
from selbench.plugin.options import is_name
from selbench.tables import is_held


def fault_of(thing: object, base: type[Component]) -> str:
    """Say what keeps a registered thing from being a component of this kind, or nothing."""
    if not isinstance(thing, type) or not issubclass(thing, base):
        return f"expected a subclass of {base.__name__}"
    if inspect.isabstract(thing):
        missing = ", ".join(sorted(getattr(thing, "__abstractmethods__", ())))
        return f"it does not implement {missing}"
    if reserved := _reserved_option(thing, base):
        hint = ": annotate it as ClassVar, or not at all" if reserved == "name" else ": call it otherwise"
        return f"its option {reserved!r} has the name of what every {base.__name__.lower()} has{hint}"
    if not is_name(getattr(thing, "name", None)):
        return "expected a class attribute `name` of letters, digits, '-', '_' and '.'"
    if issubclass(thing, Model) and not isinstance(getattr(thing, "default_encoder", None), str):
        return "expected a class attribute `default_encoder`"
    parameters = vars(thing).get("__dataclass_params__")
    if parameters is None or not parameters.frozen:
        return "expected @dataclass(frozen=True), so that its options are its identity"
    return _unheld_option(thing)


def _reserved_option(thing: type[Component], base: type[Component]) -> str:
    """Return an option that hides what the base class has of that name, or ""."""
    return next(
        (each.name for each in _options(thing) if hasattr(base, each.name) or each.name == "name"), ""
    )


@cache  # a class does not change, and every registry asks again
def _unheld_option(thing: type[Component]) -> str:
    """Say which option is of a type that neither a table nor a spelling can hold."""
    try:
        hints = get_type_hints(thing)
    except NameError as problem:
        return f"the types of its options must be importable where it stands: {problem}"
    for each in _options(thing):
        if not is_held(hints[each.name]):
            kind = getattr(hints[each.name], "__name__", str(hints[each.name]))
            return (
                f"its option {each.name!r} is of type {kind}, expected bool, int, float, str, Literal, "
                "a tuple of such, or None beside them"
            )
    return ""


def _options(thing: type[Component]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cast(Any, thing)) if dataclasses.is_dataclass(thing) else ()
