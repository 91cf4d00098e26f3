"""First-party plugin: the simulators ms, mssel, msms and discoal on the built-in coalescent engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from selbench import Simulator, hookimpl


@hookimpl
def register_simulators() -> list[type[Simulator]]:
    """Return the simulators of this plugin."""
    from selbench_coalescent.discoal import Discoal
    from selbench_coalescent.ms import Ms
    from selbench_coalescent.msms import Msms
    from selbench_coalescent.msprime_simulator import Msprime
    from selbench_coalescent.mssel import Mssel

    return [Ms, Mssel, Msms, Discoal, Msprime]


@hookimpl
def register_experiments() -> Iterable[Path]:
    """Return the experiment files in this package."""
    return sorted((Path(__file__).parent / "experiments").glob("*.toml"))
