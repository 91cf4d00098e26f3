"""What a method says of windows without selection: the yardstick that a scan holds a genome against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.tables import from_table, to_table
from selbench.trained.portrait import Portrait
from selbench.windows import WHOLE, class_of

NULL_FILE = "null.json"
FORMAT = 1


@dataclass(frozen=True)
class NullOrigin:
    """What makes windows without selection.

    Parameters
    ----------
    task : str
        Whose null class they are.
    spelling : str
        The simulator with its options, or the file, as reports call it.
    simulator : str
        Its name; "" where the windows were read and no more can be made.
    options : mapping of str to object
        Of the simulator.
    scenario : mapping of str to object
        As plain tables.
    observation : mapping of str to object
        How its windows were seen, as a task says it; empty where that is whole.
    lost : float
        Share of the sites that were left out of them as a genome's were.
    """

    task: str
    spelling: str
    simulator: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    scenario: Mapping[str, Any] = field(default_factory=dict)
    observation: Mapping[str, Any] = field(default_factory=dict)
    lost: float = 0.0


@dataclass(frozen=True)
class NullScores:
    """Probabilities of the positive class that a method gave windows without selection.

    They served nothing else: neither training nor the choice of an epoch.

    Parameters
    ----------
    scores : tuple of float
        Rising.
    origin : NullOrigin
    portrait : Portrait, optional
        What the windows looked like, where they were at hand.
    made_from : str
        Key of the predictions that they were taken from.
    observed : tuple of float
        Share of each window that was observed, in the order of the scores; none where all of all was.
    """

    scores: tuple[float, ...]
    origin: NullOrigin
    portrait: Portrait | None = None
    made_from: str = ""
    observed: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        values = self.values
        if not len(values) or not ((values >= 0) & (values <= 1)).all() or (np.diff(values) < 0).any():
            raise DataError("scores: expected at least one probability, all from 0 to 1 and rising")
        if len(self.observed) not in (0, len(values)):
            raise DataError(f"observed: expected {len(values)} shares, found {len(self.observed)}")

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The scores, float64 (n_windows,), rising."""
        return np.array(self.scores, dtype=np.float64)

    @cached_property
    def by_class(self) -> Mapping[int, NDArray[np.float64]]:
        """The scores by how much of a window was observed (see `selbench.windows.class_of`), each rising."""
        if not self.observed:
            return {WHOLE: self.values}
        classes = class_of(np.array(self.observed))
        return {number: self.values[classes == number] for number in (WHOLE, *sorted({*classes.tolist()}))}


def null_text(null: NullScores) -> bytes:
    """Return the content of the file."""
    return (json.dumps({"format": FORMAT, **to_table(null)}) + "\n").encode()


def read_null(folder: Path) -> NullScores | None:
    """Read the file from the folder of a trained method; None where it has none.

    Raises
    ------
    DataError
        If it is damaged, or of another format.
    """
    path = folder / NULL_FILE
    if not path.is_file():
        return None
    way_out = "run the experiment again: finished work is kept"
    table = read_json(path, way_out=way_out)
    found = table.pop("format", None) if isinstance(table, dict) else type(table).__name__
    if found != FORMAT:
        raise DataError(f"{path}: expected null scores of format {FORMAT}, found {found!r}; {way_out}")
    return from_table(NullScores, table, where=f"{path}: damaged", error=DataError)
