"""docs/statistics.md says of every statistic what the code says of itself."""

from __future__ import annotations

from pathlib import Path

from selbench.statistics import STATISTICS

PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"


def test_the_page_has_a_row_for_every_statistic_and_no_other() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{s.name}` | {s.summary} | {s.formula.replace('|', chr(92) + '|')} | {s.undefined_value:g} | "
        f"{'yes' if s.needs_ancestral else ''} | {s.citation} |"
        for s in STATISTICS.values()
    ]
