"""The choice of a device, with stand-ins for GPUs."""

import subprocess
import sys
import threading

import pytest

from selbench.adapters import keras as keras_models
from selbench.adapters import keras_device
from selbench.adapters.keras_device import CPU, Device, alone_on
from selbench.testing import random_windows
from selbench.windows import Examples
from selbench_pggan.networks import PgGanDiscriminator
from selbench_pggan.regions import PgGanRegion

TWO = (Device("gpu:0", "Stand-in"), Device("gpu:1", "Stand-in"))


def test_without_a_gpu_the_processor_is_taken_and_nobody_waits(tmp_path):
    with alone_on((), tmp_path) as first, alone_on((), tmp_path) as second:
        assert first == second == CPU
    assert not list(tmp_path.iterdir())


def test_fits_at_one_time_get_a_gpu_each(tmp_path):
    with alone_on(TWO, tmp_path) as first:
        with alone_on(TWO, tmp_path) as second:
            assert (first, second) == TWO
        with alone_on(TWO, tmp_path) as third:
            assert third == TWO[1]
    with alone_on(TWO, tmp_path) as fourth:
        assert fourth == TWO[0]


def test_a_fit_waits_until_the_only_gpu_is_free(tmp_path):
    entered = threading.Event()

    def fit():
        with alone_on(TWO[:1], tmp_path):
            entered.set()

    other = threading.Thread(target=fit)
    with alone_on(TWO[:1], tmp_path):
        other.start()
        assert not entered.wait(0.5)
    assert entered.wait(5)
    other.join()


def test_a_process_that_dies_leaves_its_gpu(tmp_path):
    code = f"""
import os
from pathlib import Path
from selbench.adapters.keras_device import Device, alone_on
with alone_on((Device("gpu:0"),), Path({str(tmp_path)!r})):
    os._exit(3)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 3
    with alone_on(TWO[:1], tmp_path) as device:
        assert device == TWO[0]


def test_a_card_is_one_whatever_number_a_process_sees_it_under(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,0")
    with alone_on(TWO, tmp_path):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["gpu-0", "gpu-2"]
        assert keras_device._physical(TWO[0]) == "gpu-2"


def test_a_device_says_what_it_is():
    assert str(CPU) == "cpu"
    assert str(TWO[1]) == "gpu:1 Stand-in"


@pytest.mark.parametrize("gpus", [(), TWO[:1]])
def test_a_fit_runs_on_its_device_and_says_so(gpus, tmp_path, monkeypatch):
    """Of a stand-in GPU Keras is told nothing: its scope is replaced as well."""
    import keras

    scopes = []

    class Scope:
        def __init__(self, name):
            scopes.append(name)

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            return None

    monkeypatch.setattr(keras, "device", Scope)
    monkeypatch.setattr(keras_models, "visible_gpus", lambda: gpus)
    monkeypatch.setattr(keras_device.tempfile, "gettempdir", lambda: str(tmp_path))
    windows = random_windows(20, seed=1, labels=True)
    encoder = PgGanRegion(n_sites=16)
    spec = encoder.feature_spec(windows.spec)
    examples = Examples(windows, encoder.encode, spec, ("neutral", "sweep"))
    model = PgGanDiscriminator(epochs=1)
    predictor = model.fit(examples, examples, seed=1, progress=lambda fraction, message: None)
    assert predictor.device == (str(gpus[0]) if gpus else "cpu")
    assert scopes == [gpu.name for gpu in gpus]
