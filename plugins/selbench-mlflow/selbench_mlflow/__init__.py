"""Follows selbench's runs in MLflow."""

from __future__ import annotations

from selbench import Observer, hookimpl


@hookimpl
def register_observers() -> list[type[Observer]]:
    """Offer the tracker to selbench."""
    from selbench_mlflow.tracker import MlflowTracker

    return [MlflowTracker]
