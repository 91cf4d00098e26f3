"""What plugins offer beside components: metrics, checks, sections and the like, by name and owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from selbench.errors import PluginError
from selbench.plugin.owner import Owner
from selbench.tables import nearest

T = TypeVar("T")


@dataclass(frozen=True)
class Offer(Generic[T]):
    """One thing that a plugin registered."""

    name: str
    value: T
    owner: Owner

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return str(getattr(self.value, "summary", ""))


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
        """Return the one thing with this name.

        Raises
        ------
        PluginError
            If the name is unknown, or claimed by two plugins and said without one of them.
        """
        claims = self._claims(name)
        if not claims:
            known = ", ".join(self) or "none"
            raise PluginError(
                f"unknown {self.kind} {name!r}{nearest(name, self)}; installed {self.kind}s: {known}"
            )
        if len(claims) > 1:
            said = " or ".join(f"{claim.owner.plugin}:{claim.name}" for claim in claims)
            owners = " and ".join(str(claim.owner) for claim in claims)
            raise PluginError(f"{self.kind} {name!r} is registered by {owners}: say {said}")
        return claims[0]

    def _claims(self, name: str) -> list[Offer[T]]:
        if name in self._offers:
            return self._offers[name]
        plugin, _, bare = name.rpartition(":")
        return [offer for offer in self._offers.get(bare, []) if plugin and offer.owner.plugin == plugin]


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
