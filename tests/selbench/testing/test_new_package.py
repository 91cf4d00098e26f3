"""A new package installs, is found and keeps its contract; one that always says the same does not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from selbench import DataError, PluginError
from selbench.testing.new_package import write_package
from selbench.testing.package_kinds import KINDS, PackageKind

CONSTANT: dict[PackageKind, tuple[str, str]] = {
    "encoder": ("counts[: len(found)] = found", "counts[: len(found)] = 1 - found.astype(bool) - 0"),
    "model": ("return (powers / powers.sum(axis=1, keepdims=True))", "return np.full_like(powers, 0.5)"),
    "scikit-learn": (
        "from sklearn.ensemble import ExtraTreesClassifier\n\n"
        "        return ExtraTreesClassifier(self.n_trees, random_state=seed)",
        "from sklearn.dummy import DummyClassifier\n\n        return DummyClassifier()",
    ),
    "simulator": ("np.random.default_rng([seed, index])", "np.random.default_rng(0)"),
    "statistic": ("return np.divide(", "return 0 * np.divide("),
    "scanner": ("span_bp * expected / width", "np.ones(len(middle))"),
    "observer": ('lines.write(line + "\\n")', 'lines.write("something\\n")'),
    "check": ('"amber" if least < 100', '"green" if least < 100'),
    "reader": ('alleles[haplotype == "1"] = 1', "alleles[:] = 0"),
    "section": ("apart.groupby", "(0 * apart).groupby"),
    "metric": ("return -np.log(", "return 0 * np.log("),
    "population": ("Population(diversity / (4 * mutation_rate))", "Population(1000)"),
    "command": ('f"hello, {name}"', '"hello, population"'),
}
"""What makes a template say the same whatever it is asked. A network has the contract of other models."""


HEAVY = {"command", "keras"}
"""Kinds that `plugins check` is not tried on: no contract for one, TensorFlow once more for the other."""

CHECKED_AT_FAULT = {"encoder", "statistic", "metric", "check"}
"""Kinds of which `plugins check` is asked where each says the same: one for each way to find a contract.

A component, a statistic, a function with an offer, one with a suite of the author's own.
"""

CHECKED_AS_NEW = {"statistic", "scanner", "section"}
"""Kinds of which it is asked as they are written: a statistic, a component, a function with an offer."""

_PYTEST = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "--assert=plain"]
"""Which tests fail is asked, not what their asserts show: rewriting all that they import takes seconds."""

_TRIAL = """\
import json, sys
from pathlib import Path
import pytest
tests, commands = json.loads(sys.argv[1])
pytest.main(tests)
from typer.testing import CliRunner
from selbench.cli.app import app
said = {}
for words in commands:
    result = CliRunner().invoke(app, words)
    said[" ".join(words)] = [result.exit_code, result.stdout, result.stderr]
Path("said.json").write_text(json.dumps(said))
"""


@dataclass(frozen=True)
class Tried:
    """Packages of every kind in one installation, and what became of their tests and of commands."""

    failures: Mapping[str, int]
    """By kind: how many of the package's own tests failed."""
    n_tests: Mapping[str, int]
    said: Mapping[str, tuple[int, str, str]]
    """By command: exit status, standard output and standard error."""
    told: str
    """What pytest printed."""


def write_installed(kind: PackageKind, folder: Path) -> Path:
    """Write a package and what pip would write of it; return its folder."""
    name = f"toy-{kind}"
    write_package(name, kind, folder / name)
    text = (folder / name / "pyproject.toml").read_text()
    group, entry = re.findall(r'\[project.entry-points."([^"]+)"\]\n(.*)\n', text)[0]
    metadata = folder / name / f"{name.replace('-', '_')}-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")
    return folder / name


def tried(packages: Sequence[Path], commands: Sequence[Sequence[str]], folder: Path) -> Tried:
    """Run the packages' own tests, then commands, in one process: it imports what takes long."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, packages)), "COLUMNS": "160"}
    environment.pop("PYTEST_ADDOPTS", None)  # what whoever runs these tests wants of them alone
    tests = [str(package / "tests") for package in packages]
    results = folder / "results.xml"

    options = [*_PYTEST, "--import-mode=importlib", f"--junitxml={results}", *tests]
    done = subprocess.run(
        [sys.executable, "-c", _TRIAL, json.dumps([options, commands])],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=550,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    n_tests: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for case in ElementTree.parse(results).iter("testcase"):
        kind = re.findall(r"test_toy_(\w+)", case.attrib["classname"])[0].replace("_", "-")
        n_tests[kind] += 1
        failures[kind] += any(child.tag in {"failure", "error"} for child in case)
    said = {
        words: tuple(outcome) for words, outcome in json.loads((folder / "said.json").read_text()).items()
    }
    return Tried(failures, n_tests, said, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Packages as they are written."""
    folder = tmp_path_factory.mktemp("new")
    packages = [write_installed(kind, folder) for kind in KINDS]
    light = [kind for kind in KINDS if kind not in HEAVY]
    commands = [["plugins", f"toy-{kind}"] for kind in light]
    commands += [["plugins", "check", f"toy-{kind}"] for kind in sorted(CHECKED_AS_NEW)]
    return tried(packages, commands, folder)


@pytest.fixture(scope="module")
def constant(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Packages of which each says the same whatever it is asked."""
    folder = tmp_path_factory.mktemp("constant")
    packages = [write_installed(kind, folder) for kind in CONSTANT]
    for kind, package in zip(CONSTANT, packages, strict=True):
        module = package / f"toy_{kind.replace('-', '_')}" / "__init__.py"
        before, after = CONSTANT[kind]
        text = module.read_text()
        assert before in text
        module.write_text(text.replace(before, after))
    return tried(packages, [["plugins", "check", f"toy-{kind}"] for kind in sorted(CHECKED_AT_FAULT)], folder)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_found_and_passes_its_own_test(kind: PackageKind, new: Tried) -> None:
    assert new.n_tests[kind] > 0, new.told
    assert new.failures[kind] == 0, new.told
    if kind not in HEAVY:
        assert f"toy-{kind}" in new.said[f"plugins toy-{kind}"][1]
    if kind in CHECKED_AS_NEW:
        status, said, complaint = new.said[f"plugins check toy-{kind}"]
        assert status == 0, said + complaint
        assert re.search(rf"toy[-_]{kind}: \d+ kept", said)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CONSTANT)
def test_a_package_that_always_says_the_same_fails_its_own_test(kind: PackageKind, constant: Tried) -> None:
    assert constant.failures[kind] > 0, constant.told
    if kind in CHECKED_AT_FAULT:
        status, said, complaint = constant.said[f"plugins check toy-{kind}"]
        assert status == 1, said + complaint
        assert re.search(rf"toy[-_]{kind}: .*broken", said)
        assert "✗" in said
        assert "promises are broken" in complaint


def ran(arguments: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_names_that_no_package_can_have_are_refused(tmp_path: Path) -> None:
    for name in ("My", "a_b", "", "2nd", "../up", "a" * 61):
        with pytest.raises(PluginError, match="expected lower-case letters"):
            write_package(name, "encoder", tmp_path / "new")
    write_package("my-encoding", "encoder", tmp_path / "new")
    with pytest.raises(DataError, match="in use"):
        write_package("my-encoding", "encoder", tmp_path / "new")


def test_a_package_is_written_without_pytest_and_checking_one_asks_for_it(tmp_path: Path) -> None:
    """An installation without the tests' extra has none."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pytest'] = None\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = ran(["selbench", "plugins", "new", "my-encoding", "--kind", "encoder"], environment, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my-encoding" / "pyproject.toml").is_file()
    checked = ran(["selbench", "plugins", "check", "statistics"], environment, tmp_path)
    assert checked.returncode == 1
    assert "plugins check needs pytest" in checked.stderr
    assert "Traceback" not in checked.stderr
