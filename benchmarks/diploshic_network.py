"""Accuracy of diploS/HIC's network as selbench trains it beside its own program, on the rows that it ships.

    python benchmarks/diploshic_network.py [ROWS EPOCHS]

Needs the module ``diploshic`` on the path (its wheel 1.1.0 unpacked into a folder on
PYTHONPATH), whose folders hold feature vectors of five classes. Both train on the same
first ROWS of each class (400 unless told) for at most EPOCHS (10), three seeds each, and
are tested on as many other rows; the program chooses at random which half of those
validates, so that its accuracy is over the other half. It evaluates the last epoch; so
does the network here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench import FeatureSpec, Windows
from selbench.windows import Examples
from selbench_diploshic.networks import DiploshicCnn

FILES = ("neut", "hard", "soft", "linkedSoft", "linkedHard")
SPEC = FeatureSpec((12, 11), "float32", ("statistic", "sub-window"))
SEEDS = (1, 2, 3)


def original_folder() -> Path | None:
    """Return the folder of the original's module, or None."""
    found = find_spec("diploshic")
    return Path(found.origin).parent if found and found.origin else None


def rows_of(folder: Path, n_rows: int) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Read the first rows of every class."""
    parts = [np.loadtxt(folder / f"{name}.fvec", skiprows=1, max_rows=n_rows) for name in FILES]
    return np.concatenate(parts).reshape(-1, 12, 11).astype(np.float32), np.repeat(FILES, n_rows)


def examples(rows: NDArray[np.float32], labels: NDArray[np.str_]) -> Examples:
    """Rows as a model takes them: windows without sites that know their number."""
    none = [np.zeros((0, 2))] * len(rows)
    windows = Windows.from_arrays(none, [[]] * len(rows), sequence_length=11, n_haplotypes=2)
    windows = replace(windows, labels=labels, parameters={"row": np.arange(len(rows))})
    return Examples(windows, lambda some: rows[some.parameters["row"].astype(int)], SPEC, FILES)


def ours(folder: Path, n_rows: int, epochs: int, seed: int) -> float:
    """Train and return the accuracy on one half of the test rows; the other half validates."""
    train, test = rows_of(folder / "training", n_rows), rows_of(folder / "testing", n_rows)
    order = np.random.default_rng(seed).permutation(len(test[0]))
    validates, tests = np.array_split(order, 2)
    predictor = DiploshicCnn(epochs=epochs, keep="last").fit(
        examples(*train),
        examples(test[0][validates], test[1][validates]),
        seed=seed,
        progress=lambda fraction, message: None,
    )
    held_out = examples(test[0][tests], test[1][tests])
    said = predictor.predict_proba(held_out.to_array()).argmax(axis=1)
    return float((said == held_out.labels).mean())


def originals(folder: Path, n_rows: int, epochs: int) -> float:
    """Let the original's program train and test; return the accuracy that it prints."""
    with tempfile.TemporaryDirectory() as work:
        for part in ("training", "testing"):
            (Path(work) / part).mkdir()
            for name in FILES:
                lines = (folder / part / f"{name}.fvec").read_text().splitlines()[: n_rows + 1]
                (Path(work) / part / f"{name}.fvec").write_text("\n".join(lines) + "\n")
        command = [
            sys.executable, str(folder / "diploSHIC"), "train", f"{work}/training/", f"{work}/testing/",
            f"{work}/model", "--epochs", str(epochs),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=work, env=os.environ)
    found = re.search(r"diploSHIC accuracy: ([\d.]+)", done.stdout)
    if found is None:
        raise ValueError(f"the program printed no accuracy: {done.stdout[-300:]}")
    return float(found[1])


def main() -> None:
    """Train both and print the table."""
    folder = original_folder()
    if folder is None:
        print("Not measured: the module diploshic is not on the path.")
        return
    n_rows, epochs = (int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else (400, 10)
    print(f"{n_rows} training rows of each class, at most {epochs} epochs.\n")
    print("| trained by | accuracy, three seeds | mean | standard error over seeds |")
    print("|---|---|---|---|")
    accuracies = {
        "selbench": [ours(folder, n_rows, epochs, seed) for seed in SEEDS],
        "diploSHIC 1.1.0": [originals(folder, n_rows, epochs) for _ in SEEDS],
    }
    for name, found in accuracies.items():
        error = np.std(found, ddof=1) / len(found) ** 0.5
        shown = ", ".join(f"{accuracy:.3f}" for accuracy in found)
        print(f"| {name} | {shown} | {np.mean(found):.3f} | {error:.3f} |", flush=True)


if __name__ == "__main__":
    main()
