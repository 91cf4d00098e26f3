"""What an author subclasses and a registry finds: components, their options, hooks and versions."""

from selbench.plugin.checks import Answer, Check, CheckFunction, check
from selbench.plugin.components import (
    Citation,
    Component,
    Encoder,
    Learned,
    Model,
    ParsedCommand,
    Predictor,
    Progress,
    Simulator,
)
from selbench.plugin.design import DesignedFor
from selbench.plugin.hookspecs import hookimpl
from selbench.plugin.installation import install_lines
from selbench.plugin.metrics import Metric, MetricFunction, metric
from selbench.plugin.observer import Observer, RunBegan, RunEnded, RunListener, TrainingEnded
from selbench.plugin.offers import Offer, Offers, Shelf
from selbench.plugin.options import (
    build_component,
    expect_above_zero,
    method_spelling,
    options_of,
    parse_spelling,
    spelling,
    summary,
)
from selbench.plugin.owner import Owner
from selbench.plugin.populations import (
    PopulationFunction,
    PopulationProvider,
    population,
    population_of,
)
from selbench.plugin.reader import Reader
from selbench.plugin.registry import Registry
from selbench.plugin.scanner import Profile, Scanner, Stretch
from selbench.plugin.sections import Chart, ReportSection, SectionFunction, Table, section
from selbench.plugin.statistic_method import ThresholdModel
from selbench.plugin.statistics import Formula, Statistic, statistic
from selbench.plugin.thresholds import Cut, Cuts
from selbench.plugin.versions import differences, distribution_of, installed_versions

__all__ = [
    "Answer",
    "Chart",
    "Check",
    "CheckFunction",
    "Citation",
    "Component",
    "Cut",
    "Cuts",
    "DesignedFor",
    "Encoder",
    "Formula",
    "Learned",
    "Metric",
    "MetricFunction",
    "Model",
    "Observer",
    "Offer",
    "Offers",
    "Owner",
    "ParsedCommand",
    "PopulationFunction",
    "PopulationProvider",
    "Predictor",
    "Profile",
    "Progress",
    "Reader",
    "Registry",
    "ReportSection",
    "RunBegan",
    "RunEnded",
    "RunListener",
    "Scanner",
    "SectionFunction",
    "Shelf",
    "Simulator",
    "Statistic",
    "Stretch",
    "Table",
    "ThresholdModel",
    "TrainingEnded",
    "build_component",
    "check",
    "differences",
    "distribution_of",
    "expect_above_zero",
    "hookimpl",
    "install_lines",
    "installed_versions",
    "method_spelling",
    "metric",
    "options_of",
    "parse_spelling",
    "population",
    "population_of",
    "section",
    "spelling",
    "statistic",
    "summary",
]
