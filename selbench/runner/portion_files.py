"""The windows of a run as its jobs read them: from files, or from contents that travelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import Portion, Split, Task, keep
from selbench.runner.blocks import windows_from_bytes, windows_to_bytes
from selbench.windows import Windows


@dataclass(frozen=True)
class PortionFiles:
    """A portion and what it is read from.

    Parameters
    ----------
    blocks : tuple of Path
        Block files; none for a dataset.
    contents : tuple of bytes
        What is read instead where the files are not seen: the blocks, or the windows of a dataset.
    """

    portion: Portion
    blocks: tuple[Path, ...]
    contents: tuple[bytes, ...] = ()

    def load(self) -> Windows:
        """Read the portion's windows, labelled."""
        portion = self.portion
        if portion.source.dataset is not None and not self.contents:
            return self._read_dataset()
        kept = keep(portion, map(windows_from_bytes, self.contents or self.blocks))
        if kept is None:
            raise DataError(
                f"task {portion.task.name}, class {portion.label}: too few {portion.split} windows"
            )
        return kept.windows

    def inputs(self) -> dict[str, Callable[[], bytes]]:
        """Return how to read each file, or the portion of a dataset, by a name of its own."""
        if self.portion.source.dataset is not None:
            return {self._name_in_dataset: lambda: windows_to_bytes(self._read_dataset())}
        return {str(block): block.read_bytes for block in self.blocks}

    def carrying(self, contents: Mapping[str, bytes]) -> PortionFiles:
        """Return the portion with contents in place of files."""
        names = [self._name_in_dataset] if self.portion.source.dataset else map(str, self.blocks)
        return replace(self, contents=tuple(contents[name] for name in names))

    @property
    def _name_in_dataset(self) -> str:
        portion = self.portion
        return f"{portion.source.dataset} · {portion.task.name} · {portion.label} · {portion.split}"

    def _read_dataset(self) -> Windows:
        from selbench.experiment import read_portion

        return read_portion(self.portion)


@dataclass(frozen=True)
class TestSet:
    """The windows that a training is tested on: a split of a task."""

    __test__ = False
    task: Task
    split: Split
    files: tuple[PortionFiles, ...]

    def carrying(self, contents: Mapping[str, bytes]) -> TestSet:
        """Return the test set with contents in place of files."""
        return replace(self, files=carrying(self.files, contents))


def carrying(files: tuple[PortionFiles, ...], contents: Mapping[str, bytes]) -> tuple[PortionFiles, ...]:
    """Return portions with contents in place of files."""
    return tuple(portion.carrying(contents) for portion in files)


def load(files: tuple[PortionFiles, ...]) -> Windows:
    """Read portions, one after the other, into one batch."""
    return Windows.concatenate([portion.load() for portion in files])
