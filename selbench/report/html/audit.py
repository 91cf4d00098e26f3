"""Whether the comparison is honest, as the run's audit says."""

from __future__ import annotations

from selbench.report.html.page import Page, Section
from selbench.run_folder import AUDITED_AREAS, worst_verdict


def section(page: Page) -> Section | None:
    """Return what the audit of every task found; None for runs without one."""
    audits = page.record.audits
    if not audits:
        return None
    said = {
        "green": "Nothing was found against comparing methods on these windows.",
        "amber": "Methods can be compared on these windows; what is amber belongs beside every score.",
        "red": "A comparison on these windows is not to be believed.",
    }[worst_verdict(audits)]
    return Section(
        "audit",
        "Is the comparison honest?",
        {"audits": audits, "verdict": worst_verdict(audits), "said": said, "areas": AUDITED_AREAS},
    )
