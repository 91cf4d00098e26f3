"""selbench: was this window of genomes shaped by natural selection? A bench for methods that claim to tell.

The public names below are what plugins and notebooks import; they load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selbench.errors import (
        DataError,
        ExperimentError,
        PluginError,
        SelbenchError,
        SimulatorError,
        UnsupportedError,
    )
    from selbench.plugin import (
        Citation,
        Component,
        Encoder,
        Model,
        ParsedCommand,
        Predictor,
        Progress,
        Registry,
        Simulator,
        hookimpl,
    )
    from selbench.scenario import Epoch, Locus, Population, Prior, Sample, Scenario, Selection, Trajectory
    from selbench.trained import TrainedMethod
    from selbench.windows import Examples, FeatureSpec, Windows, WindowSpec

_HOMES = {
    "Citation": "plugin",
    "Component": "plugin",
    "Encoder": "plugin",
    "Model": "plugin",
    "ParsedCommand": "plugin",
    "Predictor": "plugin",
    "Progress": "plugin",
    "Simulator": "plugin",
    "DataError": "errors",
    "ExperimentError": "errors",
    "PluginError": "errors",
    "SelbenchError": "errors",
    "SimulatorError": "errors",
    "UnsupportedError": "errors",
    "Examples": "windows",
    "FeatureSpec": "windows",
    "hookimpl": "plugin",
    "Epoch": "scenario",
    "Population": "scenario",
    "Prior": "scenario",
    "Registry": "plugin",
    "Locus": "scenario",
    "Sample": "scenario",
    "Scenario": "scenario",
    "Selection": "scenario",
    "TrainedMethod": "trained",
    "Trajectory": "scenario",
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
