"""Numbers of things, in words."""

from __future__ import annotations


def count_of(number: int, noun: str) -> str:
    """Return how many there are of something.

    >>> count_of(1, "method"), count_of(2000, "window")
    ('1 method', '2,000 windows')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
