"""What the data are, what did not run, and everything needed to do it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from selbench.report.html.page import Page, Section
from selbench.run_folder import SourceRecord, TaskRecord, WindowCount


@dataclass(frozen=True)
class Setting:
    """A setting of a task's scenarios: one value where all classes share it, else one per class."""

    name: str
    values: tuple[str, ...]

    @property
    def is_shared(self) -> bool:
        """Whether all classes have the same value."""
        return len(set(self.values)) == 1


@dataclass(frozen=True)
class Data:
    """The windows of a task: what they are and how many there are."""

    name: str
    task: TaskRecord
    policy: str
    settings: tuple[Setting, ...]
    splits: tuple[str, ...]
    rows: tuple[tuple[str, tuple[WindowCount | None, ...]], ...]


def failures_section(page: Page) -> Section | None:
    """Return the cells that were skipped or failed, each with its reason."""
    unfinished = page.record.unfinished
    return Section("failures", "Skipped and failed", {"trainings": unfinished}) if unfinished else None


def data_section(page: Page) -> Section:
    """Return every task: scenarios, counts of windows kept, looked at and empty, and the policy."""
    return Section("data", "The data", {"tasks": [_data(*item) for item in page.record.whole_tasks.items()]})


def _data(name: str, task: TaskRecord) -> Data:
    policy = {
        "drop": "Windows without segregating sites are dropped and replaced by further ones.",
        "keep": "Windows without segregating sites are kept.",
    }.get(task.empty_windows, task.empty_windows)
    splits = tuple(dict.fromkeys(count.split for count in task.counts))
    rows = tuple((label, tuple(task.counted(split, label) for split in splits)) for label in task.classes)
    return Data(name, task, policy, tuple(_settings(task)), splits, rows)


def _settings(task: TaskRecord) -> Iterator[Setting]:
    simulators = [task.simulators.get(label, SourceRecord()).spelling for label in task.classes]
    yield Setting("simulator", tuple(simulators))
    flat = {label: dict(_flatten(task.scenarios.get(label) or {})) for label in task.classes}
    for name in dict.fromkeys(name for of_class in flat.values() for name in of_class):
        yield Setting(name, tuple(flat[label].get(name, "–") for label in task.classes))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Write nested tables as dotted names, leaving out what is not set."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif value is not None and value != []:
            yield f"{prefix}{key}", _said(value)


def _said(value: object) -> str:
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    if isinstance(value, int | float):
        return f"{int(value):,}" if isfinite(value) and value == int(value) else f"{value:g}"
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)


def methods_section(page: Page) -> Section:
    """Return every method: spelling, what it does, where it comes from; and remarks on trainings."""
    record = page.record
    rows = [
        (record.labels[name], page.styles[record.labels[name]].name, name, m)
        for name, m in record.methods.items()
    ]
    return Section("methods", "The methods", {"rows": rows, "remarks": record.remarks})


def provenance_section(page: Page) -> Section:
    """Return seed, command, platform, versions, the experiment file and how to run it again."""
    info = page.record.info
    facts = {
        "seed": info.seed,
        "started": info.started,
        "finished": info.finished,
        "command": _said_command(info.command),
        **{key.replace("_", " "): value for key, value in info.platform.items()},
    }
    provenance = {
        f"{name}, {label}": ", ".join(f"{key} {value}" for key, value in said.items())
        for name, task in page.record.whole_tasks.items()
        for label, source in task.simulators.items()
        if (said := source.provenance)
    }
    content = {
        "facts": {key: value for key, value in facts.items() if value not in ("", None)},
        "provenance": provenance,
        "packages": info.packages,
        "version": info.selbench,
        "install": info.install or (f"pip install .  # in a copy of selbench {info.selbench}",),
        "name": page.record.name,
        "experiment_toml": page.record.experiment_toml.strip(),
    }
    return Section("provenance", "Provenance, and how to do it again", content)


def _said_command(words: Sequence[str]) -> str:
    """Return a command as a shell takes it; several runs' commands come as one text."""
    return words[0] if len(words) == 1 else shlex.join(words)


def citations_section(page: Page) -> Section | None:
    """Return the BibTeX of everything that took part."""
    citations = page.record.info.citations
    entries = [(c.component, c.bibtex, _doi(c.bibtex)) for c in citations]
    everything = "\n\n".join(dict.fromkeys(bibtex for _, bibtex, _ in entries))
    return Section("citations", "Citations", {"entries": entries, "bibtex": everything}) if entries else None


def _doi(bibtex: str) -> str:
    found = re.search(r"doi\s*=\s*\{([^{}]+)\}", bibtex)
    return found.group(1).strip() if found else ""
