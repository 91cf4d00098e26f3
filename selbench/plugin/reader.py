"""Readers: another format of labelled windows, for import, experiments, audits and predictions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

from selbench.plugin.components import Component
from selbench.windows import Windows


class Reader(Component):
    """Windows from a file or folder in a format of its own.

    What it raises of a malformed file is a `DataError` with the file, the place, what was expected and what
    was found.
    """

    @abstractmethod
    def reads(self, path: Path) -> bool:
        """Tell whether a file or folder is in this format, from its name or its first bytes."""

    @abstractmethod
    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        """Yield (split, windows) in bounded batches, all of one shape and polarisation.

        The split is ``""`` where the format has none; windows have labels, or none where the format
        does not tell classes.
        """
