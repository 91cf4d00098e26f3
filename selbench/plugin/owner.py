"""Where something registered comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """The plugin that something comes from, and the distribution that ships the plugin."""

    plugin: str
    distribution: str = ""
    version: str = ""
    module: str = ""

    def __str__(self) -> str:
        shipped = f" ({self.distribution} {self.version})" if self.distribution else ""
        return f"{self.plugin}{shipped}"
