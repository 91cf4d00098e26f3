"""The way from a VCF and a size history to a list of candidates, as docs/scan.md prints it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import selbench
from selbench.cli.app import app
from selbench.formats.vcf_text import write_vcf

PAGE = Path(__file__).parents[2] / "docs" / "scan.md"
HEADING = "## From a VCF and a size history to a list of candidates"
SMALL = {
    "run": "--workers 0 --repetitions 1 --methods logistic "
    + " ".join(
        f"--set tasks.genome.windows.{split}={count}"
        for split, count in {"train": 30, "validation": 5, "test": 10, "threshold": 40}.items()
    ),
    "scan": "--null-windows 40",
}
"""What makes a command cheap here, and changes nothing of what it does."""

YEARS = 25
SIZES = ((0, 8_000), (1_000, 12_000), (900_000, 10_000))


def commands() -> list[list[str]]:
    section = PAGE.read_text().split(HEADING, 1)[1]
    (block, *_) = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(f"{line} {SMALL.get(line.split()[1], '')}") for line in lines]


def write_genome(path: Path) -> None:
    """Write 600 kb of six individuals with a gap, 2 % of calls missing, and no phase."""
    windows = selbench.simulate(
        "ms", n_windows=1, seed=4, n_haplotypes=12, sequence_length=600_000, mutation_rate=1.25e-8,
        recombination_rate=1.25e-8, population_size=10_000,
    )  # fmt: skip
    with path.open("wb") as stream:
        write_vcf([windows], stream, n_windows=1, source="a test")
    rng = np.random.default_rng(4)
    lines = []
    for line in path.read_text().splitlines():
        words = line.split("\t")
        if not line.startswith("#"):
            if 200_000 <= int(words[1]) < 240_000:
                continue
            calls = ["/".join(sorted(call.split("|"))) for call in words[9:]]
            words[9:] = ["./." if rng.random() < 0.02 else call for call in calls]
        lines.append("\t".join(words))
    path.write_text("\n".join(lines) + "\n")


def write_history(path: Path) -> None:
    """Write sizes as Stairway Plot 2 does, of the mutation rate in the commands."""
    head = (
        "mutation_per_site n_estimation theta_per_site_median theta_per_site_2.5% theta_per_site_97.5% year"
    )
    head += " Ne_median Ne_2.5% Ne_97.5% Ne_12.5% Ne_87.5%"
    rows = [
        f"{years / YEARS * 1.25e-8:g} 200 {4 * size * 1.25e-8:g} 0 1 {years} {size} 1 99999 1 99999"
        for years, size in SIZES
    ]
    path.write_text("\n".join([head, *rows]).replace(" ", "\t") + "\n")


@pytest.mark.slow
def test_the_commands_of_the_page_lead_from_a_genome_to_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    write_genome(Path("genome.vcf"))
    write_history(Path("stairway.final.summary"))
    Path("genes.gff3").write_text("##gff-version 3\n1\tx\tgene\t1\t600000\t.\t+\t.\tID=g;Name=GENE\n")
    fitted, ran, scanned = commands()
    for command in (fitted, ran, scanned):
        assert command[0] == "selbench"
        result = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        if command is fitted:
            text = Path("task.toml").read_text()
            assert 'observation = { genome = "genome.vcf", mask = "from file", missing = "from file"' in text
            assert f"#   {shlex.join(scanned[:4])} --step-bp 20000" in text
    table = pd.read_csv("scan/scan.csv")
    seen = table[table["skipped"].isna()]
    assert seen["p_sim"].notna().all()
    assert (seen["observed"] < 0.95).any()
    assert set(pd.read_csv("scan/regions.csv").columns) >= {"start", "end", "genes"}
