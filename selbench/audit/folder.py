"""A folder of labelled images or ms files that somebody else made, as audited data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from selbench.audit.audited import UNSPLIT, AuditedData, Batch, ReadProblem, split_rank
from selbench.audit.images import IMAGE_ENDINGS, image_batches
from selbench.audit.ms_files import is_ms_text, ms_batches
from selbench.audit.names import Place, classes_in_order, is_null, one_name_per_class, place_of, renamed
from selbench.errors import DataError

_NO_DATA = {".json", ".md", ".csv", ".tsv", ".py", ".sh", ".toml", ".yaml", ".yml", ".html", ".log", ".h5"}


def audited_folder(root: Path, *, sequence_length: int | None = None, null: str | None = None) -> AuditedData:
    """Understand a folder SPLIT/CLASS/files.

    Names and case are taken as they come: ``TRAIN``, ``training`` and ``Train``
    are one split, ``sel`` and ``SELECTION`` one class. There may be folders in
    between, or no split at all.

    Parameters
    ----------
    sequence_length : int, optional
        Of ms text, bp; by default what its first line says, else as many places
        as the printed digits tell apart.
    null : str, optional
        The null class, where its name does not say so.

    Raises
    ------
    DataError
        If there is no such folder, or no such class.
    """
    if not root.is_dir():
        raise DataError(f"{root}: expected a folder, found none")
    members = _members(root)
    labels = one_name_per_class(members)
    classes = classes_in_order(labels.values())
    if null is not None:
        if null not in classes:
            raise DataError(f"{root}: expected a class {null!r}, found {', '.join(classes) or 'none'}")
        classes = (null, *(label for label in classes if label != null))
    n_images = sum(path.suffix.lower() in IMAGE_ENDINGS for paths in members.values() for path in paths)
    n_files = sum(map(len, members.values()))

    def batches() -> Iterator[Batch | ReadProblem]:
        yield from _empty_folders(root)
        for place in sorted(members, key=lambda place: split_rank(place.split)):
            yield from _read(root, place.split, labels[place], members[place], sequence_length)

    return AuditedData(
        name=str(root),
        classes=classes,
        batches=batches,
        n_windows=n_files if n_images == n_files else None,
        layout=_layout(members, labels, classes, null),
    )


def _members(root: Path) -> dict[Place, list[Path]]:
    members: dict[Place, list[Path]] = {}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith((".", "__")) for part in parts)
        if hidden or not path.is_file() or path.suffix.lower() in _NO_DATA or path.name == "Thumbs.db":
            continue
        members.setdefault(place_of(parts), []).append(path)
    return members


def _read(
    root: Path, split: str, label: str, paths: list[Path], sequence_length: int | None
) -> Iterator[Batch | ReadProblem]:
    images = [path for path in paths if path.suffix.lower() in IMAGE_ENDINGS]
    yield from image_batches(root, split, label, images)
    for path in paths:
        if path.suffix.lower() in IMAGE_ENDINGS:
            continue
        if is_ms_text(path):
            yield from ms_batches(root, split, label, path, sequence_length)
        else:
            name = str(path.relative_to(root))
            yield ReadProblem(name, "neither an image nor ms text", "of another kind")


def _empty_folders(root: Path) -> Iterator[ReadProblem]:
    for path in sorted(root.rglob("*")):
        if path.is_dir() and not any(path.iterdir()):
            yield ReadProblem(str(path.relative_to(root)), "an empty folder", "empty folders", lost=False)


def _layout(
    members: dict[Place, list[Path]],
    labels: dict[Place, str],
    classes: tuple[str, ...],
    null: str | None,
) -> str:
    """Say how the folder was understood."""
    folders = Counter[str]()
    for place, paths in sorted(members.items(), key=lambda item: split_rank(item[0].split)):
        folders[f"{place.split}/{labels[place]}"] += len(paths)
    said = [f"understood as {', '.join(f'{place} ({n:,} files)' for place, n in folders.items())}"]
    if all(place.split == UNSPLIT for place in members):
        said.append("no folder names a split, so nothing is compared between splits")
    said += [f"one class: {names}" for names in renamed(labels)]
    if classes and null is None:
        why = "by its name" if is_null(classes[0]) else "as no name says so, the first by name"
        said.append(f"null class {classes[0]} ({why})")
    return "; ".join(said)
