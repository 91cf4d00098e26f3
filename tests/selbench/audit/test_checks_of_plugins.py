"""Every shipped check keeps the contract that a stranger's keeps; the page's table is made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from selbench import PluginError, Registry, check
from selbench.audit.checks import SHIPPED, all_checks, asked_of, table_of_checks
from selbench.testing import CheckContract, survey_of
from selbench.testing.check_contract import some_windows

for _shipped in SHIPPED:
    _name = f"Test_{_shipped.name}"
    globals()[_name] = type(_name, (CheckContract,), {"check": _shipped})

del CheckContract


def test_the_page_on_audits_has_the_table_of_all_checks() -> None:
    page = Path(__file__).parents[3] / "docs" / "audit.md"
    assert table_of_checks() in page.read_text(encoding="utf-8"), table_of_checks()


def test_findings_have_the_titles_of_their_checks() -> None:
    survey = survey_of(some_windows(40))
    for shipped in SHIPPED:
        for finding in asked_of(shipped, survey):
            assert finding.check == shipped.title


def test_the_shipped_checks_are_asked_whatever_is_installed() -> None:
    assert all_checks(Registry.of()) == SHIPPED
    assert all_checks(Registry.installed())[: len(SHIPPED)] == SHIPPED


def test_a_check_that_does_not_say_what_it_asks_is_refused() -> None:
    def unsaid(survey):
        pass

    def said(survey):
        """Is it said?"""

    with pytest.raises(PluginError, match="a question as docstring"):
        check("Title", red="always", advice="Say it.")(unsaid)
    with pytest.raises(PluginError, match="what is red or amber"):
        check("Title", advice="Say it.")(said)


def test_an_answer_that_is_none_is_amber_with_the_reason() -> None:
    @check("Title", red="always", advice="Say it.")
    def mistaken(survey):
        """Is it an answer?"""
        return "no"

    (finding,) = asked_of(mistaken.check, survey_of(some_windows(4)))
    assert finding.verdict == "amber"
    assert "expected an Answer or None, found 'no'" in finding.headline


def test_a_check_that_would_end_python_is_amber_and_the_others_go_on() -> None:
    @check("Title", red="always", advice="Say it.")
    def leaving(survey):
        """Is it still there?"""
        raise SystemExit

    (finding,) = asked_of(leaving.check, survey_of(some_windows(4)))
    assert finding.verdict == "amber"
    assert "it would end Python" in finding.headline
