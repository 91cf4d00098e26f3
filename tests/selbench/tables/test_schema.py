"""Tables into frozen dataclasses: what is read, and every refusal by key, expected, found, nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import DataError, ExperimentError, PluginError
from selbench.tables import build, check_keys, convert, describe, from_table, nearest, one_of, show, to_table


@dataclass(frozen=True)
class Inner:
    """A table inside a table."""

    size: int
    kind: Literal["plain", "fancy"] = "plain"

    def __post_init__(self) -> None:
        if self.size < 0:
            raise DataError(f"size: expected 0 or more, found {self.size}")


@dataclass(frozen=True)
class Outer:
    """One field of every type that a table can hold."""

    rate: float
    count: int = 1
    flag: bool = False
    text: str = ""
    maybe: float | None = None
    choice: int | Literal["all", "each"] = 1
    names: tuple[str, ...] = ()
    pair: tuple[float, int] = (0.0, 0)
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


FULL: dict[str, Any] = {
    "rate": 0.5,
    "count": 3,
    "flag": True,
    "text": "x",
    "maybe": 2.0,
    "choice": "all",
    "names": ["a", "b"],
    "pair": [1.5, 2],
    "inner": {"size": 1, "kind": "fancy"},
    "inners": [{"size": 2, "kind": "plain"}],
    "extra": {"anything": [1, {"goes": True}]},
    "ranges": {"pi": [0.0, 1.0]},
}


def read(table: Any) -> Outer:
    return from_table(Outer, table, where="f.toml: outer")


def test_every_field_is_read_as_its_type() -> None:
    found = read(FULL)
    assert found == Outer(
        0.5, 3, True, "x", 2.0, "all", ("a", "b"), (1.5, 2), Inner(1, "fancy"), (Inner(2),),
        {"anything": [1, {"goes": True}]}, {"pi": (0.0, 1.0)},
    )  # fmt: skip
    assert to_table(found) == FULL


def test_defaults_stand_where_a_key_is_missing() -> None:
    assert read({"rate": 1}) == Outer(1.0)
    assert type(read({"rate": 1}).rate) is float


inners = st.builds(Inner, st.integers(0, 9), st.sampled_from(["plain", "fancy"]))
outers = st.builds(
    Outer,
    rate=st.floats(allow_nan=False),
    count=st.integers(),
    flag=st.booleans(),
    text=st.text(),
    maybe=st.none() | st.floats(allow_nan=False),
    choice=st.integers() | st.sampled_from(["all", "each"]),
    names=st.lists(st.text(), max_size=3).map(tuple),
    pair=st.tuples(st.floats(allow_nan=False), st.integers()),
    inner=st.none() | inners,
    inners=st.lists(inners, max_size=2).map(tuple),
    ranges=st.dictionaries(st.text(), st.tuples(*[st.floats(allow_nan=False)] * 2), max_size=2),
)


@given(outers)
def test_a_table_reads_back_as_what_wrote_it(value: Outer) -> None:
    assert read(to_table(value)) == value


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"cuont": 1},
            r"f.toml: outer: unknown key 'cuont' \(did you mean 'count'\?\); expected rate, count",
        ),
        ({"rate": "fast"}, "f.toml: outer.rate: expected a number, found 'fast'"),
        ({"rate": True}, "f.toml: outer.rate: expected a number, found True"),
        ({"rate": 10**400}, "f.toml: outer.rate: expected a number, found 1000"),
        ({"count": 1.0}, "f.toml: outer.count: expected a whole number, found 1.0"),
        ({"count": False}, "f.toml: outer.count: expected a whole number, found False"),
        ({"flag": 1}, "f.toml: outer.flag: expected true or false, found 1"),
        ({"text": 3}, "f.toml: outer.text: expected a text, found 3"),
        ({"maybe": "x"}, "f.toml: outer.maybe: expected a number, found 'x'"),
        (
            {"choice": "eech"},
            r"outer.choice: expected a whole number or 'all' or 'each', found 'eech' \(did you mean 'each'",
        ),
        ({"choice": {"a": 1}}, "outer.choice: expected a whole number or 'all' or 'each', found {'a': 1}"),
        ({"choice": True}, "outer.choice: expected a whole number or .*, found True"),
        ({"names": [1]}, r"f.toml: outer.names\[0\]: expected a text, found 1"),
        ({"pair": [1.0]}, "f.toml: outer.pair: expected 2 values, found 1"),
        ({"pair": [1.0, 2.5]}, r"f.toml: outer.pair\[1\]: expected a whole number, found 2.5"),
        ({"inner": 3}, "f.toml: outer.inner: expected a table, found 3"),
        ({"inner": {}}, "f.toml: outer.inner: missing size"),
        ({"inner": {"size": 1, "knid": "x"}}, r"outer.inner: unknown key 'knid' \(did you mean 'kind'\?\)"),
        (
            {"inner": {"size": 1, "kind": "fancier"}},
            r"outer.inner.kind: expected plain or fancy, found 'fancier' \(did you mean 'fancy'\?\)",
        ),
        ({"inner": {"size": -1}}, "f.toml: outer.inner: size: expected 0 or more, found -1"),
        ({"inners": [{"size": 1}, {"size": "x"}]}, r"outer.inners\[1\].size: expected a whole number"),
        ({"extra": 3}, "f.toml: outer.extra: expected a table, found 3"),
        ({"ranges": {"pi": [0.0]}}, "f.toml: outer.ranges.pi: expected 2 values, found 1"),
    ],
)
def test_every_refusal_names_key_expected_and_found(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        read({"rate": 1.0} | changed)


def test_a_missing_key_and_a_table_that_is_none_are_refused() -> None:
    with pytest.raises(ExperimentError, match=r"f\.toml: outer: missing rate"):
        read({"count": 1})
    with pytest.raises(ExperimentError, match=r"f.toml: outer: expected a table, found \[\]"):
        read([])


def test_the_asker_chooses_the_error() -> None:
    for error in (PluginError, DataError):
        with pytest.raises(error, match=r"x\.rate"):
            from_table(Outer, {"rate": "?"}, where="x", error=error)
        with pytest.raises(error, match=r"x\.inner: size"):
            from_table(Outer, {"rate": 1, "inner": {"size": -1}}, where="x", error=error)


def test_what_a_constructor_refuses_is_the_asker_s_error() -> None:
    @dataclass(frozen=True)
    class Odd:
        n: int

        def __post_init__(self) -> None:
            if self.n % 2 == 0:
                raise ValueError(f"expected an odd number, found {self.n}")

    with pytest.raises(PluginError, match="x: expected an odd number, found 4"):
        build(Odd, {"n": 4}, where="x", error=PluginError)


def test_none_is_written_as_a_word() -> None:
    assert read({"rate": 1, "maybe": "none"}).maybe is None
    assert read({"rate": 1, "text": "none"}).text == "none"


@pytest.mark.parametrize(
    ("text", "names"), [("", ()), ("a", ("a",)), ("a; b", ("a", "b")), ('"a;b"; c', ("a;b", "c"))]
)
def test_a_list_is_typed_with_semicolons(text: str, names: tuple[str, ...]) -> None:
    assert convert(text, tuple[str, ...], where="x") == names


def test_a_type_that_no_table_can_hold_is_a_bug_of_its_author() -> None:
    with pytest.raises(TypeError, match="cannot be read from a table"):
        convert(1, complex, where="x")


def test_the_words_of_messages() -> None:
    assert one_of([]) == "nothing"
    assert one_of(["a"]) == "a"
    assert one_of(["a", "b", "c"]) == "a, b or c"
    assert nearest("rosw", ["cols", "rows"]) == " (did you mean 'rows'?)"
    assert nearest("zzz", ["cols", "rows"]) == ""
    assert nearest("size", ["population_size", "seed"]) == " (did you mean 'population_size'?)"
    assert nearest("size", ["population_size", "generation_size"]) == ""
    assert len(show("x" * 1000)) <= 60
    assert describe(tuple[int, ...]) == "a list"
    with pytest.raises(DataError, match=r"t: unknown key 'b' .*; expected bb"):
        check_keys({"b": 1}, ["bb"], where="t", error=DataError)
