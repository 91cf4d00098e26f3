"""With twenty plugins installed the command line is quick, and imports none that it does not need."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

N_PLUGINS, N_EACH = 20, 5
MODULE = '''
"""Plugin {number}."""
import sys
from dataclasses import dataclass
from pathlib import Path
from selbench import Encoder, FeatureSpec, hookimpl
Path(__file__).with_name("was-imported").touch()
sys.stdout.write("a plugin that talks")

def made(i):
    @dataclass(frozen=True)
    class Nothing(Encoder):
        """Encode nothing."""
        name = f"nothing-{number}-{{i}}"
        size: int = 1
        def feature_spec(self, windows):
            return FeatureSpec((self.size,), "float64", ("nothing",))
    return Nothing

@hookimpl
def register_encoders():
    return [made(i) for i in range({n_each})]

def command():
    """Do the work of plugin {number}."""
'''


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install plugins of some components and a command each, as pip would."""
    site = tmp_path_factory.mktemp("site")
    for number in range(N_PLUGINS):
        (site / f"many_{number}.py").write_text(MODULE.format(number=number, n_each=N_EACH))
        folder = site / f"many_{number}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: many-{number}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(
            f"[selbench]\nmany-{number} = many_{number}\n"
            f"[selbench.commands]\nwork-{number} = many_{number}:command\n"
            + ("scan = many_0:command\n" if number == 0 else "")
        )
    return os.environ | {"PYTHONPATH": str(site)}


def ran(environment: dict[str, str], *arguments: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run Python; return what it said and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


IDLE_SECONDS = 0.12
"""What importing the library of command lines takes on an idle core: tells how slow this one is now."""


def slowdown(environment: dict[str, str]) -> float:
    return max(
        1.0, min(ran(environment, "-c", "import typer, typer.main")[1] for _ in range(2)) / IDLE_SECONDS
    )


def test_help_is_quick_and_imports_no_plugin(environment: dict[str, str]) -> None:
    runs = [ran(environment, "-m", "selbench", "--help") for _ in range(4)]
    done = runs[0][0]
    assert f"work-{N_PLUGINS - 1}" in done.stdout
    assert "Do the work of plugin 7." in done.stdout
    assert not list(Path(environment["PYTHONPATH"]).glob("was-imported"))
    # 0.3 on an idle core. Tests beside, and the oldest libraries allowed, take up to half as much again.
    assert min(seconds for _, seconds in runs) < 0.5 * slowdown(environment)


def test_a_hundred_components_are_listed_quickly_and_talk_stays_out(environment: dict[str, str]) -> None:
    done, seconds = ran(environment, "-m", "selbench", "plugins")
    assert sum("nothing-" in line for line in done.stdout.splitlines()) == N_PLUGINS * N_EACH
    assert "talks" not in done.stdout
    assert "command 'scan' of many-0 1.0 is not reachable: selbench has one of that name" in done.stderr
    assert seconds < 3 * slowdown(environment)
