"""Clean windows of the seed study's task, cheap to plant faults into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from selbench import Registry, Scenario, Windows
from selbench.audit.audited import AuditedData, Batch, ReadProblem, Source, in_batches
from selbench.audit.checks import audit_windows
from selbench.run_folder import Audit, Finding

STUDY = {
    "sample": {"n_haplotypes": 48},
    "locus": {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
    "population": {"size": 80_000},
}
SWEEP = {"s": 0.005, "h": 0.5, "position": 4999, "present_frequency": 0.22, "carriers": "all"}
SIZES = {"train": 800, "validation": 150, "test": 300}


def study_windows(label: str, *, n_windows: int, seed: int, **selection: Any) -> Windows:
    """Simulate windows of the seed study's setting; those without sites are dropped."""
    simulators = Registry.installed().simulators
    table: dict[str, Any] = {**STUDY, **({"selection": {**SWEEP, **selection}} if label == "sweep" else {})}
    simulator = simulators["mssel" if label == "sweep" else "ms"]()
    scenario = Scenario.from_table(table, where=label)
    windows = simulator.simulate(scenario, windows=range(n_windows * 3 // 2 + 20), seed=seed)
    return windows.take(np.flatnonzero(windows.n_sites > 0)[:n_windows]).with_label(label)


@dataclass(frozen=True)
class Bench:
    """Labelled windows in splits, into which a test plants what it wants.

    Parameters
    ----------
    windows : mapping of (split, label) to Windows
    """

    windows: Mapping[tuple[str, str], Windows]
    sources: Mapping[str, Source] = field(default_factory=dict)
    seeds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    counts: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def planted(self, split: str, label: str, change: Callable[[Windows], Windows]) -> Bench:
        """Return the bench with one group changed."""
        changed = {**self.windows, (split, label): change(self.windows[split, label])}
        return replace(self, windows=changed)

    def data(self) -> AuditedData:
        """Return it as an audit takes it."""

        def batches() -> Iterator[Batch | ReadProblem]:
            for (split, label), windows in self.windows.items():
                for i, batch in enumerate(in_batches(windows, split, label)):
                    attempted, empty = self.counts.get((split, label), (None, None))
                    yield replace(
                        batch,
                        attempted=attempted if i == 0 or attempted is None else 0,
                        empty=empty if i == 0 or empty is None else 0,
                    )

        return AuditedData("bench", ("neutral", "sweep"), batches, sources=self.sources, seeds=self.seeds)

    def audited(self) -> Audit:
        """Audit it."""
        return audit_windows(self.data())[0]

    def finding(self, words: str) -> Finding:
        """Return the finding whose check has these words in it."""
        return finding_of(self.audited(), words)


def finding_of(audit: Audit, words: str) -> Finding:
    """Return the finding whose check has these words in it."""
    found = [finding for finding in audit.findings if words in finding.check]
    assert len(found) == 1, f"{words}: {[finding.check for finding in audit.findings]}"
    return found[0]


def clean_bench(seed: int, sizes: Mapping[str, int] = SIZES) -> Bench:
    """Simulate a clean bench; every class and split has a seed of its own."""
    places = [(split, label) for split in sizes for label in ("neutral", "sweep")]
    return Bench(
        {
            (split, label): study_windows(label, n_windows=sizes[split], seed=100 * seed + i)
            for i, (split, label) in enumerate(places)
        }
    )


@pytest.fixture(scope="session")
def clean() -> Bench:
    """Return clean windows: 800 for training, 150 for validation, 300 for tests, per class."""
    return clean_bench(0)


@pytest.fixture(scope="session")
def new_bench() -> Callable[..., Bench]:
    """Return a function that simulates another clean bench."""
    return clean_bench


@pytest.fixture(scope="session")
def study() -> Callable[..., Windows]:
    """Return a function that simulates windows of one class of the study's setting."""
    return study_windows


@pytest.fixture(scope="session")
def finding() -> Callable[[Audit, str], Finding]:
    """Return a function that picks a finding of an audit by words of its check."""
    return finding_of
