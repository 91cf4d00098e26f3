"""Values as they are typed: what is written is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench.tables import convert, parse_text, split_outside, write_text

printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t"\\,;[]{}=+\x7f '))
integers = st.integers(1 - 2**64, 2**64 - 1)
scalars = st.booleans() | integers | st.floats(allow_nan=False) | printable


@given(scalars)
def test_a_scalar_is_read_back(value: Any) -> None:
    again = parse_text(write_text(value))
    assert again == value
    assert type(again) is type(value)


@given(st.lists(printable, max_size=4) | st.lists(integers, max_size=4) | st.lists(st.booleans(), max_size=4))
def test_a_list_is_read_back_as_the_list_of_its_kind(values: list[Any]) -> None:
    kind = tuple[(type(values[0]) if values else str), ...]  # type: ignore[misc]
    assert convert(parse_text(write_text(values)), kind, where="x") == tuple(values)


@given(st.dictionaries(printable, scalars, max_size=3))
def test_a_table_is_read_back(table: dict[str, Any]) -> None:
    assert parse_text(write_text(table)) == table


@given(st.lists(st.lists(integers, max_size=3), min_size=1, max_size=3))
def test_a_list_of_lists_is_read_back(lists: list[list[int]]) -> None:
    assert parse_text(write_text(lists)) == lists


@given(st.lists(scalars | st.lists(printable, min_size=2, max_size=3) | st.dictionaries(printable, scalars)))
def test_written_values_can_be_split_apart_again(values: list[Any]) -> None:
    texts = [write_text(value) for value in values]
    if texts:
        assert split_outside(",".join(texts), ",") == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("rows", "rows"),
        (0.01, "0.01"),
        (True, "true"),
        (None, "none"),
        (["pi", "tajimas_d"], "pi;tajimas_d"),
        (["pi"], "pi"),
        ([], "[]"),
        ([1, 2], "1;2"),
        ("a b", "a b"),
        ("1", '"1"'),
        ("true", '"true"'),
        ("a,b", '"a,b"'),
        (["a;b"], '["a;b"]'),
        (["none"], '["none"]'),
        ({"uniform": [0.1, 0.2]}, '{"uniform" = [0.1, 0.2]}'),
    ],
)
def test_plain_values_are_written_plainly(value: Any, text: str) -> None:
    assert write_text(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3.0", 3.0),
        ("1e-8", 1e-8),
        (".5", 0.5),
        ("-5.e-3", -0.005),
        (".", "."),
        ("true", True),
        ('"3"', "3"),
        ("[1, 2]", [1, 2]),
        ("{ uniform = [0, 1] }", {"uniform": [0, 1]}),
        ("rows", "rows"),
        ("a=b", "a=b"),
        ("", ""),
        ("1 # not a comment", "1 # not a comment"),
        ("1\nother = 2", "1\nother = 2"),
        ("1, other = 2", "1, other = 2"),
        ("1 }\nmore = { x = 2", "1 }\nmore = { x = 2"),
        ("1,", "1,"),
    ],
)
def test_a_typed_value_is_one_toml_value_or_the_text_itself(text: str, value: object) -> None:
    assert parse_text(text) == value
    assert type(parse_text(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "separator", "parts"),
    [
        ("", ",", [""]),
        ("a,b", ",", ["a", "b"]),
        ("a[b,c],d", ",", ["a[b,c]", "d"]),
        ("a={b=1,c=2},d", ",", ["a={b=1,c=2}", "d"]),
        ('a="x,\\",y",d', ",", ['a="x,\\",y"', "d"]),
        ('a="],",d', ",", ['a="],"', "d"]),
        ("enc[x=1e+3]+model", "+", ["enc[x=1e+3]", "model"]),
        ("it's,fine", ",", ["it's", "fine"]),
    ],
)
def test_separators_inside_brackets_and_quotes_do_not_split(
    text: str, separator: str, parts: list[str]
) -> None:
    assert split_outside(text, separator) == parts
