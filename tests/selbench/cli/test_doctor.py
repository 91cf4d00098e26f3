"""selbench doctor: it names what works and survives what does not."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from selbench.cli import doctor as module


def run(monkeypatch: pytest.MonkeyPatch, packages: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Return the exit status, and the printed lines by their first word."""
    monkeypatch.setattr(module, "PACKAGES", packages)
    monkeypatch.setenv("COLUMNS", "300")
    app = typer.Typer()
    app.command()(module.doctor)
    from selbench.cli.console import stdout

    stdout.cache_clear()
    result = CliRunner().invoke(app)
    stdout.cache_clear()
    assert not isinstance(result.exception, Exception), result.exception
    return result.exit_code, {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}


def test_a_program_on_the_path_is_named_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "mssel"
    fake.write_text(f"#!{sys.executable}\nprint('mssel 7.5')\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    status, lines = run(monkeypatch, {"numpy": "numpy"})
    assert status == 0
    assert "mssel 7.5" in lines["mssel"]
    assert str(fake) in lines["mssel"]
    assert "not found" in lines["discoal"]
    assert "✓" in lines["numpy"]
    assert "mspms" in lines["mspms"]


def test_an_import_that_fails_or_ends_python_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_module.py").write_text("raise ImportError('lib.so is missing')\n")
    (tmp_path / "deadly_module.py").write_text("import os\nos.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    packages = {"a": "broken_module", "b": "json", "c": "deadly_module", "d": "csv"}
    status, lines = run(monkeypatch, packages)
    assert status == 1
    assert "✗" in lines["a"]
    assert "lib.so is missing" in lines["a"]
    assert "✓" in lines["b"]
    assert "ends Python" in lines["c"]
    assert "not tried" in lines["d"]
