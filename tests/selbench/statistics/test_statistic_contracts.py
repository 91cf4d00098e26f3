"""Every shipped statistic keeps the contract that a stranger's keeps."""

from __future__ import annotations

from selbench.statistics import SHIPPED
from selbench.testing import StatisticContract

for _function in SHIPPED:
    _name = f"Test_{_function.statistic.name}"
    globals()[_name] = type(_name, (StatisticContract,), {"statistic": staticmethod(_function)})

del StatisticContract
