"""What a reader is told of a component: its options with types, defaults, units and help, and its code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from selbench import Encoder, FeatureSpec, Registry
from selbench.plugin.described import OptionText, code_of, description_of, options_in_words


@dataclass(frozen=True)
class Base(Encoder):
    """What both have.

    Parameters
    ----------
    maf : float
        Rarer sites are left out,
        on either side.
    """

    maf: float = 0.05

    def feature_spec(self, windows: Any) -> FeatureSpec:
        return FeatureSpec((1,), "float64", ("statistic",))


@dataclass(frozen=True)
class Described(Base):
    """A line.

    More of it.

    Parameters
    ----------
    window_bp, step_bp : int
        How far it looks.
    sort : {"rows", "no"}
        ``rows``: by likeness.

    Notes
    -----
    Known from elsewhere.
    """

    name: ClassVar[str] = "described"
    window_bp: int = field(kw_only=True)
    step_bp: int = 10
    sort: Literal["rows", "no"] = "rows"
    rate: float | None = field(default=None, metadata={"unit": "per generation", "help": "Of change."})


def test_options_have_types_defaults_units_and_help() -> None:
    found = {option.name: option for option in options_in_words(Described)}
    assert list(found) == ["maf", "window_bp", "step_bp", "sort", "rate"]
    assert found["maf"].help == "Rarer sites are left out, on either side."
    assert found["window_bp"] == OptionText(
        "window_bp", "a whole number", "", "base pairs", "How far it looks.", {}
    )
    assert found["step_bp"].default == "10"
    assert found["sort"].kind == "'rows' or 'no'"
    assert found["rate"] == OptionText("rate", "a number or none", "none", "per generation", "Of change.", {})


def test_the_description_leaves_out_what_stands_beside_the_options() -> None:
    assert description_of(Described) == "A line.\n\nMore of it.\n\nNotes\n-----\nKnown from elsewhere."
    assert "test_described.py:" in code_of(Described)


def test_a_scanner_s_method_tells_of_the_scanner() -> None:
    scan = Registry.installed().encoders["scan-h12"]
    helps = {option.name: option.help for option in options_in_words(scan)}
    assert helps["window_sites"]
    assert "selbench_scanners" in code_of(scan)


def test_every_shipped_component_is_told_of() -> None:
    registry = Registry.installed()
    for shelf in (registry.simulators, registry.encoders, registry.models, registry.scanners):
        for entry in shelf.entries():
            for option in options_in_words(entry.value):
                assert option.kind, (entry.name, option)
            assert code_of(entry.value), entry.name
