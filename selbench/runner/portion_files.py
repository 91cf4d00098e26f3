"""The windows of a run as its jobs read them: from files, or from contents that travelled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.errors import DataError
from selbench.experiment import KeptWindows, Portion, Split, Task, keep, kept_of_block
from selbench.runner.blocks import rows_from_bytes, rows_of, windows_from_bytes, windows_to_bytes
from selbench.windows import Windows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PortionFiles:
    """A portion and what it is read from.

    Parameters
    ----------
    blocks : tuple of Path
        Block files; none where the windows are read from elsewhere.
    contents : tuple of bytes
        What is read instead where the files are not seen: the blocks, or the windows of a dataset.
    """

    portion: Portion
    blocks: tuple[Path, ...]
    contents: tuple[bytes, ...] = ()

    def load(self) -> Windows:
        """Read the portion's windows, labelled."""
        return self.kept().windows

    def kept(self) -> KeptWindows:
        """Read the portion's windows, labelled, and how many were looked at for them.

        Raises
        ------
        DataError
            If they do not suffice.
        """
        blocks = map(windows_from_bytes, self.contents or self.blocks)
        kept = keep(self.portion, blocks) if self.contents else self.portion.source.kept(self.portion, blocks)
        if kept is None:
            raise DataError(f"{self.portion.name}: too few")
        return kept

    def rows(self) -> pd.DataFrame:
        """Read what each of the portion's windows was made with, a row each; of blocks nothing else is read.

        Columns are `n_sites`, `observed`, and the numeric parameters by name.
        """
        import pandas as pd

        if not self.blocks:
            return rows_of(self.load())
        kept: list[pd.DataFrame] = []
        missing = self.portion.n_windows
        for block in self.blocks:
            rows = rows_from_bytes(block)
            kept.append(rows.iloc[kept_of_block(self.portion, rows["n_sites"].to_numpy(), missing)])
            missing -= len(kept[-1])
        return pd.concat(kept, ignore_index=True)

    def inputs(self) -> dict[str, Callable[[], bytes]]:
        """Return how to read each file, or the portion of what has no blocks, by a name of its own."""
        if self.blocks:
            return {str(block): block.read_bytes for block in self.blocks}
        return {self._name_without_blocks: lambda: windows_to_bytes(self.load())}

    def carrying(self, contents: Mapping[str, bytes]) -> PortionFiles:
        """Return the portion with contents in place of files."""
        names = map(str, self.blocks) if self.blocks else [self._name_without_blocks]
        return replace(self, contents=tuple(contents[name] for name in names))

    @property
    def _name_without_blocks(self) -> str:
        portion = self.portion
        return f"{portion.source.spelling} · {portion.task.name} · {portion.label} · {portion.split}"


@dataclass(frozen=True)
class TestSet:
    """The windows that a trained method is asked about: a split of a task."""

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


def digest_of_windows(windows: Windows) -> str:
    """Return the digest of windows in their order: SHA-256 of the digests of each."""
    return hashlib.sha256(b"".join(windows.digests())).hexdigest()


def load(files: tuple[PortionFiles, ...]) -> Windows:
    """Read portions, one after the other, into one batch."""
    return Windows.concatenate([portion.load() for portion in files])
