"""Contract suites that every plugin inherits: subclass one, name your component, run pytest.

    from selbench.testing import EncoderContract

    class TestMyEncoder(EncoderContract):
        component = MyEncoder()

Their asserts show values: pytest is told so here, before the modules load, each on the first use of a name.
It is no ``pytest11`` entry point, for then every pytest in an environment with selbench would rewrite
the asserts of all of its modules.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selbench.testing.check_contract import CheckContract as CheckContract
    from selbench.testing.check_contract import survey_of as survey_of
    from selbench.testing.component_contract import ComponentContract as ComponentContract
    from selbench.testing.encoder_contract import EncoderContract as EncoderContract
    from selbench.testing.metric_contract import MetricContract as MetricContract
    from selbench.testing.model_contract import ModelContract as ModelContract
    from selbench.testing.observer_contract import ObserverContract as ObserverContract
    from selbench.testing.population_contract import PopulationContract as PopulationContract
    from selbench.testing.reader_contract import ReaderContract as ReaderContract
    from selbench.testing.scanner_contract import ScannerContract as ScannerContract
    from selbench.testing.section_contract import SectionContract as SectionContract
    from selbench.testing.simulator_contract import SimulatorContract as SimulatorContract
    from selbench.testing.small_windows import assert_same_windows as assert_same_windows
    from selbench.testing.small_windows import neutral_scenario as neutral_scenario
    from selbench.testing.small_windows import random_windows as random_windows
    from selbench.testing.statistic_contract import StatisticContract as StatisticContract

_HOMES = {
    "CheckContract": "check_contract",
    "ComponentContract": "component_contract",
    "EncoderContract": "encoder_contract",
    "MetricContract": "metric_contract",
    "ModelContract": "model_contract",
    "ObserverContract": "observer_contract",
    "PopulationContract": "population_contract",
    "ReaderContract": "reader_contract",
    "ScannerContract": "scanner_contract",
    "SectionContract": "section_contract",
    "SimulatorContract": "simulator_contract",
    "StatisticContract": "statistic_contract",
    "assert_same_windows": "small_windows",
    "neutral_scenario": "small_windows",
    "random_windows": "small_windows",
    "survey_of": "check_contract",
}
if sys.modules.get("pytest"):  # to be loaded is cheap, and whoever runs selbench may have no pytest
    import pytest

    pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in dict.fromkeys(_HOMES.values())))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
