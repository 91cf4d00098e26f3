"""The field's scanners: published statistics along a sequence, exact to the programs that compute them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from selbench import Encoder, Model, Scanner, hookimpl
from selbench.plugin.statistics import Formula


@hookimpl
def register_scanners() -> list[type[Scanner]]:
    """Return the scanners of this plugin."""
    from selbench_scanners import flexsweep_statistics as flexsweep
    from selbench_scanners.composite_likelihood import Sweed, SweepFinder2
    from selbench_scanners.haplotype_spectra import H12, Lassi, SaltiLassi
    from selbench_scanners.integrated_scores import Ihs, Nsl
    from selbench_scanners.omegaplus import OmegaPlus
    from selbench_scanners.raisd import Raisd
    from selbench_scanners.safe import Isafe, Safe

    return [
        Raisd,
        SweepFinder2,
        Sweed,
        OmegaPlus,
        Lassi,
        SaltiLassi,
        H12,
        Ihs,
        Nsl,
        Safe,
        Isafe,
        flexsweep.Dind,
        flexsweep.HapdafO,
        flexsweep.HapdafS,
        flexsweep.Sratio,
        flexsweep.Highfreq,
        flexsweep.Lowfreq,
        flexsweep.FlexsweepHaf,
        flexsweep.FlexsweepH12,
    ]


@hookimpl
def register_encoders() -> list[type[Encoder]]:
    """Return Flex-sweep's encoding."""
    from selbench_scanners.flexsweep_encoder import Flexsweep

    return [Flexsweep]


@hookimpl
def register_models() -> list[type[Model]]:
    """Return Flex-sweep's network."""
    from selbench_scanners.flexsweep_network import FlexsweepCnn

    return [FlexsweepCnn]


@hookimpl
def register_statistics() -> Iterable[Formula]:
    """Return the statistics of this plugin."""
    from selbench_scanners.window_statistics import SHIPPED

    return SHIPPED


@hookimpl
def register_experiments() -> Iterable[Path]:
    """Return the experiment files in this package."""
    return sorted((Path(__file__).parent / "experiments").glob("*.toml"))
