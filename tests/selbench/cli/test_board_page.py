"""The commands of the page on the board are commands, with the options that it gives."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from selbench.cli.app import app

PAGE = Path(__file__).parents[3] / "docs/board.md"
LINES = [
    line.partition(" #")[0].strip()
    for block in re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("line", LINES)
def test_a_command_that_is_shown_is_one(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == "selbench"
    commands = get_command(app).commands  # type: ignore[attr-defined]
    found = commands[name].make_context(name, arguments, resilient_parsing=True).params
    assert found
