"""The windows that a method was designed for, as its paper has them."""

from __future__ import annotations

from dataclasses import dataclass

from selbench.errors import PluginError


@dataclass(frozen=True)
class DesignedFor:
    """Windows that an encoder, or a model, was made for; its citation says by whom.

    On windows of another length a method is run all the same, and reports mark it as not as designed.

    Parameters
    ----------
    sequence_lengths : tuple of int
        Lengths in bp that its authors used it on; none where that is not known.
    n_sites : int or None
        Sites that it takes of a window: with fewer it pads, of more it leaves some out. None: all of them.

    Raises
    ------
    PluginError
        If a number is below 1.

    >>> DesignedFor(sequence_lengths=(50_000,), n_sites=36)
    DesignedFor(sequence_lengths=(50000,), n_sites=36)
    """

    sequence_lengths: tuple[int, ...] = ()
    n_sites: int | None = None

    def __post_init__(self) -> None:
        for number in (*self.sequence_lengths, *([] if self.n_sites is None else [self.n_sites])):
            if number < 1:
                raise PluginError(f"designed_for: expected numbers of at least 1, found {number}")
