"""Small scenarios and windows to try components on."""

from __future__ import annotations

import numpy as np

from selbench.scenario import Locus, Population, Sample, Scenario
from selbench.windows import Polarisation, Windows


def neutral_scenario(*, n_haplotypes: int = 12, sequence_length: int = 1000) -> Scenario:
    """Return a small neutral scenario: θ ≈ 3 per window."""
    return Scenario(Sample(n_haplotypes), Locus(sequence_length, 7.5e-8, 1e-8), Population(size=10_000))


def random_windows(
    n_windows: int,
    *,
    seed: int,
    n_haplotypes: int = 12,
    sequence_length: int = 200,
    mean_sites: float = 8.0,
    ploidy: int = 2,
    polarisation: Polarisation = "ancestral",
    labels: bool = False,
) -> Windows:
    """Return windows with random alleles; the first has no sites, the second has one.

    With `labels`, classes ``neutral`` and ``sweep`` alternate, and sweep windows
    have a third of the sites, so that every method can learn something.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(mean_sites, n_windows)
    classes = np.where(np.arange(n_windows) % 2, "sweep", "neutral")
    if labels:
        counts = np.where(classes == "sweep", counts // 3, counts)
    counts[:2] = (0, 1)[:n_windows]
    haplotypes = []
    for n_sites in counts:
        carriers = rng.integers(1, n_haplotypes, n_sites)
        ranks = rng.random((n_sites, n_haplotypes)).argsort(axis=1)
        haplotypes.append((ranks < carriers[:, None]).astype(np.uint8))
    positions = [np.sort(rng.random(n_sites) * sequence_length) for n_sites in counts]
    return Windows.from_arrays(
        haplotypes,
        positions,
        sequence_length=sequence_length,
        n_haplotypes=n_haplotypes,
        ploidy=ploidy,
        polarisation=polarisation,
        labels=classes.tolist() if labels else None,
    )


def assert_same_windows(found: Windows, expected: Windows) -> None:
    """Assert that two batches hold the same bytes, labels and parameters included."""
    assert found.spec == expected.spec
    assert found.polarisation == expected.polarisation
    np.testing.assert_array_equal(found.offsets, expected.offsets)
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_array_equal(found.haplotypes, expected.haplotypes)
    assert (found.labels is None) == (expected.labels is None)
    if found.labels is not None and expected.labels is not None:
        np.testing.assert_array_equal(found.labels, expected.labels)
    assert set(found.parameters) == set(expected.parameters)
    for name, values in expected.parameters.items():
        np.testing.assert_array_equal(found.parameters[name], values)
