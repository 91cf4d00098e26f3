"""Words of a text that somebody wrote: which of them are numbers."""

from __future__ import annotations


def is_number(word: str) -> bool:
    """Whether a word is a number as Python writes them; ``nan`` and ``inf`` are.

    >>> [is_number(word) for word in ("1e-8", "-3", "nan", "-t", "tbs")]
    [True, True, True, False, False]
    """
    try:
        float(word)
    except ValueError:
        return False
    return True
