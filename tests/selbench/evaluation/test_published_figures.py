"""What other programs and papers print, from the same numbers."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import norm, studentized_range

from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.predictions import MethodPredictions
from selbench.evaluation.ranks import compare_ranks
from selbench.evaluation.sampled import Sampled, contrast
from selbench.evaluation.significance import normal_p_value
from selbench.evaluation.simultaneous import Family

# Van Dyke et al. (1993): 5 readers, 114 cases, 2 techniques of magnetic resonance imaging. Areas of readers,
# variance and covariance of their errors, and what MRMCaov 0.3 (Smith & Hillis, 2020) prints of each.
VAN_DYKE = [
    (
        [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
        (0.00101410, 0.0004839618),
        (0.03317360, 12.74465, 0.8252236, 0.9688505),
    ),
    (
        [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
        (0.00059047, 0.0002041879),
        (0.02156637, 12.71019, 0.8941378, 0.9875369),
    ),
]


def with_covariance(values, variance, covariance):
    """Readers whose errors have one variance, and one covariance between any two."""
    n = len(values)
    own = np.sqrt(variance - covariance) * np.eye(n)
    return Sampled(np.array(values), np.column_stack([np.full(n, np.sqrt(covariance)), own]))


@pytest.mark.parametrize(("areas", "errors", "published"), VAN_DYKE)
def test_readers_and_cases_are_those_of_obuchowski_rockette_and_hillis(areas, errors, published):
    readers = with_covariance(areas, *errors)
    nothing = Sampled(np.zeros(2), np.zeros((2, 6)))
    found = contrast(readers, nothing)
    error, degrees, low, high = published
    assert np.sqrt(found.variance) == pytest.approx(error, rel=1e-5)
    assert found.degrees_of_freedom == pytest.approx(degrees, rel=1e-4)
    assert found.interval() == pytest.approx((low, high), abs=1e-6)


def test_readers_of_two_techniques_that_are_others_are_those_of_the_nested_design():
    """Obuchowski (1995): 2/R (MS + R (Cov2 - Cov3)), with Hillis' degrees of freedom where MS are alike."""
    rng = np.random.default_rng(2)
    n, deviations = 4, 0.004 * rng.normal(size=(8, 9))
    values = np.array([0.90, 0.91, 0.93, 0.94])
    found = contrast(Sampled(values, deviations[:n]), Sampled(values[::-1] - 0.02, deviations[n:]))
    covariance = deviations @ deviations.T
    same, other = covariance[:n, :n], covariance[n:, n:]
    within = [block[~np.eye(n, dtype=bool)].mean() for block in (same, other)]
    squares = values.var(ddof=1)
    by_cases = n * (np.mean(within) - covariance[:n, n:].mean())
    apart = same.diagonal().mean() + other.diagonal().mean() - sum(within)
    assert 2 * squares > apart, "readers differ by more than cases make them"
    assert found.variance == pytest.approx(2 / n * (squares + by_cases))
    assert found.degrees_of_freedom == pytest.approx((squares + by_cases) ** 2 / (squares**2 / (2 * (n - 1))))


def test_delong_is_that_of_mlstatkit():
    """MLstatkit 0.1.91, `Delong_test` on the same scores: z = -1.8767008158726652."""
    i = np.arange(90)
    labels = (i % 3 == 0).astype(np.int64)
    scores = (
        np.sin(1.7 * i) + 1.1 * labels,
        np.cos(2.3 * i) + 0.6 * labels + 0.4 * np.sin(1.7 * i),
    )
    found = []
    for of_one in scores:
        share = (of_one - of_one.min()) / np.ptp(of_one)
        said = np.stack([1 - share, share], axis=-1)[None]
        found.append(placements(MethodPredictions("m", (0,), said, np.empty((1, 0, 2))), labels))
    assert [of_one.auc for of_one in found] == pytest.approx([0.82, 0.7044444444444444])
    difference, error = auc_difference(*found)
    assert difference / error == pytest.approx(1.8767008158726652)
    assert normal_p_value(difference, error) == pytest.approx(0.06055911076077159)


def family(n_methods, pairs):
    """Methods that differ by windows alone, each by its own."""
    methods = [Sampled(np.full(2, 0.5), np.tile(row, (2, 1))) for row in np.eye(n_methods)]
    return Family.of(methods, pairs, np.random.default_rng(1))


@pytest.mark.parametrize("n_methods", [3, 8])
def test_all_pairs_of_independent_methods_are_tukeys_studentised_range(n_methods):
    pairs = [(i, j) for i in range(n_methods) for j in range(i)]
    quantile = -ndtri(family(n_methods, pairs).tail)
    expected = studentized_range.ppf(0.95, n_methods, np.inf) / np.sqrt(2)
    assert quantile == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("n_methods", [3, 8])
def test_all_methods_against_one_are_dunnetts(n_methods):
    quantile = -ndtri(family(n_methods, [(i, 0) for i in range(1, n_methods)]).tail)

    def none_above(z):
        reach = quantile * np.sqrt(2)
        return norm.pdf(z) * (norm.cdf(z + reach) - norm.cdf(z - reach)) ** (n_methods - 1)

    assert quad(none_above, -8, 8)[0] == pytest.approx(0.95, abs=0.012)


# Demšar (2006), table 6: areas of C4.5 with the options m and cf on 14 data sets.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.975, 0.975], [0.957, 0.978, 0.946, 0.970],
    ]
)  # fmt: skip


def test_demsars_example_has_his_ranks_and_his_verdict():
    """His ranks are 3.143, 2.000, 2.893, 1.964: he ranks two values apart that are printed alike."""
    found = compare_ranks(DEMSAR, ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"))
    ranks = dict(zip(found.methods, found.mean_ranks, strict=True))
    assert [ranks["C4.5"], ranks["C4.5+m"]] == pytest.approx([3.143, 2.000], abs=5e-4)
    assert [ranks["C4.5+cf"], ranks["C4.5+m+cf"]] == pytest.approx([2.893, 1.964], abs=0.5 / 14 + 5e-4)
    assert ranks["C4.5+cf"] + ranks["C4.5+m+cf"] == pytest.approx(2.893 + 1.964, abs=1e-3)
    assert found.critical_distance == pytest.approx(1.25, abs=0.005)
    assert found.p_value < 0.05, "he rejects that all are alike, too"
    assert found.groups == ((0, 3),), "and Nemenyi's test then finds no pair, as his does"
