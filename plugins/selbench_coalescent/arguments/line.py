"""An argument line as a list of options, each with its values, checked against what a program knows."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from selbench import UnsupportedError
from selbench.formats.words import is_number

Arity = tuple[int, int]
"""The least and the greatest number of values of an option."""


@dataclass(frozen=True)
class Option:
    """One option of a line with its values; ``name`` is empty for what stands before all options."""

    program: str
    name: str
    values: tuple[str, ...]

    def refuse(self, reason: str) -> UnsupportedError:
        """Return the error that names the option, its values and what is allowed."""
        return UnsupportedError(
            f"{' '.join(filter(None, [self.program, self.name, *self.values]))}: {reason}"
        )

    def number(self, index: int = 0, *, least: float = -math.inf, above: float = -math.inf) -> float:
        """Return a value as a finite number, at least `least` and greater than `above`."""
        text = self.values[index]
        try:
            value = float(text)
        except ValueError:
            raise self.refuse(f"expected a number, found {text!r}{_from_stdin(text)}") from None
        if not math.isfinite(value) or value < least or value <= above:
            bound = f"of at least {least:g}" if above == -math.inf else f"above {above:g}"
            raise self.refuse(f"expected a number {bound}, found {text}")
        return value

    def whole(self, index: int = 0, *, least: float = -math.inf) -> int:
        """Return a value as a whole number, at least `least`."""
        value = self.number(index, least=least)
        if value != int(value):
            raise self.refuse(f"expected a whole number, found {self.values[index]}")
        return int(value)


@dataclass(frozen=True)
class Line:
    """The options of an argument line in their order; ``leading`` stands before all of them."""

    leading: Option
    options: tuple[Option, ...]

    def last(self, *names: str) -> Option | None:
        """Return the last option of these names, the one that counts, or None."""
        found = [option for option in self.options if option.name in names]
        return found[-1] if found else None

    def number(self, name: str, default: float, *, least: float = -math.inf) -> float:
        """Return the value of an option that takes one number."""
        option = self.last(name)
        return default if option is None else option.number(least=least)


def read_line(
    text: str,
    *,
    program: str,
    aliases: Sequence[str] = (),
    known: Mapping[str, Arity],
    refused: Mapping[str, str],
) -> Line:
    """Split an argument line into its options.

    Parameters
    ----------
    text : str
        With or without the program's name, a path to it, or ``java -jar FILE``.
    aliases : sequence of str
        Other programs whose lines mean the same.
    known : mapping of str to (least, most)
        How many values each option takes.
    refused : mapping of str to str
        Why an option of the original is not supported.

    Raises
    ------
    UnsupportedError
        At the first option that is refused, unknown or short of values.
    """
    try:
        words = shlex.split(text)
    except ValueError as problem:
        raise UnsupportedError(f"{program} arguments: cannot be split into words: {problem}") from None
    words = _without_program(words, program, aliases)
    first = next((i for i, word in enumerate(words) if _is_option(word)), len(words))
    leading = Option(program, "", tuple(words[:first]))
    options = []
    while first < len(words):
        end = next((i for i in range(first + 1, len(words)) if _is_option(words[i])), len(words))
        option = Option(program, words[first], tuple(words[first + 1 : end]))
        _check(option, known, refused)
        options.append(option)
        first = end
    return Line(leading, tuple(options))


def _check(option: Option, known: Mapping[str, Arity], refused: Mapping[str, str]) -> None:
    if option.name in refused:
        raise option.refuse(refused[option.name])
    if option.name not in known:
        raise option.refuse(f"unknown option; supported are {' '.join(known)}")
    least, most = known[option.name]
    if not least <= len(option.values) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise option.refuse(f"expected {expected} value(s), found {len(option.values)}")


def _without_program(words: list[str], program: str, aliases: Sequence[str]) -> list[str]:
    if words and PurePath(words[0]).name == "java":
        if "-jar" not in words[:-1]:
            raise UnsupportedError(
                f"{program} arguments: expected java -jar FILE, found {' '.join(words[:3])}"
            )
        return words[words.index("-jar") + 2 :]
    if not words or _is_option(words[0]) or is_number(words[0]):
        return words
    found = PurePath(words[0]).name
    if found not in (program, *aliases):
        raise UnsupportedError(
            f"{program} arguments: expected a line of {', '.join([program, *aliases])}, found {found!r}"
        )
    return words[1:]


def _is_option(word: str) -> bool:
    return word.startswith("-") and not is_number(word)


def _from_stdin(text: str) -> str:
    return " (values from standard input are not read; give the scenario a prior)" if text == "tbs" else ""
