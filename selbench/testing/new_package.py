"""A complete package to begin with: one component, its entry point, its contract test, a README."""

from __future__ import annotations

import re
from pathlib import Path

from selbench.errors import PluginError
from selbench.files import complete_folder
from selbench.testing.package_kinds import PackageKind

_SHOWN_BY = {"command": "selbench {name}"}
_WITH_CONTRACTS = ("check", "reader")
"""Kinds whose contract takes windows or a file of the author's: it ships in the package."""

_FIRST = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def write_package(name: str, kind: PackageKind, folder: Path) -> list[Path]:
    """Write a package that installs, registers one component and passes its contract test.

    Parameters
    ----------
    name : str
        Of the package and of its component: lower-case letters, digits and ``-``.
    kind : PackageKind
    folder : Path
        New or empty.

    Returns
    -------
    written : list of Path
        The files, by their paths within the folder.

    Raises
    ------
    PluginError
        If the name is not fit for a package.
    DataError
        If the folder is in use.
    """
    if not _FIRST.match(name) or len(name) > 60:
        raise PluginError(
            f"name: expected lower-case letters, digits and '-', such as my-{kind}, found {name!r}"
        )
    texts = _texts(name, kind)
    with complete_folder(folder) as made:
        for path, text in texts.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
    return sorted(map(Path, texts))


def _texts(name: str, kind: PackageKind) -> dict[str, str]:
    """Return the files' contents by path."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # plain text and Python, nothing for a browser
        loader=PackageLoader("selbench.testing", "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    module = name.replace("-", "_")
    values = {
        "name": name,
        "module": module,
        "class_name": "".join(part.capitalize() for part in name.split("-")),
        "summary": f"A {kind} for selbench.",
        "group": "selbench.commands" if kind == "command" else "selbench",
        "entry_point": f"{module}:command" if kind == "command" else module,
        "shown_by": _SHOWN_BY.get(kind, "selbench plugins {name}").format(name=name),
    }

    def rendered(template: str) -> str:
        return environment.get_template(f"{template}.jinja").render(values)

    texts = {
        "pyproject.toml": rendered("pyproject.toml"),
        "README.md": rendered("README.md"),
        f"{module}/__init__.py": rendered(f"{kind}.py"),
        f"{module}/py.typed": "",
    }
    if kind in _WITH_CONTRACTS:
        texts[f"{module}/contracts.py"] = rendered(f"{kind}_contracts.py")
        return texts | {f"tests/test_{module}.py": rendered("contracts_test.py")}
    return texts | {f"tests/test_{module}.py": rendered(f"{kind}_test.py")}
