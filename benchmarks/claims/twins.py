"""How often a report calls a method better than its own twin.

Four twins of one small network: one procedure under four names, whose random
numbers differ by name. Each is trained five times on windows of each
repetition's own and tested on the same windows, for each of several seeds; then
every pair is compared as a run compares it. Nothing is better than itself, so
every "is better than" is false.

    python benchmarks/claims/twins.py 20        # seeds 1 to 20, in order; writes results.csv here
"""

from __future__ import annotations

import csv
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selbench import Registry
from selbench.evaluation import ClassRoles, compare_methods
from selbench.experiment import Experiment, Split, parse_experiment
from selbench.streams import stream_seed

TWINS = ("twin a", "twin b", "twin c", "twin d")
ROLES = {"twins": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}
SELECTION = {"s": 0.005, "h": 0.5, "position": 5000, "present_frequency": 0.5}


def experiment(seed: int, *, n_train: int = 200, repetitions: int = 5) -> Experiment:
    """Return the task: 10 kb windows of 48 haplotypes, a partial sweep in one class."""
    table = {
        "name": "twins",
        "seed": seed,
        "repetitions": repetitions,
        "methods": ["statistics+logistic"],
        "tasks": {
            "twins": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 48},
                "locus": {"sequence_length": 10_000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
                "population": {"size": 10_000},
                "windows": {"train": n_train, "validation": 50, "test": 500, "threshold": 1000},
                "classes": {
                    "neutral": {"simulator": "ms"},
                    "sweep": {"simulator": "mssel", "selection": SELECTION},
                },
            }
        },
    }
    return parse_experiment(table, Registry.installed(), where="twins")


def features(asked: Experiment, split: Split, repetition: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the statistics and labels of the windows of a split, as one repetition has them."""
    encoder = Registry.installed().encoders.build("statistics")
    parts = [
        portion.source.complete(portion, experiment_seed=asked.seed).windows
        for portion in asked.portions(asked.tasks["twins"], split=split, repetition=repetition)
    ]
    labels = np.concatenate([windows.labels for windows in parts if windows.labels is not None])
    return np.concatenate([np.asarray(encoder.encode(windows)) for windows in parts]), labels


def probabilities(x: NDArray[Any], y: NDArray[Any], seed: int, *asked: NDArray[Any]) -> list[NDArray[Any]]:
    """Train the network, six hidden units for six epochs, and ask it about windows."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPClassifier((6,), max_iter=6, learning_rate_init=0.02, random_state=seed % 2**32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # six epochs do not converge, and are not meant to
        fitted = make_pipeline(StandardScaler(), network).fit(x, y)
    return [fitted.predict_proba(windows) for windows in asked]


def predictions(seed: int, **sizes: int) -> pd.DataFrame:
    """Return what every twin says of every test and threshold window, training by training."""
    asked = experiment(seed, **sizes)
    judged = {split: features(asked, split) for split in ("test", "threshold")}
    frames = []
    for repetition in range(asked.repetitions):
        x, y = features(asked, "train", repetition)
        for twin in TWINS:
            own = stream_seed(seed, "twin", twin, repetition)
            found = probabilities(x, y, own, *(windows for windows, _ in judged.values()))
            for (split, (_, labels)), said in zip(judged.items(), found, strict=True):
                frames.append(_frame(twin, repetition, split, labels, said))
    return pd.concat(frames, ignore_index=True)


def _frame(twin: str, repetition: int, split: str, labels: NDArray[Any], said: NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "train_task": "twins",
            "test_task": "twins",
            "method": twin,
            "repetition": repetition,
            "split": split,
            "window": np.arange(len(labels)),
            "label": labels,
            "p_neutral": said[:, 0],
            "p_sweep": said[:, 1],
        }
    )


def false_claims(seed: int, **sizes: int) -> dict[str, Any]:
    """Compare the twins of one seed, and count what is said of them."""
    said = predictions(seed, **sizes)
    found = compare_methods(said, ROLES, seed=seed)
    called = found[found["verdict"].isin(["better", "worse"])]
    of_area = found[found["metric"] == "roc_auc"]
    return {
        "seed": seed,
        "auc_lowest": round(_areas(said).min(), 4),
        "auc_highest": round(_areas(said).max(), 4),
        "better_by_auc": int((called["metric"] == "roc_auc").sum()),
        "better_by_any_metric": len(called),
        "pairs_below_5_percent_alone": int((of_area["p"] < 0.05).sum()),
        "equivalent_by_auc": int((of_area["verdict"] == "equivalent").sum()),
    }


def _areas(said: pd.DataFrame) -> NDArray[np.float64]:
    from sklearn.metrics import roc_auc_score

    test = said[said["split"] == "test"]
    return np.array(
        [
            roc_auc_score(of["label"] == "sweep", of["p_sweep"])
            for _, of in test.groupby(["method", "repetition"])
        ]
    )


def rows(seeds: range) -> Iterator[dict[str, Any]]:
    """Yield the counts of every seed, and say them."""
    for seed in seeds:
        started = time.process_time()
        row = false_claims(seed)
        sys.stderr.write(f"{row}, {time.process_time() - started:.1f} CPU s\n")
        yield row


if __name__ == "__main__":
    found = list(rows(range(1, int(sys.argv[1]) + 1)))
    with Path(__file__).with_name("results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
