"""``selbench profile`` against every table of the reference, from its input files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from selbench.cli.app import app

LENGTH = {"a": "200000", "b": "200000", "c": "300000", "d": "1000000", "e": "1000000", "f": "1200000"}


def profile(*arguments: object) -> pd.DataFrame:
    result = CliRunner().invoke(app, ["profile", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    # older pandas is an ulp off by default, which a digit of what is printed can turn on
    return pd.read_csv(io.StringIO(result.stdout), float_precision="round_trip")


def ms(reference: Any, name: str) -> list[object]:
    return [reference.folder / "inputs" / f"{name}.ms.gz", "--sequence-length", LENGTH[name[-1]]]


def vcf(reference: Any, name: str) -> list[object]:
    return [reference.folder / "inputs" / f"{name}.vcf.gz", "--polarise", "ref"]


def mu_as_printed(table: pd.DataFrame) -> list[list[str]]:
    factors = ["mu_var", "mu_sfs", "mu_ld", "value"]
    return [
        [
            f"{row.position:.0f}",
            f"{row.start:.0f}",
            f"{row.end:.0f}",
            *(f"{getattr(row, f):.3e}" for f in factors),
        ]
        for row in table.itertuples()
    ]


@pytest.mark.parametrize("name", ["bottleneck-c", "neutral-a", "neutral-e", "sweep-b", "sweep-d"])
def test_raisd_of_ms_text(reference: Any, name: str) -> None:
    table = profile("raisd", *ms(reference, name))
    assert mu_as_printed(table) == reference.table(f"raisd.{name}.tsv.gz")


@pytest.mark.parametrize(
    ("scanner", "options", "name"),
    [
        ("raisd", [], "vcf"),
        ("raisd", ["--sequence-length", "200000"], "vcfB"),
        ("raisd[min_frequency=0.05]", [], "maf"),
    ],
)
def test_raisd_of_a_vcf(reference: Any, scanner: str, options: list[str], name: str) -> None:
    table = profile(scanner, reference.folder / "inputs" / "sweep-b.vcf.gz", *options)
    assert mu_as_printed(table) == reference.table(f"raisd.sweep-b-{name}.tsv.gz")


def test_raisd_with_other_options_and_of_missing_calls(reference: Any) -> None:
    table = profile("raisd[window_sites=20,edge=2]", *ms(reference, "sweep-b"))
    assert mu_as_printed(table) == reference.table("raisd.sweep-b-w20c2.tsv.gz")
    table = profile("raisd", reference.folder / "inputs" / "sweep-b-missing.vcf.gz")
    assert mu_as_printed(table) == reference.table("raisd.sweep-b-miss-M0.tsv.gz")


def test_raisd_at_a_grid(reference: Any, tmp_path: Path) -> None:
    centres = profile("raisd", *ms(reference, "sweep-b"))["position"]
    points = np.linspace(centres.iloc[0], centres.iloc[-1], 51)[1:]
    grid = tmp_path / "grid.txt"
    grid.write_text("\n".join(map(repr, points.tolist())))
    table = profile("raisd", *ms(reference, "sweep-b"), "--grid", grid)
    assert mu_as_printed(table) == reference.table("raisd.sweep-b-G.tsv.gz")


SWEEPFINDER = [
    *((name, 51, [], name) for name in ("bottleneck-c", "neutral-a", "sweep-b", "sweep-d")),
    *((name, 31, [], name) for name in ("c-missing", "c-folded", "c-subst", "c-subst-mono")),
    ("c-subst", 31, ["recombination-map"], "c-subst.recmap"),
    ("c-subst", 31, ["b-map"], "c-subst.bmap"),
    ("c-subst", 31, ["recombination-map", "b-map"], "c-subst.recmap-bmap"),
]


@pytest.mark.parametrize(("counts", "points", "maps", "name"), SWEEPFINDER)
def test_sweepfinder_of_counts_and_maps(
    reference: Any, counts: str, points: int, maps: list[str], name: str
) -> None:
    inputs, outputs = reference.folder / "inputs", reference.folder / "outputs"
    files = {"recombination-map": "c-subst.recmap.gz", "b-map": "c-subst.bmap.gz"}
    table = profile(
        f"sweepfinder2[grid_points={points}]",
        inputs / f"{counts}.sf.gz",
        "--spectrum",
        outputs / f"sf2.{counts}.spectrum.txt",
        *(part for each in maps for part in (f"--{each}", inputs / files[each])),
    )
    expected = reference.numbers(f"sf2.{name}.tsv", skip=1)
    np.testing.assert_allclose(table["position"], expected[:, 0], atol=1e-6)
    np.testing.assert_allclose(table["value"], expected[:, 1], atol=5.1e-7)
    np.testing.assert_allclose(table["alpha"], expected[:, 2], rtol=5e-6)


def test_sweepfinder_learns_its_spectrum_and_takes_a_spacing(reference: Any) -> None:
    table = profile("sweepfinder2[grid_bp=10000]", reference.folder / "inputs" / "bottleneck-c.sf.gz")
    expected = reference.numbers("sf2.bottleneck-c.sg10000.tsv", skip=1)
    np.testing.assert_allclose(table["position"], expected[:, 0], atol=1e-6)
    np.testing.assert_allclose(table["value"], expected[:, 1], atol=2e-3)


@pytest.mark.parametrize("name", ["bottleneck-c", "neutral-a", "sweep-b", "sweep-d"])
def test_sweed_given_its_spectrum(reference: Any, name: str) -> None:
    spectrum = reference.folder / "outputs" / f"sweed.{name}.sfs.txt"
    table = profile("sweed[grid_points=51]", *ms(reference, name), "--spectrum", spectrum)
    expected = reference.numbers(f"sweed.{name}.tsv", skip=3)
    np.testing.assert_allclose(table["position"], expected[:, 0], atol=5.1e-5)
    np.testing.assert_allclose(table["value"], expected[:, 1], rtol=2e-6, atol=1e-9)


@pytest.mark.parametrize("name", ["bottleneck-c", "neutral-a", "sweep-b", "sweep-d"])
def test_omegaplus(reference: Any, name: str) -> None:
    scanner = "omegaplus[grid_points=51,min_window_bp=1000,max_window_bp=50000]"
    table = profile(scanner, *ms(reference, name))
    expected = reference.numbers(f"omegaplus.{name}.tsv", skip=1)
    np.testing.assert_allclose(table["position"], expected[:, 0], atol=5.1e-5)
    np.testing.assert_allclose(table["value"], expected[:, 1], rtol=4e-4)
    np.testing.assert_array_equal(table[["left", "right", "valid"]], expected[:, 2:])


@pytest.mark.parametrize(
    ("name", "sites", "step"),
    [("neutral-a", 51, 10), ("sweep-b", 51, 10), ("sweep-d", 101, 25), ("neutral-e", 117, 12)],
)
def test_lassi_and_saltilassi(reference: Any, name: str, sites: int, step: int) -> None:
    options = f"[window_sites={sites},step_sites={step}]"
    table = profile(f"lassi{options}", *vcf(reference, name), "--with", f"saltilassi{options}")
    for scanner, output in (("lassi", "lassi"), ("saltilassi", "salti")):
        found = table[table["scanner"].str.partition("[")[0] == scanner]
        expected = reference.table(f"lassip.{name}.{output}.tsv.gz", skip=1)
        assert [f"{value:.6g}" for value in found["value"]] == [row[-1] for row in expected]
        assert found["position"].tolist() == [float(row[4]) for row in expected]


@pytest.mark.parametrize("edges", ["drop", "keep"])
@pytest.mark.parametrize("statistic", ["ihs", "nsl"])
@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "neutral-e", "sweep-d"])
def test_selscans_scores(reference: Any, name: str, statistic: str, edges: str) -> None:
    table = profile(f"{statistic}[edges={edges}]", *vcf(reference, name))
    kept = "trunc." if edges == "keep" else ""
    expected = reference.numbers(f"selscan.{name}.{kept}{statistic}.tsv.gz", skip=1, first=2).reshape(-1, 5)
    assert table["position"].tolist() == expected[:, 0].tolist()
    np.testing.assert_allclose(table["frequency"].astype(float), expected[:, 1])
    np.testing.assert_allclose(table["value"].astype(float), expected[:, 4], atol=5e-6)


@pytest.mark.parametrize("statistic", ["ihs", "nsl"])
def test_selscans_scores_normalised_over_two_files(reference: Any, statistic: str) -> None:
    files = [reference.folder / "inputs" / f"{name}.vcf.gz" for name in ("neutral-e", "sweep-d")]
    table = profile(f"{statistic}[edges=keep,bins=100]", *files, "--polarise", "ref")
    for file in files:
        found = table[(table["file"] == str(file)) & table["value"].notna()]
        name = file.name.removesuffix(".vcf.gz")
        expected = reference.numbers(f"selscan.{name}.trunc.{statistic}.norm.tsv.gz", skip=1, first=2)
        assert found["position"].tolist() == expected[:, 0].tolist()
        np.testing.assert_allclose(found["value"], expected[:, 5], atol=5e-6)


@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "neutral-e", "sweep-d"])
def test_safe_and_isafe(reference: Any, name: str) -> None:
    table = profile("safe", *vcf(reference, name), "--with", "isafe")
    for scanner in ("safe", "isafe") if name in ("neutral-e", "sweep-d") else ("safe",):
        found = table[table["scanner"] == scanner]
        suffix = ".gz" if scanner == "safe" else ""
        expected = reference.numbers(f"{scanner}.{name}.tsv{suffix}", skip=1)
        np.testing.assert_allclose(found[["position", "value", "frequency"]], expected[:, :3], atol=1e-14)


@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "sweep-d"])
def test_garuds_h12(reference: Any, name: str) -> None:
    table = profile("h12[window_sites=100,step_sites=10]", *vcf(reference, name))
    expected = reference.table(f"garud-h12.{name}.tsv")
    for column, part in ((0, "position"), (1, "left"), (2, "right"), (3, "n_haplotypes")):
        assert table[part].tolist() == [float(row[column]) for row in expected]
    for column, part in ((8, "value"), (6, "h1"), (7, "h2"), (9, "h2_h1"), (10, "h123")):
        np.testing.assert_allclose(table[part], [float(row[column]) for row in expected], atol=1e-14)


@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "flex-f"])
def test_flexsweeps_sites(reference: Any, name: str) -> None:
    scripts = ["DIND", "hapDAF-o", "hapDAF-s", "Sratio", "highfreq", "lowfreq"]
    first, *others = [script.lower() for script in scripts]
    table = profile(first, *vcf(reference, name), *(part for each in others for part in ("--with", each)))
    for script in scripts:
        found = table[table["scanner"] == script.lower()]
        expected = reference.numbers(f"flexsweep.{name}.{script}.txt", skip=1)
        np.testing.assert_allclose(found[["position", "value", "frequency"]], expected, rtol=1e-12)


def test_flexsweeps_regions(reference: Any) -> None:
    where = [*vcf(reference, "flex-f"), "--sequence-length", "1200000"]
    for size, haf, h12 in ((1_200_000, 5.76801588567227, 0.0016), (500_000, 6.17056547970765, 0.0025)):
        table = profile(f"flexsweep-haf[size_bp={size}]", *where, "--with", f"flexsweep-h12[size_bp={size}]")
        assert table["position"].tolist() == [600_000.0, 600_000.0]
        assert table["value"].tolist() == pytest.approx([haf, h12], abs=1e-12)
