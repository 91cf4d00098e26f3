"""Every shipped reader keeps the contract that a stranger's keeps, and a path finds its reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from typer.testing import CliRunner

from selbench import PluginError, Reader, Registry, Windows, hookimpl
from selbench.cli.app import app
from selbench.formats.dataset import DatasetMetadata, dataset_counts, write_dataset
from selbench.formats.png_folder import write_png_folder
from selbench.formats.readers import Dataset, MsText, PngFolder, read_windows, reader_of
from selbench.testing import ReaderContract, random_windows


class TestDataset(ReaderContract):
    component = Dataset()
    file_name = "windows.parquet"

    def write(self, path: Path, windows: Windows) -> None:
        write_dataset(path, [("", windows)], DatasetMetadata(windows.spec))


class TestMsText(ReaderContract):
    component = MsText(sequence_length=200)
    file_name = "windows.ms"
    has_labels = False

    def write(self, path: Path, windows: Windows) -> None:
        lines = [f"ms {windows.spec.n_haplotypes} {len(windows)}", "1 2 3", ""]
        for haplotypes, positions in windows:
            lines += ["//", f"segsites: {len(positions)}"]
            if len(positions):
                lines.append("positions: " + " ".join(f"{(p + 0.5) / 200:.6f}" for p in positions))
                lines += ["".join(map(str, column)) for column in haplotypes.T]
            lines.append("")
        path.write_text("\n".join(lines) + "\n")


class TestPngFolder(ReaderContract):
    component = PngFolder()

    def write(self, path: Path, windows: Windows) -> None:
        write_png_folder(path, [("train", windows)], null="neutral", positive="selection")


del ReaderContract


@dataclass(frozen=True)
class Failing(Reader):
    """A reader that fails."""

    name: ClassVar[str] = "failing"

    def reads(self, path: Path) -> bool:
        return path.suffix == ".bad"

    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        raise KeyError("x")


@dataclass(frozen=True)
class Also(Failing):
    """Another that claims the same."""

    name: ClassVar[str] = "also"


class _Plugin:
    @staticmethod
    @hookimpl
    def register_readers() -> list[type[Reader]]:
        return [Failing, Also]


def test_two_readers_that_claim_a_path_and_one_that_fails_are_named(tmp_path: Path) -> None:
    registry = Registry.of(_Plugin())
    with pytest.raises(PluginError, match="is claimed by the readers also or failing: say which"):
        reader_of(tmp_path / "x.bad", registry)
    chosen = reader_of(tmp_path / "x.bad", registry, "failing")
    with pytest.raises(PluginError, match=r"x.bad: reader failing: KeyError: 'x' \(.*test_readers.py:\d+\)"):
        list(read_windows(chosen, tmp_path / "x.bad"))
    assert reader_of(tmp_path / "anything", registry) == Dataset()


@pytest.mark.parametrize(
    ("returned", "said"),
    [(None, "not iterable"), ([1], r"expected pairs \(split, windows\), found 1"), ([("", 2)], "found")],
)
def test_a_reader_that_reads_no_windows_is_named(returned: Any, said: str, tmp_path: Path) -> None:
    class Odd(Failing):
        def read(self, path: Path) -> Any:
            return returned

    with pytest.raises(PluginError, match=f"x.bad: reader failing: TypeError: .*{said}"):
        list(read_windows(Odd(), tmp_path / "x.bad"))


def test_a_folder_of_images_is_imported_with_its_splits_and_classes(tmp_path: Path) -> None:
    windows = random_windows(8, seed=2, labels=True)
    batches = [("train", windows), ("test", windows.take(np.arange(4)))]
    write_png_folder(tmp_path / "images", batches, null="neutral", positive="sweep")
    done = CliRunner().invoke(app, ["import", str(tmp_path / "images"), "--out", str(tmp_path / "a.parquet")])
    assert done.exit_code == 0, done.output
    assert dataset_counts(tmp_path / "a.parquet") == {
        ("train", "neutral"): 4,
        ("train", "selection"): 4,
        ("test", "neutral"): 2,
        ("test", "selection"): 2,
    }
    assert json.loads((tmp_path / "images" / "images.json").read_text())["null"] == "neutral"
