"""Names of folders as found in the wild: which split, which class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from selbench.audit.audited import SPLIT_ORDER, UNSPLIT

_SPLITS = {
    "train": "train", "training": "train", "trn": "train",
    "valid": "validation", "validation": "validation", "validate": "validation", "val": "validation",
    "dev": "validation", "development": "validation",
    "test": "test", "testing": "test", "tst": "test", "holdout": "test", "heldout": "test",
    "threshold": "threshold",
}  # fmt: skip

_ROLES = {
    "neutral": "null", "neut": "null", "neu": "null", "ntr": "null", "null": "null", "background": "null",
    "control": "null", "selection": "other", "selected": "other", "sel": "other", "select": "other",
    "sweep": "other", "sweeps": "other", "positive": "other",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a file belongs: its split, and its class as the folder calls it."""

    split: str
    label: str


def split_of(name: str) -> str | None:
    """Return the split that a folder's name stands for: ``TRAIN``, ``training_set``, ``Valid`` …"""
    found = {_SPLITS[word] for word in re.findall("[a-z]+", name.lower()) if word in _SPLITS}
    return found.pop() if len(found) == 1 else None


def place_of(parts: Sequence[str]) -> Place:
    """Tell split and class from a file's folders and name, below the root.

    The first folder that names a split is the split, the last other folder the
    class. Files without a folder of a class may say both in their name, as in
    ``train.neutral.ms``.
    """
    *folders, name = parts
    words = [word for word in re.split(r"[^A-Za-z]+", name.partition(".")[0]) if word]
    words += [word for word in name.split(".")[1:-1] if word and word != "tar"]
    splits = [folder for folder in folders if split_of(folder)]
    classes = [folder for folder in folders if folder not in splits]
    if not splits:
        splits = [word for word in words if split_of(word)]
    split = split_of(splits[0]) if splits else None
    others = [word for word in words if not split_of(word)]
    label = classes[-1] if classes else others[0] if others else "unlabelled"
    return Place(split or UNSPLIT, label)


def one_name_per_class(places: Iterable[Place]) -> dict[Place, str]:
    """Give the same class the same name in every split: the one it has first, training before test.

    Classes are the same if they differ in case alone, or if both are usual
    words for neutral, or for selected, and each stands alone in its split.
    """
    unique = sorted(set(places), key=lambda place: (SPLIT_ORDER.index(place.split), place.label))
    keys = {place: _key(place, unique) for place in unique}
    shown: dict[str, str] = {}
    for place in unique:
        shown.setdefault(keys[place], place.label)
    return {place: shown[keys[place]] for place in unique}


def classes_in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return class names, the one that means neutral first; sorted where none does."""
    return tuple(sorted(set(labels), key=lambda label: (_ROLES.get(label.lower()) != "null", label.lower())))


def is_null(label: str) -> bool:
    """Whether a class is called what neutral classes are called."""
    return _ROLES.get(label.lower()) == "null"


def _key(place: Place, places: Sequence[Place]) -> str:
    role = _ROLES.get(place.label.lower())
    beside = [other for other in places if other.split == place.split]
    alone = [_ROLES.get(other.label.lower()) for other in beside].count(role) == 1
    return f"role {role}" if role and alone else place.label.casefold()


def renamed(places: Mapping[Place, str]) -> list[str]:
    """Say which classes go by several names."""
    names: dict[str, list[str]] = {}
    for place, label in places.items():
        if place.label not in names.setdefault(label, [label]):
            names[label].append(place.label)
    return [f"{' = '.join(all_of_them)}" for all_of_them in names.values() if len(all_of_them) > 1]
