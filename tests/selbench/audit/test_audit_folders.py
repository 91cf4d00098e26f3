"""Folders that somebody else made: layouts of all kinds, bad files, images and ms text."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from selbench import Windows
from selbench.audit.audited import Batch
from selbench.audit.checks import audit_windows
from selbench.audit.folder import audited_folder
from selbench.audit.ms_files import printed_decimals
from selbench.audit.names import Place, one_name_per_class, place_of, split_of
from selbench.errors import DataError
from selbench.formats.ms_text import write_ms
from selbench.formats.png_folder import site_rows, write_png_folder
from selbench.run_folder import Audit, Finding

Bench = Any
Pick = Callable[[Audit, str], Finding]


@pytest.fixture(scope="session")
def exported(clean: Bench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export clean windows as the study's folder of images: 120, 40 and 60 per class."""
    folder = tmp_path_factory.mktemp("exported") / "images"
    sizes = {"train": 120, "validation": 40, "test": 60}
    batches = [(split, w.take(range(sizes[split]))) for (split, _), w in clean.windows.items()]
    write_png_folder(folder, batches, null="neutral", positive="sweep")
    return folder


@pytest.fixture
def images(exported: Path, tmp_path: Path) -> Path:
    """Return a copy of the exported folder, to spoil."""
    return Path(shutil.copytree(exported, tmp_path / "images"))


def audited(folder: Path, **options: Any) -> Audit:
    return audit_windows(audited_folder(folder, **options))[0]


def windows_of(folder: Path) -> dict[tuple[str, str], Windows]:
    batches = [item for item in audited_folder(folder).batches() if isinstance(item, Batch)]
    return {
        (split, label): Windows.concatenate(
            [b.windows for b in batches if (b.split, b.label) == (split, label)]
        )
        for split, label in {(b.split, b.label) for b in batches}
    }


def test_exported_images_are_read_site_by_site(exported: Path, clean: Bench) -> None:
    read = windows_of(exported)
    assert set(read) == {(s, c) for s in ("train", "validation", "test") for c in ("NEUTRAL", "SELECTION")}
    written = clean.windows["test", "neutral"].take(range(60))
    rows, _ = site_rows(written)
    assert (read["test", "NEUTRAL"].haplotypes == written.haplotypes).all()
    assert (read["test", "NEUTRAL"].positions == rows).all()


def test_a_clean_export_has_no_red_check(exported: Path) -> None:
    audit = audited(exported)
    assert [finding for finding in audit.findings if finding.verdict == "red"] == []
    assert audit.findings[0].headline.startswith("440 windows")


def test_a_leak_between_folders_is_found_and_named(images: Path, finding: Pick) -> None:
    for i in range(10, 14):
        shutil.copy(
            images / f"TRAIN/NEUTRAL/neutral_0000{i}.png", images / f"TEST/NEUTRAL/neutral_00000{i - 10}.png"
        )
    found = finding(audited(images), "Identical windows across splits")
    assert found.verdict == "red"
    assert found.headline.startswith("4 of 60 windows of test/NEUTRAL")
    assert "TEST/NEUTRAL/neutral_000000.png = TRAIN/NEUTRAL/neutral_000010.png" in " ".join(found.evidence)


def test_bad_files_are_findings_and_the_rest_is_audited(images: Path, finding: Pick) -> None:
    broken = images / "TEST/NEUTRAL/neutral_000003.png"
    broken.write_bytes(broken.read_bytes()[:60])
    (images / "TEST/NEUTRAL/notes.txt").write_text("made on a Tuesday")
    (images / "VALID/SWEEP2").mkdir()
    Image.new("L", (40, 1000)).save(images / "TEST/SELECTION/narrow.png")
    Image.new("L", (48, 1002)).save(images / "TEST/SELECTION/tall.png")
    audit = audited(images)
    read = audit.findings[0]
    assert read.verdict != "green"
    said = " ".join(read.evidence)
    assert "neutral_000003.png: damaged, expected a PNG image" in said
    assert "notes.txt: neither an image nor ms text" in said
    assert "SWEEP2: an empty folder" in said
    sizes = finding(audit, "Size of windows")
    assert sizes.verdict == "red", "the classes differ in the number of columns"
    assert "40 haplotypes" in " ".join(sizes.evidence)
    assert "1,002 rows" in " ".join(sizes.evidence)
    assert finding(audit, "Identical windows across splits").verdict == "green"


def test_many_unreadable_files_are_red(images: Path) -> None:
    for path in (images / "TRAIN/SELECTION").iterdir():
        path.write_bytes(b"")
    audit = audited(images)
    assert audit.findings[0].verdict == "red"
    assert "120 unreadable" in audit.findings[0].headline
    assert audit.verdict == "red"


def test_image_height_that_tells_the_class_is_red(images: Path, finding: Pick) -> None:
    for path in (images / "TRAIN/SELECTION", images / "TEST/SELECTION"):
        for file in path.iterdir():
            with Image.open(file) as image:
                taller = Image.new("L", (48, 1004))
                taller.paste(image)
            taller.save(file)
    audit = audited(images)
    found = finding(audit, "how the files were made")
    assert found.verdict == "red"
    assert "image height" in found.headline
    assert finding(audit, "Size of windows").verdict == "amber"


@pytest.mark.parametrize("mode", ["1", "RGB", "P", "LA", "scaled", "I;16"])
def test_images_of_other_modes_hold_the_same_windows(images: Path, mode: str, tmp_path: Path) -> None:
    before = windows_of(images)
    for file in images.glob("TEST/*/*.png"):
        with Image.open(file) as image:
            pixels = np.asarray(image)
        if mode == "scaled":
            changed = Image.fromarray(pixels // 255)
        elif mode == "I;16":
            changed = Image.fromarray(pixels.astype(np.uint16))
        else:
            changed = Image.fromarray(pixels).convert(mode)
        changed.save(file)
    after = windows_of(images)
    for place in before:
        assert (before[place].haplotypes == after[place].haplotypes).all()
        assert (before[place].positions == after[place].positions).all()


def test_grey_levels_are_cut_in_half_and_said(images: Path) -> None:
    file = images / "TEST/NEUTRAL/neutral_000000.png"
    with Image.open(file) as image:
        pixels = np.asarray(image).copy()
    pixels[5, :4] = 90
    pixels[6, :4] = 200
    Image.fromarray(pixels).save(file)
    read = audited(images).findings[0]
    assert read.verdict == "amber"
    assert any("grey levels: brighter than 127 taken as derived" in line for line in read.evidence)


@pytest.mark.parametrize(
    ("path", "split", "label"),
    [
        ("TRAIN/NEUTRAL/0.png", "train", "NEUTRAL"),
        ("training_set/sel/0.png", "train", "sel"),
        ("Valid/Selection/a/0.png", "validation", "a"),
        ("val/sweep/0.png", "validation", "sweep"),
        ("dev/neutral/x.ms.gz", "validation", "neutral"),
        ("testing/Neutral/1.png", "test", "Neutral"),
        ("data/10k/Test/SEL/1.png", "test", "SEL"),
        ("neutral/train/1.png", "train", "neutral"),
        ("neutral/1.png", "all", "neutral"),
        ("train.neutral.ms", "train", "neutral"),
        ("test/neutral_0001.png", "test", "neutral"),
        ("contest/neutral/1.png", "all", "neutral"),
    ],
)
def test_folders_are_understood_as_found_in_the_wild(path: str, split: str, label: str) -> None:
    assert place_of(path.split("/")) == Place(split, label)


def test_names_of_splits_are_whole_words() -> None:
    assert split_of("TRAIN") == "train"
    assert split_of("my_training_images") == "train"
    assert split_of("latest") is None
    assert split_of("train_and_test") is None


def test_one_class_has_one_name_in_all_splits() -> None:
    places = [
        Place("train", "SELECTION"),
        Place("test", "sel"),
        Place("train", "Neutral"),
        Place("test", "NEUTRAL"),
    ]
    assert set(one_name_per_class(places).values()) == {"SELECTION", "Neutral"}
    several = [Place("train", "sel"), Place("train", "sweep"), Place("test", "sel"), Place("test", "sweep")]
    assert set(one_name_per_class(several).values()) == {"sel", "sweep"}


def ms_folder(folder: Path, clean: Bench, *, digits: dict[str, int], zipped: bool = False) -> Path:
    for (split, label), windows in clean.windows.items():
        path = folder / split.capitalize() / label.upper() / ("out.ms.gz" if zipped else "out.txt")
        path.parent.mkdir(parents=True)
        with gzip.open(path, "wb") if zipped else path.open("wb") as stream:
            write_ms(
                windows, stream, command=f"ms 48 {len(windows)} -t 3.2 -r 3.2 1001", digits=digits[label]
            )
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_ms_text_is_read_with_its_length_and_precision(clean: Bench, tmp_path: Path, zipped: bool) -> None:
    folder = ms_folder(tmp_path / "text", clean, digits={"neutral": 5, "sweep": 5}, zipped=zipped)
    audit, survey = audit_windows(audited_folder(folder))
    assert audit.verdict != "red"
    group = survey.group("test", "NEUTRAL")
    assert group is not None
    assert len(group) == 300
    assert set(group.sequence_lengths) == {1000}
    assert (group.n_sites == clean.windows["test", "neutral"].n_sites).all()
    assert set(group.decimals) == {5}


def test_classes_printed_with_different_digits_are_red(clean: Bench, tmp_path: Path, finding: Pick) -> None:
    folder = ms_folder(tmp_path / "text", clean, digits={"neutral": 3, "sweep": 5})
    assert printed_decimals(folder / "Test/SWEEP/out.txt") == 5
    audit = audited(folder)
    assert finding(audit, "Precision").verdict == "red"
    assert finding(audit, "how the files were made").verdict == "red"


def test_a_damaged_ms_file_is_audited_up_to_its_fault(clean: Bench, tmp_path: Path) -> None:
    folder = ms_folder(tmp_path / "text", clean, digits={"neutral": 5, "sweep": 5})
    path = folder / "Test/NEUTRAL/out.txt"
    path.write_text(path.read_text() + "\n//\nsegsites: 2\npositions: 0.1\n")
    read = audited(folder).findings[0]
    assert any("expected 2 position(s)" in line for line in read.evidence)


def test_a_folder_without_splits_is_audited_within(images: Path, finding: Pick) -> None:
    audit = audited(images / "TRAIN")
    assert "no folder names a split" in " ".join(audit.findings[0].evidence)
    assert finding(audit, "Identical windows across splits").verdict == "amber"
    assert "AUC" in finding(audit, "One number of the windows").headline
    assert audit.verdict == "amber"


def test_empty_and_missing_folders(tmp_path: Path) -> None:
    audit = audited(tmp_path)
    assert audit.verdict == "red"
    assert audit.findings[0].headline == "Found no windows."
    with pytest.raises(DataError, match="expected a folder"):
        audited_folder(tmp_path / "nowhere")
    with pytest.raises(DataError, match="expected a class 'neutral'"):
        audited_folder(tmp_path, null="neutral")


def test_the_null_class_can_be_named(images: Path) -> None:
    assert audited_folder(images).classes == ("NEUTRAL", "SELECTION")
    assert audited_folder(images, null="SELECTION").classes == ("SELECTION", "NEUTRAL")
