"""Read tables (TOML, command-line options) into frozen dataclasses, strictly.

Every refusal names the key, what was expected, what was found and, for a
misspelt key, the nearest valid one. The types come from the dataclass itself,
so an option is declared once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import re
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from selbench.errors import ExperimentError, PluginError, SelbenchError
from selbench.tables.literals import parse_text as parse_text
from selbench.tables.literals import split_outside

T = TypeVar("T")


class _NotInTables(TypeError):
    """A field is of a type that no table can hold."""


def from_table(
    cls: type[T],
    table: object,
    *,
    where: str,
    error: type[SelbenchError] = ExperimentError,
) -> T:
    """Build the dataclass `cls` from a table of its fields.

    A class with a ``from_table(table, where=…, error=…)`` class method of its
    own reads itself.

    Parameters
    ----------
    table : mapping of str to object
    where : str
        What the message puts before a key: ``"paper.toml: tasks.paper"``.
    error : type of SelbenchError
        What to raise.
    """
    own_reader = getattr(cls, "from_table", None)
    if own_reader is not None:
        result: T = own_reader(table, where=where, error=error)
        return result
    return build(cls, table, where=where, error=error)


def build(cls: type[T], table: object, *, where: str, error: type[SelbenchError] = ExperimentError) -> T:
    """Build `cls` field by field, without asking for a reader of its own."""
    if not isinstance(table, Mapping):
        raise error(f"{where}: expected a table, found {show(table)}")
    types_of, required = _fields(cast(Any, cls))
    check_keys(table, types_of, where=where, error=error)
    missing = [name for name in required if name not in table]
    if missing:
        raise error(f"{where}: missing {', '.join(missing)}")
    values = {
        key: convert(value, types_of[key], where=f"{where}.{key}", error=error)
        for key, value in table.items()
    }
    try:
        return cls(**values)
    except (SelbenchError, ValueError) as problem:
        raise error(f"{where}: {problem}") from problem


def as_declared(
    cls: type[Any], values: Mapping[str, Any], *, where: str, error: type[SelbenchError]
) -> dict[str, Any]:
    """Return the values of some fields of `cls`, each as its annotated type.

    A field of a type that no table can hold is left as it is.
    """
    types_of, _ = _fields(cast(Any, cls))
    check_keys(values, types_of, where=where, error=error)
    declared = dict(values)
    for key, value in values.items():
        with contextlib.suppress(_NotInTables):
            declared[key] = convert(value, types_of[key], where=f"{where}.{key}", error=error)
    return declared


def convert(value: object, kind: Any, *, where: str, error: type[SelbenchError] = ExperimentError) -> Any:
    """Return `value` as the annotated type `kind`, or raise naming `where`."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _convert_union(value, get_args(kind), where, error)
    if origin is Literal:
        allowed = get_args(kind)
        if not any(type(value) is type(choice) and value == choice for choice in allowed):
            raise error(f"{where}: expected {one_of(allowed)}, found {show(value)}{nearest(value, allowed)}")
        return value
    if origin is tuple:
        return _convert_tuple(value, get_args(kind), where, error)
    if origin in (dict, Mapping):
        return _convert_mapping(value, get_args(kind)[1], where, error)
    if _reads_tables(kind):
        if isinstance(value, kind):
            return value
        return from_table(kind, value, where=where, error=error)
    return _convert_scalar(value, kind, where, error)


def is_held(kind: Any) -> bool:
    """Whether a table can hold values of an annotated type: whether `convert` reads it."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return all(is_held(each) for each in get_args(kind) if each is not type(None))
    if origin is tuple:
        return all(is_held(each) for each in get_args(kind) if each is not Ellipsis)
    if origin in (dict, Mapping):
        return is_held(get_args(kind)[1])
    return origin is Literal or kind in (bool, int, float, str, Any, object) or _reads_tables(kind)


def check_keys(
    table: Mapping[str, object],
    known: Iterable[str],
    *,
    where: str,
    error: type[SelbenchError] = ExperimentError,
) -> None:
    """Raise at the first key that is not among `known`, with the nearest one that is."""
    known = list(known)
    for key in table:
        if key not in known:
            raise error(f"{where}: unknown key {key!r}{nearest(key, known)}; expected {one_of(known)}")


def to_table(value: Any) -> Any:
    """Return a frozen value as plain tables, lists and scalars: its canonical form."""
    own_writer = getattr(value, "to_table", None)
    if own_writer is not None:
        return own_writer()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_table(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_table(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_table(item) for key, item in value.items()}
    return value


def nearest(key: object, known: Iterable[object]) -> str:
    """Return ``" (did you mean 'x'?)"`` when a known name is close, else nothing."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(key), names, n=1)
    if not close and len(str(key)) > 3:  # a part of one name alone: size of population_size
        holding = [name for name in names if str(key) in re.split(r"[-_]", name)]
        close = holding if len(holding) == 1 else []
    return f" (did you mean {close[0]!r}?)" if close else ""


def one_of(names: Iterable[object]) -> str:
    """Return the names as a readable alternative."""
    shown = [str(name) for name in names]
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else "nothing"


def show(value: object) -> str:
    """Return a value as an error message shows it: short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


@cache
def _fields(cls: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        hints = get_type_hints(cls)
    except NameError as problem:
        raise PluginError(
            f"{cls.__module__}.{cls.__qualname__}: the types of its fields must be importable where it "
            f"stands, not under TYPE_CHECKING alone: {problem}"
        ) from problem
    fields = [field for field in dataclasses.fields(cls) if field.init]
    required = tuple(
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
    return {field.name: hints[field.name] for field in fields}, required


def _convert_union(value: object, kinds: tuple[Any, ...], where: str, error: type[SelbenchError]) -> Any:
    if type(None) in kinds and (value is None or value == "none"):
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    messages = {}
    for kind in kinds:
        try:
            return convert(value, kind, where=where, error=error)
        except error as problem:
            messages[kind] = str(problem)
    telling = [kind for kind in kinds if isinstance(value, Mapping) and _reads_tables(kind)]
    if len(kinds) == 1 or telling:
        raise error(messages[[*kinds, *telling][-1]])
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    expected = one_of(describe(kind) for kind in kinds)
    raise error(f"{where}: expected {expected}, found {show(value)}{nearest(value, choices)}")


def _reads_tables(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) or hasattr(kind, "from_table")


def _convert_mapping(value: object, kind: Any, where: str, error: type[SelbenchError]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise error(f"{where}: expected a table, found {show(value)}")
    return {key: convert(item, kind, where=f"{where}.{key}", error=error) for key, item in value.items()}


def _convert_tuple(value: object, kinds: tuple[Any, ...], where: str, error: type[SelbenchError]) -> Any:
    items: list[object]
    if isinstance(value, str):
        items = [parse_text(part.strip()) for part in split_outside(value, ";")] if value else []
    elif isinstance(value, list | tuple):
        items = list(value)
    else:
        items = [value]
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(items)
    if len(kinds) != len(items):
        raise error(f"{where}: expected {len(kinds)} values, found {len(items)}")
    return tuple(
        convert(item, kind, where=f"{where}[{i}]", error=error)
        for i, (item, kind) in enumerate(zip(items, kinds, strict=True))
    )


def _convert_scalar(value: object, kind: Any, where: str, error: type[SelbenchError]) -> Any:
    accepts: dict[Any, Callable[[Any], bool]] = {
        float: lambda v: (
            isinstance(v, float)
            or (isinstance(v, int) and not isinstance(v, bool) and abs(v) <= sys.float_info.max)
        ),
        int: lambda v: isinstance(v, int) and not isinstance(v, bool),
        bool: lambda v: isinstance(v, bool),
        str: lambda v: isinstance(v, str),
    }
    if kind is Any or kind is object:
        return value
    accept = accepts.get(kind)
    if accept is None:
        raise _NotInTables(f"{where}: fields of type {kind!r} cannot be read from a table")
    if not accept(value):
        raise error(f"{where}: expected {describe(kind)}, found {show(value)}")
    return kind(value)


def describe(kind: Any) -> str:
    """Return a type as words: ``a number``, ``'each' or 'shared'``."""
    if get_origin(kind) is Literal:
        return one_of(repr(value) for value in get_args(kind))
    if get_origin(kind) is tuple:
        return "a list"
    words = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
    return words[kind] if kind in words else str(getattr(kind, "reads", "a table"))


def brief_repr(value: Any) -> str:
    """Return the ``repr`` of a dataclass without the fields that stand at their defaults."""
    given = [
        f"{field.name}={getattr(value, field.name)!r}"
        for field in dataclasses.fields(value)
        if field.repr and getattr(value, field.name) != field.default
    ]
    return f"{type(value).__name__}({', '.join(given)})"
