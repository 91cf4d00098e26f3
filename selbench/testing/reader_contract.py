"""What every reader keeps."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from selbench.errors import SelbenchError
from selbench.formats.readers import read_windows
from selbench.plugin import Reader
from selbench.testing.component_contract import ComponentContract
from selbench.testing.small_windows import random_windows
from selbench.windows import Windows


class ReaderContract(ComponentContract):
    """What every reader keeps.

    Attributes
    ----------
    component : Reader
    file_name : str
        What a file or folder in this format may be called.
    has_labels : bool
        Whether the format tells classes.
    """

    component: ClassVar[Reader]
    file_name: ClassVar[str] = ""
    has_labels: ClassVar[bool] = True

    def write(self, path: Path, windows: Windows) -> None:
        """Write labelled windows in this format, by your own means: override it."""
        pytest.skip("override write(path, windows) and file_name in a test of your own")

    @pytest.fixture
    def written(self, tmp_path: Path) -> tuple[Path, Windows]:
        windows = random_windows(12, seed=5, labels=True)
        whole = Windows(
            windows.spec, windows.haplotypes, np.floor(windows.positions), windows.offsets,
            labels=windows.labels,
        )  # fmt: skip
        path = tmp_path / (self.file_name or "windows")
        self.write(path, whole)
        return path, whole

    def read(self, path: Path) -> Windows:
        return Windows.concatenate([windows for _, windows in read_windows(self.component, path)])

    def test_it_knows_its_format_and_no_other(self, written: tuple[Path, Windows], tmp_path: Path) -> None:
        assert self.component.reads(written[0])
        (tmp_path / "other.bin").write_bytes(b"\x00\x01\x02 something else")
        assert not self.component.reads(tmp_path / "other.bin")

    def test_what_was_written_is_read(self, written: tuple[Path, Windows]) -> None:
        path, expected = written
        found = self.read(path)
        assert len(found) == len(expected)
        assert found.spec.n_haplotypes == expected.spec.n_haplotypes
        assert found.spec.sequence_length == expected.spec.sequence_length
        assert sorted(found.n_sites.tolist()) == sorted(expected.n_sites.tolist())
        assert int(found.haplotypes.sum()) == int(expected.haplotypes.sum()), "other alleles"
        assert np.isclose(np.floor(found.positions).sum(), expected.positions.sum()), "other positions"
        if self.has_labels:
            assert found.labels is not None, "has_labels: expected labels"
            assert expected.labels is not None
            assert sorted(found.labels.tolist()) == sorted(expected.labels.tolist())

    def test_reading_repeats(self, written: tuple[Path, Windows]) -> None:
        first, again = self.read(written[0]), self.read(written[0])
        np.testing.assert_array_equal(first.haplotypes, again.haplotypes)
        np.testing.assert_array_equal(first.positions, again.positions)

    def test_a_file_that_ends_too_soon_is_refused_in_words_or_read_as_far_as_it_goes(
        self, written: tuple[Path, Windows]
    ) -> None:
        path = written[0]
        files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
        content = files[-1].read_bytes()
        files[-1].write_bytes(content[: len(content) // 2])
        with contextlib.suppress(SelbenchError):  # anything else is not in words
            self.read(path)

    def test_what_is_not_there_is_refused_in_words(self, tmp_path: Path) -> None:
        with pytest.raises((SelbenchError, OSError)):
            self.read(tmp_path / "nowhere")
