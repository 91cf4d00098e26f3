"""Example images of every class in every image encoding of a run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.experiment import Task, portions
from selbench.files import write_whole
from selbench.plugin import Encoder, spelling
from selbench.runner.cells import slug
from selbench.runner.run import RunOutcome

PER_CLASS = 3


def write_gallery(outcome: RunOutcome, folder: Path) -> list[dict[str, str]]:
    """Write the first test windows of each class as PNG, in every encoding that makes images.

    Returns
    -------
    images : list of dict
        ``task``, ``encoder``, ``class`` and ``file`` (relative to `folder`).
    """
    experiment = outcome.plan.experiment
    encoders = {
        spelling(training.planned.training.method.encoder): training.planned.training.method.encoder
        for training in outcome.trainings
        if training.status == "done"
    }
    images: list[dict[str, str]] = []
    for task in experiment.tasks.values():
        for name, encoder in encoders.items():
            if _makes_images(encoder, task):
                images += _write_task(outcome, task, name, encoder, folder)
    return images


def _makes_images(encoder: Encoder, task: Task) -> bool:
    if encoder.unsupported(task.spec, "ancestral"):
        return False
    spec = encoder.feature_spec(task.spec)
    return len(spec.shape) == 2 and spec.dtype == "uint8"


def _write_task(
    outcome: RunOutcome, task: Task, name: str, encoder: Encoder, folder: Path
) -> list[dict[str, str]]:
    (folder / "images").mkdir(exist_ok=True)
    images = []
    for portion in portions(task, split="test"):
        files = outcome.files_of(portion)
        if not files.blocks and portion.source.makes_more:
            continue
        pictures = encoder.encode(files.load().take(slice(0, PER_CLASS)))
        for i, picture in enumerate(pictures):
            file = f"images/{slug(task.name)}.{slug(name)}.{slug(portion.label)}.{i}.png"
            write_whole(folder / file, _png(picture))
            images.append({"task": task.name, "encoder": name, "class": portion.label, "file": file})
    return images


def _png(picture: NDArray[Any]) -> bytes:
    from PIL import Image

    shown = picture.astype(np.uint8)
    if shown.size and shown.max() == 1:
        shown = shown * np.uint8(255)
    buffer = io.BytesIO()
    Image.fromarray(shown).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
