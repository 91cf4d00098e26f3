"""Trained methods as jobs carry them to worker processes: what rebuilds them, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selbench.plugin import Encoder, Model
from selbench.trained import TrainedMethod

_LOADED: dict[Path, TrainedMethod] = {}
"""The method that this process was asked for last."""


@dataclass(frozen=True)
class MethodAt:
    """A trained method that lies in a folder.

    Parameters
    ----------
    encoder : Encoder
    model : Model
    folder : Path
    """

    encoder: Encoder
    model: Model
    folder: Path

    def load(self) -> TrainedMethod:
        """Return the method, loaded once in a process."""
        if self.folder not in _LOADED:
            _LOADED.clear()
            _LOADED[self.folder] = TrainedMethod.load_with(self.folder, self.encoder, self.model)
        return _LOADED[self.folder]
