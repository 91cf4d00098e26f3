"""Predictions whose truth is known: normal scores, one mean per class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

PredictionsMaker = Callable[..., pd.DataFrame]


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def predictions_of_task(
    shifts: Mapping[str, float],
    *,
    classes: Sequence[str] = ("neutral", "sweep"),
    n_windows: int = 100,
    n_threshold: int = 400,
    repetitions: int = 2,
    train_task: str = "paper",
    test_task: str = "paper",
    seed: int = 0,
    decimals: int | None = None,
) -> pd.DataFrame:
    """Predictions of methods that tell their own class by `shift` standard deviations."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(classes)), n_windows)
    truth = np.concatenate([labels, np.zeros(n_threshold, dtype=int)])
    frames = []
    for method, shift in shifts.items():
        for repetition in range(repetitions):
            scores = rng.normal(size=(len(truth), len(classes)))
            scores[np.arange(len(truth)), truth] += shift
            probabilities = _softmax(scores)
            if decimals is not None:
                probabilities = probabilities.round(decimals)
            frame = pd.DataFrame(
                {
                    "train_task": train_task,
                    "test_task": test_task,
                    "method": method,
                    "repetition": repetition,
                    "split": ["test"] * len(labels) + ["threshold"] * n_threshold,
                    "window": np.concatenate(
                        [np.tile(np.arange(n_windows), len(classes)), np.arange(n_threshold)]
                    ),
                    "label": [classes[code] for code in truth],
                }
            )
            for code, name in enumerate(classes):
                frame[f"p_{name}"] = probabilities[:, code]
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="session")
def make_predictions() -> PredictionsMaker:
    return predictions_of_task
