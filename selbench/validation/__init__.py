"""Do two simulators make the same windows? Statistic by statistic, means and distributions compared.

A contestant is a simulator, a file of ms text, or published figures (mean,
standard error and quantiles of each statistic).
"""

from selbench.validation.agreement import Agreement, compare
from selbench.validation.contestants import (
    STATISTICS_COMPARED,
    Contestant,
    measure_simulator,
    measure_text,
    read_figures,
)
from selbench.validation.distributions import Figures, Observed
from selbench.validation.page import render_page

__all__ = [
    "STATISTICS_COMPARED",
    "Agreement",
    "Contestant",
    "Figures",
    "Observed",
    "compare",
    "measure_simulator",
    "measure_text",
    "read_figures",
    "render_page",
]
