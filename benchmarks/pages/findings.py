"""The sentences of docs/findings.md that committed comparisons support.

python benchmarks/pages/findings.py    # writes them into the page
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pandas as pd
from committed_runs import BENCHMARKS, DOCS, Run, by_name, filled, run, table

from selbench.evaluation.claims import number
from selbench.report.short_labels import in_short
from selbench.report.suite import CURVE

PAGE = DOCS / "findings.md"
JOINED = " @ networks"
POWER, AREA = "power_at_1_percent_interpolated", "roc_auc"
COUNTING = "distinct-haplotypes"
WIDE = 0.5
"""An interval of a difference of AUC that is wider than this is explained."""

TRAINED_ON = {"hard-curve": 8000}
"""Training windows per class of tasks that were trained on parts of them, too."""

HEAD = """\
# What we found

**{summary}**

Only what a committed comparison supports; `python benchmarks/pages/findings.py` writes this page's head and
the sentences between the headings from the files named above them. In brackets: the difference, and the 95 %
interval that holds for all methods beside the best baseline at once
([what a claim means](what-a-claim-means.md)). All windows are simulated. Not tested: background
selection, gene conversion, structure, recurrent sweeps.
"""

WHAT_IS_HARD = (
    "Tasks are those of the suite, trained on all of their windows: `hard` is neither its part `hard@500`, "
    "nor one of the worlds in which methods trained on it are tested (the board has both), nor the `hard` of "
    "`scanners` above."
)

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
        f"`{in_short(row['method_label']).removesuffix(JOINED).removeprefix('full-length+')}` "
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
        found.append(f"None of {len(rows)} methods beside the baselines is shown to be better.")
    for verdict, words in VERDICTS.items():
        if len(verdicts[verdict]):
            found.append(f"{words}: {named(verdicts[verdict])}.")
    found += [unsteady(of, task, row) for _, row in rows.iterrows() if _width(row) > WIDE]
    return found


def _width(row: pd.Series) -> float:
    return float(row["high_simultaneous"] - row["low_simultaneous"])


def unsteady(of: Run, task: str, row: pd.Series) -> str:
    """Say why an interval is wide: it is over trainings too, and these differ."""
    method = row["method_label"]
    return (
        f"The interval of `{method}` is as wide as its trainings differ, over which it is as well as over "
        f"windows: AUC {of.areas(method, task)}."
    )


def seed_study() -> str:
    """The task of the seed study, at its size, and what counting haplotypes is worth elsewhere."""
    told = not_beaten(run("paper/others"), "paper", "The seed study's task")
    return bullets([*told, counting_elsewhere()])


def counting_elsewhere() -> str:
    """Say where counting distinct haplotypes is worth little, and what the tables tell of why."""

    def area(name: str, task: str) -> str:
        return number(run(name).value(AREA, COUNTING, task))

    known_rates = number(board().value(AREA, COUNTING, "known-rates"))
    others = [
        board().value(AREA, COUNTING, task)
        for task in graded_tasks()
        if task != "known-rates" and COUNTING in board().methods(task)
    ]
    return (
        "That count is no key to other windows. The seed study's sweeps have one strength, its windows one "
        "rate. Fixed rates are not what it takes: in 100 kb, with sweeps of many strengths and ages, it has "
        f"AUC {area('networks', 'sweeps')} on `sweeps` of `networks` and "
        f"{known_rates} on `known-rates` of `sweeps-1`, whose rates are fixed as well; "
        f"on the other graded tasks {number(min(others))} to {number(max(others))}. Age is a part "
        f"of it: {area('scanners', 'hard')} on `hard` and {area('scanners', 'old')} on `old` of `scanners`, "
        "which differ in that alone. What length and strength take away, no table here tells apart."
    )


def networks() -> str:
    """The field's networks on completed sweeps of 100 kb."""
    about = "Completed sweeps in 100 kb, the same rates in every window"
    return bullets(not_beaten(run("networks"), "sweeps", about))


def scanners() -> str:
    """The field's scanners, one training each."""
    sentences = []
    of = run("scanners")
    for task in dict.fromkeys(of.comparisons["train_task"]):
        rows = against_baseline(of, task)
        best = rows["other_label"].iloc[0]
        higher = rows[rows["low_simultaneous"] > 0]
        beside = rows[(rows["low_simultaneous"] <= 0) & (rows["high_simultaneous"] >= 0)]
        parts = [f"`{task}` of `scanners`: `{best}` has AUC {of.area(best, task)}"]
        parts += [f"higher scored {named(higher)}"] if len(higher) else []
        parts += [f"the interval holds 0 for {named(beside)}"] if len(beside) else []
        parts += [f"{len(rows) - len(higher) - len(beside)} others scored lower, intervals below 0"]
        sentences.append("; ".join(parts) + ".")
    return bullets(sentences)


def suite() -> str:
    """Every task of the suite that has been run."""
    heads = ["task of `sweeps-1`", "best baseline", "it finds", "shown to find more", "not shown to differ"]
    rows = map(_of_task, graded_tasks())
    asides = [WHAT_IS_HARD, *of_networks(), *with_more_windows()]
    return table([*heads, "find less"], rows, words=5) + "\n" + bullets(asides)


@cache
def board() -> Run:
    """Return the runs of the suite as one: what each measured, and the comparisons of the board."""
    folders = sorted((BENCHMARKS / "suite").glob("*/results.parquet"))
    results = pd.concat([pd.read_parquet(path) for path in folders], ignore_index=True)
    told_once = ["train_task", "test_task", "method", "repetition", "metric", "class"]
    comparisons = pd.read_parquet(BENCHMARKS / "suite/leaderboard.parquet")
    return Run(results.drop_duplicates(told_once), comparisons, {})


def graded_tasks() -> list[str]:
    """Return every task of the suite that stands on the board, by name."""
    rows = board().comparisons
    return sorted(rows[rows["family"] == "best baseline"]["train_task"].unique())


def _of_task(task: str) -> list[str]:
    """Return the row of a task: the best baseline, and who finds more, as much or less."""
    rows = against_baseline(board(), task, POWER).sort_values("difference", ascending=False)
    verdicts = {verdict: rows[rows["verdict"] == verdict] for verdict in VERDICTS}
    baseline = rows["other_label"].iloc[0]
    return [
        f"`{task}`",
        f"`{baseline}`",
        board().mean(POWER, baseline, task),
        named(verdicts["better"]) or "–",
        in_words(pd.concat([verdicts["equivalent"], verdicts["undecided"]])) or "–",
        f"{len(verdicts['worse'])} of {len(rows)}",
    ]


def in_words(rows: pd.DataFrame) -> str:
    """Return the names of methods alone."""
    return ", ".join(f"`{in_short(method)}`" for method in rows["method_label"])


def of_networks() -> list[str]:
    """Return what networks come to on the tasks that any was trained on."""
    networks = {
        training["method_label"]
        for path in (BENCHMARKS / "suite").glob("*/run.json")
        for training in json.loads(path.read_text())["trainings"]
        if training["n_parameters"]
    }
    rows = pd.concat([against_baseline(board(), task, POWER) for task in graded_tasks()])
    rows = rows[rows["method_label"].isin(networks)]
    if rows.empty:
        return []
    counts = Counter(rows["verdict"])
    more = rows[rows["verdict"] == "better"]
    found = f"{len(more)} of these pairs of network and task" if len(more) else "none"
    return [
        f"Networks ({in_words(rows.drop_duplicates('method_label').sort_values('method_label'))}) were "
        f"trained on {', '.join(f'`{task}`' for task in sorted(set(rows['train_task'])))}: {found} is shown "
        f"to find more than the best baseline, {counts['undecided']} of {len(rows)} are not shown to differ "
        f"from it, {counts['worse']} find less."
    ]


def with_more_windows() -> list[str]:
    """Return what methods find by the number of windows that they were trained on."""
    rows = board().results
    is_mean = (rows["metric"] == POWER) & (rows["class"] == "") & rows["repetition"].isna()
    curves = rows[is_mean & rows["test_task"].str.endswith(CURVE)]
    found = []
    for test, of_test in curves.groupby("test_task"):
        sizes = sorted(of_test["train_task"].unique(), key=_windows_of)
        told = ", ".join(f"{_windows_of(size):,}" for size in sizes)
        best_first = of_test[of_test["train_task"] == sizes[-1]].sort_values("value", ascending=False)
        methods = [
            f"`{label}` {', '.join(board().mean(POWER, label, size, str(test)) for size in sizes)}"
            for label in best_first["method_label"]
        ]
        found.append(
            f"More training windows, on `{test}` (as `hard`, with windows of its own): with {told} of each "
            f"class, {'; '.join(methods)}. Where a method still rises, no table here says who is ahead with "
            "more windows yet."
        )
    return found


def _windows_of(task: str) -> int:
    whole, _, part = task.partition("@")
    return int(part or TRAINED_ON[whole])


def summary() -> str:
    """Return what all of it comes to, in a sentence."""
    counts = []
    for of, task in ((run("paper/others"), "paper"), (run("networks"), "sweeps")):
        rows = against_baseline(of, task)
        n_better = int((rows["verdict"] == "better").sum())
        best = rows["other_label"].iloc[0]
        counts.append((f"{n_better or 'none'} of {len(rows)} methods beside the baselines", best))
    winners: Counter[str] = Counter()
    tasks, n_won = graded_tasks(), 0
    for task in tasks:
        better = against_baseline(board(), task, POWER).query("verdict == 'better'")
        n_won += len(better) > 0
        winners.update(better["method_label"].map(in_short))
    who = ", ".join(f"`{method}` on {count}" for method, count in winners.most_common())
    (on_paper, counting), (on_sweeps, sub_windows) = counts
    told = (
        f"{on_paper} is shown to be better than `{counting}` on the seed study's task, and {on_sweeps} than "
        f"`{sub_windows}` on completed sweeps of 100 kb; on {n_won} of {len(tasks)} graded tasks a method is "
        f"shown to find more than the best baseline" + (f" ({who})." if who else ".")
    )
    return told[0].upper() + told[1:]


def written(page: str) -> str:
    """Return the page with its figures and what stands above its first heading as the files have it."""
    _, heading, rest = page.partition("\n## ")
    return filled(f"{HEAD.format(summary=summary())}{heading}{rest}", FIGURES)


FIGURES = by_name(seed_study, networks, scanners, suite)

if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
