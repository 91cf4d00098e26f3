"""A new package installs, is found and keeps its contract; one that always says the same does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

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
    "keras": (
        'layers.Dense(self.units, activation="relu")(layers.Flatten()(inputs))',
        "0 * layers.Flatten()(inputs)",
    ),
    "simulator": ("np.random.default_rng([seed, index])", "np.random.default_rng(0)"),
    "statistic": ("return np.divide(", "return 0 * np.divide("),
    "scanner": ("span_bp * expected / width", "np.ones(len(middle))"),
    "observer": ('lines.write(line + "\\n")', 'lines.write("something\\n")'),
    "check": ('"amber" if least < 100', '"green" if least < 100'),
    "reader": ('alleles[haplotype == "1"] = 1', "alleles[:] = 0"),
    "section": ("apart.groupby", "(0 * apart).groupby"),
    "metric": ("return -np.log(", "return 0 * np.log("),
    "command": ('f"hello, {name}"', '"hello, population"'),
}
"""What makes each template say the same whatever it is asked."""


def installed(kind: PackageKind, folder: Path) -> dict[str, str]:
    """Write a package and what pip would write of it; return an environment in which it is installed."""
    name = f"toy-{kind}"
    write_package(name, kind, folder / name)
    text = (folder / name / "pyproject.toml").read_text()
    group, entry = re.findall(r'\[project.entry-points."([^"]+)"\]\n(.*)\n', text)[0]
    metadata = folder / name / f"{name.replace('-', '_')}-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")
    return os.environ | {"PYTHONPATH": str(folder / name)}


def ran(arguments: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


HEAVY = {"command", "keras"}
"""Kinds that `plugins check` is not tried on: no contract for one, TensorFlow once more for the other."""

OWN_TEST = {"check", "reader"}
"""Kinds of which only the author's own test can tell that they always say the same."""

PYTEST = ["pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_found_and_passes_its_own_test(kind: PackageKind, tmp_path: Path) -> None:
    environment = installed(kind, tmp_path)
    done = ran(PYTEST, environment, tmp_path / f"toy-{kind}")
    assert done.returncode == 0, done.stdout + done.stderr
    if kind not in HEAVY:
        shown = ran(["selbench", "plugins", f"toy-{kind}"], environment, tmp_path)
        assert f"toy-{kind}" in shown.stdout
        assert "toy-" in shown.stdout
        checked = ran(["selbench", "plugins", "check", f"toy-{kind}"], environment, tmp_path)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert re.search(r"\d+ kept", checked.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_package_that_always_says_the_same_fails_its_own_test(kind: PackageKind, tmp_path: Path) -> None:
    environment = installed(kind, tmp_path)
    module = tmp_path / f"toy-{kind}" / f"toy_{kind.replace('-', '_')}" / "__init__.py"
    before, after = CONSTANT[kind]
    text = module.read_text()
    assert before in text
    module.write_text(text.replace(before, after))
    done = ran(PYTEST, environment, tmp_path / f"toy-{kind}")
    assert done.returncode == 1, done.stdout + done.stderr
    if kind not in HEAVY | OWN_TEST:
        checked = ran(["selbench", "plugins", "check", f"toy-{kind}"], environment, tmp_path)
        assert checked.returncode == 1, checked.stdout + checked.stderr
        assert "✗" in checked.stdout
        assert "promises are broken" in checked.stderr


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
