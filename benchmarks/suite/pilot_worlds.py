"""What methods that learned `hard` in the pilot say in other worlds, at the threshold right in theirs.

python benchmarks/suite/pilot_worlds.py    # writes pilot_worlds.csv, and PILOT.md
"""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
from pilot import COUNTS, PAGE, SEED, SUITE, TABLE, WORLDS_TABLE, area, labels_of, page, windows_of

import selbench
from selbench import Registry
from selbench.experiment import Portion, read_experiment

METHODS = ("statistics+logistic", "sub-window-logistic", "sub-window-boosting", "nucleotide-diversity")
WORLDS = ("hard", "bottleneck", "europe", "cold-recombination", "local-size", "edge", "mispolarised")
FALSE_POSITIVES = 0.05


def main() -> None:
    """Train on `hard`, ask in every world."""
    tasks = read_experiment(SUITE, Registry.installed()).tasks
    known = {name: replace(tasks[name], windows=COUNTS) for name in WORLDS}
    train, validation = (windows_of(known["hard"], split) for split in ("train", "validation"))
    of_null = Portion(known["hard"], known["hard"].null, "threshold", count=2000)
    null = of_null.source.complete(of_null, experiment_seed=SEED).windows
    fitted = {
        method: selbench.fit(method, train, validation=validation, classes=known["hard"].classes, seed=SEED)
        for method in METHODS
    }
    threshold = {
        name: np.quantile(each.predict(null)[:, 1], 1 - FALSE_POSITIVES) for name, each in fitted.items()
    }
    rows = []
    for world in WORLDS:
        asked = windows_of(known[world], "test")
        is_positive = labels_of(asked, known[world]) == 1
        for name, each in fitted.items():
            said = each.predict(asked)[:, 1]
            called = said > threshold[name]
            shares = (called[~is_positive].mean(), called[is_positive].mean(), area(said, is_positive))
            rows.append([world, name, *(f"{share:.3f}" for share in shares)])
        print(world, flush=True)
    with WORLDS_TABLE.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [["world", "method", "false_positive_rate", "power", "auc"], *rows]
        )
    PAGE.write_text(page(list(csv.reader(TABLE.open()))[1:]))


if __name__ == "__main__":
    main()
