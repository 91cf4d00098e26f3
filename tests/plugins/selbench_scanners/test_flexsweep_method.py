"""Flex-sweep's image of a window and its network: cells worked out one by one, z-scores, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from selbench import Encoder, FeatureSpec, WindowSpec
from selbench.testing import EncoderContract, ModelContract, random_windows
from selbench_scanners.flexsweep_encoder import REGION_STATISTICS, SITE_STATISTICS, Flexsweep
from selbench_scanners.flexsweep_network import FlexsweepCnn
from selbench_scanners.kernels.flexsweep_regions import high_allele_frequency_score, within
from selbench_scanners.kernels.flexsweep_sites import site_statistics

LENGTH = 12_000
WINDOWS = random_windows(16, seed=6, n_haplotypes=16, sequence_length=LENGTH, mean_sites=60.0, labels=True)


class TestFlexsweep(EncoderContract):
    component = Flexsweep(grid="scaled")
    windows = WINDOWS.take(slice(0, 4))


@dataclass(frozen=True)
class Halves(Encoder):
    """Derived alleles by quarter of the window and haplotype: an image that is trained on in a moment."""

    name: ClassVar[str] = "halves"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((4, windows.n_haplotypes), "float32", ("position", "haplotype"))

    def encode_window(self, haplotypes: Any, positions: Any, spec: WindowSpec) -> Any:
        quarter = np.minimum(positions * 4 // spec.sequence_length, 3)
        return np.array([haplotypes[quarter == q].sum(axis=0) for q in range(4)], dtype=np.float32)


class TestFlexsweepCnn(ModelContract):
    component = FlexsweepCnn(epochs=1)
    encoder = Halves()


def test_the_network_has_the_weights_of_the_published_one() -> None:
    spec = Flexsweep().feature_spec(WINDOWS.spec)
    assert spec.shape == (11, 105)
    n_weights = FlexsweepCnn().network(spec, 2).count_params()
    assert n_weights == pytest.approx(87.3e6, rel=0.01)


def test_cells_hold_means_of_sites_centre_by_centre_and_size_by_size() -> None:
    encoder = Flexsweep(grid="scaled")
    image = encoder.encode(WINDOWS.take([4]))[0]
    haplotypes, positions = WINDOWS.window(4)
    focal, values = site_statistics(haplotypes, positions)
    for centre, size in ((0, 0), (10, 3), (20, 4), (7, 1)):
        at = (500_000 + 10_000 * centre) * LENGTH / 1_200_000
        width = (50_000, 100_000, 200_000, 500_000, 1_000_000)[size] * LENGTH / 1_200_000
        inside = np.abs(positions[focal] - at) <= width / 2
        for row in range(6):
            known = values[inside & np.isfinite(values[:, row]), row]
            expected = known.mean() if len(known) else 0.0
            assert image[row, 5 * centre + size] == pytest.approx(expected, rel=1e-5)
        region = haplotypes[within(positions, at, width)]
        expected = high_allele_frequency_score(region) if len(region) else 0.0
        assert image[len(SITE_STATISTICS), 5 * centre + size] == pytest.approx(expected, rel=1e-5)
    assert len(SITE_STATISTICS) + len(REGION_STATISTICS) == len(image)


def test_neutral_windows_are_standard_against_themselves() -> None:
    encoder = Flexsweep(grid="scaled")
    learned = encoder.learn(WINDOWS, null="neutral")
    neutral = WINDOWS.take(np.asarray(WINDOWS.labels) == "neutral")
    images = encoder.encode_with(neutral, learned)
    regions = images[2:, len(SITE_STATISTICS) :, 4::5].mean(axis=(0, 2))
    np.testing.assert_allclose(regions, 0, atol=0.6)
    assert np.abs(images).max() < 30
    again = encoder.learn(neutral, null="neutral")
    assert all(np.array_equal(learned[name], again[name]) for name in learned)


def test_the_published_grid_is_for_its_own_length_alone() -> None:
    reason = Flexsweep().unsupported(WINDOWS.spec, "ancestral")
    assert reason is not None
    assert "grid=scaled, which is ours" in reason
    assert Flexsweep(grid="scaled").unsupported(WINDOWS.spec, "ancestral") is None
    assert "ancestral states" in str(Flexsweep(grid="scaled").unsupported(WINDOWS.spec, "ref"))
