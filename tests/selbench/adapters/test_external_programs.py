"""External programs: run in private, believed only for complete output, known by their bytes."""

from __future__ import annotations

import hashlib
import shutil
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from selbench.adapters.ms_program import run_program
from selbench.adapters.program import Program
from selbench.errors import SimulatorError
from selbench.windows import Windows, WindowSpec

SPEC = WindowSpec(4, 1000)

# one site per window at 0.1, 0.2 …, carried by the first of n haplotypes
HONEST = """
import sys
n, reps = map(int, sys.argv[1:3])
print("ms", n, reps)
for i in range(reps):
    print(f"\\n//\\nsegsites: 1\\npositions: {(i + 1) / 10:.6f}")
    print("1", *("0" * (n - 1)), sep="\\n")
"""


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str], str]:
    """A program made of Python source, as a script that starts by itself."""

    def make(source: str) -> str:
        path = tmp_path / "fake program.py"
        path.write_text(f"#!{sys.executable}\n{source}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return f"'{path}'"

    return make


def run_fake(program: str, *, expected_windows: int = 3, timeout_s: float = 30) -> Windows:
    words = [*Program.find(program).words, "4", str(expected_windows), "-seeds", "1"]
    return run_program(words, spec=SPEC, expected_windows=expected_windows, timeout_s=timeout_s)


def test_complete_output_is_believed_whatever_the_exit_status(fake: Callable[[str], str]) -> None:
    windows = run_fake(fake(HONEST + "sys.exit(1)"))
    assert len(windows) == 3
    assert windows.n_sites.tolist() == [1, 1, 1]
    np.testing.assert_allclose(windows.positions, [100, 200, 300])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import sys; print('usage: fake nsam', file=sys.stderr)", "ends: usage: fake nsam"),
        ("pass", "its standard error is empty"),
        (HONEST.replace("range(reps)", "range(reps - 1)"), "expected 3 windows"),
        (HONEST.replace("range(reps)", "range(reps + 1)"), "expected 3 windows"),
        (HONEST.replace("(n - 1)", "(n - 2)"), "exit status 0"),
        (HONEST + "import os, signal; sys.stdout.truncate(70); os.abort()", "killed by signal 6"),
    ],
    ids=["usage with exit 0", "silence", "one window short", "one too many", "rows cut", "crash"],
)
def test_anything_else_is_an_error_that_tells_all(
    fake: Callable[[str], str], source: str, expected: str
) -> None:
    with pytest.raises(SimulatorError) as failure:
        run_fake(fake(source))
    message = str(failure.value)
    assert expected in message
    assert "fake program.py" in message
    assert "4 3 -seeds 1" in message
    assert "\n" not in message


def test_a_hang_ends_at_the_timeout_with_what_was_said(fake: Callable[[str], str]) -> None:
    hang = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid, file=sys.stderr, flush=True)\ntime.sleep(60)"
    )
    with pytest.raises(SimulatorError, match="killed after 1 s") as failure:
        run_fake(fake(hang), timeout_s=1)
    child = int(str(failure.value).split("child ")[1])
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_standard_input_is_closed_and_the_folder_is_private(
    fake: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    source = "import pathlib\nassert not sys.stdin.read()\npathlib.Path('seedms').write_text('1 2 3')\n"
    program = fake("import sys\n" + source + HONEST)
    assert len(run_fake(program)) == 3
    assert {path.name for path in set(tmp_path.iterdir()) - before} == {"fake program.py"}


def test_a_program_that_is_not_there() -> None:
    for spelling in ("no-such-program", "/no/such/program", "", "'"):
        with pytest.raises(SimulatorError, match="program = "):
            Program.find(spelling)
    with pytest.raises(SimulatorError, match=r"'missing\.jar' is no file"):
        Program.find(f"{sys.executable} -jar missing.jar")


def test_a_program_is_known_by_its_bytes_and_its_version(fake: Callable[[str], str]) -> None:
    program = Program.find(fake("print('fake 1.2.3')"))
    told = program.provenance()
    assert told["version"] == "fake 1.2.3"
    assert told["sha256"] == hashlib.sha256(program.file.read_bytes()).hexdigest()
    assert "fake program.py" in told["program"]
    silent = Program.find(fake("import sys; sys.exit('usage: 2 numbers')"))
    assert silent.provenance()["version"] == ""


def test_the_version_of_a_real_program() -> None:
    import msprime

    assert (
        msprime.__version__
        in Program.find(shutil.which("mspms") or str(Path(sys.executable).with_name("mspms"))).provenance()[
            "version"
        ]
    )
