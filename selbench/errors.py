"""The errors that a user can cause and mend.

The command line turns each of them into one line on standard error and exit
status 1. Anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import re

LONGEST_QUOTE = 300
"""Characters that a message repeats of what it was given: paths are longer than most other inputs."""

LONGEST_MESSAGE = 3000
"""Characters of a whole message: some list all names that would have been right."""

_QUOTED = re.compile(r"(?<!\w)'[^']{N,}'(?!\w)|\"[^\"]{N,}\"|\S{N,}".replace("N", str(LONGEST_QUOTE)))
"""What stands between quotation marks (an apostrophe is none), or is one word."""


def readable(message: str) -> str:
    """Return a message with whatever it repeats at too great a length cut in the middle.

    Examples
    --------
    >>> len(readable(f"expected a number, found {'x' * 5000!r}; leave it out")) < 400
    True
    """
    return _cut(_QUOTED.sub(lambda found: _cut(found[0], LONGEST_QUOTE), message), LONGEST_MESSAGE)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    begin, end = most * 2 // 3, most // 5
    return f"{text[:begin]} … ({len(text) - begin - end:,} characters) … {text[-end:]}"


class SelbenchError(Exception):
    """Root of the tree: the message says what, where, and what to do."""

    def __str__(self) -> str:
        return readable(super().__str__())


class ExperimentError(SelbenchError):
    """An experiment file is wrong: file, key, what was expected."""


class PluginError(SelbenchError):
    """A plugin is unknown, broken, duplicated, or misspells a hook or an option."""


class UnsupportedError(SelbenchError):
    """This simulator cannot do this scenario, or this model cannot take these features."""


class SimulatorError(SelbenchError):
    """An external program failed: command, exit status, last lines of its stderr."""


class DataError(SelbenchError):
    """A file or an array breaks its contract: where, what was expected, what was found."""
