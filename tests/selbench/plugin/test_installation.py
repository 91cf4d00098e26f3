"""How to install what is installed here: by what installers wrote down, never a name that others may take."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest

from selbench.plugin import installation
from selbench.plugin.installation import install_lines


def installed(folder: Path, name: str, version: str, origin: dict[str, Any] | None) -> PathDistribution:
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if origin is not None:
        (metadata / "direct_url.json").write_text(json.dumps(origin))
    return PathDistribution(metadata)


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (
            {"url": "file:///home/me/selbench", "dir_info": {}},
            "pip install '.[dask]'             # in a copy of selbench 0.1.0",
        ),
        (
            {"url": "file:///home/me/selbench-0.1.0-py3-none-any.whl", "archive_info": {}},
            "pip install 'selbench-0.1.0-py3-none-any.whl[dask]'",
        ),
        (
            {"url": "https://h.example/s.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}},
            "pip install 'selbench[dask] @ git+https://h.example/s.git@abc123'",
        ),
        (None, "pip install '.[dask]'             # in a copy of selbench 0.1.0"),
    ],
)
def test_selbench_is_installed_from_where_it_came(
    origin: dict[str, Any] | None, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = installed(tmp_path, "selbench", "0.1.0", origin)
    monkeypatch.setattr(installation, "distribution", lambda name: own)
    assert install_lines(extra="dask") == (line,)


def test_a_checkout_says_its_commit_and_whether_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "a checkout"
    checkout.mkdir()

    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(checkout), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (checkout / "file").write_text("1")
    git("add", ".")
    git("commit", "-qm", "first")
    origin = {"url": f"file://{str(checkout).replace(' ', '%20')}", "dir_info": {"editable": True}}
    own = installed(tmp_path / "site", "selbench", "0.1.0", origin)
    monkeypatch.setattr(installation, "distribution", lambda name: own)
    (line,) = install_lines()
    assert line.startswith("pip install . ")
    assert line.endswith(f"# in a copy of selbench 0.1.0 at commit {git('rev-parse', 'HEAD')[:12]}")
    (checkout / "file").write_text("2")
    assert install_lines()[0].endswith(", and changes that are not committed")


def test_packages_of_others_that_took_part_have_a_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = {
        "far_away": installed(tmp_path, "far-away", "3.1", None),
        "near_by": installed(tmp_path, "near-by", "1.0", {"url": "file:///x", "dir_info": {}}),
        "selbench_fadja": installed(tmp_path, "selbench", "0.1.0", None),
    }
    monkeypatch.setattr(installation, "distribution_of", shipped.get)
    lines = install_lines(["far_away", "selbench_fadja", "near_by", "far_away", "unknown"])
    assert lines[1:] == (
        "pip install far-away==3.1",
        "pip install .                     # in a copy of near-by 1.0",
    )


def test_this_installation_is_told_without_naming_an_index() -> None:
    assert "selbench==" not in install_lines()[0]
