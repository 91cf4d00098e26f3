"""The leaderboard of a suite as markdown, for the folder that its results are committed to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selbench.evaluation.claims import Claim, number
from selbench.report import suite_founders
from selbench.report.across_tasks import across_most_tasks
from selbench.report.leaderboard import POWER, Estimate
from selbench.report.markdown import estimate_text, learning_tables, row_text
from selbench.report.suite import SuiteTable, SuiteTask, Transfer, on_fewer_said
from selbench.report.suite_choices import (
    Choice,
    EncodingBest,
    choices,
    columns_explained,
    encodings,
    evidence_said,
    headline_said,
)
from selbench.report.suite_founders import TaskFounders
from selbench.report.suite_powers import TaskPowers, rows_of
from selbench.report.suite_signals import EXPLAINED, Signals
from selbench.report.suite_why import Why
from selbench.report.terminal import seconds
from selbench.run_folder import RunRecord
from selbench.tables.visible import inert, visible


def render_suite(
    record: RunRecord,
    table: SuiteTable,
    refused: Sequence[str] = (),
    command: str = "",
    why: Why | None = None,
) -> str:
    """Return the leaderboard as markdown.

    Parameters
    ----------
    record, table, refused, why
        As the page takes them.
    command : str
        What makes this text again.
    """
    return "\n".join(_lines(record, table, refused, command, why or Why())) + "\n"


def _lines(
    record: RunRecord, table: SuiteTable, refused: Sequence[str], command: str, why: Why
) -> Iterator[str]:
    yield f"# {inert(table.name)}"
    yield ""
    yield inert(record.info.description.partition("\n")[0])
    if command:
        yield from ["", f"Made by `{visible(command)}`; every figure is from the files beside it."]
    yield from ["", f"**{inert(headline_said(record, table))}.** {inert(' '.join(evidence_said(table)))}"]
    yield from ["", "## In one minute", ""]
    yield from _summary(record, table)
    yield from _encodings(record, table)
    yield from ["", "## Every method on every task", ""]
    yield from _powers(table)
    absent = "–: the method cannot take the task, was not run on it, or has not all of its trainings."
    yield from ["", absent + _by_area(table)]
    yield from ["", "## What nobody can do yet", ""]
    yield from (f"- {inert(said)}" for said in (*table.open_questions, table.not_tested))
    for task in table.tasks:
        yield from ["", f"## {inert(task.name)}", ""]
        yield from _task(task)
    for task in table.on_fewer:
        yield from ["", f"## {inert(task.board.train_task)}", ""]
        yield from _task(task)
        yield from ["", inert(on_fewer_said(task))]
    yield from _powers_over_prior(why.powers)
    yield from _founders(why.founders)
    yield from _signals(why.signals)
    yield from _transfers(table)
    found = across_most_tasks(record, [task.board for task in table.tasks], table.metric)
    if found is not None:
        heads = ["method", f"interquartile mean {inert(found.metric.label)}", "mean rank"]
        yield from ["", f"## {found.title}", ""]
        yield from [inert(found.about_methods), ""] if found.about_methods else []
        yield row_text(heads)
        yield row_text(["---", "---:", "---:"])
        for method in found.methods:
            middle = estimate_text(method.interquartile_mean)
            yield row_text([inert(method.label), middle, f"{method.mean_rank:.2f}"])
        yield from ["", inert(f"{found.about_intervals} {found.about_ranks}")]
    yield from learning_tables(record, POWER)
    yield from _spellings(record)
    if refused:
        yield from ["", "## Handed in, and not in the table", "", *(f"- {inert(said)}" for said in refused)]


def _summary(record: RunRecord, table: SuiteTable) -> Iterator[str]:
    heads = ["task", "encoding", "model", "power at 1 %", "not shown to be worse", "cheapest, CPU s"]
    yield row_text([*heads, "best baseline", "gain over it"])
    yield row_text(["---", "---", "---", "---:", "---", "---", "---", "---:"])
    for choice in choices(record, table):
        task = choice.task
        value = estimate_text(task.value(task.best)) + ("" if task.metric == POWER else " AUC")
        said = "–" if task.gain is None else _gain(task.gain)
        said += ", same encoding" if choice.is_gain_of_model else ""
        if task.gain is not None and task.gain.method != task.best.label:
            said += f", of {inert(task.gain.method)}"
        tied = ", ".join(map(inert, task.tied)) or (f"none of {n}" if (n := len(task.rows) - 1) else "–")
        name = f"**{inert(task.name)}**: {inert(choice.selection)}" if choice.selection else inert(task.name)
        cells = [name, inert(choice.encoder), inert(choice.model), value, tied, _cheapest(choice)]
        yield row_text([*cells, inert(task.baseline) or "–", said])
    yield ""
    yield inert(columns_explained(table))
    yield from ["", inert(table.encodings)] if table.encodings else []


def _cheapest(choice: Choice) -> str:
    best = choice.task.best.cpu_seconds
    if not choice.has_cheaper:
        return "–"
    return f"{inert(choice.cheapest.label)}, {seconds(choice.cheapest.cpu_seconds)} against {seconds(best)}"


def _encodings(record: RunRecord, table: SuiteTable) -> Iterator[str]:
    found = encodings(record, table)
    if len(found) < 2 and not table.not_run:
        return
    yield from ["", "## Which encoding", ""]
    yield row_text(["power at 1 %, and the model", *(inert(task.name) for task in table.tasks)])
    yield row_text(["---", *["---"] * len(table.tasks)])
    for encoding, on_tasks in found.items():
        yield row_text([inert(encoding), *(_best_of(task, on_tasks.get(task.name)) for task in table.tasks)])
    yield ""
    yield (
        "Every encoding with the model that does best on it. Bold: the task's best method is not shown to be "
        "better. An encoding that more models were tried on has had more chances." + _by_area(table)
    )
    yield from ["", inert(table.not_run)] if table.not_run else []


def _best_of(task: SuiteTask, found: EncodingBest | None) -> str:
    if found is None:
        return "–"
    value = number(task.value(found.row).value)
    return f"{f'**{value}**' if found.row.is_tied else value} {inert(found.model)}"


def _spellings(record: RunRecord) -> Iterator[str]:
    """Yield how names that are told in short are spelled."""
    told = {label: method for method, label in record.labels.items() if label != method}
    if told:
        yield from ["", "## Methods as they are spelled", ""]
        yield from (f"- {inert(label)}: `{visible(method)}`" for label, method in told.items())


def _gain(claim: Claim) -> str:
    if not claim.has_interval:
        return f"{number(claim.difference, signed=True)} (too few test windows for an interval)"
    limits = f"{number(claim.low_simultaneous)} to {number(claim.high_simultaneous)}"
    return f"{number(claim.difference, signed=True)} ({limits})"


def _powers(table: SuiteTable) -> Iterator[str]:
    yield row_text(["power at 1 %", *(inert(task.name) for task in table.tasks)])
    yield row_text(["---", *["---:"] * len(table.tasks)])
    for label in table.labels:
        rows = [(task, task.row_of(label)) for task in table.tasks]
        yield row_text(
            [inert(label), *(_cell(task.value(row), row.coverage_said) if row else "–" for task, row in rows)]
        )


def _by_area(table: SuiteTable) -> str:
    return f" AUC on {', '.join(map(inert, table.by_area))}." if table.by_area else ""


def _cell(value: Estimate, aside: str) -> str:
    return " ".join(filter(None, (number(value.value), aside))) if value.is_known else "–"


def _task(task: SuiteTask) -> Iterator[str]:
    yield row_text(
        ["method", "tier", "power at 1 %", "AUC", "right calls, 1 in 100", "AUC of the drift twin", "CPU s"]
    )
    yield row_text(["---", "---", *["---:"] * 5])
    for row in task.rows:
        asides = ("baseline" if row.standing.is_baseline else "", row.standing.not_as_designed)
        name = " ".join([inert(row.label), *(f"*({inert(aside)})*" for aside in asides if aside)])
        values = (
            " ".join(filter(None, (estimate_text(estimate), row.coverage_said if estimate.is_known else "")))
            for estimate in (row.power, row.auc, row.right_calls, row.drift)
        )
        yield row_text([name, row.tier, *values, seconds(row.cpu_seconds)])
    said = [f"Test windows: {inert(task.board.windows_said)}."]
    if task.gain is not None:
        said.append(f"{inert(task.gain.sentence)}.")
    if task.baseline:
        said.append(f"{inert(task.baseline)} is the best baseline on {task.chosen_on}.")
    yield from ["", " ".join(said)]


def _powers_over_prior(found: Sequence[TaskPowers]) -> Iterator[str]:
    for of in found:
        best = of.maps[0].label
        yield from ["", f"## Where it is found: {inert(of.task)}", ""]
        yield row_text([f"{inert(of.time.name)} ↓, {inert(of.strength.name)} →", *of.strength.bins])
        yield row_text(["---", *["---:"] * len(of.strength.bins)])
        yield from (row_text([time, *cells]) for time, cells in rows_of(of))
        yield from [
            "",
            f"Power of {inert(best)} at 1 % false positives; in brackets, how many windows.",
        ]


def _founders(found: Sequence[TaskFounders]) -> Iterator[str]:
    for task in found:
        heads = [f"one founder ({task.n_of_one} windows)", f"several ({task.n_of_several})"]
        yield from ["", f"## One founder or several: {inert(task.task)}", ""]
        yield row_text(["power at 1 %", *heads])
        yield row_text(["---", "---:", "---:"])
        for method in task.methods:
            yield row_text([inert(method.label), *map(estimate_text, (method.of_one, method.of_several))])
    if found:
        yield from ["", suite_founders.EXPLAINED]


def _signals(found: Sequence[Signals]) -> Iterator[str]:
    for task in dict.fromkeys(each.task for each in found):
        rows = [each for each in found if each.task == task]
        names = tuple(rows[0].left)
        yield from ["", f"## What methods live on: {inert(task)}", ""]
        yield row_text(["method", "lives on", *map(inert, names)])
        yield row_text(["---", "---", *["---:"] * len(names)])
        for row in rows:
            areas = (number(row.left[name].value) if name in row.left else "–" for name in names)
            yield row_text([inert(row.label), inert(row.lives_on), *areas])
    if found:
        yield from ["", EXPLAINED]


def _transfers(table: SuiteTable) -> Iterator[str]:
    if not table.transfers:
        return
    yield from ["", "## In other worlds", ""]
    for train in dict.fromkeys(each.train_task for each in table.transfers):
        yield from _worlds(table, train)
    yield from ["<details><summary>With intervals, and AUC</summary>", ""]
    yield row_text(["trained on", "tested on", "method", "false positives", "power", "AUC"])
    yield row_text(["---", "---", "---", "---:", "---:", "---:"])
    for row in table.transfers:
        values = map(estimate_text, (row.false_positives, row.power, row.auc))
        yield row_text([inert(row.train_task), inert(row.test_task), inert(row.label), *values])
    yield from ["", "Intervals are over test windows.", "", "</details>"]


def _worlds(table: SuiteTable, train: str) -> Iterator[str]:
    """Yield false positives and power of every method in every world but the one that it was trained in."""
    found = {(each.label, each.test_task): each for each in table.transfers if each.train_task == train}
    worlds = list(dict.fromkeys(world for _, world in found))
    yield row_text([f"trained on {inert(train)}: false positives, power", *map(inert, worlds)])
    yield row_text(["---", *["---:"] * len(worlds)])
    for label in table.labels:
        told = [found.get((label, world)) for world in worlds]
        if any(told):
            yield row_text([inert(label), *map(_there, told)])
    yield ""
    yield (
        "At the threshold that lets 1 % of the training world's windows without selection pass: the share of "
        "the other world's windows without selection that are called, and of the selected ones. AUC hides it."
    )
    yield ""


def _there(found: Transfer | None) -> str:
    if found is None:
        return "–"
    shares = f"{found.false_positives.value:.3f}, {found.power.value:.2f}"
    return " ".join(filter(None, (shares, found.coverage_said)))
