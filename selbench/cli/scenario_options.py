"""Scenarios from ``--set KEY=VALUE``."""

from __future__ import annotations

from collections.abc import Sequence

from selbench.errors import ExperimentError
from selbench.scenario import Scenario, scenario_of
from selbench.tables import parse_text


def read_scenario(settings: Sequence[str]) -> Scenario:
    """Build a scenario from ``KEY=VALUE`` texts.

    Raises
    ------
    ExperimentError
        If a key is unknown or a value does not fit.
    """
    values: dict[str, object] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ExperimentError(f"--set {setting!r}: expected KEY=VALUE, such as n_haplotypes=48")
        values[key.strip()] = parse_text(text.strip())
    return scenario_of(values, where="--set")
