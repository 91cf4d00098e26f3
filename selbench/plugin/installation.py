"""How to install what is installed here: selbench, and the packages of others whose plugins took part."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.parse import unquote, urlsplit

from selbench.errors import DataError
from selbench.foreign.json import parse_json
from selbench.plugin.versions import distribution_of

_SECONDS_FOR_GIT = 5
_COMMENT_COLUMN = 34


def install_lines(packages: Iterable[str] = (), *, extra: str = "") -> tuple[str, ...]:
    """Return a shell line per distribution: selbench's own, then those that ship the named packages.

    Where each came from is what its installer wrote down (PEP 610). selbench is
    on no package index, so that its line is never a name and a version: a stranger
    may have taken the name.

    Parameters
    ----------
    packages : iterable of str
        Importable packages, such as those of plugins.
    extra : str
        Optional dependencies of selbench that are wanted, too: ``"dask"``.
    """
    lines = [_line(own, extra) if (own := _own()) else f"pip install {quote('.' + _bracketed(extra))}"]
    for package in dict.fromkeys(packages):
        found = distribution_of(package)
        if found is not None and found.name != "selbench":
            lines.append(_line(found))
    return tuple(dict.fromkeys(lines))


def _own() -> Distribution | None:
    try:
        return distribution("selbench")
    except PackageNotFoundError:
        return None


def _line(found: Distribution, extra: str = "") -> str:
    called, brackets = f"{found.name} {found.version}", _bracketed(extra)
    origin = _origin(found)
    place = origin.get("url", "")
    if "dir_info" in origin:
        folder = Path(unquote(urlsplit(place).path))
        commit = _commit(folder) if origin["dir_info"].get("editable") else ""
        return _commented(f"pip install {quote('.' + brackets)}", f"in a copy of {called}{commit}")
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        commit = f"{vcs['vcs']}+{place}@{vcs['commit_id']}"
        return f"pip install {quote(f'{found.name}{brackets} @ {commit}')}"
    if "archive_info" in origin:
        file = unquote(urlsplit(place).path).rpartition("/")[2]
        is_here = place.startswith("file:")
        return f"pip install {quote((file if is_here else place) + brackets)}"
    if found.name == "selbench":
        return _commented(f"pip install {quote('.' + brackets)}", f"in a copy of {called}")
    return f"pip install {found.name}=={found.version}"


def _origin(found: Distribution) -> dict[str, Any]:
    """Return what the installer wrote of where a distribution came from; nothing where from an index."""
    try:
        origin = parse_json(found.read_text("direct_url.json") or "{}", "direct_url.json")
    except DataError:
        return {}
    return origin if isinstance(origin, dict) else {}


def _commit(folder: Path) -> str:
    """Say which commit a checkout is at, or nothing where git does not know."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS_FOR_GIT, check=True)
        return done.stdout.strip()

    try:
        commit = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f" at commit {commit}" + (", and changes that are not committed" if changed else "")


def _bracketed(extra: str) -> str:
    return f"[{extra}]" if extra else ""


def _commented(command: str, words: str) -> str:
    return f"{command:<{_COMMENT_COLUMN}}# {words}"
