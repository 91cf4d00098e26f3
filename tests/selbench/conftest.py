"""Toy experiments that run in a second, and run folders as a run writes them, made up in milliseconds."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench import Registry
from selbench.evaluation import ClassRoles, evaluate

PACKAGES = Path(__file__).parents[1] / "packages"

CNN = "full-length+fadja-cnn[epochs=3]"
IMAGENE = "imagene[sort=rows]+imagene-cnn"
LOGISTIC = "statistics+logistic"
SITES = "statistics+segregating-sites"
HAPLOTYPES = "statistics+distinct-haplotypes"
SHIFTS = {CNN: 2.9, IMAGENE: 2.0, LOGISTIC: 2.6, HAPLOTYPES: 2.2, SITES: 1.4}
"""How well each method tells the classes: distance of the means in standard deviations."""


@dataclass(frozen=True)
class FakeRun:
    """What to make up.

    Parameters
    ----------
    pairs : list of (train_task, test_task)
    shifts : mapping of method to float
    """

    pairs: Sequence[tuple[str, str]] = (("study", "study"),)
    shifts: Mapping[str, float] = field(default_factory=lambda: dict(SHIFTS))
    classes: Sequence[str] = ("neutral", "sweep")
    repetitions: int = 2
    n_test: int = 100
    n_threshold: int = 400
    n_train: Mapping[str, int] = field(default_factory=dict)
    unfinished: bool = True
    n_resamples: int = 100
    seed: int = 5

    @property
    def tasks(self) -> list[str]:
        return list(dict.fromkeys(name for pair in self.pairs for name in pair))

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        predictions = pd.concat([self._predictions(*pair) for pair in self.pairs], ignore_index=True)
        predictions.to_parquet(folder / "predictions.parquet", index=False)
        roles = {
            name: ClassRoles(tuple(self.classes), self.classes[0], self.classes[1]) for name in self.tasks
        }
        results = evaluate(predictions, roles, n_resamples=self.n_resamples, seed=self.seed)
        results.to_parquet(folder / "results.parquet", index=False)
        images = [image for name in self.tasks for image in self._images(folder, name)]
        record = self._record() | {"images": images}
        (folder / "run.json").write_text(json.dumps(record))
        (folder / "experiment.toml").write_text('name = "quickstart"\nseed = 5\n')
        return folder

    def _predictions(self, train: str, test: str) -> pd.DataFrame:
        rng = np.random.default_rng([self.seed, *f"{train}/{test}".encode()])
        codes = np.repeat(np.arange(len(self.classes)), self.n_test)
        truth = np.concatenate([codes, np.zeros(self.n_threshold, dtype=int)])
        easy = rng.normal(size=(len(truth), len(self.classes)))  # what makes a window easy for every method
        frames = []
        for method, shift in self.shifts.items():
            shift = shift * (1 if train == test else 0.7)
            for repetition in range(self.repetitions):
                own = easy if self._is_baseline(method) else easy + rng.normal(0, 0.3, size=easy.shape)
                scores = own.copy()
                scores[np.arange(len(truth)), truth] += shift
                if self._is_baseline(method):
                    scores = scores.round(0)
                powers = np.exp(scores * 1.2)
                probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
                frame = pd.DataFrame(
                    {
                        "train_task": train,
                        "test_task": test,
                        "method": method,
                        "repetition": np.int64(repetition),
                        "split": ["test"] * len(codes) + ["threshold"] * self.n_threshold,
                        "window": np.concatenate([np.arange(len(codes)), np.arange(self.n_threshold)]),
                        "label": [self.classes[code] for code in truth],
                    }
                )
                for code, name in enumerate(self.classes):
                    frame[f"p_{name}"] = probabilities[:, code]
                frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @staticmethod
    def _is_baseline(method: str) -> bool:
        return method in (SITES, HAPLOTYPES)

    def _record(self) -> dict[str, Any]:
        trained = list(dict.fromkeys(train for train, _ in self.pairs))
        cells = [
            self._cell(train, method, repetition)
            for train in trained
            for method in self.shifts
            for repetition in range(self.repetitions)
        ]
        if self.unfinished:
            unfinished = self._cell(trained[0], "statistics+hmm", 0)
            for status, reason in (
                ("skipped", "needs <ancestral> states"),
                ("failed", "loss is not a number"),
            ):
                cells.append(
                    unfinished
                    | {"status": status, "reason": reason, "seconds": {}, "history": {}, "predictor": ""}
                )
        methods = [*self.shifts, *(["statistics+hmm"] if self.unfinished else [])]
        return {
            "format": 1,
            "selbench": "0.1.0",
            "experiment": "quickstart",
            "description": "The tour: the seed study's task in small.\n\nWindows of 1,000 bp.",
            "seed": self.seed,
            "repetitions": self.repetitions,
            "threads": 1,
            "started": "2026-03-02T10:00:00+00:00",
            "finished": "2026-03-02T10:04:10+00:00",
            "seconds": 250.0,
            "command": ["selbench", "run", "quickstart"],
            "platform": {"system": "Linux-6.1-x86_64", "processor": "x86_64", "cores": 2, "python": "3.12.1"},
            "packages": {"numpy": "2.4.0", "tensorflow": "2.20.0", "keras": "3.12.0"},
            "tasks": {name: self._task(name) for name in self.tasks},
            "methods": {name: self._method(name) for name in methods},
            "cells": cells,
            "simulate_seconds": dict.fromkeys(self.tasks, 0.42),
            "citations": [
                {
                    "component": "fadja-cnn",
                    "bibtex": "@article{fadja2021,\n  author = {Nguembang Fadja, Arnaud and others},\n"
                    "  title = {{Identification of natural selection in genomic data}},\n  year = {2021},\n"
                    "  doi = {10.1007/978-3-030-00000-0_1},\n}",
                },
                {
                    "component": "imagene",
                    "bibtex": "@article{torada2019,\n  title = {{ImaGene}},\n  year = {2019},\n}",
                },
            ],
        }

    def _cell(self, train: str, method: str, repetition: int) -> dict[str, Any]:
        network = "cnn" in method
        epochs = np.arange(1, 8)
        loss = 0.7 * np.exp(-epochs / 3) + 0.02 * repetition
        history = {
            "loss": loss.tolist(),
            "val_loss": (loss + 0.05 + 0.01 * np.sin(epochs)).tolist(),
            "accuracy": (1 - loss / 1.4).tolist(),
            "val_accuracy": (0.96 - loss / 1.4).tolist(),
        }
        return {
            "train_task": train,
            "method": method,
            "repetition": repetition,
            "status": "done",
            "reason": "",
            "predictor": f"predictors/{train}.x.r{repetition}",
            "seconds": {
                "encode": 0.8,
                "fit": 61.0 if network else 0.03,
                "predict": 1.4 if network else 0.004,
            },
            "cpu_seconds": {"encode": 0.8, "fit": 60.0, "predict": 1.3},
            "peak_memory_bytes": 900_000_000 if network else 120_000_000,
            "n_parameters": 40_641_237 if network else 5,
            "history": history if network else {},
            "remarks": ["10 of 900 sites <share> a row"] if network else [],
        }

    @staticmethod
    def _method(name: str) -> dict[str, Any]:
        encoder, model = name.split("+")
        return {
            "encoder": encoder,
            "model": model,
            "is_baseline": FakeRun._is_baseline(name),
            "summary": f"What {model} does, in one line.",
            "plugin": "selbench_fadja 0.1.0",
        }

    def _task(self, name: str) -> dict[str, Any]:
        train = self.n_train.get(name, 1000)
        sizes = {"train": train, "validation": 200, "test": self.n_test, "threshold": self.n_threshold}
        shared = {
            "sample": {"n_haplotypes": 48, "ploidy": 2},
            "locus": {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
            "population": {"size": 80_000 if name.startswith("study") else 10_000},
        }
        sweep = {"s": 0.005, "h": 0.5, "position": 4999, "present_frequency": 0.22, "carriers": "all"}
        return {
            "classes": list(self.classes),
            "null": self.classes[0],
            "positive": self.classes[1],
            "part_of": name.partition("@")[0] if "@" in name else "",
            "windows": sizes,
            "empty_windows": "drop",
            "spec": {"n_haplotypes": 48, "sequence_length": 1000, "ploidy": 2},
            "counts": [
                {
                    "class": label,
                    "split": split,
                    "kept": size,
                    "attempted": size if label == "neutral" else round(size * 1.29),
                    "empty": 0 if label == "neutral" else round(size * 0.29),
                }
                for split, size in sizes.items()
                for label in (self.classes if split != "threshold" else self.classes[:1])
            ],
            "simulators": {
                label: {
                    "spelling": "ms" if label == "neutral" else "mssel",
                    "provenance": {"engine": "built-in"},
                }
                for label in self.classes
            },
            "scenarios": {
                label: shared | {"selection": None if label == "neutral" else sweep} for label in self.classes
            },
        }

    def _images(self, folder: Path, task: str) -> list[dict[str, str]]:
        from PIL import Image

        (folder / "images").mkdir(exist_ok=True)
        rng = np.random.default_rng(1)
        images = []
        for label in self.classes:
            n_sites = 14 if label == "neutral" else 4
            for i in range(3):
                full = np.zeros((1000, 48), dtype=np.uint8)
                for row in rng.integers(1000, size=n_sites):
                    full[row, rng.random(48) < rng.beta(0.4, 1)] = 255
                columns = np.sort(rng.integers(n_sites, size=128))
                small = full[full.any(axis=1)][columns % max(1, int(full.any(axis=1).sum()))].T
                resized = small[np.sort(rng.integers(48, size=128))]
                for encoder, image in (("full-length", full), ("imagene[sort=rows]", resized)):
                    file = f"images/{task}.{encoder.partition('[')[0]}.{label}.{i}.png"
                    Image.fromarray(np.ascontiguousarray(image)).save(folder / file)
                    images.append({"task": task, "encoder": encoder, "class": label, "file": file})
        return images


@dataclass
class ForkedCommand:
    """``selbench WORDS`` in a process of its own, used as `subprocess.Popen` is.

    It is a copy of this process, which has imported by now what takes seconds, in a group of
    its own; what it says on standard error goes to a file.
    """

    words: Sequence[str | Path]
    folder: Path
    said: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    largest_file: int = resource.RLIM_INFINITY
    returncode: int | None = None

    def __post_init__(self) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            self._become()
        os.setpgid(self.pid, self.pid)  # by both, so that it holds for whoever comes first

    def _become(self) -> None:
        status = 1
        try:
            os.setpgid(0, 0)
            with self.said.open("wb") as said, Path(os.devnull).open("wb") as nothing:
                os.dup2(nothing.fileno(), 1)
                os.dup2(said.fileno(), 2)
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
            signal.signal(signal.SIGINT, signal.default_int_handler)
            # a file that the limit cuts off, or the signal, is not to be somebody's compiled module
            sys.dont_write_bytecode = True
            os.environ.update({"PYTHONDONTWRITEBYTECODE": "1", **self.environment})
            os.chdir(self.folder)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest_file, resource.RLIM_INFINITY))
            sys.argv = ["selbench", *map(str, self.words)]
            from selbench.cli import main
            from selbench.cli.console import stderr, stdout

            for console in (stdout, stderr):  # made for these streams and their width
                console.cache_clear()
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def poll(self) -> int | None:
        """Return how it ended, None where it goes on."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Wait for its end."""
        deadline = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("selbench", seconds)
            time.sleep(0.005)
        return status

    def finish(self) -> str:
        """Wait for its end; return what it said."""
        self.wait(300)
        return self.said.read_text()


@pytest.fixture(scope="session")
def forked() -> type[ForkedCommand]:
    """Return how to run a command in a copy of this process."""
    return ForkedCommand


@pytest.fixture(scope="session")
def fake_run() -> Callable[..., FakeRun]:
    return FakeRun


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain run; not to be changed."""
    return FakeRun().write(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def toys() -> Registry:
    """Return a registry of the toy plugin alone."""
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


ToyExperiment = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def toy_experiment() -> ToyExperiment:
    """Return how to write the table of an experiment with one task, `small`."""

    def table(
        windows: Mapping[str, int],
        *,
        n_haplotypes: int = 10,
        sequence_length: int = 500,
        simulator: str = "toy[mean_sites=20]",
        repetitions: int = 1,
        **keys: Any,
    ) -> dict[str, Any]:
        swept = {"selection": {"s": 0.1, "carriers": "all"}}
        small = {
            "null": "neutral",
            "positive": "sweep",
            "sample": {"n_haplotypes": n_haplotypes},
            "locus": {"sequence_length": sequence_length, "mutation_rate": 1e-8},
            "population": {"size": 1000},
            "windows": {"validation": 5, "threshold": 0, **windows},
            "classes": {"neutral": {"simulator": simulator}, "sweep": {"simulator": simulator, **swept}},
            **keys,
        }
        return {
            "name": "toy",
            "seed": 7,
            "repetitions": repetitions,
            "baselines": False,
            "methods": ["few-sites"],
            "tasks": {"small": small},
        }

    return table
