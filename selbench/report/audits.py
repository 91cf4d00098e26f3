"""What an audit of the run found, as audit.json tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.report.records import read_record
from selbench.tables import show

FILE = "audit.json"
FORMAT = 1
"""The version of audit.json that this reads."""

VERDICTS = ("red", "amber", "green")
"""Worst first."""


@dataclass(frozen=True)
class FindingRecord:
    """The answer of one check."""

    check: str
    verdict: str
    headline: str
    evidence: tuple[str, ...] = ()
    meaning: str = ""
    advice: str = ""


@dataclass(frozen=True)
class AuditRecord:
    """The audit of one task."""

    subject: str
    verdict: str
    findings: tuple[FindingRecord, ...]

    @property
    def worth_knowing(self) -> tuple[FindingRecord, ...]:
        """Findings that are not green, worst first."""
        return tuple(f for verdict in VERDICTS[:-1] for f in self.findings if f.verdict == verdict)

    @property
    def passed(self) -> tuple[FindingRecord, ...]:
        """Findings that are green."""
        return tuple(finding for finding in self.findings if finding.verdict == "green")

    @property
    def counted(self) -> str:
        """How many checks are red, amber and green."""
        counts = Counter(finding.verdict for finding in self.findings)
        return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def read_audits(folder: Path) -> tuple[AuditRecord, ...]:
    """Read a run's audit; empty where there is none, as in runs of earlier versions.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    table = read_json(path, way_out="delete it and run again")
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        found = table.get("format") if isinstance(table, dict) else table
        raise DataError(f"{path}: expected format {FORMAT}, found {show(found)}; delete it and run again")
    return tuple(_audit(audit, str(path)) for audit in table.get("audits", ()))


def worst(audits: Sequence[AuditRecord]) -> str:
    """Return the worst verdict."""
    return min((audit.verdict for audit in audits), key=VERDICTS.index, default="green")


def summary_lines(audits: Sequence[AuditRecord]) -> list[tuple[str, str]]:
    """Return (verdict, sentence) of what is worth knowing, as texts show it: one line per finding."""
    lines = []
    for audit in audits:
        where = f"{audit.subject}: " if len(audits) > 1 else ""
        lines += [(f.verdict, f"{where}{f.check}: {f.headline}") for f in audit.worth_knowing]
    return lines


def _audit(table: Any, where: str) -> AuditRecord:
    if not isinstance(table, dict) or table.get("verdict") not in VERDICTS:
        raise DataError(f"{where}: audits: expected tables with a verdict; delete it and run again")
    findings = tuple(
        read_record(FindingRecord, finding, f"{where}: findings") for finding in table["findings"]
    )
    return AuditRecord(str(table["subject"]), table["verdict"], findings)
