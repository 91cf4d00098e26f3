"""What an audit found, one finding per check with its evidence and what to do about it; and audit.json."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from selbench.errors import DataError
from selbench.run_folder.layout import AUDIT
from selbench.run_folder.stored_json import Record, json_text, read_json, read_record
from selbench.tables import show, to_table

Verdict = Literal["green", "amber", "red"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Best first."""

FORMAT = 1
"""The version of audit.json."""

_MAKE_AGAIN = "delete it and run again"


@dataclass(frozen=True)
class Finding(Record):
    """The answer of one check.

    Parameters
    ----------
    check : str
        What was checked, as a heading names it: ``"Identical windows across splits"``.
    verdict : {"green", "amber", "red"}
        Fine; worth knowing; a comparison on these windows is not to be believed.
    headline : str
        One sentence with the figure that decides.
    evidence : tuple of str
        Lines with counts, intervals and examples.
    meaning, advice : str
        What it means for a comparison, and what to do; "" where green.
    areas : mapping of str to mapping of str to (value, low, high)
        AUC per method and shuffle with its 95 % interval, where that is what was checked.
    """

    check: str
    verdict: Verdict
    headline: str
    evidence: tuple[str, ...] = ()
    meaning: str = ""
    advice: str = ""
    areas: Mapping[str, Mapping[str, tuple[float, float, float]]] = field(default_factory=dict)

    def to_table(self) -> dict[str, Any]:
        """Return the finding as JSON values, areas where there are any."""
        table = super().to_table()
        return table if self.areas else {key: value for key, value in table.items() if key != "areas"}


AUDITED_AREAS = (
    "Intervals here are by DeLong over test windows, of a number as it is or among chosen windows; those of "
    "the leaderboard are of trained methods on all windows, so one number may have two."
)
"""Why an AUC of the audit may have another interval than the same number's in the leaderboard."""

_FIGURE = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True)
class Audit(Record):
    """Every finding about one subject, in the order of the checks."""

    subject: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all checks."""
        return max((finding.verdict for finding in self.findings), key=VERDICTS.index, default="green")

    @property
    def worth_knowing(self) -> tuple[Finding, ...]:
        """Findings that are not green, worst first."""
        return tuple(f for verdict in reversed(VERDICTS[1:]) for f in self.findings if f.verdict == verdict)

    @property
    def passed(self) -> tuple[Finding, ...]:
        """Findings that are green."""
        return tuple(finding for finding in self.findings if finding.verdict == "green")

    @property
    def counted(self) -> str:
        """How many checks are red, amber and green."""
        return counted([self])

    def to_table(self) -> dict[str, Any]:
        """Return the audit as JSON values, its verdict said once more for those who read no further."""
        findings = [to_table(finding) for finding in self.findings]
        return {"subject": self.subject, "verdict": self.verdict, "findings": findings}


def worst_verdict(audits: Sequence[Audit]) -> Verdict:
    """Return the worst verdict of all audits."""
    return max((audit.verdict for audit in audits), key=VERDICTS.index, default="green")


def counted(audits: Sequence[Audit]) -> str:
    """Say how many checks are red, amber and green."""
    counts = Counter(finding.verdict for audit in audits for finding in audit.findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(VERDICTS) if counts[verdict])


def summary_lines(audits: Sequence[Audit]) -> list[tuple[Verdict, str]]:
    """Return (verdict, sentence) of what is worth knowing, as texts show it.

    One line per finding; what is found of several subjects in the same words stands once, with all of them.
    """
    alike: dict[tuple[Verdict, str, str], list[tuple[str, Finding]]] = {}
    for audit in audits:
        for found in audit.worth_knowing:
            key = found.verdict, found.check, _FIGURE.sub("#", found.headline)
            alike.setdefault(key, []).append((audit.subject, found))
    lines = []
    for (verdict, check, _), told in alike.items():
        where = f"{', '.join(subject for subject, _ in told)}: " if len(audits) > 1 else ""
        differ = len({found.headline for _, found in told}) > 1
        whose = f" (figures of {told[0][0]})" if differ else ""
        lines.append((verdict, f"{where}{check}: {told[0][1].headline}{whose}"))
    return lines


def audits_as_json(audits: Sequence[Audit]) -> str:
    """Return audits as the text of audit.json."""
    table = {"format": FORMAT, "verdict": worst_verdict(audits), "audits": to_table(list(audits))}
    return json_text(table)


@dataclass(frozen=True)
class _AuditFile(Record):
    format: int
    audits: tuple[Audit, ...]


def read_audits(folder: Path) -> tuple[Audit, ...]:
    """Read a run's audit; empty where there is none.

    Raises
    ------
    DataError
        If the file is damaged; naming file and key.
    """
    path = folder / AUDIT
    if not path.is_file():
        return ()
    table = read_json(path, way_out=_MAKE_AGAIN)
    found = table.get("format") if isinstance(table, dict) else table
    if type(found) is not int or found != FORMAT:
        raise DataError(f"{path}: expected format {FORMAT}, found {show(found)}; {_MAKE_AGAIN}")
    if not isinstance(table.get("audits"), list):
        raise DataError(f"{path}: audits: expected a list, found {show(table.get('audits'))}; {_MAKE_AGAIN}")
    return read_record(_AuditFile, table, path, way_out=_MAKE_AGAIN).audits
