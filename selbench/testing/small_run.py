"""A finished run, made up in memory: to try what looks at runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from selbench.evaluation import ClassRoles, evaluate
from selbench.run_folder import MethodRecord, RunInfo, RunRecord, TaskRecord, TrainingRecord, named
from selbench.run_folder.records import FORMAT
from selbench.run_folder.tables import with_names

if TYPE_CHECKING:
    import pandas as pd

_METHODS = {"statistics+logistic": False, "statistics+segregating-sites": True}


def small_run(
    seed: int = 1,
    *,
    methods: tuple[str, ...] = tuple(_METHODS),
    classes: tuple[str, ...] = ("neutral", "sweep"),
    repetitions: int = 2,
    n_windows: int = 40,
) -> RunRecord:
    """Return a run on one task with scores drawn at random, the first method the best.

    Parameters
    ----------
    methods : tuple of str
        By their spelling.
    classes : tuple of str
        The null class first.
    n_windows : int
        Test windows of each class; there are as many threshold windows.
    """
    info = named(
        RunInfo(
            format=FORMAT,
            experiment="made up",
            seed=seed,
            tasks={"small": _task(classes, n_windows)},
            methods={
                name: MethodRecord(name.partition("+")[0], name.partition("+")[2], _METHODS.get(name, False))
                for name in methods
            },
            trainings=tuple(
                TrainingRecord("small", name, repetition, "done", seconds={"encode": 0.1, "fit": 1.0})
                for name in methods
                for repetition in range(repetitions)
            ),
            repetitions=repetitions,
            simulate_seconds={"small": 0.5},
        )
    )
    said = _predictions(seed, methods, classes, repetitions, n_windows)
    roles = {"small": ClassRoles(classes, classes[0], classes[1])}
    results = with_names(evaluate(said, roles, n_resamples=20, seed=seed), info.names)
    return RunRecord(Path("made-up"), info, results, read_predictions=lambda: said)


def _task(classes: tuple[str, ...], n_windows: int) -> TaskRecord:
    sizes = {"train": 100, "validation": 20, "test": n_windows, "threshold": n_windows}
    spec = {"n_haplotypes": 10, "sequence_length": 1000, "ploidy": 2}
    return TaskRecord(classes, classes[0], classes[1], sizes, "drop", spec)


def _predictions(
    seed: int, methods: tuple[str, ...], classes: tuple[str, ...], repetitions: int, n_windows: int
) -> pd.DataFrame:
    import pandas as pd

    truth = np.repeat(np.arange(len(classes)), n_windows)
    codes = np.concatenate([truth, np.zeros(n_windows, dtype=int)])
    rng = np.random.default_rng(seed)
    frames = []
    for place, method in enumerate(methods):
        for repetition in range(repetitions):
            powers = rng.normal(size=(len(codes), len(classes)))
            powers[np.arange(len(codes)), codes] += 2.0 - 0.7 * place
            said = np.exp(powers) / np.exp(powers).sum(axis=1, keepdims=True)
            columns = {
                "train_task": "small", "test_task": "small", "method": method,
                "repetition": np.int64(repetition),
                "split": ["test"] * len(truth) + ["threshold"] * n_windows,
                "window": np.arange(len(codes)), "label": [classes[code] for code in codes],
            }  # fmt: skip
            frames.append(pd.DataFrame(columns | {f"p_{name}": said[:, i] for i, name in enumerate(classes)}))
    return pd.concat(frames, ignore_index=True)
