"""Each door's page shows a plugin that works as it is printed, and a test of it that is one."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

DOORS = Path(__file__).parents[2] / "docs" / "doors"


def shown(door: str) -> tuple[ModuleType, type]:
    """Return what a door's page shows as the module that a reader would make of it, and its contract test."""
    plugin, test = re.findall(r"```python\n(.*?)```", (DOORS / f"{door}.md").read_text(), re.DOTALL)
    module = sys.modules[f"shown_{door}"] = ModuleType(f"shown_{door}")
    exec(plugin, module.__dict__)
    before = set(module.__dict__)
    exec(test, module.__dict__)
    (suite,) = (module.__dict__[name] for name in set(module.__dict__) - before if name.startswith("Test"))
    return module, suite


METRIC, TestShownMetric = shown("metric")
CHECK, TestShownCheck = shown("check")
SECTION, TestShownSection = shown("section")
POPULATION, TestShownPopulation = shown("population")
READER, TestShownReader = shown("reader")
OBSERVER, TestShownObserver = shown("observer")
ENCODER, TestShownEncoder = shown("encoder")
STATISTIC, TestShownStatistic = shown("statistic")
SCANNER, TestShownScanner = shown("scanner")
