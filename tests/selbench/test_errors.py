"""Messages stay readable, whatever they repeat."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from selbench.cli.app import app
from selbench.errors import LONGEST_MESSAGE, DataError, readable
from selbench.formats.vcf_regions import Region

LONG = "x" * 5000


@settings(max_examples=30, deadline=None)
@given(st.builds(str.__mul__, st.text(max_size=60), st.integers(0, 200)))
def test_a_message_is_cut_or_kept_as_it_is(text: str) -> None:
    shown = readable(f"a.vcf, line 3: expected a number, found {text!r}; leave it out")
    assert len(shown) <= LONGEST_MESSAGE + 50
    assert shown.startswith("a.vcf, line 3: expected a number, found ")
    assert shown.endswith("; leave it out")
    short = text[:100].replace("'", "")
    assert readable(f"expected {short}") == f"expected {short}"


def test_what_a_message_says_between_long_inputs_stays() -> None:
    said = f"the file's column {LONG!r}: expected 'a', found \"{LONG} {LONG}\", isn't it; see {LONG}"
    shown = str(DataError(said))
    assert len(shown) < 1000
    for part in ("the file's column 'xxx", "xxx': expected 'a', found \"xxx", "xxx\", isn't it; see xxx"):
        assert part in shown
    with pytest.raises(DataError) as caught:
        Region.parse(f"a {LONG}")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([LONG], 2),
        (["run", LONG], 1),
        (["status", LONG], 1),
        (["report", LONG], 1),
        (["audit", LONG], 1),
        (["predict", LONG, "a.parquet"], 1),
        (["scan", LONG, "a.vcf"], 1),
        (["profile", "h12", LONG], 1),
        (["profile", LONG, "a.vcf"], 1),
        (["plugins", LONG], 1),
        (["import", LONG, "--label", "a", "--out", "b.parquet"], 1),
        (["run", "quickstart", f"--{LONG}"], 2),
        (["scan", "a", "b", "--filter", LONG], 2),
    ],
)
def test_commands_cut_what_they_were_given(arguments: list[str], status: int) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == status, done.exception
    assert isinstance(done.exception, SystemExit)
    assert len(done.stderr) < 1000
