"""Numbers of things, in words."""

from __future__ import annotations

import pytest

from selbench.tables import count_of


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (2000, "2,000 runs")]
)
def test_one_is_told_from_several(number: int, said: str) -> None:
    assert count_of(number, "run") == said
