"""Tasks: portions with streams of their own, the empty-window policy, datasets cut into splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import DataError, ExperimentError, Scenario, Simulator, Windows, WindowSpec
from selbench.experiment import (
    BLOCK,
    MAX_EMPTY_BLOCKS,
    SPLITS,
    DatasetClass,
    KeptWindows,
    Portion,
    SimulatedClass,
    Task,
    WindowCounts,
    keep,
    portions,
)
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.testing import assert_same_windows, neutral_scenario

SPEC = WindowSpec(2, 100)
SCENARIO = neutral_scenario(n_haplotypes=2, sequence_length=100)


def numbered(indices: Any, *, empty_every: int, seed: int = 0) -> Windows:
    """Return windows that carry their index; every so many, from the first on, has no site."""
    index = np.array(list(indices), dtype=np.int64)
    n_sites = (index % empty_every != 0).astype(np.int64) if empty_every else np.ones_like(index)
    return Windows(
        spec=SPEC,
        haplotypes=np.ones((n_sites.sum(), 2), dtype=np.uint8),
        positions=np.full(n_sites.sum(), 7.0),
        offsets=np.concatenate([[0], np.cumsum(n_sites)]).astype(np.int64),
        parameters={"index": index, "seed": np.full(len(index), seed)},
    )


@dataclass(frozen=True)
class Numbered(Simulator):
    """Numbers its windows; every so many has no site."""

    name: ClassVar[str] = "numbered"
    empty_every: int = 0
    asked: Any = None
    wrong: int = 0

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        if self.asked is not None:
            self.asked.append(windows)
        return numbered(windows, empty_every=self.empty_every, seed=seed % 2**31).take(
            slice(len(windows) - self.wrong)
        )


@dataclass(frozen=True)
class NumberedAnywhere(Numbered):
    """The same, whatever the range asked for."""

    independent_windows: ClassVar[bool] = True


def task_of(
    simulator: Simulator | None = None, *, dataset: Path | None = None, name: str = "toy", **settings: Any
) -> Task:
    source = SimulatedClass(simulator, SCENARIO) if simulator else DatasetClass(dataset or Path())
    sources = dict.fromkeys(("neutral", "sweep"), source)
    return Task(name=name, sources=sources, positive="sweep", spec=SPEC, **settings)


def portion_of(simulator: Simulator, n_windows: int, **settings: Any) -> Portion:
    return Portion(task_of(simulator, windows=WindowCounts(train=n_windows), **settings), "sweep", "train")


def complete(portion: Portion, seed: int = 1) -> KeptWindows:
    return portion.source.complete(portion, experiment_seed=seed)


def read(portion: Portion) -> Windows:
    return complete(portion).windows


def simulate(portion: Portion) -> Windows:
    return portion.source.simulate(portion, block=0, experiment_seed=1)


def indices_of(windows: Windows) -> list[int]:
    return windows.parameters["index"].tolist()


# streams


def test_portions_never_share_a_stream() -> None:
    names = ["paper", "sweep", "paper-sweep", "neutral"]
    labels = ["neutral", "sweep", "test", "paper"]
    seeds = [
        Portion(replace(task_of(Numbered()), name=name), label, split, repetition).seed(2021)
        for name, label, split, repetition in product(names, labels, SPLITS, [None, 0, 1, 2])
    ]
    assert len(set(seeds)) == len(seeds) == 4 * 4 * 4 * 4
    again = [portion.seed(2022) for portion in portions(task_of(Numbered()), split="train")]
    assert not set(again) & set(seeds)


def test_a_portion_s_stream_does_not_depend_on_how_many_windows_it_has() -> None:
    assert portion_of(Numbered(), 10).seed(1) == portion_of(Numbered(), 9999).seed(1)


def test_the_threshold_split_is_for_the_null_class_alone() -> None:
    task = task_of(Numbered())
    assert [p.label for p in portions(task, split="train")] == ["neutral", "sweep"]
    assert [p.label for p in portions(task, split="threshold")] == ["neutral"]


# how many are kept, and which


@pytest.mark.parametrize("simulator", [Numbered(3), NumberedAnywhere(3)])
@pytest.mark.parametrize("n_windows", [1, 2, 3, 999, 1000, 1001, 2500])
def test_dropping_keeps_exactly_n_in_index_order_and_counts_what_it_dropped(
    simulator: Simulator, n_windows: int
) -> None:
    kept = complete(portion_of(simulator, n_windows, empty_windows="drop"), 1)
    expected = [i for i in range(10 * BLOCK) if i % 3][:n_windows]
    assert indices_of(kept.windows) == expected
    assert (kept.windows.n_sites > 0).all()
    assert kept.attempted == expected[-1] + 1
    assert kept.empty == kept.attempted - n_windows
    assert set(kept.windows.labels.tolist()) == {"sweep"}  # type: ignore[union-attr]


@pytest.mark.parametrize("simulator", [Numbered(3), NumberedAnywhere(3)])
def test_keeping_takes_the_first_n_and_counts_the_empty_ones(simulator: Simulator) -> None:
    kept = complete(portion_of(simulator, 1001), 1)
    assert indices_of(kept.windows) == list(range(1001))
    assert (kept.attempted, kept.empty) == (1001, 334)


@pytest.mark.parametrize("policy", ["keep", "drop"])
@pytest.mark.parametrize("simulator", [Numbered(4), NumberedAnywhere(4)])
def test_a_smaller_portion_is_a_prefix_of_a_larger_one(simulator: Simulator, policy: str) -> None:
    sizes = [1, 10, 999, 1000, 1500]
    kept = [complete(portion_of(simulator, n, empty_windows=policy), 3).windows for n in sizes]
    for smaller, n in zip(kept, sizes, strict=True):
        assert_same_windows(smaller, kept[-1].take(slice(n)))


def test_no_windows_are_a_portion_too() -> None:
    task = task_of(Numbered(), windows=WindowCounts(validation=0))
    kept = complete(Portion(task, "sweep", "validation"), 1)
    assert (len(kept.windows), kept.attempted, kept.empty) == (0, 0, 0)
    assert kept.windows.spec == SPEC
    with_others = Windows.concatenate([kept.windows, numbered(range(3), empty_every=0).with_label("x")])
    assert with_others.labels.tolist() == ["x"] * 3  # type: ignore[union-attr]


@given(
    st.lists(st.lists(st.booleans(), max_size=6), max_size=5),
    st.integers(0, 8),
    st.sampled_from(["keep", "drop"]),
)
def test_keeping_is_filtering_and_counting_a_list(blocks: list[list[bool]], n: int, policy: str) -> None:
    task = task_of(Numbered(), windows=WindowCounts(validation=n), empty_windows=policy)
    portion = Portion(task, "sweep", "validation")
    numbers: Iterator[int] = iter(range(100))
    batches = [
        Windows.from_arrays(
            [np.ones((int(has_site), 2)) for has_site in block],
            [np.zeros(int(has_site)) for has_site in block],
            sequence_length=100,
            n_haplotypes=2,
            parameters={"index": np.array([next(numbers) for _ in block], dtype=np.int64)},
        )
        for block in blocks
    ]
    flat = [has_site for block in blocks for has_site in block]
    wanted = [i for i, has_site in enumerate(flat) if has_site or policy == "keep"]
    kept = keep(portion, iter(batches))
    if len(wanted) < n:
        assert kept is None
        return
    assert kept is not None
    assert (indices_of(kept.windows) if n else []) == wanted[:n]
    assert kept.attempted == (wanted[n - 1] + 1 if n else 0)
    assert kept.empty == flat[: kept.attempted].count(False)


# blocks


def test_simulators_are_asked_for_whole_blocks_unless_their_windows_are_independent() -> None:
    for cls, policy, expected in [
        (Numbered, "keep", [range(1000), range(1000, 2000)]),
        (Numbered, "drop", [range(1000), range(1000, 2000)]),
        (NumberedAnywhere, "keep", [range(1000), range(1000, 1200)]),
        (NumberedAnywhere, "drop", [range(1000), range(1000, 2000)]),
    ]:
        asked: list[range] = []
        complete(portion_of(cls(0, asked), 1200, empty_windows=policy), 1)
        assert asked == expected


def test_a_simulator_that_drops_windows_is_caught() -> None:
    with pytest.raises(
        DataError, match=r"simulator numbered\[wrong=1\]: asked for 1000 windows of .*, got 999 of"
    ):
        simulate(portion_of(Numbered(wrong=1), 5))
    wrong_shape = Portion(replace(portion_of(Numbered(), 5).task, spec=WindowSpec(4, 100)), "sweep", "train")
    with pytest.raises(
        DataError, match=r"asked for 1000 windows of 4 haplotypes, .* got 1000 of 2 haplotypes"
    ):
        simulate(wrong_shape)


def test_a_class_read_from_a_file_has_no_blocks(tmp_path: Path) -> None:
    portion = Portion(task_of(dataset=tmp_path / "x"), "sweep", "train")
    assert portion.source.blocks_needed(portion, lambda block: numbered(range(1), empty_every=0), 0) == 0
    with pytest.raises(TypeError, match="dataset x has no blocks"):
        simulate(portion)
    with pytest.raises(TypeError, match="dataset x has no blocks"):
        portion.source.block_range(portion, 0)


def test_blocks_grow_at_most_twofold_on_a_poor_guess() -> None:
    half, nearly_none = (numbered(range(BLOCK), empty_every=n) for n in (2, 1))
    portion = portion_of(Numbered(2), 10_000, empty_windows="drop")
    assert portion.source.blocks_needed(portion, lambda block: half, 0) == 10
    assert portion.source.blocks_needed(portion, lambda block: half, 10) == 20
    assert portion.source.blocks_needed(portion, lambda block: half, 15) == 20
    assert portion.source.blocks_needed(portion, lambda block: half, 20) == 20
    assert portion.source.blocks_needed(portion, lambda block: nearly_none, 4) == 8
    assert portion.source.blocks_needed(portion, lambda block: half if block == 0 else nearly_none, 4) == 8


@pytest.mark.parametrize(("one_in", "found"), [(0, "none"), (2, str(MAX_EMPTY_BLOCKS // 2))])
def test_a_class_that_would_never_fill_is_given_up(one_in: int, found: str) -> None:
    empty = numbered(range(BLOCK), empty_every=1)
    one_site = Windows.concatenate([empty.take(slice(1, None)), numbered([1], empty_every=0)])

    def read(block: int) -> Windows:
        return one_site if one_in and block % one_in else empty

    portion = portion_of(Numbered(1), 5000, empty_windows="drop")
    portion.source.blocks_needed(portion, read, MAX_EMPTY_BLOCKS - 1)
    message = f"task 'toy', class 'sweep': {found} of {MAX_EMPTY_BLOCKS * BLOCK:,} windows has a site"
    with pytest.raises(ExperimentError, match=message):
        portion.source.blocks_needed(portion, read, MAX_EMPTY_BLOCKS)


def test_a_barren_simulator_does_not_run_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selbench.experiment.sources.MAX_EMPTY_BLOCKS", 3)
    asked: list[range] = []
    with pytest.raises(ExperimentError, match="none of 4,000 windows has a site"):
        complete(portion_of(Numbered(1, asked), 5, empty_windows="drop"), 1)
    assert len(asked) == 4


# tasks and counts


@pytest.mark.parametrize("positive", ["neutral", "hard"])
def test_the_positive_class_is_one_but_the_null(positive: str) -> None:
    with pytest.raises(ExperimentError, match=rf"'toy': positive: .*, sweep, found '{positive}'"):
        replace(task_of(Numbered()), positive=positive)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"train": 0}, "train: expected at least 1, found 0"),
        ({"test": 0}, "test: expected at least 1, found 0"),
        ({"threshold": -1}, "threshold: expected at least 0, found -1"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts: dict[str, int], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        WindowCounts(**counts)


# datasets


def dataset(path: Path, batches: list[tuple[str, str, Windows]]) -> Path:
    metadata = DatasetMetadata(SPEC, classes=("neutral", "sweep"))
    write_dataset(path, ((split, windows.with_label(label)) for split, label, windows in batches), metadata)
    return path


COUNTS = WindowCounts(train=4, validation=2, test=3, threshold=1)


def test_a_file_with_splits_is_read_by_split_and_class(tmp_path: Path) -> None:
    path = dataset(
        tmp_path / "d.parquet",
        [
            ("train", "neutral", numbered(range(5), empty_every=0)),
            ("test", "neutral", numbered(range(5, 9), empty_every=0)),
            ("train", "sweep", numbered(range(20, 25), empty_every=0)),
        ],
    )
    task = task_of(dataset=path, windows=COUNTS)
    assert indices_of(read(Portion(task, "neutral", "train"))) == [0, 1, 2, 3]
    assert indices_of(read(Portion(task, "neutral", "test"))) == [5, 6, 7]
    assert indices_of(read(Portion(task, "sweep", "train"))) == [20, 21, 22, 23]
    with pytest.raises(DataError, match=r"d\.parquet: expected windows of split 'validation'"):
        read(Portion(task, "neutral", "validation"))


@pytest.mark.parametrize("policy", ["keep", "drop"])
def test_a_file_without_splits_is_cut_so_that_no_window_serves_twice(tmp_path: Path, policy: str) -> None:
    windows = numbered(range(15), empty_every=4)
    path = dataset(tmp_path / "d.parquet", [("", "neutral", windows), ("", "sweep", windows.take([1]))])
    task = task_of(dataset=path, windows=COUNTS, empty_windows=policy)
    usable = [i for i in range(15) if policy == "keep" or i % 4]
    cuts = {"train": (0, 4), "validation": (4, 6), "test": (6, 9), "threshold": (9, 10)}
    looked_at = []
    for split in SPLITS:
        kept = complete(Portion(task, "neutral", split), 1)
        assert indices_of(kept.windows) == usable[slice(*cuts[split])]
        assert set(kept.windows.labels.tolist()) == {"neutral"}  # type: ignore[union-attr]
        looked_at.append((kept.attempted, kept.empty))
    if policy == "keep":
        assert looked_at == [(4, 1), (2, 1), (3, 1), (1, 0)]
    else:
        assert looked_at == [(6, 2), (2, 0), (4, 1), (2, 1)]
    with pytest.raises(DataError, match="expected 4 train windows of class 'sweep', found 1"):
        read(Portion(task, "sweep", "train"))


def test_a_split_without_windows_needs_none_in_the_file(tmp_path: Path) -> None:
    path = dataset(tmp_path / "d.parquet", [("train", "neutral", numbered(range(9), empty_every=0))])
    task = task_of(dataset=path, windows=replace(COUNTS, validation=0))
    assert len(read(Portion(task, "neutral", "validation"))) == 0
