"""Words of a text: which of them are numbers."""

from __future__ import annotations

import pytest

from selbench.formats.words import is_number


@pytest.mark.parametrize("word", ["0", "-1", "+2.5", "1e-8", ".5", "nan", "-inf", " 7 "])
def test_numbers_are_told(word: str) -> None:
    assert is_number(word)


@pytest.mark.parametrize("word", ["", "-t", "tbs", "1,5", "0x10", "1e", "--3"])
def test_other_words_are_none(word: str) -> None:
    assert not is_number(word)
