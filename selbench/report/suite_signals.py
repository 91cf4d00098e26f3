"""What each method lives on: the AUC that it keeps where shuffles take one kind of signal out of windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selbench.report.leaderboard import Estimate
from selbench.report.suite import SuiteTable
from selbench.run_folder import Finding, RunRecord

UNTOUCHED = "untouched"

EXPLAINED = (
    "AUC left on shuffled test windows. haplotypes: their order is shuffled, which no sample has; positions: "
    "drawn anew; sites: dealt out anew over the positions; linkage: alleles dealt out anew over the "
    "haplotypes, the site frequency spectrum stays; only SFS: all three; only S: nothing but the number of "
    "sites is left. What a method keeps without a signal, it does not need it for; what it loses is at most "
    "what the signal gave. Lives on: the least of what shuffles leave without which its answers do not move "
    "(0.01 AUC or less, or within error). Windows that a method declines are not asked about here. Only runs "
    "whose audit shuffled windows are here."
)


@dataclass(frozen=True)
class Signals:
    """What a method keeps on a task.

    Parameters
    ----------
    task, label : str
    left : mapping of str to Estimate
        AUC by shuffle; `UNTOUCHED` first.
    lives_on : str
        The least that it needs to be as good as it is.
    """

    task: str
    label: str
    left: Mapping[str, Estimate]
    lives_on: str


def signals(table: SuiteTable, parts: Sequence[RunRecord]) -> tuple[Signals, ...]:
    """Return what methods live on, best first by task, where the audit of a run shuffled its windows."""
    found: dict[tuple[str, str], Signals] = {}
    for part in parts:
        for audit in part.audits:
            for finding in audit.findings:
                for each in _of_finding(part, finding):
                    found.setdefault((each.task, each.label), each)
    ranked = ((task.board.test_task, row) for task in table.tasks for row in task.rows)
    asked = ((task, row.standing.method, row.label) for task, row in ranked)
    return tuple(
        Signals(task, label, found[task, method].left, found[task, method].lives_on)
        for task, method, label in asked
        if (task, method) in found
    )


def _of_finding(part: RunRecord, finding: Finding) -> Iterator[Signals]:
    """Yield what a finding says, under the ids of methods."""
    methods = {label: method for method, label in part.labels.items()}
    task = finding.check.rpartition(", task ")[2]
    for label, left in finding.areas.items():
        if label in methods and UNTOUCHED in left:
            said = next((line for line in finding.evidence if line.startswith(f"{label}: ")), "")
            estimates = {name: Estimate(*values) for name, values in left.items()}
            tells = estimates[UNTOUCHED].low > 0.5 and "lives on " in said
            lives_on = said.rpartition("lives on ")[2] if tells else "nothing: AUC is not above ½"
            yield Signals(task, methods[label], estimates, lives_on)
