"""Train one method on windows at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.experiment import Method
from selbench.plugin import Progress, Registry, spelling
from selbench.streams import generator
from selbench.trained import MethodDescription, TrainedMethod, training_ranges
from selbench.windows import Classes, Examples, Windows

VALIDATION_SHARE = 0.2
"""Of the windows of each class, where no validation windows are given."""


def fit(
    method: str | Method,
    windows: Windows,
    *,
    validation: Windows | None = None,
    classes: Sequence[str] | None = None,
    positive: str | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    registry: Registry | None = None,
) -> TrainedMethod:
    """Train a method on labelled windows.

    Parameters
    ----------
    method : str or Method
        ``"encoder+model"``, or ``"model"`` with the encoding of its paper.
    windows : Windows
        With labels.
    validation : Windows, optional
        May choose an epoch or calibrate; by default a fifth of each class, drawn by the seed
        and kept out of the training windows.
    classes : sequence of str, optional
        The null class first; by default ``neutral`` and the others in alphabetical order.
    positive : str, optional
        The class whose probability a scan reports; by default the second.
    seed : int
        The same windows and seed give the same method.
    progress : callable, optional
        Called with the fraction done and a few words.

    Returns
    -------
    method : TrainedMethod
        To predict with, to scan with, to save.

    Raises
    ------
    DataError
        If the windows have no labels, or no class is called neutral and `classes` is not given.
    UnsupportedError
        If the encoder cannot take such windows, or the model its features: why.

    Examples
    --------
    >>> import selbench
    >>> rare = selbench.simulate("ms", n_haplotypes=10, n_windows=40, label="neutral")
    >>> many = selbench.simulate("ms", n_haplotypes=10, mutation_rate=5e-8, n_windows=40, label="many")
    >>> method = selbench.fit("statistics+logistic", selbench.Windows.concatenate([rare, many]))
    >>> method.predict(many[:2]).shape
    (2, 2)
    """
    chosen = Method.parse(method, registry or Registry.installed()) if isinstance(method, str) else method
    names = tuple(classes) if classes is not None else _classes_of(windows)
    if len(names) < 2:
        raise DataError(f"windows: expected labels of at least two classes, found {', '.join(names)}")
    train, held = (windows, validation) if validation is not None else _split(windows, seed)
    features = chosen.encoder.feature_spec(train.spec)
    for part, reason in (
        (chosen.encoder, chosen.encoder.unsupported(train.spec, train.polarisation)),
        (chosen.model, chosen.model.unsupported(features)),
    ):
        if reason:
            raise UnsupportedError(f"{spelling(part)}: {reason}")
    learned = chosen.encoder.learn(train, null=names[0])

    def encode(batch: Windows) -> NDArray[Any]:
        return chosen.encoder.encode_with(batch, learned)

    predictor = chosen.model.fit(
        Examples(train, encode, features, names),
        Examples(held, encode, features, names),
        seed=seed,
        progress=progress or (lambda fraction, message: None),
    )
    ranges = training_ranges(train, names)
    empty: Literal["keep", "drop"] = "keep" if (train.n_sites == 0).any() else "drop"
    description = MethodDescription.of(
        chosen.encoder,
        chosen.model,
        train.spec,
        Classes(names, positive or names[1]),
        empty_windows=empty,
        polarisation=train.polarisation,
        training_range=ranges.overall,
        class_ranges=ranges.of_classes,
        provenance={"method": chosen.name, "seed": seed},
    )
    return TrainedMethod(chosen.encoder, chosen.model, predictor, description, learned)


def _classes_of(windows: Windows) -> tuple[str, ...]:
    if windows.labels is None:
        raise DataError("windows: expected labels to learn from, found none; with_label gives them one")
    found = sorted(set(windows.labels.tolist()))
    if "neutral" not in found:
        raise DataError(
            f"classes: which of {', '.join(found)} is the null class? Give all, that one first: "
            f"classes={[*found]}"
        )
    return ("neutral", *(name for name in found if name != "neutral"))


def _split(windows: Windows, seed: int) -> tuple[Windows, Windows]:
    """Return training and validation windows: a share of every class, drawn, at least one."""
    if windows.labels is None:
        raise DataError("windows: expected labels to learn from, found none; with_label gives them one")
    held = np.zeros(len(windows), dtype=bool)
    for label in np.unique(windows.labels):
        members = np.flatnonzero(windows.labels == label)
        n_held = max(1, round(VALIDATION_SHARE * len(members)))
        held[generator(seed, "fit", str(label)).choice(members, n_held, replace=False)] = True
    return windows.take(~held), windows.take(held)
