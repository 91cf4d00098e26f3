"""A run whose windows are seen as a genome was, and the scan of that genome."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selbench import Registry
from selbench.bench import run, scan
from selbench.errors import DataError, SelbenchError
from selbench.experiment import parse_experiment
from selbench.run_folder import read_info
from selbench.windows import WHOLE

PACKAGES = Path(__file__).parents[2] / "packages"
WINDOW_BP, N_INDIVIDUALS = 500, 5


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 60 windows; every third has a gap of 40 %, and one call in a hundred is missing."""
    rng = np.random.default_rng(5)
    rows = []
    for at in np.unique(rng.integers(0, 60 * WINDOW_BP, 60 * 20)).tolist():
        window, place = divmod(at, WINDOW_BP)
        if window % 3 == 0 and place < 200:
            continue
        calls = ["|".join(map(str, rng.integers(0, 2, 2))) for _ in range(N_INDIVIDUALS)]
        calls = [".|." if rng.random() < 0.01 else call for call in calls]
        rows.append("\t".join(["1", str(at + 1), ".", "A", "C", ".", "PASS", "AA=A", "GT", *calls]))
    names = [f"i{i}" for i in range(N_INDIVIDUALS)]
    meta = '##fileformat=VCFv4.2\n##contig=<ID=1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n'
    meta += '##INFO=<ID=AA,Number=1,Type=String,Description="A">\n'
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names])
    folder = tmp_path_factory.mktemp("genome")
    gaps = [f"1\t{500 * i + (200 if i % 3 == 0 else 0)}\t{500 * i + 500}\n" for i in range(60)]
    (folder / "callable.bed").write_text("".join(gaps))
    (folder / "genome.vcf").write_text(meta + "\n".join([head, *rows]) + "\n")
    return folder / "genome.vcf"


def small(observation: dict[str, Any], **windows: int) -> dict[str, Any]:
    """Return an experiment of toys whose windows are seen as told."""
    return {
        "name": "toy",
        "seed": 7,
        "repetitions": 1,
        "baselines": False,
        "methods": ["few-sites"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 2 * N_INDIVIDUALS},
                "locus": {"sequence_length": WINDOW_BP, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "observation": observation,
                "windows": {"train": 60, "validation": 10, "test": 20, "threshold": 0, **windows},
                "classes": {
                    "neutral": {"simulator": "toy[mean_sites=20]"},
                    "sweep": {"simulator": "toy[mean_sites=20]", "selection": {"s": 0.1, "carriers": "all"}},
                },
            }
        },
    }


def test_windows_of_training_and_the_null_have_the_gaps_and_the_scan_compares_like_with_like(
    registry: Registry, genome: Path, tmp_path: Path
) -> None:
    mask = genome.with_name("callable.bed")
    seen_as = {"genome": str(genome), "mask": str(mask), "missing": "from file"}
    table = small(seen_as, threshold=300)
    experiment = parse_experiment(table, registry, where="toy.toml")
    done = run(experiment, out=tmp_path / "toy", workers=0, registry=registry)
    method = done.methods["few-sites"]
    null = method.null_scores
    assert null is not None
    assert null.origin.lost == pytest.approx(0.05, abs=0.03)
    sizes = {number: len(scores) for number, scores in null.by_class.items()}
    assert sum(sizes.values()) == 300
    assert sizes[1] == pytest.approx(100, abs=30)
    scenario = read_info(tmp_path / "toy").tasks["small"].scenarios["neutral"]
    assert scenario["observation"]["mask"] == str(mask)
    without = scan(method, genome, callable_bed=mask, registry=registry, progress=False)
    seen = without.result.judgement
    assert seen is not None
    assert not np.isnan(seen.p_sim).any()  # the run's own null has windows with gaps
    assert not any("left out" in each for each in without.result.fit.misfits)  # type: ignore[union-attr]
    drawn = scan(
        method, genome, callable_bed=mask, registry=registry, null_windows=500, out=tmp_path / "scan",
        progress=False,
    )  # fmt: skip
    yardstick = drawn.result.judgement.yardstick  # type: ignore[union-attr]
    assert (len(yardstick.null), len(yardstick.partly[1])) == (500, 500)
    assert WHOLE not in yardstick.partly
    assert json.loads((tmp_path / "scan" / "scan.json").read_text())


def test_a_method_that_needs_phase_declines_unphased_windows(registry: Registry, tmp_path: Path) -> None:
    table = small({"phased": False})
    experiment = parse_experiment(table, registry, where="toy.toml")
    with pytest.raises(
        SelbenchError, match="site-count: needs phased genotypes, and those of task small are"
    ):
        run(experiment, out=tmp_path / "toy", workers=0, registry=registry)


def test_a_mask_of_other_chromosomes_ends_the_run_before_any_work(
    registry: Registry, genome: Path, tmp_path: Path
) -> None:
    (tmp_path / "mask.bed").write_text("chr1\t0\t30000\n")
    table = small({"genome": str(genome), "mask": str(tmp_path / "mask.bed")})
    experiment = parse_experiment(table, registry, where="toy.toml")
    with pytest.raises(DataError, match=r"mask\.bed: names its chromosomes chr1, the genome 1"):
        run(experiment, out=tmp_path / "toy", workers=0, registry=registry)
