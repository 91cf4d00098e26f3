"""Names that people give: of tasks, classes and experiments. One rule, held where they are read."""

from __future__ import annotations

import unicodedata

from selbench.errors import ExperimentError, SelbenchError
from selbench.tables.schema import show

LONGEST_NAME_BYTES = 80
"""In UTF-8. Several names and a few digits make up a file name, which may have 255 bytes."""

_NOT_IN_NAMES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of what steers a terminal or the direction of writing, or breaks a line."""


def check_name(name: str, *, where: str, error: type[SelbenchError] = ExperimentError) -> str:
    """Return a name that may stand in tables, messages and, made fit for it, in file names.

    Raises
    ------
    SelbenchError
        If it is empty, longer than 80 bytes, begins with a dot, begins or ends with a space, or holds a
        slash, a backslash or a control character.

    Examples
    --------
    >>> check_name("hard sweep, s = 0.01", where="tasks")
    'hard sweep, s = 0.01'
    """
    if fault := _fault(name):
        raise error(
            f"{where}: {show(name)} cannot be a name: {fault}; expected 1 to {LONGEST_NAME_BYTES} bytes "
            "without slashes and control characters"
        )
    return name


def _fault(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME_BYTES:
        return "it is too long"
    if name.startswith("."):
        return "it begins with a dot"
    if name != name.strip():
        return "it begins or ends with a space"
    for character in name:
        if character in "/\\":
            return f"it holds {character!r}"
        if unicodedata.category(character) in _NOT_IN_NAMES:
            return f"it holds the control character U+{ord(character):04X}"
    return ""
