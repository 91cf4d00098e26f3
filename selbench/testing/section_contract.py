"""What every section of the report keeps."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from selbench.plugin import ReportSection
from selbench.report.html.blocks import built
from selbench.report.html.document import document
from selbench.report.html.page import Page, Section
from selbench.run_folder import RunRecord
from selbench.testing.small_run import small_run


class SectionContract:
    """What every section of the report keeps.

    Attributes
    ----------
    section : function marked with `selbench.section`, in a ``staticmethod``, or a `ReportSection`
    """

    section: ClassVar[Any]

    @property
    def described(self) -> ReportSection:
        found = getattr(self.section, "section", self.section)
        assert isinstance(found, ReportSection), "expected a function marked with @section(…)"
        return found

    def shown(self, run: RunRecord) -> Section | None:
        found = built(self.described, Page(run))
        for block in found.content.get("blocks", ()) if found is not None else ():
            assert not block.paragraph.startswith("This section failed"), block.paragraph
        return found

    @pytest.mark.parametrize("what", ["two methods", "one method", "three classes", "one training"])
    def test_it_shows_text_tables_and_charts_of_any_run(self, what: str) -> None:
        options: dict[str, dict[str, Any]] = {
            "two methods": {},
            "one method": {"methods": ("statistics+logistic",)},
            "three classes": {"classes": ("neutral", "sweep", "balancing")},
            "one training": {"repetitions": 1},
        }
        self.shown(small_run(**options[what]))

    def test_runs_that_differ_are_shown_differently(self) -> None:
        first, second = (self.shown(small_run(seed)) for seed in (1, 2))
        if first is None or second is None or "blocks" not in first.content:
            return
        assert first.content["blocks"] != second.content["blocks"], "it shows the same of every run"

    def test_it_changes_nothing_and_repeats(self) -> None:
        run = small_run()
        predictions, results = run.predictions.copy(), run.results.copy()
        first, again = self.shown(run), self.shown(run)
        assert run.predictions.equals(predictions)
        assert run.results.equals(results)
        if first is not None and again is not None and "blocks" in first.content:
            assert first.content["blocks"] == again.content["blocks"]

    def test_it_stands_in_the_page(self) -> None:
        run = small_run()
        is_there = self.described.title in document(run, [self.described])
        assert is_there or self.shown(run) is None

    def test_it_says_what_it_shows(self) -> None:
        assert self.described.title
        assert self.described.summary
