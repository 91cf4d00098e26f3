"""What a component says of itself to a reader: its docstring, its options, and where its code stands."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from selbench.plugin.components import Component
from selbench.tables import describe, one_of, to_table, write_text

_HEADING = re.compile(r"^(?:Parameters|Attributes)\n-+\n", re.MULTILINE)
_NEXT_HEADING = re.compile(r"^\w[\w ]*\n-{3,}\n", re.MULTILINE)
_OPTION = re.compile(r"^(\w+(?:, \w+)*)(?: : [^\n]*)?\n((?:    [^\n]*\n|\n)*)", re.MULTILINE)

UNITS = {
    "bp": "base pairs", "cm": "centimorgans", "sites": "sites", "haplotypes": "haplotypes",
    "seconds": "seconds", "generations": "generations", "bytes": "bytes", "windows": "windows",
    "epochs": "epochs",
}  # fmt: skip
"""What the last part of an option's name says that it is counted in."""


@dataclass(frozen=True)
class OptionText:
    """One option of a component, for a reader.

    Parameters
    ----------
    name : str
    kind : str
        Its type in words, as messages say it.
    default : str
        As it is spelled; "" where it must be given.
    unit : str
        As its name tells, or ``field(metadata={"unit": …})``; may be "".
    help : str
        What its class's docstring says of it, or ``field(metadata={"help": …})``; may be "".
    choices : mapping of str to str
        What each choice is, where the option explains them.
    """

    name: str
    kind: str
    default: str
    unit: str
    help: str
    choices: Mapping[str, str]


def description_of(cls: type[Any]) -> str:
    """Return the docstring without what it says of options."""
    said = inspect.cleandoc(cls.__dict__.get("__doc__") or "") + "\n"
    heading = _HEADING.search(said)
    if heading is None:
        return said.strip()
    after = _NEXT_HEADING.search(said, heading.end())
    return (said[: heading.start()] + (said[after.start() :] if after else "")).strip()


def options_in_words(cls: type[Component]) -> Iterator[OptionText]:
    """Yield the options of a component, its bases' included, in their order."""
    hints, helps = get_type_hints(cls), _helps(getattr(cls, "scanner_class", cls)) | _helps(cls)
    for each in fields(cast(Any, cls)):
        if not each.init:
            continue
        default: Any = each.default
        if each.default_factory is not MISSING:
            default = each.default_factory()
        quantity, _, ending = each.name.rpartition("_")
        yield OptionText(
            name=each.name,
            kind=_in_words(hints[each.name]),
            default="" if default is MISSING else write_text(to_table(default)),
            unit=str(each.metadata.get("unit", UNITS.get(ending, "") if quantity else "")),
            help=str(each.metadata.get("help", helps.get(each.name, ""))),
            choices=each.metadata.get("choices", {}),
        )


def code_of(cls: type[Any]) -> str:
    """Return file and line of a class, or of what it was made from; "" where there is no source."""
    made_from = getattr(cls, "scanner_class", cls)
    try:
        return f"{inspect.getfile(made_from)}:{inspect.getsourcelines(made_from)[1]}"
    except (OSError, TypeError):
        module = inspect.getmodule(made_from)
        return str(getattr(module, "__file__", None) or "")


def _helps(cls: type[Any]) -> dict[str, str]:
    """Return what the docstrings of a class and its bases say of options, by name."""
    helps: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        said = inspect.cleandoc(base.__dict__.get("__doc__") or "") + "\n"
        if (heading := _HEADING.search(said)) is None:
            continue
        after = _NEXT_HEADING.search(said, heading.end())
        section = said[heading.end() : after.start() if after else len(said)]
        for names, text in _OPTION.findall(section):
            if words := " ".join(text.split()):
                helps |= dict.fromkeys(names.split(", "), words)
    return helps


def _in_words(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return one_of("none" if each is type(None) else _in_words(each) for each in get_args(kind))
    return describe(kind)
