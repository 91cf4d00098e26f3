"""What an audit found: one finding per check, with its evidence and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["green", "amber", "red"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Finding:
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
    """

    check: str
    verdict: Verdict
    headline: str
    evidence: tuple[str, ...] = ()
    meaning: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Audit:
    """Every finding about one subject, in the order of the checks."""

    subject: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all checks."""
        return max((finding.verdict for finding in self.findings), key=VERDICTS.index, default="green")
