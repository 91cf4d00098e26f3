"""``selbench predict`` and ``selbench cite``."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

Selbench = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def predictor(selbench: Selbench, toy_file: Path, tmp_path: Path) -> Path:
    """Train the toy method and return its folder."""
    ran = selbench("run", toy_file, "--out", "run", "--workers", "0", "--reduced", "--methods", "few-sites")
    assert ran.returncode == 0, ran.stderr
    return next(tmp_path.glob("run/predictors/*few-sites.r0"))


def test_every_window_of_a_dataset_gets_the_probabilities_of_the_run(
    selbench: Selbench, predictor: Path, toy_file: Path, tmp_path: Path
) -> None:
    exported = selbench("export", toy_file, "--format", "dataset", "--out", "all.parquet")
    assert exported.returncode == 0, exported.stderr
    result = selbench("predict", predictor, "all.parquet")
    assert result.returncode == 0, result.stderr
    rows = pd.read_csv(io.StringIO(result.stdout))
    assert list(rows.columns) == ["window", "split", "label", "sites", "p_neutral", "p_sweep"]
    np.testing.assert_allclose(rows.p_neutral + rows.p_sweep, 1, atol=1e-5)
    of_run = pd.read_parquet(tmp_path / "run/predictions.parquet")
    of_run = of_run[(of_run.split == "test") & (of_run.method.str.endswith("+few-sites"))]
    for label in ("neutral", "sweep"):
        np.testing.assert_allclose(
            rows[(rows.split == "test") & (rows.label == label)].p_sweep.to_numpy(),
            of_run[of_run.label == label].p_sweep.to_numpy(),
            rtol=1e-5,
        )
    to_file = selbench("predict", predictor, "all.parquet", "--out", "said.csv")
    assert to_file.stdout == ""
    assert (tmp_path / "said.csv").read_text() == result.stdout
    assert f"{len(rows):,} windows" in to_file.stderr
    assert "polarised" not in to_file.stderr
    description = predictor / "method.json"
    description.write_text(description.read_text().replace('"ancestral"', '"ref"'))
    warned = " ".join(selbench("predict", predictor, "all.parquet").stderr.split())
    assert (
        "windows are polarised as 'ancestral', the predictor was trained on windows polarised as 'ref'"
        in warned
    )


def test_a_dataset_of_another_shape_is_refused(selbench: Selbench, predictor: Path, tmp_path: Path) -> None:
    text = "ms 4 1 -t 1\n1 2 3\n\n//\nsegsites: 1\npositions: 0.5\n0\n1\n0\n1\n"
    (tmp_path / "other.ms").write_text(text)
    imported = selbench(
        "import", "other.ms", "--label", "sweep", "--sequence-length", "500", "--out", "other.parquet"
    )
    assert imported.returncode == 0, imported.stderr
    result = selbench("predict", predictor, "other.parquet")
    assert result.returncode == 1
    assert "trained on 10 haplotypes per window; these windows have 4" in result.stderr


def test_cite_prints_the_bibtex_of_everything_that_takes_part(selbench: Selbench) -> None:
    result = selbench("cite", "quickstart")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("@article{") >= 4
    for name in ("hudson2002", "torada2019"):
        assert name in result.stdout
