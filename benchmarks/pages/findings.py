"""The sentences of docs/findings.md that committed comparisons support.

python benchmarks/pages/findings.py    # writes them into the page
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from committed_runs import BENCHMARKS, DOCS, Run, by_name, filled, run

from selbench.evaluation.claims import number

PAGE = DOCS / "findings.md"
JOINED = " @ networks"
POWER, AREA = "power_at_1_percent_interpolated", "roc_auc"
VERDICTS = {
    "better": "Better",
    "equivalent": "Equivalent",
    "undecided": "Not shown to differ",
    "worse": "Worse",
}


def against_baseline(of: Run, task: str, metric: str = AREA) -> pd.DataFrame:
    """Return what is known of every trained method of a task beside the best baseline."""
    rows = of.comparisons
    of_task = (rows["train_task"] == task) & (rows["test_task"] == task)
    chosen: pd.DataFrame = rows[of_task & (rows["family"] == "best baseline") & (rows["metric"] == metric)]
    return chosen


def named(rows: pd.DataFrame) -> str:
    """Return the methods of rows, each with its difference and the interval of the family."""
    cells = [
        f"`{row['method_label'].removesuffix(JOINED).removeprefix('full-length+')}` "
        f"({number(row['difference'], signed=True)}, {number(row['low_simultaneous'], signed=True)} to "
        f"{number(row['high_simultaneous'], signed=True)})"
        for _, row in rows.sort_values("difference", ascending=False).iterrows()
    ]
    return ", ".join(cells)


def bullets(sentences: Sequence[str]) -> str:
    """Return sentences as a list of markdown."""
    return "".join(f"- {sentence}\n" for sentence in sentences)


def not_beaten(of: Run, task: str, about: str) -> list[str]:
    """Return what a task says of the best baseline: who is better, who is worse, who is neither."""
    rows = against_baseline(of, task)
    best = rows["other_label"].iloc[0]
    verdicts = {verdict: rows[rows["verdict"] == verdict] for verdict in VERDICTS}
    found = [f"{about}: `{best}`, the best baseline, has AUC {of.area(best, task)}."]
    if verdicts["better"].empty:
        found.append(f"None of {len(rows)} trained methods is shown to be better.")
    for verdict, words in VERDICTS.items():
        if len(verdicts[verdict]):
            found.append(f"{words}: {named(verdicts[verdict])}.")
    return found


def seed_study() -> str:
    """The task of the seed study, at its size."""
    return bullets(not_beaten(run("paper/others"), "paper", "The seed study's task"))


def networks() -> str:
    """The field's networks on completed sweeps of 100 kb."""
    return bullets(
        not_beaten(run("networks"), "sweeps", "Completed sweeps in 100 kb, the same rates in every window")
    )


def scanners() -> str:
    """The field's scanners, one training each."""
    sentences = []
    of = run("scanners")
    for task in dict.fromkeys(of.comparisons["train_task"]):
        rows = against_baseline(of, task)
        best = rows["other_label"].iloc[0]
        higher = rows[rows["low_simultaneous"] > 0]
        beside = rows[(rows["low_simultaneous"] <= 0) & (rows["high_simultaneous"] >= 0)]
        parts = [f"`{task}`: `{best}` has AUC {of.area(best, task)}"]
        parts += [f"higher scored {named(higher)}"] if len(higher) else []
        parts += [f"the interval holds 0 for {named(beside)}"] if len(beside) else []
        parts += [f"{len(rows) - len(higher) - len(beside)} others scored lower, intervals below 0"]
        sentences.append("; ".join(parts) + ".")
    return bullets(sentences)


def suite() -> str:
    """Every task of the suite that has been run."""
    sentences = []
    for folder in sorted((BENCHMARKS / "suite").glob("*/results.parquet")):
        of = run(f"suite/{folder.parent.name}")
        for task in dict.fromkeys(of.comparisons["train_task"]):
            rows = against_baseline(of, task, POWER)
            if len(rows):
                sentences.append(_of_task(of, task, rows))
    return bullets(sentences)


def _of_task(of: Run, task: str, rows: pd.DataFrame) -> str:
    baseline = rows["other_label"].iloc[0]
    better = rows[rows["verdict"] == "better"]
    power = of.mean(POWER, baseline, task)
    text = f"`{task}`: the best baseline, `{baseline}`, finds {power} at 1 % false positives"
    if better.empty:
        return f"{text}; none of {len(rows)} trained methods is shown to find more."
    return f"{text}. Shown to find more: {named(better)}."


FIGURES = by_name(seed_study, networks, scanners, suite)

if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(), FIGURES))
