"""Shipped sections keep the contract that a stranger's keep; values that cannot be laid out are refused."""

from __future__ import annotations

import numpy as np
import pytest
from markupsafe import Markup

from selbench import Chart, PluginError, Registry, Table, section
from selbench.report.html.blocks import built
from selbench.report.html.document import SHIPPED, all_sections
from selbench.report.html.page import Page
from selbench.testing import SectionContract
from selbench.testing.small_run import small_run

for _shipped in SHIPPED:
    if _shipped.name in ("leaderboard", "comparison", "provenance"):  # the others are tried in a page below
        _name = f"Test_{_shipped.name}"
        globals()[_name] = type(_name, (SectionContract,), {"section": _shipped})

del SectionContract


def test_the_shipped_sections_have_the_titles_and_names_of_the_page() -> None:
    page = Page(small_run())
    for shipped in SHIPPED:
        found = built(shipped, page)
        if found is not None:
            assert (found.anchor, found.title) == (shipped.name, shipped.title)


def test_sections_stand_in_their_order() -> None:
    orders = [each.order for each in all_sections(Registry.installed())]
    assert orders == sorted(orders)
    assert all_sections(Registry.of()) == SHIPPED


def test_values_that_cannot_be_laid_out_are_refused() -> None:
    with pytest.raises(PluginError, match="expected 2 cells in every row, found 1"):
        Table(("a", "b"), [(1,)])
    with pytest.raises(PluginError, match="expected a line"):
        Chart("x", "y", {})
    with pytest.raises(PluginError, match="all finite"):
        Chart("x", "y", {"a": ([0.0, 1.0], [0.0, np.nan])})
    with pytest.raises(PluginError, match="docstring that says what it shows"):
        section("Title")(silent)


@pytest.mark.parametrize("returned", [Markup("<b>"), 3, [b"bytes"]])
def test_what_is_neither_text_nor_table_nor_chart_is_named(returned: object) -> None:
    def odd(page):
        """Return something odd."""
        return [returned] if not isinstance(returned, list) else returned

    found = built(section("Title")(odd).section, Page(small_run()))
    assert found is not None
    assert "expected text, a Table or a Chart" in found.content["blocks"][0].paragraph


def test_a_section_that_would_end_python_says_so_in_its_place() -> None:
    def leaving(page):
        """Leave."""
        raise SystemExit

    found = built(section("Title")(leaving).section, Page(small_run()))
    assert found is not None
    assert "it would end Python" in found.content["blocks"][0].paragraph


def silent(page):
    return None
