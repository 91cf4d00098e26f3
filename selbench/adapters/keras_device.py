"""Where a network is fitted: on a GPU where the backend sees one, one fit at a time on each."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class Device:
    """A device that a backend computes on.

    Parameters
    ----------
    name : str
        As `keras.device` takes it: ``cpu``, ``gpu:0``.
    kind : str
        What it calls itself, such as ``NVIDIA H100``; empty for a processor.
    """

    name: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.kind}".strip()


CPU = Device("cpu")


def visible_gpus() -> tuple[Device, ...]:
    """Return the GPUs that Keras' backend sees, in its order."""
    import keras

    kinds = {"tensorflow": _tensorflow_kinds, "jax": _jax_kinds, "torch": _torch_kinds}
    find = kinds.get(keras.backend.backend())
    return tuple(Device(f"gpu:{i}", kind) for i, kind in enumerate(find() if find else ()))


@contextmanager
def alone_on(gpus: Sequence[Device], locks: Path | None = None) -> Iterator[Device]:
    """Wait until one of the GPUs is free and keep other fits of this user off it; without any, the CPU.

    A process that dies leaves its device. Fits on a CPU wait for nobody: how many run
    beside each other is the run's own choice.

    Parameters
    ----------
    gpus : sequence of Device
    locks : Path, optional
        Folder for a file by device; by default one in the folder of temporary files.
    """
    if not gpus:
        yield CPU
        return
    folder = locks or Path(tempfile.gettempdir()) / f"selbench-{os.getuid()}-devices"
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptors = [os.open(folder / _physical(gpu), os.O_RDWR | os.O_CREAT, 0o600) for gpu in gpus]
    try:
        while (free := _first_locked(descriptors)) is None:
            time.sleep(_WAIT_SECONDS)
        yield gpus[free]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _first_locked(descriptors: Sequence[int]) -> int | None:
    """Lock the first file that nobody holds, and return which it is, or None."""
    for i, descriptor in enumerate(descriptors):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        except OSError:  # a file system that knows no locks: nobody waits
            return i
        return i
    return None


def _physical(gpu: Device) -> str:
    """Return a file name that processes share which see the same card under different numbers."""
    index = int(gpu.name.partition(":")[2])
    shown = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if part.strip()]
    card = shown[index] if index < len(shown) else str(index)
    return "gpu-" + "".join(letter if letter.isalnum() else "-" for letter in card)


def _tensorflow_kinds() -> list[str]:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")) for gpu in gpus]


def _jax_kinds() -> list[str]:
    import jax

    return [str(device.device_kind) for device in jax.devices() if device.platform != "cpu"]


def _torch_kinds() -> list[str]:
    import torch

    return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
