"""An audit as a page: for a terminal, or as markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from selbench.run_folder import VERDICTS, Audit, Finding, Verdict, worst_verdict
from selbench.tables.visible import inert, text_console

MOST_LINES = 12
"""Lines of evidence that a page shows for one check; JSON has them all."""

_CONCLUSIONS: dict[Verdict, str] = {
    "green": "Nothing was found against comparing methods on these windows.",
    "amber": "Methods can be compared on these windows; say what is amber wherever a score is quoted.",
    "red": "A comparison on these windows is not to be believed.",
}


class AuditPage:
    """Audits for a terminal: a line per finding, then its evidence, what it means, and what to do."""

    def __init__(self, audits: Sequence[Audit]) -> None:
        self.audits = audits

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the findings out."""
        for audit in self.audits:
            yield Text.assemble(("Audit of ", "dim"), (audit.subject, "bold"))
            yield ""
            for finding in audit.findings:
                yield from _shown(finding, options.max_width)
                yield ""
        yield conclusion(self.audits)


def render_text(audits: Sequence[Audit], width: int = 110) -> str:
    """Return the terminal's page as plain text."""
    console = text_console(width=width, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(AuditPage(audits))
    return captured.get()


def conclusion(audits: Sequence[Audit]) -> Text:
    """Return the last line: the verdict over all."""
    worst = worst_verdict(audits)
    return Text.assemble(_word(worst), f"  {_CONCLUSIONS[worst]} ", (f"({counted(audits)})", "dim"))


def counted(audits: Sequence[Audit]) -> str:
    """Say how many checks are red, amber and green."""
    counts = Counter(finding.verdict for audit in audits for finding in audit.findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(VERDICTS) if counts[verdict])


def render_markdown(audits: Sequence[Audit]) -> str:
    """Return the page as markdown."""
    lines = [line for audit in audits for line in _markdown(audit)]
    worst = worst_verdict(audits)
    return "\n".join([*lines, f"**{worst}**: {_CONCLUSIONS[worst]} ({counted(audits)})", ""])


def _shown(finding: Finding, width: int) -> Iterator[Text]:
    yield Text.assemble(_word(finding.verdict), "  ", (finding.check, "bold"))
    yield from _indented(finding.headline, width)
    for line in _shortened(finding.evidence):
        yield from _indented(line, width, "dim")
    if finding.meaning:
        yield from _indented(finding.meaning, width)
    if finding.advice:
        yield from _indented(f"→ {finding.advice}", width, "bold")


def _indented(line: str, width: int, style: str = "") -> Iterator[Text]:
    """Yield a line, folded where it is too long; examples stand further in."""
    margin = " " * (9 if line.startswith("  ") else 7)
    for part in wrap(line.strip(), width - len(margin), break_long_words=False, break_on_hyphens=False):
        yield Text(margin + part, style=style)


def _word(verdict: Verdict) -> tuple[str, str]:
    colour = {"green": "green", "amber": "yellow", "red": "red"}[verdict]
    return f"{verdict:<5}", f"bold {colour}"


def _shortened(evidence: Sequence[str]) -> list[str]:
    if len(evidence) <= MOST_LINES:
        return list(evidence)
    return [*evidence[:MOST_LINES], f"… and {len(evidence) - MOST_LINES} more (--format json has all)"]


def _markdown(audit: Audit) -> Iterator[str]:
    yield from [f"# Audit of {inert(audit.subject)}", "", "| | check | |", "|---|---|---|"]
    for finding in audit.findings:
        yield f"| **{finding.verdict}** | {inert(finding.check)} | {inert(finding.headline)} |"
    yield ""
    for finding in audit.findings:
        if finding.verdict == "green":
            continue
        yield from [
            f"## {finding.verdict}: {inert(finding.check)}",
            "",
            inert(finding.headline),
            "",
        ]
        yield from [f"- {inert(line)}" for line in _shortened(finding.evidence)]
        yield from [
            "",
            inert(finding.meaning),
            "",
            f"**What to do:** {inert(finding.advice)}",
            "",
        ]
