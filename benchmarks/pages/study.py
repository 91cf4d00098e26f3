"""The tables of docs/study.md, from the committed runs of the seed study's experiments.

python benchmarks/pages/study.py    # writes them into the page
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from committed_runs import DOCS, Run, by_name, filled, run, share, table

from selbench.evaluation.intervals import wilson

PAGE = DOCS / "study.md"
EMPTY_AT_1_KB, EMPTY_AT_10_KB = (0.22, 0.23), (0.041, 0.041)
"""The study's shares of selected windows without sites."""
RIGHT, FALSE_NEGATIVE, FALSE_POSITIVE, RIGHT_NEUTRAL = 10, 2, 4, 34
"""The nearest whole numbers to the study's accuracy, precision and recall in 50 windows of a genome."""
JOINED = " @ networks"
"""What a joined table of two runs calls the methods of one of them."""
RATES = {"0.01": ",learning_rate=0.01", "0.001": "", "0.0001": ",learning_rate=0.0001"}
SMALL_RUNS = (
    "paper-sizes",
    "paper-learning-rates",
    "paper-10kb",
    "robustness",
    "imagene",
    "simulators",
)


def empty_windows() -> str:
    """How many windows have no site, in every class of the study's settings."""
    rows = []
    for name, task, said, digits in (
        ("paper/others", "paper", EMPTY_AT_1_KB, 2),
        ("paper/paper-10kb", "ds5", EMPTY_AT_10_KB, 3),
    ):
        record = run(name).record["tasks"][task]
        for label in record["classes"]:
            of = [count for count in record["counts"] if count["class"] == label]
            empty, attempted = sum(each["empty"] for each in of), sum(each["attempted"] for each in of)
            expected = said if label != record["null"] else (0.0, 0.0)
            stated = "–".join(f"{value:.{digits}f}" for value in sorted(set(expected)))
            low, high = wilson(empty / attempted, attempted)
            slack = 0.5 * 10.0**-digits
            near = low <= expected[1] + slack and expected[0] - slack <= high
            rows.append(
                [
                    f"`{task}`",
                    label,
                    stated,
                    f"{empty:,} of {attempted:,}",
                    share(empty, attempted),
                    "reproduced" if near else "contradicted",
                ]
            )
    return table(["task", "class", "the study", "here", "share without a site", ""], rows, words=6)


def networks() -> str:
    """Both networks of the study at its size, beside counting haplotypes."""
    rows = []
    for name, label in (
        ("networks", "fadja-initial"), ("networks", "fadja-cnn"), ("others", "distinct-haplotypes"),
    ):  # fmt: skip
        of = run(f"paper/{name}")
        weights = of.rows("n_parameters", label, "paper")["value"].dropna()
        metrics = ("accuracy", "roc_auc", "power_at_5_percent_interpolated")
        cells = [of.mean(metric, label, "paper") for metric in metrics]
        size = f"{int(weights.iloc[0]):,}" if len(weights) else "–"
        rows.append([f"`{label}`", size, *cells, of.areas(label, "paper")])
    return table(["method", "weights", "accuracy", "AUC", "power at 5 % FPR", "AUC per training"], rows)


def networks_compared() -> str:
    """What can be said of the study's two networks beside each other and beside other methods."""
    cnn = f"full-length+fadja-cnn{JOINED}"
    others = (
        f"full-length+fadja-initial{JOINED}", "distinct-haplotypes", "logistic", "svm-sfs",
        f"imagene+imagene-cnn[epochs=10]{JOINED}", "nucleotide-diversity", "segregating-sites",
    )  # fmt: skip
    return _compared(run("paper/networks"), [(cnn, other) for other in others])


def _compared(of: Run, pairs: Iterable[tuple[str, str]]) -> str:
    rows = []
    for method, other in pairs:
        claim = of.claim(method, other, "paper")
        names = [name.removesuffix(JOINED).removeprefix("full-length+") for name in (method, other)]
        rows.append([*(f"`{name}`" for name in names), claim.verdict, str(claim), f"{claim.p:.2g}"])
    return table(["method", "beside", "verdict", "difference of AUC", "p"], rows, words=3)


def epochs() -> str:
    """Accuracy and loss by epoch, the mean over trainings."""
    shown = (1, 2, 3, 5, 7, 10)
    values = {
        "accuracy": "accuracy, training windows",
        "val_accuracy": "accuracy, validation windows",
        "val_loss": "loss, validation windows",
    }
    rows = []
    for label in ("fadja-initial", "fadja-cnn"):
        done = run("paper/networks").record["trainings"]
        histories = [each["history"] for each in done if each["method_label"] == label]
        for key, words in values.items():
            means = pd.DataFrame([history[key] for history in histories]).mean()
            rows.append([f"`{label}`", words, *(f"{means[epoch - 1]:.3f}" for epoch in shown)])
    return table(["network", "after epoch", *map(str, shown)], rows, words=2)


def sizes() -> str:
    """AUC by the number of training windows per class."""
    small, rows = run("paper/paper-sizes"), []
    for label in ("logistic", "random-forest", "svm-sfs", "distinct-haplotypes", "fadja-1d"):
        full = run("paper/networks" if label == "fadja-1d" else "paper/others")
        cells = [small.area(label, task) for task in ("paper@100", "paper@300", "paper")]
        rows.append([f"`{label}`", *cells, full.area(label, "paper")])
    return table(["method", "100", "300", "1,000", "5,000"], rows)


def learning_rates() -> str:
    """AUC of both networks by learning rate."""
    of = run("paper/paper-learning-rates")
    rows = []
    for network in ("fadja-initial", "fadja-cnn"):
        for rate in RATES:
            label = _at_rate(network, rate)
            rows.append([f"`{network}`", rate, of.area(label, "paper"), of.areas(label, "paper")])
    return table(["network", "learning rate", "AUC", "AUC per training"], rows, words=2)


def _at_rate(network: str, rate: str) -> str:
    return f"full-length+{network}[epochs=5{RATES[rate]}]"


def learning_rates_compared() -> str:
    """What can be said of 0.001 beside the other rates."""
    pairs = [
        (_at_rate(network, "0.001"), _at_rate(network, rate))
        for network in ("fadja-initial", "fadja-cnn")
        for rate in ("0.01", "0.0001")
    ]
    return _compared(run("paper/paper-learning-rates"), pairs)


def long_windows() -> str:
    """AUC and accuracy on both settings of 10 kb."""
    of = run("paper/paper-10kb")
    rows = [
        [
            f"`{task}`",
            f"`{label}`",
            of.area(label, task),
            of.mean("accuracy", label, task),
            of.areas(label, task),
        ]
        for task in ("paper-10kb", "ds5")
        for label in of.methods(task)
    ]
    return table(["task", "method", "AUC", "accuracy", "AUC per training"], rows, words=2)


def genome() -> str:
    """What the study's figures on a genome can tell, being of 50 windows."""
    neutral = FALSE_POSITIVE + RIGHT_NEUTRAL
    windows = RIGHT + FALSE_NEGATIVE + neutral
    rows = [
        [what, f"{k} of {n}", share(k, n)]
        for what, k, n in (
            ("accuracy", RIGHT + RIGHT_NEUTRAL, windows),
            ("accuracy of saying neutral each time", neutral, windows),
            ("precision", RIGHT, RIGHT + FALSE_POSITIVE),
            ("recall", RIGHT, RIGHT + FALSE_NEGATIVE),
        )
    ]
    return table(["of the study's 50 windows", "counts", "share"], rows, words=2)


def robustness() -> str:
    """AUC of methods that learned the study's task, in other worlds, and what is shown beside a count."""
    of = run("paper/robustness")
    labels = of.methods("standard")
    tested = list(dict.fromkeys(of.results["test_task"]))
    rows = [[f"`{label}`", *(of.area(label, "standard", task) for task in tested)] for label in labels]
    text = table(["learned `standard`, tested on", *(f"`{task}`" for task in tested)], rows)
    claims = of.comparisons
    claims = claims[(claims["family"] == "best baseline") & (claims["metric"] == "roc_auc")]
    (baseline,) = set(claims["other_label"])
    counts = {
        verdict: claims[claims["verdict"] == verdict]["method_label"].value_counts().sort_index()
        for verdict in ("better", "worse")
    }
    said = [
        f"{verdict}: "
        + (", ".join(f"`{label}` in {n}" for label, n in found.items()) if len(found) else "none")
        for verdict, found in counts.items()
    ]
    return (
        f"{text}\nBeside `{baseline}`, shown in how many of {len(tested)} worlds to be {'; '.join(said)}.\n"
    )


def imagene() -> str:
    """AUC in ImaGene's three demographies, and of every training."""
    of = run("paper/imagene")
    tasks = ("constant-s300", "growth-s300", "bottleneck-s300")
    rows = [
        [f"`{label}`", *(f"{of.area(label, task)}: {of.areas(label, task)}" for task in tasks)]
        for label in of.methods(tasks[0])
    ]
    return table(["method", *(f"`{task}`" for task in tasks)], rows)


def simulators() -> str:
    """AUC by the simulator that a method learned from and the one it is tested on, and the widest gap."""
    of = run("paper/simulators")
    names = list(dict.fromkeys(of.results["train_task"]))
    rows: list[list[str]] = []
    gaps: dict[float, str] = {}
    for label in of.methods(names[0]):
        by_test = {test: [of.value("roc_auc", label, train, test) for train in names] for test in names}
        found = {test: max(values) - min(values) for test, values in by_test.items()}
        if max(found.values()) > 0:
            gaps |= {gap: f"`{label}`, tested on `{test}`" for test, gap in found.items()}
            rows += [
                [f"`{label}`", f"`{train}`", *(of.area(label, train, test) for test in names)]
                for train in names
            ]
    text = table(["method", "learned from", *(f"tested on `{name}`" for name in names)], rows, words=2)
    widest = max(gaps)
    return (
        f"{text}\nThe widest gap between two simulators learned from is {widest:.3f} AUC: {gaps[widest]}.\n"
    )


def cost() -> str:
    """Sizes and cost of the smaller runs."""
    rows = []
    for name in SMALL_RUNS:
        record = run(f"paper/{name}").record
        done = record["trainings"]
        for task in dict.fromkeys(each["train_task"] for each in done):
            windows = record["tasks"][task]["windows"]
            counts = [f"{windows[split]:,}" for split in ("train", "validation", "test", "threshold")]
            of = [each for each in done if each["train_task"] == task]
            minutes = sum(sum(each["cpu_seconds"].values()) for each in of) / 60
            times = f"{max(each['repetition'] for each in of) + 1}"
            rows.append(
                [f"[{name}](../benchmarks/paper/{name})", f"`{task}`", *counts, times, f"{minutes:.1f}"]
            )
    head = ["run", "task", "train", "validation", "test", "threshold", "trainings of each", "CPU minutes"]
    return table(head, rows, words=2)


FIGURES = by_name(
    empty_windows,
    networks,
    networks_compared,
    epochs,
    sizes,
    learning_rates,
    learning_rates_compared,
    long_windows,
    genome,
    robustness,
    imagene,
    simulators,
    cost,
)

if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(), FIGURES))
