"""The shape of the whole: who may import whom, what start-up costs, where words are printed."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

import selbench

CORE = Path(selbench.__file__).parent
ROOT = Path(__file__).parents[2]
PLUGINS = (
    "selbench_base",
    "selbench_cecil",
    "selbench_coalescent",
    "selbench_diploshic",
    "selbench_fadja",
    "selbench_fasternn",
    "selbench_flagel",
    "selbench_genomatnn",
    "selbench_imagene",
    "selbench_pggan",
    "selbench_scanners",
    "selbench_statistics",
    "selbench_suites",
    "selbench_sweepnet",
)

PUBLIC = {
    "selbench",
    "selbench.adapters",
    "selbench.foreign",
    "selbench.formats",
    "selbench.plugin",
    "selbench.scenario",
    "selbench.statistics",
    "selbench.streams",
    "selbench.windows",
}
"""What a plugin may import from: the package itself, and rooms whose nouns every plugin author needs."""

ROOMS = ROOT / "docs" / "architecture.md"
"""Its table of rooms, from the ground up, is what imports are held to: they go down, or stay in the room."""


def floors() -> dict[str, int]:
    """Return the floor of every room, as the architecture page tells."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", ROOMS.read_text(encoding="utf-8"), re.MULTILINE)
    return {room: int(floor) for floor, room in rows}


UPWARDS: set[tuple[str, str]] = {
    ("selbench.trained.method", "selbench.bench.scanning"),
    ("selbench.trained.method", "selbench.run_folder.names"),
    ("selbench.windows.windows", "selbench.formats.tree_sequences"),
    ("selbench.windows.windows", "selbench.statistics"),
}
"""Deferred imports of a higher room, (module, module): conveniences of a value that a notebook holds."""

HEAVY = {
    "allel", "cyvcf2", "demes", "jinja2", "keras", "matplotlib", "msprime", "numba", "pandas", "PIL",
    "pyarrow", "scipy", "sklearn", "skops", "tensorflow", "torch", "jax", "tskit", "zarr",
}  # fmt: skip


MODULE_OF = {"pillow": "PIL", "scikit-allel": "allel", "scikit-learn": "sklearn", "tomli-w": "tomli_w"}
"""Names of distributions whose module is called otherwise."""


@cache
def folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


@cache
def modules_of(package: str) -> list[tuple[str, ast.Module]]:
    """Return the dotted name and the syntax tree of every module of a package."""
    folder, modules = folder_of(package), []
    for path in sorted(folder.rglob("*.py")):
        parts = [package, *path.relative_to(folder).with_suffix("").parts]
        name = ".".join(part for part in parts if part != "__init__")
        modules.append((name, ast.parse(path.read_text(encoding="utf-8"))))
    return modules


def imports_of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import that runs, wherever it stands; name is "" for whole modules."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        yield from imports_of(node)


def room_of(module: str, name: str = "") -> str:
    """Return the part of the core that an import reaches: the first name below ``selbench``."""
    parts = module.split(".")
    if len(parts) > 1:
        return parts[1]
    return name if (CORE / name).is_dir() or (CORE / f"{name}.py").is_file() else ""


def test_core_and_plugins_are_of_one_installation() -> None:
    root = CORE.parent
    for package in PLUGINS:
        assert folder_of(package).parent in {root, root / "plugins"}
        assert (folder_of(package) / "py.typed").is_file()


@pytest.mark.parametrize("package", PLUGINS)
def test_plugins_use_public_names_alone_and_never_each_other(package: str) -> None:
    found = 0
    for module, tree in modules_of(package):
        for source, name in imports_of(tree):
            root = source.partition(".")[0]
            if root == package or not root.startswith("selbench"):
                continue
            found += 1
            assert root == "selbench", f"{module} imports another plugin, {source}"
            shelf = ".".join(source.split(".")[:2])
            assert shelf in PUBLIC, f"{module} imports {source}, which is not public"
            if source == "selbench":
                assert name in selbench.__all__, f"{module} imports selbench.{name}, which is not public"
            assert not name.startswith("_"), f"{module} imports {source}.{name}"
    assert found, "a plugin imports something of selbench"


def test_every_public_name_is_there() -> None:
    assert sorted(selbench.__all__) == sorted(set(selbench.__all__))
    assert set(selbench.__all__) < set(dir(selbench))
    for name in selbench.__all__:
        assert getattr(selbench, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = selbench.no_such_name


def test_the_declaration_of_public_names_says_what_is_read_from_it() -> None:
    declared = ast.parse((CORE / "__init__.pyi").read_text(encoding="utf-8"))
    names = {
        alias.asname for node in declared.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert names == set(selbench.__all__)


def test_public_rooms_are_there_after_importing_selbench() -> None:
    script = "import selbench; print(selbench.statistics.compute, selbench.__version__, dir(selbench))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "compute" in done.stdout
    assert "'TrainedMethod'" in done.stdout


def test_the_package_is_a_command() -> None:
    command = [sys.executable, "-m", "selbench", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("selbench ")


def test_the_core_never_imports_a_plugin() -> None:
    for module, tree in modules_of("selbench"):
        for source, _ in imports_of(tree):
            assert not source.startswith("selbench_"), f"{module} imports {source}"


def core_imports() -> Iterator[tuple[str, str]]:
    """Yield (importing module, imported module) of the core, by file."""
    names = {name for name, _ in modules_of("selbench")}
    for module, tree in modules_of("selbench"):
        for source, name in imports_of(tree):
            if source.partition(".")[0] == "selbench":
                target = f"{source}.{name}" if f"{source}.{name}" in names else source
                if target != "selbench" and target != module:
                    yield module, target


def test_imports_of_the_core_go_down() -> None:
    floor = floors()
    for module, target in core_imports():
        room, below = room_of(module), room_of(target)
        if room in {"", "__main__"} or (module, target) in UPWARDS:
            continue
        assert room in floor, f"give {room} a row in docs/architecture.md"
        assert room == below or floor[below] < floor[room], f"{module} imports {target}: {below} is not below"


def test_the_architecture_page_names_every_room_once_and_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", ROOMS.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(floor) for floor, _ in rows] == sorted(int(floor) for floor, _ in rows)
    rooms = {path.parent.name for path in CORE.glob("*/__init__.py")} | {"errors", "streams", "files"}
    assert rooms <= set(floors()), "give a new room its row in docs/architecture.md"
    assert len(rows) == len(floors())


def test_only_rooms_and_a_few_files_lie_flat() -> None:
    flat = {path.stem for path in CORE.glob("*.py")}
    assert flat <= {"__init__", "__main__", "errors", "streams", "files"}, flat


def test_no_two_files_import_each_other_by_any_way() -> None:
    """A circle of files is one subject in pieces, or an import that runs back up."""
    for package in ("selbench", *PLUGINS):
        names = {name for name, _ in modules_of(package)}
        arrows: dict[str, set[str]] = {name: set() for name in names}
        for module, tree in modules_of(package):
            for source, name in imports_of(tree):
                target = f"{source}.{name}" if f"{source}.{name}" in names else source
                if target in names and target != module and (module, target) not in UPWARDS:
                    arrows[module].add(target)
        circle = a_circle(arrows)
        assert not circle, " -> ".join(circle)


def a_circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return the modules of one circle of imports, or none."""
    state: dict[str, str] = {}

    def visit(module: str, way: list[str]) -> list[str]:
        state[module] = "open"
        for target in sorted(arrows[module]):
            if state.get(target) == "open":
                return [*way[way.index(target) :], target] if target in way else [module, target]
            if target not in state and (found := visit(target, [*way, target])):
                return found
        state[module] = "done"
        return []

    for module in sorted(arrows):
        if module not in state and (found := visit(module, [module])):
            return found
    return []


def test_every_list_of_packages_names_every_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    plugins = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
    tools, everything = project["tool"], {"selbench", *plugins}
    assert set(PLUGINS) == plugins
    assert set(project["project"]["entry-points"]["selbench"].values()) == plugins | {"selbench.shipped"}
    assert {
        name.removeprefix("plugins/") for name in tools["hatch"]["build"]["targets"]["wheel"]["packages"]
    } == (everything)
    assert set(tools["mypy"]["packages"]) == everything
    assert set(tools["coverage"]["run"]["source_pkgs"]) == everything
    assert set(tools["ruff"]["lint"]["isort"]["known-first-party"]) == everything


def test_every_dependency_is_imported_by_what_ships() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert all(">=" in line for line in declared), "each with the lowest version that is known to work"
    names = [re.split(r"[><=\[]", line)[0] for line in declared]
    imported = {
        source.partition(".")[0]
        for package in ("selbench", *PLUGINS)
        for _, tree in modules_of(package)
        for source, _ in imports_of(tree)
    }
    idle = [name for name in names if MODULE_OF.get(name, name) not in imported]
    assert not idle, f"no line that ships imports {', '.join(idle)}"


def test_nothing_imports_the_command_line_but_itself() -> None:
    for package in ("selbench", *PLUGINS):
        for module, tree in modules_of(package):
            for source, name in imports_of(tree):
                inside = module.startswith(("selbench.cli", "selbench.__main__"))
                assert inside or room_of(source, name) != "cli" or not source.startswith("selbench"), module


def test_only_the_command_line_prints() -> None:
    for package in ("selbench", *PLUGINS):
        for module, tree in modules_of(package):
            if not module.startswith("selbench.cli"):
                calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
                assert not any(isinstance(f, ast.Name) and f.id == "print" for f in calls), module


def test_nothing_unpickles_or_evaluates() -> None:
    """Files of strangers are data; `selbench.testing` may copy its own components through pickle."""
    for package in ("selbench", *PLUGINS):
        for module, tree in modules_of(package):
            if module.startswith("selbench.testing"):
                continue
            sources = {source.partition(".")[0] for source, _ in imports_of(tree)}
            assert not sources & {"pickle", "joblib", "dill", "marshal", "shelve"}, module
            calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
            names = {f.id for f in calls if isinstance(f, ast.Name)}
            assert not names & {"eval", "exec", "__import__"}, module


@pytest.mark.parametrize(
    "code",
    [
        "import selbench",
        "import selbench.plugin",
        "from selbench import Registry; assert not Registry.installed().broken",
        "import selbench.experiment, selbench.trained",
        "import selbench.cli.app",
    ],
)
def test_heavy_libraries_are_imported_only_when_used(code: str) -> None:
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert "selbench" in loaded
    assert not loaded & HEAVY


STRANGER = "import tensorflow_that_is_not_there\n"


def test_help_names_a_stranger_s_command_without_importing_it(tmp_path: Path) -> None:
    (tmp_path / "heavy_stranger.py").write_text(STRANGER)
    metadata = tmp_path / "heavy_stranger-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: heavy-stranger\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[selbench.commands]\nponder = heavy_stranger:ponder\n")
    command = [sys.executable, "-c", "from selbench.cli import main; main()"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, env=environment, check=True)
    assert "ponder" in shown.stdout
    asked = subprocess.run([*command, "ponder"], capture_output=True, text=True, env=environment, check=False)
    assert asked.returncode == 1
    assert "command 'ponder' of heavy-stranger 0.1 cannot be loaded" in asked.stderr
    assert "Traceback" not in asked.stderr
