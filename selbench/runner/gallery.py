"""Example images of every class in every image encoding of a run."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.experiment import Portion, Task, portions
from selbench.files import write_whole
from selbench.plugin import Encoder, spelling
from selbench.run_folder import ImageRecord, file_name
from selbench.run_folder.layout import IMAGES
from selbench.runner.run import RunOutcome

PER_CLASS = 3


@dataclass(frozen=True)
class Strip:
    """The first test windows of a class, to be shown as one encoder makes them."""

    portion: Portion
    name: str
    encoder: Encoder

    @property
    def records(self) -> list[ImageRecord]:
        """What is said of its images in run.json."""
        task, label = self.portion.task.name, self.portion.label
        stem = f"{IMAGES}/{file_name(task)}.{file_name(self.name)}.{file_name(label)}"
        count = min(PER_CLASS, self.portion.n_windows)
        return [ImageRecord(task, self.name, label, f"{stem}.{i}.png") for i in range(count)]


def gallery(outcome: RunOutcome) -> list[Strip]:
    """Return what there is to be shown: the first test windows of each class, in every image encoding."""
    encoders = {
        spelling(training.planned.training.method.encoder): training.planned.training.method.encoder
        for training in outcome.trainings
        if training.status == "done"
    }
    return [
        Strip(portion, name, encoder)
        for task in outcome.plan.experiment.tasks.values()
        for name, encoder in encoders.items()
        if _makes_images(encoder, task)
        for portion in _portions_at_hand(outcome, task)
    ]


def write_gallery(outcome: RunOutcome, strips: Sequence[Strip], folder: Path) -> None:
    """Write the images into a run folder, in place of those that are there."""
    shutil.rmtree(folder / IMAGES, ignore_errors=True)
    (folder / IMAGES).mkdir()
    for strip in strips:
        pictures = strip.encoder.encode(outcome.files_of(strip.portion).load().take(slice(0, PER_CLASS)))
        for record, picture in zip(strip.records, pictures, strict=True):
            write_whole(folder / record.file, _png(picture))


def _makes_images(encoder: Encoder, task: Task) -> bool:
    if encoder.unsupported(task.spec, "ancestral"):
        return False
    spec = encoder.feature_spec(task.spec)
    return len(spec.shape) == 2 and spec.dtype == "uint8"


def _portions_at_hand(outcome: RunOutcome, task: Task) -> Iterator[Portion]:
    """Yield the test portions whose windows a run has, those of tasks that were not run left out."""
    for portion in portions(task, split="test"):
        if outcome.files_of(portion).blocks or not portion.source.makes_more:
            yield portion


def _png(picture: NDArray[Any]) -> bytes:
    from PIL import Image

    shown = picture.astype(np.uint8)
    if shown.size and shown.max() == 1:
        shown = shown * np.uint8(255)
    buffer = io.BytesIO()
    Image.fromarray(shown).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
