"""Trained methods as jobs carry them to worker processes: what rebuilds them, and where they lie."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from selbench.files import readers_of, write_files
from selbench.plugin import Encoder, Model
from selbench.trained import TrainedMethod

MOST_LOADED = 16
"""Methods that a process holds, those that it was asked for last."""

_LOADED: dict[str, TrainedMethod] = {}


@dataclass(frozen=True)
class MethodAt:
    """A trained method that lies in a folder.

    Parameters
    ----------
    encoder : Encoder
    model : Model
    folder : Path
    files : mapping of str to bytes, optional
        Its files by name, where the folder is not seen.
    """

    encoder: Encoder
    model: Model
    folder: Path
    files: Mapping[str, bytes] | None = None

    def load(self) -> TrainedMethod:
        """Return the method, loaded once in a process."""
        key = self._key()
        if key not in _LOADED:
            while len(_LOADED) >= MOST_LOADED:
                _LOADED.pop(next(iter(_LOADED)))
            _LOADED[key] = self._loaded()
        return _LOADED[key]

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return how to read each of its files, by a name of its own."""
        return {f"{self.folder}/{name}": read for name, read in readers_of(self.folder).items()}

    def carrying(self, contents: Mapping[str, bytes]) -> MethodAt:
        """Return the method with the contents of its files, among those of others."""
        begin = f"{self.folder}/"
        files = {name.removeprefix(begin): each for name, each in contents.items() if name.startswith(begin)}
        return replace(self, files=files)

    def _key(self) -> str:
        if self.files is None:
            return str(self.folder)
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name} {len(content)} ".encode() + content)
        return digest.hexdigest()

    def _loaded(self) -> TrainedMethod:
        if self.files is None:
            return TrainedMethod.load_with(self.folder, self.encoder, self.model)
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), self.files)
            return TrainedMethod.load_with(Path(folder), self.encoder, self.model)
