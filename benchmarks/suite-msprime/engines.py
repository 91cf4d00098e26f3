"""Do ranks of methods depend on the engine that made the windows? Two tasks, by msms and by msprime.

selbench run sweeps-1-msprime --out RUN
python benchmarks/suite-msprime/engines.py RUN     # keeps what is read of a run; asks about rows
python benchmarks/suite-msprime/engines.py         # README.md from what is kept
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
KEPT = ("experiment.toml", "run.json", "results.parquet", "comparisons.parquet", "audit.json")
SCENARIOS = ("hard", "weak")
ENGINES = ("msms", "msprime")
POWER, AREA = "power_at_5_percent_interpolated", "roc_auc"
N_ROWS, SEED = 300, 7

HEAD = """\
# The suite by another engine

`hard` and `weak` of sweeps-1 at recombination rates of 0.1 to 0.4e-8, once with all windows by `msms` and
once by `msprime`, whose code is another's: do methods rank the same? The experiment is `sweeps-1-msprime`;
its windows are no part of the frozen suite. `python benchmarks/suite-msprime/engines.py` writes this page
from the tables beside it; the predictions of the run are not kept. 1,000 test windows per class, three
trainings of each method.
"""

AGREEMENT = """
## Do they agree?

Power is at 5 % false positives. τ is Kendall's, of the two rankings. Of the pairs of methods: *decided* are
those whose difference both engines tell from 0 (adjusted p < 0.05, over windows and trainings), *turned*
those of another order, and *of another size* those whose two differences are told from each other
(Holm-adjusted p < 0.05).

| scenario | measure | τ | pairs | decided by both | turned | turned and decided | of another size |
|---|---|---:|---:|---:|---:|---:|---:|
"""

ROWS = f"""
## Is the order of rows a label?

The AUC of a logistic regression on how unlike neighbouring rows are, on {N_ROWS} new windows per class of
msprime: as rows lie, and in a new random order, where nothing is left to learn but how alike rows are.

| task | as they lie | permuted |
|---|---:|---:|
"""


def keep(run: Path) -> None:
    """Copy what is read of a run, and ask whether the order of msprime's rows tells its classes."""
    for name in KEPT:
        shutil.copy(run / name, FOLDER / name)
    with (FOLDER / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("task", "as they lie", "permuted"))
        writer.writerows(row_order(run))


def row_order(run: Path) -> list[tuple[str, ...]]:
    """Return the AUC of row order on new windows of each msprime task, as rows lie and in a new order."""
    sys.path.insert(0, str(FOLDER.parent / "suite"))
    from pilot import row_order_score

    from selbench import Registry, Windows
    from selbench.experiment import Portion, read_experiment

    tasks = read_experiment(run / "experiment.toml", Registry.installed()).tasks
    rows = []
    for scenario in SCENARIOS:
        task = tasks[f"{scenario}-msprime"]

        def windows_of(split: Any, task: Any = task) -> Windows:
            asked = [Portion(task, label, split, count=N_ROWS) for label in task.classes]
            return Windows.concatenate(
                [
                    each.source.complete(each, experiment_seed=SEED).windows.with_label(each.label)
                    for each in asked
                ]
            )

        train, test = windows_of("train"), windows_of("test")
        found = [row_order_score(train, test, task, rng) for rng in (None, np.random.default_rng(SEED))]
        rows.append((task.name, *(f"{area:.3f}" for area in found)))
    return rows


def values(results: pd.DataFrame, task: str, metric: str) -> pd.Series:
    """Return each method's value on a task, by label."""
    mean = results[results["repetition"].isna() & (results["class"] == "") & (results["metric"] == metric)]
    of_task = mean[(mean["train_task"] == task) & (mean["test_task"] == task)]
    return of_task.set_index("method_label")["value"].astype(float)


def pairs(comparisons: pd.DataFrame, scenario: str, metric: str) -> pd.DataFrame:
    """Return every pair of methods: its difference by each engine, and p of that they are equal.

    Windows of the two engines are independent, so that variances add; a standard error is that of
    the interval, over windows and trainings. p is adjusted after Holm.
    """
    from scipy.special import ndtr

    wanted = comparisons[(comparisons["family"] == "all pairs") & (comparisons["metric"] == metric)]
    sides = []
    for engine in ENGINES:
        task = f"{scenario}-{engine}"
        side = wanted[(wanted["train_task"] == task) & (wanted["test_task"] == task)]
        side = side.set_index(["method_label", "other_label"])[["difference", "low", "high", "p_adjusted"]]
        side["error"] = (side["high"] - side["low"]) / (2 * 1.959964)
        sides.append(side.add_suffix(f"_{engine}"))
    table = sides[0].join(sides[1], how="inner")
    assert len(table) == len(sides[0]) == len(sides[1])
    apart = (table["difference_msms"] - table["difference_msprime"]).abs()
    error = np.maximum(np.hypot(table["error_msms"], table["error_msprime"]), 1e-12)
    table["p_equal"] = holm(2 * ndtr(-(apart / error).to_numpy(dtype=np.float64)))
    table["turned"] = table["difference_msms"] * table["difference_msprime"] < 0
    table["decided"] = (table["p_adjusted_msms"] < 0.05) & (table["p_adjusted_msprime"] < 0.05)
    return table


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for their number (Holm, 1979)."""
    order = np.argsort(p, kind="stable")
    rising = np.maximum.accumulate(np.minimum(1, p[order] * (len(p) - np.arange(len(p)))))
    return np.asarray(rising[np.argsort(order, kind="stable")])


def ranking(results: pd.DataFrame, scenario: str) -> str:
    """Return the table of a scenario's methods, best by msms first."""
    power = pd.DataFrame({engine: values(results, f"{scenario}-{engine}", POWER) for engine in ENGINES})
    power = power.sort_values("msms", ascending=False)
    ranks, area = power.rank(ascending=False), [values(results, f"{scenario}-{e}", AREA) for e in ENGINES]
    rows = [
        f"| `{method}` | {power.msms[method]:.3f} | {power.msprime[method]:.3f} | {ranks.msms[method]:g} "
        f"| {ranks.msprime[method]:g} | {area[0][method]:.3f} | {area[1][method]:.3f} |\n"
        for method in power.index
    ]
    head = (
        "method",
        "power, msms",
        "power, msprime",
        "rank, msms",
        "rank, msprime",
        "AUC, msms",
        "AUC, msprime",
    )
    return f"\n### {scenario}\n\n| {' | '.join(head)} |\n|---|{'---:|' * 6}\n" + "".join(rows)


def agreement(results: pd.DataFrame, comparisons: pd.DataFrame) -> Iterator[str]:
    """Yield a row for each scenario and measure: how alike the engines rank."""
    from scipy.stats import kendalltau

    for scenario in SCENARIOS:
        for metric, name in ((POWER, "power"), (AREA, "AUC")):
            ours, theirs = (values(results, f"{scenario}-{engine}", metric) for engine in ENGINES)
            tau = kendalltau(ours, theirs.reindex(ours.index)).statistic
            of = pairs(comparisons, scenario, metric)
            counts = (len(of), of.decided.sum(), of.turned.sum(), (of.turned & of.decided).sum())
            told = " | ".join(str(int(count)) for count in (*counts, (of.p_equal < 0.05).sum()))
            yield f"| {scenario} | {name} | {tau:.2f} | {told} |\n"


def page() -> str:
    """Return the page."""
    results = pd.read_parquet(FOLDER / "results.parquet")
    comparisons = pd.read_parquet(FOLDER / "comparisons.parquet")
    record = json.loads((FOLDER / "run.json").read_text())
    done = sum(training["status"] == "done" for training in record["trainings"])
    with (FOLDER / "rows.csv").open() as file:
        rows = [f"| {' | '.join(row)} |\n" for row in list(csv.reader(file))[1:]]
    return "".join(
        [
            HEAD,
            AGREEMENT,
            *agreement(results, comparisons),
            f"\n## Ranks\n\n{done} of {len(record['trainings'])} trainings done.\n",
            *(ranking(results, scenario) for scenario in SCENARIOS),
            ROWS,
            *rows,
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        keep(Path(sys.argv[1]))
    (FOLDER / "README.md").write_text(page())
