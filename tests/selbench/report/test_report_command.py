import io

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from selbench.cli.report import report
from selbench.errors import DataError

app = typer.Typer()
app.command()(report)


def ask(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


@pytest.mark.parametrize(
    ("format", "beginning"),
    [
        ("terminal", "study: "),
        ("markdown", "# quickstart"),
        ("csv", "train_task,"),
        ("html", "<!doctype html>"),
    ],
)
def test_every_format_goes_to_standard_output_or_a_file(run_folder, tmp_path, format, beginning):
    shown = ask(run_folder, "--format", format)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(beginning)
    out = tmp_path / "report"
    written = ask(run_folder, "--format", format, "--out", out)
    assert written.exit_code == 0
    assert written.stdout == ""
    assert "wrote" in written.stderr
    assert out.read_text().startswith(beginning)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_the_values_are_a_table_that_pandas_reads(run_folder):
    table = pd.read_csv(io.StringIO(ask(run_folder, "--format", "csv").stdout))
    assert set(table["metric"]) >= {"roc_auc", "accuracy", "power_at_5_percent"}


def test_what_is_no_run_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(DataError, match="expected a run folder"):
        ask(tmp_path, "--format", "html", "--out", tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(run_folder, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        ask(run_folder, "--format", "csv", "--out", tmp_path / "taken" / "results.csv")
