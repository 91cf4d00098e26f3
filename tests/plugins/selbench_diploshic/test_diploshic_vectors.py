"""diploS/HIC's feature vectors: by hand, by the original's numbers, and what is declined."""

from dataclasses import replace

import numpy as np
import pytest

from selbench import DataError, UnsupportedError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_diploshic.vectors import DIPLOID, HAPLOID, DiploshicVectors, relative_shares


class TestHaploidVectors(EncoderContract):
    component = DiploshicVectors(sub_windows=4)


class TestDiploidVectors(EncoderContract):
    component = DiploshicVectors(genotypes="diploid")
    windows = random_windows(12, seed=3, n_haplotypes=13, ploidy=1, mean_sites=20)


class TestPlainStatistics(EncoderContract):
    component = DiploshicVectors(genotypes="diploid", relative=False, positions="ms")


EVEN = (0.5, 0.5)


def test_two_sub_windows_of_haplotypes_by_hand():
    sites = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 1]]
    window = Windows.from_arrays([sites], [[1.0, 5.0, 12.0]], sequence_length=20)
    shares = {
        "pi": (0.7, 0.3),  # 7/6 and 1/2
        "thetaW": (2 / 3, 1 / 3),
        "tajD": EVEN,  # two sites and one
        "thetaH": (5 / 14, 9 / 14),  # 5/6 and 3/2
        "fayWuH": (0, 1),  # −1/3 and 1
        "maxFDA": (0.4, 0.6),
        "HapCount": (0.6, 0.4),
        "H1": (0.375, 0.625),
        "H12": (0.625 / 1.625, 1 / 1.625),
        "H2/H1": (10 / 13, 3 / 13),  # 1/3 and 1/10
        "ZnS": (1, 0),
        "Omega": EVEN,
        "distVar": (17 / 26, 9 / 26),  # 17/30 and 9/30 of differences 1 2 2 1 1 0 and 1 1 1 0 0 0
        "distSkew": (0, 1),  # below 0, and 0
        "distKurt": (1, 0),  # −0.89 and −2
    }
    assert tuple(shares) == HAPLOID
    vectors = DiploshicVectors(sub_windows=2).encode(window)[0]
    np.testing.assert_allclose(vectors, list(shares.values()), rtol=1e-6)


def test_two_sub_windows_of_genotypes_by_hand():
    """Dosages 1 0 0 and 2 1 0 on the left, no sites on the right."""
    sites = [[1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    window = Windows.from_arrays([sites], [[1.0, 3.0]], sequence_length=20)
    shares = {
        "pi": (1, 0),
        "thetaW": (1, 0),
        "tajD": EVEN,
        "distVar": (1, 0),
        "distSkew": (0, 1),  # differences 2 2 1: below 0
        "distKurt": (0, 1),  # −1.5
        "nDiplos": (0.75, 0.25),
        "H1": (0.25, 0.75),
        "H12": (5 / 14, 9 / 14),
        "H2/H1": (1, 0),
        "ZnS": (1, 0),
        "Omega": EVEN,
    }
    assert tuple(shares) == DIPLOID
    vectors = DiploshicVectors(genotypes="diploid", sub_windows=2)
    np.testing.assert_allclose(vectors.encode(window)[0], list(shares.values()), rtol=1e-6)
    plain = DiploshicVectors(genotypes="diploid", sub_windows=2, relative=False).encode(window)[0]
    values = dict(zip(DIPLOID, plain[:, 0].tolist(), strict=True))
    assert values["pi"] == pytest.approx(28 / 30 / 10)
    assert values["distVar"] == pytest.approx(1 / 3 / 100)
    assert values["ZnS"] == pytest.approx(0.375), "r² of 3/4 in two of four cells"


ORIGINAL = {
    "haploid": """
pi .08781 .09918 .08149 .09539 .08781 .07012 .07833 .11371 .09981 .09792 .08844
thetaW .09211 .09211 .07895 .09211 .09211 .07895 .09211 .10526 .09211 .09211 .09211
tajD .07370 .12168 .10192 .10568 .07370 .04725 .03372 .12530 .12434 .11634 .07637
thetaH .10018 .07791 .08260 .09315 .05331 .08143 .12654 .10545 .08319 .11424 .08202
fayWuH .12270 .03681 .09202 .08589 .00000 .11656 .21472 .07362 .04908 .13497 .07362
maxFDA .10127 .08861 .08861 .07595 .06329 .10127 .11392 .10127 .08861 .08861 .08861
HapCount .07692 .07692 .07692 .10989 .08791 .08791 .09890 .09890 .10989 .07692 .09890
H1 .10667 .10667 .12000 .06667 .09333 .09333 .08000 .08000 .06667 .10667 .08000
H12 .11009 .11009 .13761 .05505 .10092 .10092 .07339 .07339 .05505 .11009 .07339
H2/H1 .09400 .09400 .06267 .11280 .08953 .08953 .08356 .08356 .11280 .09400 .08356
ZnS .10293 .11191 .13226 .06614 .08484 .06374 .07685 .11299 .05598 .12995 .06243
Omega .08101 .08563 .07066 .11805 .07049 .03955 .09604 .14841 .09918 .10093 .09005
distVar .10001 .10927 .10344 .07556 .08071 .06484 .07942 .13509 .06296 .11879 .06990
distSkew .02363 .00000 .06025 .17036 .09910 .08643 .14153 .11794 .10902 .04811 .14362
distKurt .03348 .07941 .00000 .18931 .06241 .01905 .04718 .05427 .07721 .05656 .38113
""",
    "diploid": """
pi .08781 .09918 .08149 .09539 .08781 .07012 .07833 .11371 .09981 .09792 .08844
thetaW .09211 .09211 .07895 .09211 .09211 .07895 .09211 .10526 .09211 .09211 .09211
tajD .07370 .12168 .10192 .10568 .07370 .04725 .03372 .12530 .12434 .11634 .07637
distVar .19456 .02837 .03995 .06080 .09554 .04690 .14418 .11812 .12797 .08338 .06022
distSkew .00000 .09014 .08493 .10519 .15086 .12643 .07366 .16011 .12758 .00511 .07599
distKurt .21886 .07608 .00000 .05338 .09633 .10551 .07704 .04206 .07378 .19217 .06479
nDiplos .07407 .09259 .09259 .09259 .09259 .09259 .09259 .09259 .09259 .09259 .09259
H1 .12281 .08772 .08772 .08772 .08772 .08772 .08772 .08772 .08772 .08772 .08772
H12 .13580 .08642 .08642 .08642 .08642 .08642 .08642 .08642 .08642 .08642 .08642
H2/H1 .05085 .09492 .09492 .09492 .09492 .09492 .09492 .09492 .09492 .09492 .09492
ZnS .12934 .08938 .10237 .07272 .08811 .05161 .09542 .12420 .07910 .09254 .07521
Omega .08601 .08876 .09408 .06558 .06755 .08887 .09084 .09271 .10275 .11043 .11242
""",
}
"""What the functions of the wheel diploshic 1.1.0 give for `made_window`, to five decimals."""


def made_window():
    """Return a window of 76 sites that no random generator had a hand in."""
    sites = np.arange(80)[:, None]
    words = (sites * 37 + np.arange(10) ** 3 * (sites // 3 + 1)) % 101
    haplotypes = (words < 20 + sites % 7 * 8).astype(np.uint8)
    varies = haplotypes.sum(axis=1) % 10 > 0
    positions = (np.arange(80) * 1100 / 80 + np.arange(80) % 5)[varies]
    return Windows.from_arrays([haplotypes[varies]], [positions], sequence_length=1100)


@pytest.mark.parametrize("genotypes", ["haploid", "diploid"])
def test_the_numbers_of_the_original_come_out(genotypes):
    rows = [line.split() for line in ORIGINAL[genotypes].strip().splitlines()]
    encoder = DiploshicVectors(genotypes=genotypes, positions="ms")
    assert encoder.statistics == tuple(name for name, *_ in rows)
    expected = np.array([shares for _, *shares in rows], dtype=float)
    np.testing.assert_allclose(encoder.encode(made_window())[0], expected, atol=6e-6)


def test_a_site_on_the_first_base_pair_falls_into_the_sub_window_before_as_the_original_reads_ms():
    sites = np.tile([1, 0, 0], (4, 1))
    window = Windows.from_arrays([sites], [[0.0, 10.2, 10.9, 11.0]], sequence_length=20, ploidy=1)
    counts = {
        rule: DiploshicVectors(sub_windows=2, relative=False, positions=rule).encode(window)[0, 1] * 10 * 1.5
        for rule in ("bp", "ms")
    }
    np.testing.assert_allclose(counts["bp"], [1, 3], rtol=1e-5)
    np.testing.assert_allclose(counts["ms"], [2, 2], rtol=1e-5)


def test_shares_sum_to_one_and_undefined_ones_are_even():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(50, 11))
    shares = relative_shares(values)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()
    for broken in (np.nan, np.inf):
        values[0, 3] = broken
        np.testing.assert_array_equal(relative_shares(values[:1]), np.full((1, 11), 1 / 11))
    np.testing.assert_array_equal(relative_shares(np.zeros((1, 4))), np.full((1, 4), 0.25))


def test_genotypes_do_not_see_phase():
    windows = random_windows(6, seed=8, n_haplotypes=12, mean_sites=40)
    rng = np.random.default_rng(2)
    swapped = windows.haplotypes.copy().reshape(-1, 6, 2)
    turn = rng.random(swapped.shape[:2]) < 0.5
    swapped[turn] = swapped[turn][:, ::-1]
    shuffled = Windows(
        windows.spec, swapped.reshape(windows.haplotypes.shape), windows.positions, windows.offsets
    )
    encoder = DiploshicVectors(genotypes="diploid", sub_windows=5)
    np.testing.assert_array_equal(encoder.encode(shuffled), encoder.encode(windows))
    unphased = replace(shuffled, phased=False)
    encoder.check_takes(unphased)
    np.testing.assert_array_equal(encoder.encode(unphased), encoder.encode(windows))
    with pytest.raises(UnsupportedError, match="phase"):
        DiploshicVectors().check_takes(unphased)
    assert (
        DiploshicVectors(sub_windows=5).encode(shuffled) != DiploshicVectors(sub_windows=5).encode(windows)
    ).any()


def test_what_cannot_be_encoded_is_declined_with_the_reason():
    spec = WindowSpec(10, 1000, 2)
    assert "ancestral" in DiploshicVectors().unsupported(spec, "ref")
    diploid = DiploshicVectors(genotypes="diploid")
    assert diploid.unsupported(spec, "ref") is None
    assert "3 individuals" in diploid.unsupported(WindowSpec(5, 1000, 1), "ancestral")
    assert "10 bp" in DiploshicVectors().unsupported(WindowSpec(10, 10, 2), "ancestral")
    with pytest.raises(DataError, match="sub_windows"):
        DiploshicVectors(sub_windows=1)
