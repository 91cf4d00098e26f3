"""What methods called in labelled regions of a genome, and what elsewhere."""

from __future__ import annotations

from selbench.report.genomes import found_in_genomes
from selbench.report.html.page import Page, Section


def section(page: Page) -> Section | None:
    """Return a table per genome: windows called by label, loci found; None without a genome."""
    found = found_in_genomes(page.record)
    return Section("genomes", "Labelled regions of a genome", {"genomes": found}) if found else None
