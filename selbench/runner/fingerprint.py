"""What a component is, as far as it decides results: its options, and the code behind it.

Code is a version or, for an editable install, a hash of sources: of a plugin all
of them, of the core those that can change a result.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from selbench.foreign.json import parse_json
from selbench.plugin import Component, Encoder, Simulator, distribution_of, options_of
from selbench.statistics import statistic_named

WINDOWS_DEPEND_ON = (
    "experiment/genome_samples.py",
    "experiment/observation.py",
    "experiment/sources.py",
    "experiment/task.py",
    "formats/genome.py",
    "formats/vcf_regions.py",
    "plugin/components.py",
    "runner/blocks.py",
    "scenario",
    "streams.py",
    "windows/contract.py",
    "windows/observation.py",
    "windows/windows.py",
)
"""What of the core can change simulated windows, and thereby everything made from them."""

PROGRAMS_DEPEND_ON = (
    "adapters/ms_program.py",
    "formats/ms_blocks.py",
    "formats/ms_command.py",
    "formats/ms_text.py",
)
"""What can change windows that an external program prints."""

TRAININGS_DEPEND_ON = (
    *WINDOWS_DEPEND_ON,
    "adapters",
    "experiment/labelled_genomes.py",
    "formats/dataset.py",
    "formats/dataset_table.py",
    "formats/genome_windows.py",
    "formats/labelled_regions.py",
    "plugin/scan_method.py",
    "plugin/scanner.py",
    "plugin/statistic_method.py",
    "plugin/statistics.py",
    "plugin/thresholds.py",
    "runner/jobs.py",
    "runner/portion_files.py",
    "statistics",
    "trained",
    "windows/classes.py",
    "windows/columns.py",
    "windows/examples.py",
    "windows/orderings.py",
    "windows/patterns.py",
    "windows/resize.py",
    "windows/widths.py",
)
"""What of the core can change a trained method or what it predicts."""

_CORE = Path(__file__).parents[1]


def identify(component: Component) -> dict[str, Any]:
    """Return the identity of a component: name, options, code; of a simulator, also what it runs.

    That of a simulator with a program of the user's starts the program, to ask for its version.
    """
    identity: dict[str, Any] = {
        "name": type(component).name,  # also where it was asked for as plugin:name
        "options": options_of(component),
        "code": code_of(component),
    }
    if isinstance(component, Simulator):
        identity["provenance"] = dict(component.provenance())
    return identity


def code_of(component: Component) -> dict[str, str]:
    """Return what identifies the code behind a component."""
    package = type(component).__module__.partition(".")[0]
    parts: tuple[str, ...] = TRAININGS_DEPEND_ON
    if isinstance(component, Simulator):
        parts = (*WINDOWS_DEPEND_ON, *PROGRAMS_DEPEND_ON) if component.programs else WINDOWS_DEPEND_ON
    code = {"package": package, "code": _package_code(package), "core": _core_code(parts)}
    if isinstance(component, Encoder):
        for name in component.statistics_used():
            owner = statistic_named(name).values.__module__.partition(".")[0]
            if owner not in {package, "selbench"}:  # a plugin's statistic is a part of what encodes by it
                code[f"statistic {name}"] = _package_code(owner)
    return code


def code_of_offer(offered: Any) -> list[str]:
    """Return what identifies a metric, check or the like: what it says of itself, and the code behind it."""
    package = getattr(offered.function, "__module__", "").partition(".")[0]
    return [repr(offered), "" if package == "selbench" else _package_code(package)]


def code_of_trainings() -> str:
    """Return what identifies the code of the core that trainings depend on."""
    return _core_code(TRAININGS_DEPEND_ON)


def installed_code(packages: Iterable[str]) -> dict[str, str]:
    """Return which code is installed here: of Python, of the core and of each of these plugin packages."""
    code = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "selbench": _core_code((*TRAININGS_DEPEND_ON, *PROGRAMS_DEPEND_ON)),
    }
    for package in sorted(set(packages) - {"selbench"}):
        try:
            import_module(package)
            code[package] = _package_code(package)
        except ImportError as problem:
            code[package] = f"nothing that can be imported ({problem})"
    return code


def _package_code(package: str) -> str:
    return _code_on(package, tuple(sys.path))


@cache
def _code_on(package: str, _path: tuple[str, ...]) -> str:
    """Return a package's version; a hash of its sources where nothing on the path installed it."""
    shipped_by = distribution_of(package)
    if shipped_by is not None and not _is_editable(shipped_by):
        return f"{shipped_by.name} {shipped_by.version}"
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:
        return "unknown"
    path = Path(file)
    return hash_of([path.parent if path.name == "__init__.py" else path])


@cache
def _core_code(parts: tuple[str, ...]) -> str:
    core = distribution("selbench")
    if not _is_editable(core):
        return f"selbench {core.version}"
    return hash_of(_CORE / part for part in parts)


def _is_editable(shipped_by: Distribution) -> bool:
    text = shipped_by.read_text("direct_url.json")
    return bool(text and parse_json(text, "direct_url.json").get("dir_info", {}).get("editable"))


def hash_of(paths: Iterable[Path]) -> str:
    """Return the hash of Python sources, files and folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"sources {digest.hexdigest()[:16]}"
