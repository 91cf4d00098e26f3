"""``selbench doctor``: what works on this machine, and what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

PACKAGES = {
    "numpy": "numpy",
    "numba": "numba",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "scikit-learn": "sklearn",
    "scikit-allel": "allel",
    "msprime": "msprime",
    "cyvcf2": "cyvcf2",
    "matplotlib": "matplotlib",
    "skops": "skops",
    "keras": "keras",
}
"""Distributions that selbench needs, and the module that each brings."""

PROGRAMS = {
    "ms": "simulator ms[program=ms]",
    "mssel": "simulator mssel[program=mssel]",
    "msms": "simulator msms[program=msms]",
    "scrm": "speaks ms: ms[program=scrm]",
    "mspms": "speaks ms: ms[program=mspms]",
    "java": "runs msms: msms[program=java -jar msms.jar]",
    "discoal": "simulator discoal[program=discoal]",
    "bcftools": "cuts regions out of genomes to scan",
}
"""Optional programs, and what each is good for."""

_IMPORT_TIMEOUT_S = 180

# runs in another process: an import can end the whole interpreter, and doctor must live to tell
_IMPORTS = """
import importlib, json, sys
for module in sys.argv[1:]:
    report = {"module": module, "error": "", "note": ""}
    print(json.dumps({**report, "error": "importing it ends Python"}), flush=True)
    try:
        importlib.import_module(module)
        if module == "keras":
            import keras
            report["note"] = "backend " + keras.backend.backend()
            if keras.backend.backend() == "tensorflow":
                import tensorflow
                devices = [device.device_type for device in tensorflow.config.list_physical_devices()]
                report["note"] += " " + tensorflow.__version__ + " on " + ", ".join(devices)
    except BaseException as problem:
        report["error"] = f"{type(problem).__name__}: {problem}"
    print(json.dumps(report), flush=True)
"""


def doctor() -> None:
    """Say what works on this machine: Python packages, plugins, and programs that can be plugged in.

    Programs are optional: the simulators ms, mssel, msms and discoal are built in. Exit
    status 1 if a package or plugin that is installed cannot be used.

    Examples:

        selbench doctor
    """
    from rich.table import Table
    from rich.text import Text

    from selbench.cli.console import stderr, stdout
    from selbench.plugin import Registry

    well, ill = Text("✓", "green"), Text("✗", "red")
    table = Table("what", "", "version", "remarks", box=None, pad_edge=False)
    python = ".".join(map(str, sys.version_info[:3]))
    table.add_row("selbench", well, version("selbench"), f"Python {python} in {sys.prefix}")
    table.add_row("processor", well, "", f"{os.cpu_count()} cores")
    is_well = True
    with stderr().status("importing packages …"):
        for name, found, error, note in _packages():
            is_well &= not error
            mark = ill if error else well
            table.add_row(name, mark, found, error or note)
    for broken in Registry.installed().broken:
        is_well = False
        table.add_row("plugin", ill, "", str(broken))
    for name, purpose in PROGRAMS.items():
        found, where = _program(name)
        mark = well if where else Text("–", "dim")
        table.add_row(name, mark, found, f"{where}  ({purpose})" if where else "not found")
    stdout().print(table)
    if not is_well:
        raise typer.Exit(1)


def _packages() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, version, error and note of each package."""
    reports = _import_reports(list(PACKAGES.values()))
    for name, module in PACKAGES.items():
        report = reports.get(module, {"error": "not tried: an import before it ended Python", "note": ""})
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        yield name, found, report["error"], report["note"]


def _import_reports(modules: list[str]) -> dict[str, dict[str, str]]:
    command = [sys.executable, "-c", _IMPORTS, *modules]
    try:
        output = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_IMPORT_TIMEOUT_S,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as slow:
        output = slow.stdout or b""
    from selbench.foreign.json import parse_json

    lines = [line for line in output.decode().splitlines() if line.startswith('{"module"')]
    reports = [parse_json(line, "a report") for line in lines]
    return {report["module"]: report for report in reports}


def _program(name: str) -> tuple[str, str]:
    """Return the version line and the path of a program on PATH or beside Python; empty where missing."""
    from selbench.adapters.program import Program
    from selbench.errors import SimulatorError

    for spelling in (name, str(Path(sys.executable).with_name(name))):
        try:
            program = Program.find(spelling)
        except SimulatorError:
            continue
        return program.version(), str(program.file)
    return "", ""
