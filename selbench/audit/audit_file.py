"""audit.json: what an audit found, as plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from selbench.audit.findings import VERDICTS, Audit, Verdict

FORMAT = 1
FILE = "audit.json"


def worst_verdict(audits: Sequence[Audit]) -> Verdict:
    """Return the worst verdict of all audits."""
    return max((audit.verdict for audit in audits), key=VERDICTS.index, default="green")


def as_table(audits: Sequence[Audit]) -> dict[str, Any]:
    """Return audits as JSON values."""
    return {
        "format": FORMAT,
        "verdict": worst_verdict(audits),
        "audits": [
            {
                "subject": audit.subject,
                "verdict": audit.verdict,
                "findings": [asdict(finding) for finding in audit.findings],
            }
            for audit in audits
        ],
    }


def as_json(audits: Sequence[Audit]) -> str:
    """Return audits as the text of a file."""
    return json.dumps(as_table(audits), indent=1, ensure_ascii=False) + "\n"
