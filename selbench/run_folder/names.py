"""The names of a method: its id, its label, and its name among files. One of each, everywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from selbench.errors import ExperimentError
from selbench.tables import nearest

LONGEST = 48
"""Characters of a name among files: three of them, dots and a repetition stay below 255 bytes."""

_PLUS = "-with-"


@dataclass(frozen=True)
class MethodName:
    """What a method is called.

    Parameters
    ----------
    method : str
        Its id: the full spelling, ``encoder+model`` with all options that differ from the defaults.
    label : str
        In text: the shortest name that no other method of the run shares.
    folder : str
        Among files.
    """

    method: str
    label: str
    folder: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every name that a command takes for the method."""
        return tuple(dict.fromkeys((self.method, self.label, self.folder)))


def name_methods(labels: Mapping[str, str]) -> dict[str, MethodName]:
    """Return the names of methods from their labels, both by id."""
    return {method: MethodName(method, label, file_name(method)) for method, label in labels.items()}


def file_name(text: str) -> str:
    """Return a name as part of a file name: letters, digits, ``-``, ``_`` and ``.``, 48 of them at most.

    Two names never become one: where anything but a ``+`` had to be replaced or
    cut off, eight digits of the name's SHA-256 follow.

    >>> file_name("statistics+logistic")
    'statistics-with-logistic'
    >>> file_name("a b"), file_name("a-b")
    ('a-b-c8687a08', 'a-b')
    """
    spelled = text.replace("+", _PLUS)
    is_safe = re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", spelled) is not None
    if is_safe and len(spelled) <= LONGEST and _PLUS not in text:
        return spelled
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    cleaned = re.sub(r"[^A-Za-z0-9_.-]+", "-", spelled).strip("-.")
    return f"{cleaned[: LONGEST - 9]}-{digest}".lstrip("-")


def predictor_name(task: str, method: str, repetition: int) -> str:
    """Return the folder name of a trained method: ``TASK.METHOD.rN``."""
    return f"{file_name(task)}.{file_name(method)}.r{repetition}"


def predictor_name_of(name: str, repetition: int) -> str | None:
    """Return the folder name of another repetition of a trained method; None for another sort of name.

    Examples
    --------
    >>> predictor_name_of("study.logistic.r0", 2)
    'study.logistic.r2'
    """
    head, dot, number = name.rpartition(".r")
    return f"{head}.r{repetition}" if dot and number.isdigit() else None


def check_file_names(tasks: Iterable[str], methods: Iterable[str]) -> None:
    """Refuse names that would share a folder, before anything is made.

    Disks that do not tell upper from lower case (of macOS, say) are thought of.

    Raises
    ------
    ExperimentError
        Naming both.
    """
    for kind, names in (("task", tasks), ("method", methods)):
        owners: dict[str, str] = {}
        for name in names:
            folder = file_name(name).casefold()
            if owners.setdefault(folder, name) != name:
                raise ExperimentError(
                    f"{kind} {name!r}: expected a name of its own among files, found that of "
                    f"{owners[folder]!r}, {folder!r}: rename one"
                )


def find_method(wanted: str, names: Iterable[MethodName], *, where: str) -> MethodName:
    """Return the method that is called so, by its id, its label or its folder name.

    Raises
    ------
    ExperimentError
        If there is none, with the nearest.
    """
    names = tuple(names)
    for name in names:
        if wanted in name.all:
            return name
    known = [called for name in names for called in name.all]
    raise ExperimentError(
        f"method {wanted!r} is not in {where}{nearest(wanted, known)}; "
        f"it has {', '.join(name.label for name in names)}"
    )
