"""What plugin authors subclass: the defaults that they may rely on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import (
    Citation,
    DataError,
    Encoder,
    FeatureSpec,
    PluginError,
    Simulator,
    UnsupportedError,
    Windows,
    WindowSpec,
)
from selbench.plugin import spelling
from selbench.scenario import Prior
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


@dataclass(frozen=True)
class Choosy(OneByOne):
    """Has options of several types."""

    name: ClassVar[str] = "choosy"

    sort: Literal["none", "rows"] = "none"
    size: int = 4
    weights: tuple[float, ...] = ()
    prior: float | Prior = 1.0
    build: Callable[[int], int] = abs

    def __post_init__(self) -> None:
        if self.size < 1:
            raise DataError(f"size: expected at least 1, found {self.size}")


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


@pytest.mark.parametrize(
    ("encoded", "found"), [(None, "no numbers"), (np.zeros(3), r"shape \(3,\)"), (1.0, r"shape \(\)")]
)
def test_features_of_another_shape_than_promised_are_refused(encoded: Any, found: str) -> None:
    class Odd(OneByOne):
        def encode_window(self, haplotypes: Any, positions: Any, spec: Any) -> Any:
            return encoded

    with pytest.raises(DataError, match=rf"expected an array of shape \(2,\), .*found {found}"):
        Odd().encode(random_windows(3, seed=1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sort": "row"}, r"choosy\.sort: expected none or rows, found 'row' \(did you mean 'rows'\?\)"),
        ({"size": 2.5}, r"choosy\.size: expected a whole number, found 2\.5"),
        ({"size": "4"}, r"choosy\.size: expected a whole number, found '4'"),
        ({"weights": ["a"]}, r"choosy\.weights\[0\]: expected a number, found 'a'"),
        ({"sizes": 3}, r"choosy: unknown key 'sizes' \(did you mean 'size'\?\)"),
    ],
)
def test_options_are_held_to_their_types_from_python_as_well(options: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        Choosy(**options)
    with pytest.raises(PluginError, match=message):
        replace(Choosy(), **options)


def test_options_come_in_order_or_by_name_once() -> None:
    assert Choosy("rows", 3) == Choosy(sort="rows", size=3)
    with pytest.raises(PluginError, match="choosy: expected at most 5 options, found 6"):
        Choosy("rows", 3, (), 1.0, abs, 6)  # type: ignore[call-arg]
    with pytest.raises(PluginError, match="option 'sort' is given twice"):
        Choosy("rows", sort="none")  # type: ignore[misc]
    with pytest.raises(DataError, match="expected at least 1, found 0"):
        Choosy(size=0)


def test_equal_options_are_one_component_however_they_are_written() -> None:
    written = Choosy(weights=[1, 2], prior=2)  # type: ignore[arg-type]
    assert written == Choosy(weights=(1.0, 2.0), prior=2.0)
    assert hash(written) == hash(Choosy(weights=(1.0, 2.0), prior=2.0))
    assert spelling(written) == "choosy[weights=1.0;2.0,prior=2.0]"
    assert isinstance(Choosy(prior=Prior("uniform", 0.0, 1.0)).prior, Prior)
    assert Choosy(build=int).build is int


def test_option_types_that_cannot_be_looked_up_are_named() -> None:
    @dataclass(frozen=True)
    class Shy(OneByOne):
        """Its option's type stands nowhere."""

        base: Nowhere | None = None  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(PluginError, match=r"Shy: the types of its fields must be importable .*'Nowhere'"):
        Shy()


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
