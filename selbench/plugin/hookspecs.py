"""The whole extension surface of selbench: a few hooks, each returning classes or paths.

A plugin is a module (or object) named by an entry point in the group
``selbench``; it marks any of these functions with `hookimpl`::

    from selbench import hookimpl

    @hookimpl
    def register_encoders():
        return [MyEncoder]
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pluggy

from selbench.plugin.checks import CheckFunction
from selbench.plugin.components import Encoder, Model, Simulator
from selbench.plugin.metrics import MetricFunction
from selbench.plugin.observer import Observer
from selbench.plugin.populations import PopulationFunction
from selbench.plugin.reader import Reader
from selbench.plugin.scanner import Scanner
from selbench.plugin.sections import SectionFunction
from selbench.plugin.statistics import Formula

hookspec = pluggy.HookspecMarker("selbench")
hookimpl = pluggy.HookimplMarker("selbench")


@hookspec
def register_simulators() -> Iterable[type[Simulator]]:  # type: ignore[empty-body]
    """Return simulator classes."""


@hookspec
def register_encoders() -> Iterable[type[Encoder]]:  # type: ignore[empty-body]
    """Return encoder classes."""


@hookspec
def register_models() -> Iterable[type[Model]]:  # type: ignore[empty-body]
    """Return model classes."""


@hookspec
def register_scanners() -> Iterable[type[Scanner]]:  # type: ignore[empty-body]
    """Return scanner classes; each is also a method, ``scan-NAME``."""


@hookspec
def register_statistics() -> Iterable[Formula]:  # type: ignore[empty-body]
    """Return functions marked with `statistic`: one number per window."""


@hookspec
def register_observers() -> Iterable[type[Observer]]:  # type: ignore[empty-body]
    """Return observer classes; ``selbench run … --observe NAME`` attaches one."""


@hookspec
def register_metrics() -> Iterable[MetricFunction]:  # type: ignore[empty-body]
    """Return functions marked with `metric`: a column of the leaderboard of experiments that name it."""


@hookspec
def register_checks() -> Iterable[CheckFunction]:  # type: ignore[empty-body]
    """Return functions marked with `check`: asked in every audit."""


@hookspec
def register_sections() -> Iterable[SectionFunction]:  # type: ignore[empty-body]
    """Return functions marked with `section`: a part of every HTML report."""


@hookspec
def register_populations() -> Iterable[PopulationFunction]:  # type: ignore[empty-body]
    """Return functions marked with `population`: ``population = { NAME = … }`` in experiments."""


@hookspec
def register_readers() -> Iterable[type[Reader]]:  # type: ignore[empty-body]
    """Return reader classes: another format for import, experiments, audits and predictions."""


@hookspec
def register_experiments() -> Iterable[Path]:  # type: ignore[empty-body]
    """Return experiment files (TOML); ``selbench run NAME`` finds them by their file name."""
