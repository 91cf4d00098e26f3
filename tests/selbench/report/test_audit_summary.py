"""A run's audit stands in its report: on the page, in the terminal, in markdown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from selbench.errors import DataError
from selbench.report import html, markdown, terminal
from selbench.run_folder import Audit, Finding, RunRecord, audits_as_json, read_audits, summary_lines
from selbench.run_folder.layout import AUDIT

FINDINGS = (
    Finding("Balance of classes", "green", "Classes are balanced in every split."),
    Finding(
        "Windows <without> sites", "amber", "Dropped unequally: 22 %.", ("test: 5",), "It matters.", "Say so."
    ),
    Finding(
        "Identical windows",
        "red",
        "5 of 100 windows are in training.",
        ("a = b",),
        "Learned.",
        "Split again.",
    ),
)


@pytest.fixture
def audited_run(run_folder: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(run_folder, tmp_path / "run"))
    (folder / AUDIT).write_text(audits_as_json([Audit("study", FINDINGS)]))
    return folder


def test_audits_are_read_as_they_were_written(audited_run: Path) -> None:
    (audit,) = RunRecord.read(audited_run).audits
    assert audit.verdict == "red"
    assert audit.counted == "1 red, 1 amber, 1 green"
    assert [finding.verdict for finding in audit.worth_knowing] == ["red", "amber"]
    assert audit.worth_knowing[1].evidence == ("test: 5",)


@pytest.mark.parametrize("render", [html.render, markdown.render, terminal.render])
def test_every_form_of_the_report_says_what_is_not_green(render: Any, audited_run: Path) -> None:
    text = render(RunRecord.read(audited_run))
    for said in ("5 of 100 windows are in training", "Dropped unequally: 22 %", "selbench audit"):
        assert said in text
    assert "<without>" not in render(RunRecord.read(audited_run)) or render is terminal.render


def test_the_page_has_evidence_and_advice(audited_run: Path) -> None:
    text = html.render(RunRecord.read(audited_run))
    for said in (
        "Is the comparison honest?",
        "a = b",
        "Split again.",
        "1 checks are green",
        "not to be believed",
    ):
        assert said in text


def test_a_run_without_an_audit_says_nothing_of_one(run_folder: Path) -> None:
    record = RunRecord.read(run_folder)
    assert record.audits == ()
    assert "honest" not in html.render(record)
    assert "Audit" not in terminal.render(record)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", json.dumps({"format": 9}), json.dumps({"format": 1, "audits": [{"verdict": "blue"}]})],
)
def test_a_damaged_audit_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / AUDIT).write_text(content)
    with pytest.raises(DataError, match=r"audit\.json"):
        read_audits(tmp_path)


def test_what_is_found_of_several_tasks_in_the_same_words_stands_once() -> None:
    def found(area: str) -> tuple[Finding, ...]:
        return (Finding("One number", "amber", f"An AUC of {area}."),)

    (alike,) = summary_lines([Audit("here", found("0.8")), Audit("there", found("0.8"))])
    assert alike == ("amber", "here, there: One number: An AUC of 0.8.")
    (first,) = summary_lines([Audit("here", found("0.8")), Audit("there", found("0.9"))])
    assert first[1] == "here, there: One number: An AUC of 0.8. (figures of here)"
