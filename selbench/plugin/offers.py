"""What plugins offer, by name and owner: values such as metrics and checks, and classes of components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from selbench.errors import PluginError
from selbench.plugin.components import Component
from selbench.plugin.options import build_component, called, parse_spelling, summary
from selbench.plugin.owner import Owner
from selbench.tables import nearest

_MOST_SHOWN = 12
"""With more names than this, a message says how many there are."""

T = TypeVar("T")
C = TypeVar("C", bound=Component)


@dataclass(frozen=True)
class Offer(Generic[T]):
    """One thing that a plugin registered."""

    name: str
    value: T
    owner: Owner

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return (
            summary(self.value) if isinstance(self.value, type) else str(getattr(self.value, "summary", ""))
        )


class Offers(Mapping[str, T]):
    """All things of one kind, by name; ``plugin:name`` where two plugins claim one name."""

    def __init__(self, kind: str, offers: Iterable[Offer[T]] = ()) -> None:
        self.kind = kind
        self._offers: dict[str, list[Offer[T]]] = {}
        for offer in offers:
            self._offers.setdefault(offer.name, []).append(offer)

    def __repr__(self) -> str:
        return f"{self.kind}s: {', '.join(self) or 'none'}"

    def __getitem__(self, name: str) -> T:
        return self.entry(name).value

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._offers))

    def __len__(self) -> int:
        return len(self._offers)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._claims(name))

    def entries(self) -> list[Offer[T]]:
        """Return everything registered, clashing names included, by name."""
        return [offer for name in self for offer in self._offers[name]]

    def entry(self, name: str) -> Offer[T]:
        """Return the one thing with this name, or of this ``plugin:name``.

        Raises
        ------
        PluginError
            If the name is unknown, or claimed by two plugins and said without one of them.
        """
        claims = self._claims(name)
        if not claims:
            raise PluginError(
                f"unknown {self.kind} {name!r}{nearest(name, self)}; installed {self.kind}s: {self._shown}"
            )
        if len(claims) > 1:
            said = " or ".join(f"{claim.owner.plugin}:{claim.name}" for claim in claims)
            owners = " and ".join(str(claim.owner) for claim in claims)
            raise PluginError(f"{self.kind} {name!r} is registered by {owners}: say {said}")
        return claims[0]

    @property
    def _shown(self) -> str:
        """All names, or how many where they would fill a screen."""
        if len(self) <= _MOST_SHOWN:
            return ", ".join(self) or "none"
        return f"{len(self)}, listed by `selbench plugins`"

    def _claims(self, name: str) -> list[Offer[T]]:
        plugin, colon, bare = name.rpartition(":")
        return [offer for offer in self._offers.get(bare, ()) if not colon or offer.owner.plugin == plugin]


class Shelf(Offers[type[C]]):
    """The components of one kind, by name: classes, which are built with options."""

    def build(self, text: str, *, near: str = "") -> C:
        """Build a component from its spelling, such as ``imagene[sort=rows]`` or ``plugin:imagene``.

        Parameters
        ----------
        near : str
            The plugin that is meant where several claim a bare name.
        """
        name, options = parse_spelling(text)
        is_claimed_twice = len(self._claims(name)) > 1 and f"{near}:{name}" in self
        return self.make(f"{near}:{name}" if is_claimed_twice else name, options)

    def make(self, name: str, options: Mapping[str, object]) -> C:
        """Build a component from its name and options; it keeps the name that it was asked for by."""
        return called(build_component(self[name], options), name)


def offered(thing: Any, kind: type[T], mark: str) -> T:
    """Return what a hook returned: a value of its kind, or a function that was marked as one.

    Raises
    ------
    TypeError
        If it is neither.
    """
    value = getattr(thing, mark, thing)
    if not isinstance(value, kind):
        raise TypeError(f"expected a function marked with @{mark}(…)")
    return value
