"""What the core itself offers, through the doors that a stranger's plugin comes through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from selbench.plugin import hookimpl


@hookimpl
def register_metrics() -> Sequence[Any]:
    """Return the metrics of every results table."""
    from selbench.evaluation.metrics import SHIPPED

    return SHIPPED


@hookimpl
def register_checks() -> Sequence[Any]:
    """Return the checks of every audit."""
    from selbench.audit.checks import SHIPPED

    return SHIPPED


@hookimpl
def register_sections() -> Sequence[Any]:
    """Return the sections of every report."""
    from selbench.report.html.document import SHIPPED

    return SHIPPED


@hookimpl
def register_populations() -> Sequence[Any]:
    """Return the populations that experiments name without a plugin."""
    from selbench.experiment.populations import SHIPPED

    return SHIPPED


@hookimpl
def register_readers() -> Sequence[Any]:
    """Return the formats that are read."""
    from selbench.formats.readers import SHIPPED

    return SHIPPED
