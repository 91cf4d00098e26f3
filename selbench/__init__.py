"""selbench: was this window of genomes shaped by natural selection? A bench for methods that claim to tell.

The public names below are what plugins and notebooks import; they load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selbench.components import (
        Citation,
        Component,
        Encoder,
        Model,
        ParsedCommand,
        Predictor,
        Progress,
        Simulator,
    )
    from selbench.errors import (
        DataError,
        ExperimentError,
        PluginError,
        SelbenchError,
        SimulatorError,
        UnsupportedError,
    )
    from selbench.features import Examples, FeatureSpec
    from selbench.hookspecs import hookimpl
    from selbench.population import Epoch, Population
    from selbench.priors import Prior
    from selbench.registry import Registry
    from selbench.scenario import Locus, Sample, Scenario, Selection
    from selbench.trained import TrainedMethod
    from selbench.trajectories import Trajectory
    from selbench.windows import Windows, WindowSpec

_HOMES = {
    "Citation": "components",
    "Component": "components",
    "Encoder": "components",
    "Model": "components",
    "ParsedCommand": "components",
    "Predictor": "components",
    "Progress": "components",
    "Simulator": "components",
    "DataError": "errors",
    "ExperimentError": "errors",
    "PluginError": "errors",
    "SelbenchError": "errors",
    "SimulatorError": "errors",
    "UnsupportedError": "errors",
    "Examples": "features",
    "FeatureSpec": "features",
    "hookimpl": "hookspecs",
    "Epoch": "population",
    "Population": "population",
    "Prior": "priors",
    "Registry": "registry",
    "Locus": "scenario",
    "Sample": "scenario",
    "Scenario": "scenario",
    "Selection": "scenario",
    "TrainedMethod": "trained",
    "Trajectory": "trajectories",
    "Windows": "windows",
    "WindowSpec": "windows",
}

__all__ = [
    "Citation",
    "Component",
    "DataError",
    "Encoder",
    "Epoch",
    "Examples",
    "ExperimentError",
    "FeatureSpec",
    "Locus",
    "Model",
    "ParsedCommand",
    "PluginError",
    "Population",
    "Predictor",
    "Prior",
    "Progress",
    "Registry",
    "Sample",
    "Scenario",
    "SelbenchError",
    "Selection",
    "Simulator",
    "SimulatorError",
    "TrainedMethod",
    "Trajectory",
    "UnsupportedError",
    "WindowSpec",
    "Windows",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("selbench")
    if name in _HOMES:
        return getattr(import_module(f"selbench.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'selbench' has no attribute {name!r}")
