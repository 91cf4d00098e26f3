"""What to cite: the publications of every component that takes part in an experiment."""

from __future__ import annotations

from selbench.experiment import Experiment
from selbench.plugin import Component
from selbench.run_folder import CitationRecord


def citations(experiment: Experiment) -> list[CitationRecord]:
    """Return each publication once, by key, with the components that it stands behind."""
    entries: dict[str, str] = {}
    users: dict[str, list[str]] = {}
    for component in _components(experiment):
        for citation in component.citations:
            entries[citation.key] = citation.bibtex()
            names = users.setdefault(citation.key, [])
            if component.name not in names:
                names.append(component.name)
    return [CitationRecord(", ".join(users[key]), entries[key]) for key in sorted(entries)]


def _components(experiment: Experiment) -> list[Component]:
    simulators: list[Component] = [part for task in experiment.tasks.values() for part in task.simulators]
    return simulators + [part for method in experiment.methods for part in (method.encoder, method.model)]
