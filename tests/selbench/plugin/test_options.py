"""How a component is spelled: a name with options, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import Component, ExperimentError, PluginError, Prior
from selbench.plugin import build_component, expect_above_zero, options_of, parse_spelling, spelling, summary


@dataclass(frozen=True)
class Sieve(Component):
    """Sorts grains by size.

    More about it.
    """

    name: ClassVar[str] = "sieve"
    sort: Literal["none", "rows", "columns"] = "none"
    maf: float = 0.01
    sizes: tuple[int, ...] = (128, 128)
    names: tuple[str, ...] = ()
    program: str = ""
    seed: int | None = None
    dry: bool = False
    strength: float | Prior = 0.0


@dataclass(frozen=True)
class Bare(Component):
    name: ClassVar[str] = "bare"


words = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.sampled_from(
    ["/opt/ms", "a,b", "a;b", "[x]", 'say "hi"', "1", "true", "none", "a=b", "a+b", " ", "{"]
)
sieves = st.builds(
    Sieve,
    sort=st.sampled_from(["none", "rows", "columns"]),
    maf=st.floats(allow_nan=False),
    sizes=st.lists(st.integers(-(2**63), 2**63), max_size=3).map(tuple),
    names=st.lists(words, max_size=3).map(tuple),
    program=words,
    seed=st.none() | st.integers(-(2**63), 2**63),
    dry=st.booleans(),
    strength=st.floats(allow_nan=False) | st.builds(Prior, st.just("uniform"), st.just(0.1), st.floats(1, 9)),
)


@given(sieves)
def test_a_component_is_rebuilt_by_its_spelling(component: Sieve) -> None:
    name, options = parse_spelling(spelling(component))
    assert name == "sieve"
    assert build_component(Sieve, options) == component


@given(sieves)
def test_a_component_is_rebuilt_by_its_options(component: Sieve) -> None:
    assert build_component(Sieve, options_of(component)) == component


def test_only_what_differs_from_the_defaults_is_spelled() -> None:
    assert spelling(Sieve()) == "sieve"
    assert spelling(Sieve(sort="rows", maf=0.05)) == "sieve[sort=rows,maf=0.05]"
    assert spelling(Sieve(sizes=(64, 32), names=("pi", "h12"))) == "sieve[sizes=64;32,names=pi;h12]"
    assert spelling(Bare()) == "bare"
    assert options_of(Bare()) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("imagene", ("imagene", {})),
        (" imagene[] ", ("imagene", {})),
        ("imagene[sort=rows]", ("imagene", {"sort": "rows"})),
        ("a.b-c_1[ x = 1 , y = true ,]", ("a.b-c_1", {"x": 1, "y": True})),
        ("s[names=pi;h12,k=1e-8]", ("s", {"names": "pi;h12", "k": 1e-8})),
        ('s[p="/a,b]",q=[1, 2]]', ("s", {"p": "/a,b]", "q": [1, 2]})),
        ("s[p=a=b]", ("s", {"p": "a=b"})),
    ],
)
def test_a_spelling_is_a_name_with_options(text: str, expected: tuple[str, dict[str, Any]]) -> None:
    assert parse_spelling(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'': expected a name with options, such as imagene"),
        ("[sort=rows]", "expected a name with options"),
        ("imagene[sort=rows", "expected a name with options"),
        ("imagene sort", "expected a name with options"),
        ("imagene[sort]", r"expected KEY=VALUE inside the brackets, found 'sort'"),
        ("imagene[=rows]", "expected KEY=VALUE inside the brackets, found '=rows'"),
        ("imagene[sort=rows,sort=none]", "option 'sort' is given twice"),
    ],
)
def test_a_text_that_spells_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        parse_spelling(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"srot": "rows"}, r"sieve: unknown key 'srot' \(did you mean 'sort'\?\); expected sort, maf, sizes"),
        (
            {"sort": "row"},
            r"sieve.sort: expected none, rows or columns, found 'row' \(did you mean 'rows'\?\)",
        ),
        ({"maf": "low"}, "sieve.maf: expected a number, found 'low'"),
        ({"dry": "yes"}, "sieve.dry: expected true or false, found 'yes'"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        build_component(Sieve, options)


def test_the_first_line_of_the_docstring_is_the_summary() -> None:
    assert summary(Sieve) == "Sorts grains by size."
    assert summary(Bare) == "", "what dataclasses write of themselves says nothing"

    class Undocumented(Sieve):
        pass

    assert summary(Undocumented) == "", "a base's words are about the base"


@pytest.mark.parametrize("value", [0, -1.5, float("nan"), float("inf")])
def test_an_option_that_must_be_above_zero_is_named(value: float) -> None:
    expect_above_zero(first=1, second=0.1)
    with pytest.raises(ExperimentError, match="second: expected a number above 0, found"):
        expect_above_zero(first=1, second=value)
