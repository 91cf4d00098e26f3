"""Run every benchmark of this folder and write its tables into README.md.

    python benchmarks/write_readme.py [NAME …]

Names select benchmarks (``statistics``, ``training`` …); the tables of the
others stay as they are. Nothing else should run on the machine meanwhile.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"
)
HEAD = """\
# Benchmarks

Speed of selbench beside its peers: all contestants in one run, on the same windows, medians of alternating
pairs, equal values checked in the same script. Times are CPU time of one thread. Ratios carry over to other
machines; absolute figures do not.

`python benchmarks/write_readme.py` runs them all and writes this page; `python benchmarks/NAME.py` runs one.

Accuracy, not speed: [paper](paper/README.md) is the seed study's task at its size, with every method that
ships; [precision](precision/README.md) asks what reduced precision costs; [scanners](scanners/README.md) is
the field's scanners side by side on hard, soft, partial and old sweeps; [networks](networks/README.md)
the same for its networks; [scans](scans/README.md) asks how often a scan calls a window of a
genome without selection. `python benchmarks/pages/findings.py` writes what these runs
support into [docs/findings.md](../docs/findings.md), and `study.py` beside it their figures into
[docs/study.md](../docs/study.md).
"""


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path != Path(__file__))
    chosen = sys.argv[1:] or names
    unknown = set(chosen) - set(names)
    if unknown:
        sys.exit(f"unknown benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    sections = _sections()
    for name in chosen:
        print(f"{name} …", flush=True)
        sections[name] = _run(name)
        README.write_text("\n".join([HEAD, *(sections[name] for name in names if name in sections)]))


def _sections() -> dict[str, str]:
    """Return the sections of the page as it stands, by benchmark."""
    text = README.read_text() if README.exists() else ""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.split()[1]: part.rstrip("\n") + "\n" for part in parts}


def _run(name: str) -> str:
    path = FOLDER / f"{name}.py"
    environment = {**os.environ, **ONE_THREAD}
    result = subprocess.run(
        [sys.executable, path], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    about = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n", 1)[0]
    tools = f"selbench {version('selbench')}, Python {platform.python_version()}"
    made = f"{datetime.now(UTC):%Y-%m-%d}, {tools}, {_processor()}"
    return f"## {name}\n\n{about}\n\n{result.stdout.strip()}\n\n*{made}*\n"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        found = re.search(r"model name\s*:\s*(.*)", information.read_text())
        if found:
            return found[1]
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
