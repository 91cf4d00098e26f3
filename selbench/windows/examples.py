"""Examples: what a model learns from. Features are encoded batch by batch, on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.errors import DataError
from selbench.windows.classes import codes_of
from selbench.windows.windows import Windows

ENCODE_BATCH = 256
"""How many windows an encoder is given at a time, at most."""

ENCODE_BYTES = 2**28
"""How many bytes of features are made at a time, unless one window takes more."""


@dataclass(frozen=True)
class FeatureSpec:
    """The features of one window.

    Parameters
    ----------
    shape : tuple of int
        Shape for one window, without the batch axis.
    dtype : str
        A numpy dtype name, such as ``"uint8"`` or ``"float32"``.
    axes : tuple of str
        What each axis runs over: ``("position", "haplotype")``, ``("statistic",)``.
    names : tuple of str
        Names along the last axis where its entries have some (statistics), else empty.
    """

    shape: tuple[int, ...]
    dtype: str
    axes: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Bytes that one window's features take."""
        return prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, eq=False, repr=False)
class Examples:
    """Labelled windows seen through an encoder.

    Parameters
    ----------
    windows : Windows
        With labels, unless they are only to be predicted.
    encode : callable
        ``Encoder.encode``: Windows → array (n_windows, \\*spec.shape).
    spec : FeatureSpec
    classes : tuple of str
        Class names in the order of their codes; ``classes[0]`` is the null class.
    target : Examples, optional
        Unlabelled windows of where the model is to be used, for models that adapt to them.
    encoded_by : str
        Who encodes, for messages.
    """

    windows: Windows
    encode: Callable[[Windows], NDArray[Any]]
    spec: FeatureSpec
    classes: tuple[str, ...]
    target: Examples | None = None
    encoded_by: str = "encode"

    def __len__(self) -> int:
        return len(self.windows)

    def __repr__(self) -> str:
        spec = self.spec
        return (
            f"Examples: {len(self):,} windows of {', '.join(self.classes)} as {spec.dtype} {spec.shape}, "
            f"{' × '.join(spec.axes)}"
        )

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Codes into `classes`, int64 (n_windows,).

        Raises
        ------
        DataError
            If the windows carry no labels, or one that is not among the classes.
        """
        if self.windows.labels is None:
            raise DataError(f"expected windows labelled with {', '.join(self.classes)}, found no labels")
        return codes_of(self.windows.labels, self.classes)

    def batch(self, indices: ArrayLike | slice | range) -> NDArray[Any]:
        """Encode the windows at `indices`: array (len(indices), \\*spec.shape) of spec.dtype.

        Raises
        ------
        DataError
            If the encoder's array is not of the shape that its `feature_spec` tells, is of
            a dtype that the told one cannot hold, or has a value that is not finite.
        """
        windows = self.windows.take(indices)
        features = self.encode(windows)
        expected = (len(windows), *self.spec.shape)
        if not isinstance(features, np.ndarray):
            raise DataError(
                f"{self.encoded_by}: expected an array of shape {expected}, found {type(features).__name__}"
            )
        if features.shape != expected:
            raise DataError(
                f"{self.encoded_by}: expected an array of shape {expected}, as feature_spec tells for "
                f"{len(windows)} windows, found {features.shape}"
            )
        if features.dtype != self.spec.dtype:
            told = np.dtype(self.spec.dtype)
            if not np.can_cast(features.dtype, told, "same_kind" if told.kind == "f" else "safe"):
                raise DataError(
                    f"{self.encoded_by}: expected {self.spec.dtype} as told, found {features.dtype}"
                )
            features = features.astype(self.spec.dtype)
        if features.dtype.kind == "f" and not np.isfinite(features).all():
            window, *feature = np.argwhere(~np.isfinite(features))[0].tolist()
            raise DataError(
                f"{self.encoded_by}: expected finite features, found {features[(window, *feature)]} in "
                f"window {window}, feature {' '.join(map(str, feature))}"
            )
        return features

    @property
    def batch_size(self) -> int:
        """How many windows `batches` encodes at a time: fewer where features are large."""
        return max(1, min(ENCODE_BATCH, ENCODE_BYTES // max(1, self.spec.n_bytes)))

    def batches(self, size: int | None = None) -> Iterator[NDArray[Any]]:
        """Encode all windows in order, `size` (or else `batch_size`) at a time."""
        size = size or self.batch_size
        return (self.batch(slice(start, start + size)) for start in range(0, len(self), size))

    def to_array(self, max_bytes: int = 2**30) -> NDArray[Any]:
        """Encode all windows into one array.

        Raises
        ------
        DataError
            If the array would take more than `max_bytes`; use `batch` then.
        """
        n_bytes = len(self) * self.spec.n_bytes
        if n_bytes > max_bytes:
            raise DataError(
                f"{len(self)} windows of shape {self.spec.shape} take {n_bytes:,} bytes, more than the "
                f"{max_bytes:,} allowed in one array; read them batch by batch"
            )
        features = np.empty((len(self), *self.spec.shape), dtype=self.spec.dtype)
        for start, batch in zip(range(0, len(self), self.batch_size), self.batches(), strict=True):
            features[start : start + len(batch)] = batch
        return features
