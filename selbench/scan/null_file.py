"""Null scores in number: a file that grows by a thousand at a time, the yardstick of scans."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.files import sync, write_whole
from selbench.foreign.containment import whole_bytes
from selbench.foreign.json import parse_json
from selbench.streams import stream_seed
from selbench.tables import to_table
from selbench.trained import NullScores, TrainedMethod

PIECE_WINDOWS = 1000
"""Windows of a line of the file, which has a stream of its own: no piece depends on when it was drawn."""

FORMAT = 1
_MOST_BYTES = 2**33
_WAY_OUT = "draw them again with: selbench null"


@dataclass(frozen=True, eq=False)
class NullFile:
    """Null scores that were drawn from the null scenario of a method.

    A line of JSON says what was drawn, and every line behind it is a list of scores. A line that was not
    written to its end is left out.

    Parameters
    ----------
    path : Path
    head : mapping of str to JSON value
        Whose scores these are: method, origin of its null windows, key of its predictions, seed.
    pieces : tuple of float64 (n_windows,)
    n_bytes : int
        Of the lines that are whole.
    """

    path: Path
    head: dict[str, Any]
    pieces: tuple[NDArray[np.float64], ...]
    n_bytes: int

    @property
    def n_windows(self) -> int:
        """How many null windows there are."""
        return sum(map(len, self.pieces))

    def seed_of(self, number: int) -> int:
        """Return the seed of a piece."""
        return stream_seed(int(self.head["seed"]), "null windows of a file", number)

    @classmethod
    def begin(cls, path: Path, method: TrainedMethod, seed: int) -> NullFile:
        """Open the file of a method's null scores, or begin one.

        Raises
        ------
        DataError
            If the file holds anything else, such as scores of another method or seed.
        """
        head = {**_head_of(method), "seed": seed}
        if not path.exists():
            line = (json.dumps(head) + "\n").encode()
            write_whole(path, line)
            return cls(path, head, (), len(line))
        found = cls.read(path)
        if found.head["seed"] != seed:
            raise DataError(
                f"{path}: its windows are of seed {found.head['seed']}, not {seed}: give that seed, or "
                "name another file"
            )
        return found.of(method)

    @classmethod
    def read(cls, path: Path) -> NullFile:
        """Read a file.

        Raises
        ------
        DataError
            If it is absent, or none.
        """
        expected = "null scores of: selbench null"
        content = whole_bytes(path, expected, most=_MOST_BYTES)
        *lines, _ = content.split(b"\n")
        if not lines:
            raise DataError(f"{path}: expected {expected}, found none; {_WAY_OUT}")
        head = parse_json(lines[0], f"{path}, line 1", expected=expected, way_out=_WAY_OUT)
        if (
            not isinstance(head, dict)
            or head.get("format") != FORMAT
            or not isinstance(head.get("seed"), int)
        ):
            raise DataError(f"{path}, line 1: expected {expected}, found something else; {_WAY_OUT}")
        pieces = tuple(_scores(line, f"{path}, line {n}") for n, line in enumerate(lines[1:], 2))
        return cls(path, head, pieces, sum(len(line) + 1 for line in lines))

    def of(self, method: TrainedMethod) -> NullFile:
        """Return the file where it is of this method.

        Raises
        ------
        DataError
            If it is of another.
        """
        wanted = _head_of(method)
        other = [name for name, value in wanted.items() if self.head.get(name) != value]
        if other:
            raise DataError(
                f"{self.path}: null scores of another method or run ({', '.join(other)} differ from those of "
                f"{method.spelling}); {_WAY_OUT}"
            )
        return self

    def add(self, scores: NDArray[np.float64]) -> NullFile:
        """Append a piece, and see that it is on the disk."""
        short = [float(str(score)) for score in scores.astype(np.float32)]  # as few digits as tell it apart
        line = (json.dumps(short) + "\n").encode()
        with self.path.open("r+b") as file:
            file.truncate(self.n_bytes)
            file.seek(self.n_bytes)
            file.write(line)
            file.flush()
        sync(self.path)
        pieces = (*self.pieces, np.asarray(short, dtype=np.float32).astype(np.float64))
        return replace(self, pieces=pieces, n_bytes=self.n_bytes + len(line))

    def beside(self, null: NullScores) -> NullScores:
        """Return a method's own null scores and these together."""
        scores = np.concatenate([null.values, *self.pieces])
        order = np.argsort(scores, kind="stable")
        observed: NDArray[np.float64] = np.ones(len(scores))
        observed[: len(null.values)] = null.observed or 1.0
        return replace(
            null,
            scores=tuple(scores[order].tolist()),
            observed=tuple(observed[order].tolist()) if null.observed else (),
        )


def _head_of(method: TrainedMethod) -> dict[str, Any]:
    null = method.null_scores
    if null is None:
        raise DataError(
            f"{method.spelling}: expected null scores beside it, found none; run the experiment again: "
            "finished work is kept"
        )
    table = {"method": method.spelling, "origin": to_table(null.origin), "made_from": null.made_from}
    plain: dict[str, Any] = parse_json(json.dumps(table), "null scores")
    return {"format": FORMAT, **plain}


def _scores(line: bytes, where: str) -> NDArray[np.float64]:
    found = parse_json(line, where, expected="a list of probabilities", way_out=_WAY_OUT)
    is_list = isinstance(found, list) and all(isinstance(each, float | int) for each in found)
    scores = np.array(found if is_list else [np.nan], dtype=np.float32).astype(np.float64)
    if not ((scores >= 0) & (scores <= 1)).all():
        raise DataError(f"{where}: expected a list of probabilities, found something else; {_WAY_OUT}")
    return scores
