"""How hard the tasks of a suite are, on windows that are thrown away: the seed is not the suite's.

Each task with 500 training and 500 test windows per class, methods that cost little, and three questions: can
its drift twin, learned as well, be told from neutral windows; what does the method that learned the task say
of the twin; and does anything stand in the order of haplotypes.

    python benchmarks/suite/pilot.py hard partial    # their rows of pilot.csv anew, and PILOT.md; or all
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import selbench
from selbench import Registry, SelbenchError, Windows
from selbench.experiment import Portion, Split, Task, WindowCounts, read_experiment

SUITE = Path(selbench.__file__).parents[1] / "plugins/selbench_suites/experiments/sweeps-1.toml"
SEED = 7_001
COUNTS = WindowCounts(train=500, validation=125, test=500, threshold=0)
GENOTYPES = "statistics[names=nucleotide_diversity;theta_w;tajimas_d;ncd1_50;g123;g2_g1,sub_windows=11]"
"""Statistics that need neither phase nor ancestral states."""
METHODS = (
    "statistics+logistic",
    "statistics+gradient-boosting",
    "sub-window-logistic",
    "sub-window-boosting",
    "nucleotide-diversity",
    "segregating-sites",
    "distinct-haplotypes",
    "h12",
    GENOTYPES + "+logistic",
    GENOTYPES + "+gradient-boosting",
    "ncd1-50",
)
TABLE = Path(__file__).with_name("pilot.csv")
WORLDS_TABLE = TABLE.with_name("pilot_worlds.csv")
PAGE = TABLE.with_name("PILOT.md")
COLUMNS = ("task", "windows", "method", "score", "measure", "twin_asked", "seconds")


def windows_of(task: Task, split: Split) -> Windows:
    """Return the windows of a split, all classes."""
    parts = [Portion(task, label, split) for label in task.classes]
    return Windows.concatenate([p.source.complete(p, experiment_seed=SEED).windows for p in parts])


def area(scores: NDArray[Any], is_positive: NDArray[np.bool_]) -> float:
    """Return the AUC: how often a positive window has the higher score, ties a half."""
    from scipy.stats import rankdata

    ranks, n = rankdata(scores), int(is_positive.sum())
    return float((ranks[is_positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n)))


def score(predicted: NDArray[Any], labels: NDArray[Any], task: Task) -> float:
    """Return the AUC of two classes, or the balanced accuracy of several."""
    if len(task.classes) == 2:
        return area(predicted[:, 1], labels == 1)
    right = predicted.argmax(axis=1) == labels
    return float(np.mean([right[labels == code].mean() for code in range(len(task.classes))]))


def row_order(windows: Windows, rng: np.random.Generator | None = None) -> NDArray[np.float64]:
    """Return, for each window, how unlike neighbouring rows are in 15 stretches of rows, relative to all.

    Rows are haplotypes, or individuals where phase is not known; with `rng`, in a new order.
    """
    rows = []
    for haplotypes, _ in windows:
        calls = haplotypes.astype(np.int64)
        if not windows.phased:
            calls = calls.reshape(len(calls), -1, windows.spec.ploidy).sum(axis=2)
        if rng is not None:
            calls = calls[:, rng.permutation(calls.shape[1])]
        unlike = np.abs(np.diff(calls, axis=1)).sum(axis=0)
        mean = np.abs(calls - np.roll(calls, calls.shape[1] // 2, axis=1)).sum(axis=0).mean()
        rows.append([part.mean() / max(mean, 1) for part in np.array_split(unlike, min(15, len(unlike)))])
    return np.array(rows)


def row_order_score(train: Windows, test: Windows, task: Task, rng: np.random.Generator | None) -> float:
    """Return what a logistic regression on how unlike neighbouring rows are scores."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(row_order(train, rng), labels_of(train, task))
    return score(model.predict_proba(row_order(test, rng)), labels_of(test, task), task)


def labels_of(windows: Windows, task: Task) -> NDArray[np.int64]:
    """Return the class codes, in the task's order."""
    code = {label: i for i, label in enumerate(task.classes)}
    assert windows.labels is not None
    return np.array([code[label] for label in windows.labels.tolist()])


def pilot(task: Task, twin: Task | None) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a task and of its twin."""
    measure = "AUC" if len(task.classes) == 2 else "balanced accuracy"
    sets = {name: {split: windows_of(each, split) for split in ("train", "validation", "test")}
            for name, each in (("task", task), ("twin", twin)) if each is not None}  # fmt: skip
    for name, of in sets.items():
        for method in METHODS:
            begun = time.process_time()
            try:
                fitted = selbench.fit(
                    method, of["train"], validation=of["validation"],
                    classes=task.classes, positive=task.positive, seed=SEED,
                )  # fmt: skip
                found = score(fitted.predict(of["test"]), labels_of(of["test"], task), task)
            except SelbenchError as problem:
                print(f"{task.name}: {method}: {str(problem)[:100]}", file=sys.stderr)
                continue
            asked = ""
            if name == "task" and twin is not None:
                other = sets["twin"]["test"]
                asked = f"{score(fitted.predict(other), labels_of(other, task), task):.3f}"
            yield (
                task.name,
                name,
                method,
                f"{found:.3f}",
                measure,
                asked,
                f"{time.process_time() - begun:.1f}",
            )
        for what, rng in (("rows as they lie", None), ("rows permuted", np.random.default_rng(SEED))):
            order = row_order_score(of["train"], of["test"], task, rng)
            yield task.name, name, what, f"{order:.3f}", measure, "", ""


HEAD = """\
# Pilot of the suite

500 training and 500 test windows per class, of another seed than the suite's, thrown away after; made by
`python benchmarks/suite/pilot.py`, which writes this page. Figures are AUC, which near a half is uncertain
by ± 0.036; on `chromosome` balanced accuracy, where chance among five classes is 0.2.

- *Twin, learned*: the highest that any of the methods reaches on the drift twin when trained on it. The
  highest of ten is above a half by chance already.
- *Twin, asked*: what the best method of the task, trained on the task, says of the twin.
- *Rows*: a logistic regression on how unlike neighbouring haplotypes are, as they lie and in a new order.
  What it gains by their order is what a method could read from it.

Every method's figures, and its CPU seconds, are in [pilot.csv](pilot.csv).

| task | best | method | π | sites | twin, learned | twin, asked | rows | rows, permuted |
|---|---:|---|---:|---:|---:|---:|---:|---:|
"""

WORLDS_HEAD = """
## Other worlds

Trained on `hard`, at the threshold that lets 5 % of 2,000 neutral windows of `hard` pass; made by
`python benchmarks/suite/pilot_worlds.py`. Shares of 500 windows each.

| world | method | false-positive rate | power | AUC |
|---|---|---:|---:|---:|
"""


def page(rows: list[list[str]]) -> str:
    """Return the page of the table's rows."""
    lines = []
    for task in dict.fromkeys(row[0] for row in rows):
        of = {
            kind: {row[2]: row for row in rows if row[:2] == [task, kind]}
            for kind in ("task", "twin")
        }  # fmt: skip
        methods = {
            kind: [row for name, row in found.items() if not name.startswith("rows")]
            for kind, found in of.items()
        }
        best = max(methods["task"], key=lambda row: float(row[3]))
        learned = max((row[3] for row in methods["twin"]), default="")
        named = best[2].replace(GENOTYPES, "genotype statistics")
        alone = [
            of["task"][name][3] if name in of["task"] else ""
            for name in ("nucleotide-diversity", "segregating-sites", "rows as they lie", "rows permuted")
        ]
        cells = [f"`{task}`", best[3], named, *alone[:2], learned, best[5], *alone[2:]]
        lines.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(lines) + worlds()


def worlds() -> str:
    """Return the second half of the page: methods that learned `hard`, asked in other worlds."""
    if not WORLDS_TABLE.exists():
        return ""
    found = list(csv.reader(WORLDS_TABLE.open()))[1:]
    lines = [f"| `{world}` | {' | '.join(rest)} |\n" for world, *rest in found]
    return WORLDS_HEAD + "".join(lines)


def main(names: list[str]) -> None:
    """Pilot tasks by name, and write the table."""
    tasks = read_experiment(SUITE, Registry.installed()).tasks
    known = [] if not TABLE.exists() else list(csv.reader(TABLE.open()))[1:]
    for name in names or [name for name in tasks if "@" not in name and not name.endswith("-drift")]:
        begun = time.process_time()
        task, twin = (replace(tasks[each], windows=COUNTS) if each in tasks else None
                      for each in (name, f"{name}-drift"))  # fmt: skip
        assert task is not None
        rows = [list(map(str, row)) for row in pilot(task, twin)]
        known = [row for row in known if row[0] != name] + rows
        with TABLE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *known])
        PAGE.write_text(page(known))
        print(name, f"{time.process_time() - begun:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
