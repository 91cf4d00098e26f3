"""What plugin authors subclass: the defaults that they may rely on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Citation, Encoder, FeatureSpec, Simulator, UnsupportedError, Windows, WindowSpec
from selbench.testing import neutral_scenario, random_windows


@dataclass(frozen=True)
class OneByOne(Encoder):
    """Encodes one window at a time."""

    name: ClassVar[str] = "one-by-one"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((2,), "int32", ("statistic",))

    def encode_window(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], spec: WindowSpec
    ) -> NDArray[Any]:
        return np.array([len(positions), haplotypes.sum() + spec.n_haplotypes])


class Unfinished(OneByOne):
    """Encodes nothing."""

    encode_window = Encoder.encode_window


@dataclass(frozen=True)
class Plain(Simulator):
    """Stands for no program."""

    name: ClassVar[str] = "plain"

    def simulate(self, scenario: Any, *, windows: range, seed: int) -> Windows:
        return random_windows(len(windows), seed=seed)


def test_an_encoder_may_see_one_window_at_a_time() -> None:
    windows = random_windows(6, seed=1)
    features = OneByOne().encode(windows)
    assert features.dtype == np.int32
    assert features.tolist() == [[len(at), int(alleles.sum()) + 12] for alleles, at in windows]
    assert OneByOne().encode(windows.take([])).shape == (0, 2)
    assert OneByOne().unsupported(windows.spec, "major") is None


def test_an_encoder_that_encodes_nothing_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Unfinished overrides neither encode nor encode_window"):
        Unfinished().encode(random_windows(3, seed=1))


def test_a_simulator_without_an_argument_line_refuses_one() -> None:
    with pytest.raises(UnsupportedError, match="plain: has no argument line of its own"):
        Plain().parse_command("ms 10 1 -t 3")
    assert Plain().placebo(neutral_scenario()) is None
    assert Plain().unsupported(neutral_scenario()) is None
    assert dict(Plain().provenance()) == {}


def test_a_citation_is_a_bibtex_entry() -> None:
    citation = Citation("hudson2002", "Hudson, Richard R.", "Generating samples", "Bioinformatics", 2002)
    assert citation.bibtex() == (
        "@article{hudson2002,\n"
        "  author = {Hudson, Richard R.},\n"
        "  title = {{Generating samples}},\n"
        "  journal = {Bioinformatics},\n"
        "  year = {2002},\n"
        "}"
    )
    assert "doi = {10.1/x}," in Citation("k", "A, B", "T", "J", 2002, "10.1/x").bibtex()
