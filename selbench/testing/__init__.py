"""Contract suites that every plugin inherits: subclass one, name your component, run pytest.

    from selbench.testing import EncoderContract

    class TestMyEncoder(EncoderContract):
        component = MyEncoder()

The package is also a ``pytest11`` entry point, so that its asserts show values.
"""

from __future__ import annotations

import pytest

_SUITES = (
    "component_contract",
    "simulator_contract",
    "encoder_contract",
    "model_contract",
    "scanner_contract",
    "statistic_contract",
    "small_windows",
)
pytest.register_assert_rewrite(*(f"{__name__}.{suite}" for suite in _SUITES))

from selbench.testing.component_contract import ComponentContract  # noqa: E402
from selbench.testing.encoder_contract import EncoderContract  # noqa: E402
from selbench.testing.model_contract import ModelContract  # noqa: E402
from selbench.testing.scanner_contract import ScannerContract  # noqa: E402
from selbench.testing.simulator_contract import SimulatorContract  # noqa: E402
from selbench.testing.small_windows import assert_same_windows, neutral_scenario, random_windows  # noqa: E402
from selbench.testing.statistic_contract import StatisticContract  # noqa: E402

__all__ = [
    "ComponentContract",
    "EncoderContract",
    "ModelContract",
    "ScannerContract",
    "SimulatorContract",
    "StatisticContract",
    "assert_same_windows",
    "neutral_scenario",
    "random_windows",
]
