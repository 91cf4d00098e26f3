"""One look per method, the same in every chart: told apart by colour, and by dashes where colour fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from selbench.run_folder import RunRecord

# Hues after Okabe & Ito (2008), dark enough for thin lines on white; the second of a pair is for dark ground.
_TRAINED = (
    ("#0b62a8", "#6cb2f0"),
    ("#c8501e", "#ff9b66"),
    ("#0a7d5c", "#4fd1a5"),
    ("#a3478f", "#e59bd3"),
    ("#8a6a00", "#e6c14d"),
    ("#1f8bb5", "#7fd3f0"),
    ("#5b4fb3", "#b3a9ff"),
    ("#7a4a2b", "#d4a37f"),
)
_TRAINED_DASHES = ("none", "9 3", "5 2 1 2")
_BASELINES = (("#4a4a4a", "#d0d0d0"), ("#7d7d7d", "#a3a3a3"), ("#616161", "#bababa"))
_BASELINE_DASHES = ("2 3", "7 3 2 3", "4 3", "1 4", "10 3 2 3 2 3")


@dataclass(frozen=True)
class Style:
    """How a method is drawn: a class name, its colours on light and dark ground, its dashes."""

    name: str
    light: str
    dark: str
    dashes: str


def styles(record: RunRecord) -> dict[str, Style]:
    """Return a style per label: colours for trained methods, greys with dashes for baselines."""
    found = {}
    n_trained = n_baselines = 0
    for index, (method, label) in enumerate(record.labels.items()):
        if record.methods[method].is_baseline:
            colours = _BASELINES[n_baselines % len(_BASELINES)]
            dashes = _BASELINE_DASHES[n_baselines % len(_BASELINE_DASHES)]
            n_baselines += 1
        else:
            colours = _TRAINED[n_trained % len(_TRAINED)]
            dashes = _TRAINED_DASHES[n_trained // len(_TRAINED) % len(_TRAINED_DASHES)]
            n_trained += 1
        found[label] = Style(f"m{index}", *colours, dashes)
    return found


def style_sheet(found: Iterable[Style]) -> str:
    """Return the rules that give each method's class its colours and dashes."""
    return "\n".join(
        f".{style.name}{{--light:{style.light};--dark:{style.dark};--dashes:{style.dashes}}}"
        for style in found
    )
