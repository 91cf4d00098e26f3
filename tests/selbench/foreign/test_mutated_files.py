"""Small files of every reader, mutated: an error of ours or a value; whole ones keep their values.

A fixed seed and so many files of each reader, the same ones every time. For longer, or other ones:
``SELBENCH_FUZZ_SECONDS=600 SELBENCH_FUZZ_SEED=2 pytest tests/selbench/foreign/test_mutated_files.py``.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import msprime
import numpy as np
import pytest
from cyvcf2 import VCF, Writer

from selbench import Registry
from selbench.adapters.estimator_file import load_estimator, save_estimator
from selbench.errors import SelbenchError
from selbench.experiment.file import load_table
from selbench.foreign.arrays import read_npz
from selbench.foreign.json import read_json
from selbench.foreign.parquet import read_parquet
from selbench.formats.dataset import DatasetMetadata, read_dataset, write_dataset
from selbench.formats.individuals import read_individuals
from selbench.formats.ms_text import read_ms_windows, write_ms
from selbench.formats.png_folder import read_png_folder, write_png_folder
from selbench.formats.tree_sequences import read_tree_sequences
from selbench.formats.vcf import read_vcf
from selbench.formats.vcf_regions import read_bed
from selbench.formats.vcf_text import write_vcf
from selbench.runner.blocks import windows_from_bytes, windows_to_bytes
from selbench.scenario.population import Population
from selbench.scenario.trajectories import read_trajectories
from selbench.windows import Windows

SECONDS = float(os.environ.get("SELBENCH_FUZZ_SECONDS", "0"))
"""For all readers together; 0: until each has had its number of files."""

SEED = int(os.environ.get("SELBENCH_FUZZ_SEED", "1"))


def some_windows() -> Windows:
    rng = np.random.default_rng(5)
    haplotypes = [rng.integers(0, 2, (n, 6), dtype=np.uint8) for n in (4, 0, 7)]
    for matrix in haplotypes:
        matrix[:, 0], matrix[:, 1] = 0, 1
    positions = [np.sort(rng.choice(40, len(matrix), replace=False)).astype(float) for matrix in haplotypes]
    return Windows.from_arrays(haplotypes, positions, sequence_length=40, labels=["a", "b", "b"])


WINDOWS = some_windows()


def _ms(path: Path) -> None:
    with path.open("wb") as stream:
        write_ms(WINDOWS, stream, command="ms 6 3 -t 2")


def _vcf(path: Path) -> None:
    with path.open("wb") as stream:
        write_vcf([WINDOWS.take([0, 2])], stream, n_windows=2, source="a test")


def _bcf(path: Path) -> None:
    text = path.with_suffix(".vcf")
    _vcf(text)
    vcf = VCF(str(text))
    writer = Writer(str(path), vcf, mode="wbu" if path.suffix == ".plain" else "wb")
    for record in vcf:
        writer.write_record(record)
    writer.close()
    text.unlink()


def _gzip(write: Callable[[Path], None]) -> Callable[[Path], None]:
    def packed(path: Path) -> None:
        write(path)
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))

    return packed


def _trees(path: Path) -> None:
    ancestry = msprime.sim_ancestry(3, sequence_length=40, population_size=100, random_seed=1)
    msprime.sim_mutations(ancestry, rate=1e-3, random_seed=1).dump(path)


def _dataset(path: Path) -> None:
    metadata = DatasetMetadata(WINDOWS.spec, classes=("a", "b"))
    write_dataset(path, [("train", WINDOWS)], metadata)


def _png(path: Path) -> None:
    write_png_folder(path.with_suffix(".folder"), {"train": WINDOWS}, null="a", positive="b")
    image = next(path.with_suffix(".folder").rglob("*.png"))
    image.rename(path)


def _read_png(path: Path) -> Any:
    place = path.parent / "images" / "TRAIN" / "NEUTRAL"
    place.mkdir(parents=True, exist_ok=True)
    (place / "a.png").write_bytes(path.read_bytes())
    return [windows for _, windows in read_png_folder(path.parent / "images")]


def _matrices(windows: Windows) -> Any:
    return windows.digests()


def _genome(path: Path) -> Any:
    genome = read_vcf(path, polarise="ref")
    return [(c.positions.tolist(), c.haplotypes.tolist()) for c in genome.chromosomes]


@dataclass(frozen=True)
class Reader:
    """A kind of file: how a whole one is written, what is read from it, and how many are mutated."""

    name: str
    write: Callable[[Path], object]
    read: Callable[[Path], Any]
    n_mutants: int = 150


def _text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content)


def arrays_of(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return arrays as lists by name; a mutation may have given one another name."""
    return {name: array.tolist() for name, array in arrays.items()}


def _estimator(path: Path) -> None:
    from sklearn.ensemble import RandomForestClassifier

    features = np.random.default_rng(3).normal(size=(12, 2))
    forest = RandomForestClassifier(2, random_state=1).fit(features, features[:, 0] > 0)
    save_estimator({"estimator": forest}, path)


def _answers(path: Path) -> Any:
    return load_estimator(path)["estimator"].predict_proba(np.eye(2)).tolist()


DEMES = (
    "time_units: generations\ndemes:\n- name: A\n  epochs:\n"
    "  - {start_size: 900, end_time: 80}\n  - {start_size: 50}\n"
)
TRAJECTORY = "ntraj: 1\nnpop: 1\nn: 4\n0.0 0.9\n0.01 0.5\n0.02 0.1\n0.03 0.0\n"
TOML = 'name = "x"\nmethods = ["a", "b"]\n[tasks.t]\nnull = "n"\nlocus = { sequence_length = 10_000 }\n'
JSON = '{"format": 1, "a": [1.5, null, true, "ä"], "b": {"c": {"d": -3}}}'

READERS = [
    Reader("ms", _ms, lambda path: _matrices(read_ms_windows(path, sequence_length=40))),
    Reader("ms.gz", _gzip(_ms), lambda path: _matrices(read_ms_windows(path, sequence_length=40))),
    Reader("vcf", _vcf, _genome, 40),
    Reader("vcf.gz", _gzip(_vcf), _genome, 20),
    Reader("bcf", _bcf, _genome, 40),
    Reader("trees", _trees, lambda path: _matrices(next(read_tree_sequences([path])))),
    Reader("dataset", _dataset, lambda path: _matrices(read_dataset(path))),
    Reader("table", _dataset, lambda path: len(read_parquet(path, {"split": "text", "n_sites": "whole"}))),
    Reader("png", _png, lambda path: [_matrices(windows) for windows in _read_png(path)]),
    Reader(
        "block",
        lambda p: p.write_bytes(windows_to_bytes(WINDOWS)),
        lambda p: _matrices(windows_from_bytes(p)),
    ),
    Reader("npz", lambda p: np.savez(p.open("wb"), a=np.arange(9.0)), lambda p: arrays_of(read_npz(p))),
    Reader("toml", _text(TOML), lambda p: load_table(p, Registry.of())),
    Reader("json", _text(JSON), read_json),
    Reader("bed", _text("1\t5\t9\n2\t1\t3\n"), lambda p: {k: v.tolist() for k, v in read_bed(p).items()}),
    Reader("yaml", _text(DEMES), Population.from_demes, 60),
    Reader("traj", _text(TRAJECTORY), lambda p: read_trajectories(p, population_size=500)),
    Reader("skops", _estimator, _answers, 8),
    Reader("names", _text("ann\nbob\n# c\n"), read_individuals),
]


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with one to three faults: changed, cut, doubled, moved, or a number made strange."""
    for _ in range(int(rng.integers(1, 4))):
        at, length = int(rng.integers(0, len(content) + 1)), int(rng.integers(1, 9))
        kind = int(rng.integers(0, 7))
        part = content[at : at + length]
        strange = [
            b"-1",
            b"\xff\xfe",
            b"\x00",
            b"99999999999999999999",
            b"nan",
            b"\t",
            b"\n",
            b"1e999",
            b"\xef\xbb\xbf",
        ]
        replacement = {
            0: rng.bytes(length),
            1: b"",
            2: part * 3,
            3: strange[int(rng.integers(len(strange)))],
            4: bytes(byte ^ (1 << int(rng.integers(8))) for byte in part),
            5: part + strange[int(rng.integers(len(strange)))],
            6: None,
        }[kind]
        content = content[:at] if replacement is None else content[:at] + replacement + content[at + length :]
    return content


def mutants(reader: Reader, whole: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng([SEED, READERS.index(reader)])
    end = time.monotonic() + SECONDS / len(READERS)
    for number in count():
        if time.monotonic() >= end if SECONDS else number == reader.n_mutants:
            return
        yield mutated(whole, rng)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_mutated_files_end_in_a_value_or_one_line(
    tmp_path: Path, reader: Reader, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"file.{reader.name}"
    reader.write(path)
    expected, whole = reader.read(path), path.read_bytes()
    n_tried = n_refused = 0
    for content in mutants(reader, whole):
        path.write_bytes(content)
        n_tried += 1
        try:
            reader.read(path)
        except SelbenchError as refusal:
            n_refused += 1
            text = str(refusal)
            assert "\n" not in text
            assert len(text) <= 2000
    assert n_tried
    assert n_refused
    path.write_bytes(whole)
    assert reader.read(path) == expected
    assert capfd.readouterr().err == ""


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """The readers above of one and the same windows agree with them, site by site."""
    by_name = {reader.name: reader for reader in READERS}
    for name in ("ms", "ms.gz", "dataset", "block"):
        by_name[name].write(tmp_path / name)
        assert by_name[name].read(tmp_path / name) == WINDOWS.digests()
    with_sites = WINDOWS.take([0, 2])
    wanted = [(positions.tolist(), haplotypes.tolist()) for haplotypes, positions in with_sites]
    for name in ("vcf", "vcf.gz", "bcf"):
        by_name[name].write(tmp_path / name)
        assert by_name[name].read(tmp_path / name) == wanted
