"""What becomes of input that a scanner cannot take as it is: a stated rule, or a refusal by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import selbench_scanners
from selbench import DataError, Registry, Scanner, UnsupportedError
from selbench.scan.profile import Given, ProfileResult, profile_files
from selbench.scan.stretches import Reading
from selbench.testing import random_windows

SPELLED = (
    "raisd[window_sites=20]", "sweepfinder2[grid_points=3]", "sweed[grid_points=3]",
    "omegaplus[grid_points=3]", "lassi[window_sites=15,step_sites=5,n_classes=4]",
    "saltilassi[window_sites=15,step_sites=5,n_classes=4]", "h12[window_sites=20,step_sites=10]", "ihs",
    "nsl", "safe", "isafe[window_sites=30,step_sites=10]", "dind", "hapdaf-o", "hapdaf-s", "sratio",
    "highfreq", "lowfreq", "flexsweep-haf", "flexsweep-h12",
)  # fmt: skip
COUNTING = {"sweepfinder2", "sweed"}
TAKES_MISSING = COUNTING | {"raisd"}
UNPOLARISED = TAKES_MISSING | {"omegaplus", "lassi", "saltilassi", "h12"}
LENGTH, HEAD = 20_000, "##fileformat=VCFv4.2\n##contig=<ID=1,length=20000>\n"


@pytest.fixture(scope="module")
def scanners() -> list[Scanner]:
    shelf = Registry.of(selbench_scanners).scanners
    built = [shelf.build(text) for text in SPELLED]
    assert {scanner.name for scanner in built} >= set(shelf)
    return built


@pytest.fixture(scope="module")
def sites() -> tuple[NDArray[np.int64], list[list[str]]]:
    """Positions, and the calls of ten individuals at each."""
    windows = random_windows(4, seed=4, n_haplotypes=20, sequence_length=LENGTH, mean_sites=110)
    haplotypes, positions = windows.window(int(windows.n_sites.argmax()))
    whole, first = np.unique(np.floor(positions).astype(np.int64) + 1, return_index=True)
    rows = [[f"{a}|{b}" for a, b in zip(row[::2], row[1::2], strict=True)] for row in haplotypes[first]]
    return whole, rows


def vcf(path: Path, positions: Sequence[int], calls: Sequence[Sequence[str]]) -> Path:
    names = "\t".join(f"i{i}" for i in range(10))
    lines = [
        f"1\t{at}\t.\tA\tC\t.\tPASS\t.\tGT\t" + "\t".join(row)
        for at, row in zip(positions, calls, strict=True)
    ]
    head = f'{HEAD}##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
    columns = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n"
    path.write_text(head + columns + "\n".join(lines) + "\n")
    return path


def ms(path: Path, positions: Sequence[int], haplotypes: NDArray[np.uint8]) -> Path:
    fractions = " ".join(f"{at / LENGTH:.8f}" for at in positions)
    rows = "\n".join("".join(map(str, row)) for row in haplotypes.T.tolist())
    head = f"ms {haplotypes.shape[1]} 1\n1 2 3\n\n//\nsegsites: {len(positions)}\npositions: {fractions}\n"
    path.write_text(head + rows + "\n")
    return path


def profiled(scanners: Sequence[Scanner], file: Path, polarised: bool = True) -> ProfileResult:
    if file.suffix == ".ms":
        reading = Reading(sequence_length=LENGTH)
    else:
        reading = Reading(sequence_length=LENGTH, polarise="ref" if polarised else None)
    return profile_files(scanners, [file], reading, Given())


def of(result: ProfileResult, scanner: Scanner) -> pd.DataFrame:
    from selbench.plugin import spelling

    table = result.table()
    return table[table["scanner"] == spelling(scanner)].dropna(axis=1, how="all").reset_index(drop=True)


def test_unphased_genotypes_are_for_those_that_count_alleles(
    scanners: list[Scanner], sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    positions, calls = sites
    phased = vcf(tmp_path / "phased.vcf", positions.tolist(), calls)
    unphased = vcf(
        tmp_path / "unphased.vcf", positions.tolist(), [[c.replace("|", "/") for c in r] for r in calls]
    )
    for scanner in scanners:
        if scanner.name in COUNTING:
            pd.testing.assert_frame_equal(
                of(profiled([scanner], unphased), scanner), of(profiled([scanner], phased), scanner)
            )
            continue
        with pytest.raises(UnsupportedError, match=f"^{scanner.name}: needs phased genotypes"):
            profiled([scanner], unphased)


def test_missing_calls_reach_those_that_have_a_rule_and_cost_the_others_the_site(
    scanners: list[Scanner], sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    positions, calls = sites
    missing = [[".|." if i % 9 == 0 and j == 3 else c for j, c in enumerate(r)] for i, r in enumerate(calls)]
    n_missing = len(range(0, len(calls), 9))
    with_missing = vcf(tmp_path / "missing.vcf", positions.tolist(), missing)
    kept = [i for i in range(len(calls)) if i % 9]
    without = vcf(tmp_path / "without.vcf", positions[kept].tolist(), [calls[i] for i in kept])
    result = profiled(scanners, with_missing)
    for scanner in scanners:
        said = [remark for remark in result.remarks if "has no rule for missing calls" in remark]
        expected = [remark for remark in said if remark.startswith(scanner.name)]
        assert len(expected) == (scanner.name not in TAKES_MISSING)
        assert all(f": {n_missing} sites with such are left out" in remark for remark in expected)
        if scanner.name not in COUNTING:  # of raisd, too, whose rule by default is to drop them
            pd.testing.assert_frame_equal(
                of(result, scanner),
                of(profiled([scanner], without), scanner),
                check_dtype=False,
                check_like=True,
            )
    counted = profiled([scanner for scanner in scanners if scanner.name in COUNTING], without).table()
    found = result.table()
    assert not np.allclose(found[found["scanner"].isin(counted["scanner"])]["value"], counted["value"])


def test_raisd_keeps_sites_with_missing_calls_in_two_ways(
    sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    positions, calls = sites
    missing = [[".|." if (i + j) % 9 == 0 else c for j, c in enumerate(r)] for i, r in enumerate(calls)]
    file = vcf(tmp_path / "missing.vcf", positions.tolist(), missing)
    build = Registry.installed().scanners.build
    keep, joint = (
        profiled([build(f"raisd[window_sites=20,missing={how}]")], file).table() for how in ("keep", "joint")
    )
    assert len(keep) == len(joint) > 50
    assert (keep["mu_ld"] >= joint["mu_ld"]).mean() > 0.5


def test_unpolarised_sites_are_refused_by_those_that_need_ancestral_states(
    scanners: list[Scanner], sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    file = vcf(tmp_path / "a.vcf", sites[0].tolist(), sites[1])
    for scanner in scanners:
        if scanner.name in UNPOLARISED:
            assert len(of(profiled([scanner], file, polarised=False), scanner))
            continue
        with pytest.raises(UnsupportedError, match=f"^{scanner.name}: needs ancestral states"):
            profiled([scanner], file, polarised=False)


def test_sites_that_do_not_vary_change_nothing_and_repeated_positions_are_values(
    scanners: list[Scanner], sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    positions = np.append(sites[0], sites[0][-1])
    positions[10] = positions[9]
    haplotypes = np.array([[int(a) for call in row for a in call.split("|")] for row in sites[1]], np.uint8)
    varying = profiled(scanners, ms(tmp_path / "a.ms", positions[:-1].tolist(), haplotypes))
    more = np.concatenate([haplotypes, np.ones((1, 20), np.uint8)])
    result = profiled(scanners, ms(tmp_path / "b.ms", positions.tolist(), more))
    for scanner in scanners:
        pd.testing.assert_frame_equal(of(result, scanner), of(varying, scanner))
        assert np.isfinite(of(result, scanner)["value"]).any(), scanner.name


def test_unsorted_positions_are_refused_by_place(
    scanners: list[Scanner], sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    positions = sites[0].copy()
    positions[[5, 6]] = positions[[6, 5]]
    haplotypes = np.array([[int(a) for call in row for a in call.split("|")] for row in sites[1]], np.uint8)
    for file in (
        ms(tmp_path / "a.ms", positions.tolist(), haplotypes),
        vcf(tmp_path / "a.vcf", positions.tolist(), sites[1]),
    ):
        with pytest.raises(DataError, match=str(file)):
            profiled(scanners[:1], file)


def test_fewer_sites_than_a_window_give_no_row_and_are_said(
    sites: tuple[NDArray[np.int64], list[list[str]]], tmp_path: Path
) -> None:
    file = vcf(tmp_path / "a.vcf", sites[0][:8].tolist(), sites[1][:8])
    shelf = Registry.installed().scanners
    few = [shelf.build(text) for text in ("raisd", "omegaplus", "h12", "isafe")]
    result = profiled(few, file)
    assert not any(profile.is_defined.any() for _, _, profile in result.profiles)
    assert [remark.partition(" ")[0] for remark in result.remarks] == ["raisd", "omegaplus", "h12", "isafe"]
    for name in ("lassi", "saltilassi"):
        reason = f"^{name}: expected sequences of at least 117 SNPs .* or a smaller window_sites"
        with pytest.raises(DataError, match=reason):
            profiled([shelf.build(name)], file)
