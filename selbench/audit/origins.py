"""Where windows come from and in what form they are: programs, precision, sizes, policy, balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from selbench.audit.survey import FULL_PRECISION, Group, Survey
from selbench.run_folder import Finding

LARGEST_DIFFERENCE_DROPPED = 0.01
"""Classes may differ this much in the share of windows dropped before it is said."""

LARGEST_DIFFERENCE_EMPTY = 0.5
"""… and this much in the share of windows without sites: more, and being empty is the answer."""

LARGEST_DIFFERENCE_MISSING = 0.02
"""Where nobody counted: classes may differ this much in the least share that must have been dropped."""

FEWEST_WITH_ONE_SITE = 20
"""Fewer windows with one site say nothing about those with none."""

SURE = 0.001
"""Shares differ for sure where chance gives such a difference with a smaller probability."""

LARGEST_IMBALANCE = 1.5
"""The largest class of a split may be this many times the smallest before it is said."""


_WHEN_DROPPED = (
    "What is left of the classes is nearer to each other than the classes are; the windows that were "
    "dropped would have been the easiest to tell. In a genome such windows are there.",
    'Say so wherever a score is quoted, or keep them: empty_windows = "keep".',
)
"""Meaning and advice."""


def programs(survey: Survey) -> Iterator[Finding]:
    """One program or engine for all classes; nothing where nothing is known."""
    check = "One program for all classes"
    sources = {label: source for label, source in survey.data.sources.items() if source.program}
    if not sources:
        return
    evidence = tuple(f"{label}: {source.simulator} ({source.program})" for label, source in sources.items())
    if len({source.program for source in sources.values()}) == 1:
        program = next(iter(sources.values())).program
        yield Finding(check, "green", f"All classes are made by the same: {program}.", evidence)
        return
    yield Finding(
        check,
        "amber",
        "Classes are made by different programs.",
        evidence,
        "A method can learn to tell the programs apart, by any habit of theirs, not selection.",
        "Make all classes with one program, or show by a negative control that no method tells the programs "
        "apart.",
    )


def precision(survey: Survey) -> Finding:
    """Positions printed with as many digits everywhere."""
    check = "Precision of positions"
    digits = {group: int(group.decimals.max()) for group in survey.groups if group.decimals.max() >= 0}
    if not digits:
        return Finding(check, "green", "There are too few sites to tell.")
    if len(set(digits.values())) == 1:
        said = _precision_said(next(iter(digits.values())))
        return Finding(check, "green", f"Positions are given with {said} everywhere.")
    evidence = tuple(f"{group.place}: {_precision_said(n)}" for group, n in digits.items())
    by_class = {label: {n for g, n in digits.items() if g.label == label} for label in survey.labels}
    between_classes = len({frozenset(found) for found in by_class.values() if found}) > 1
    return Finding(
        check,
        "red" if between_classes else "amber",
        "Positions are rounded differently between " + ("classes." if between_classes else "splits."),
        evidence,
        "Rounded positions coincide more often and fall on a grid: the rounding tells the class."
        if between_classes
        else "Windows of one split are drawn a little differently from those that were trained on.",
        "Print or round the positions of all windows with the same number of digits.",
    )


def _precision_said(decimals: int) -> str:
    if decimals >= FULL_PRECISION:
        return "full precision"
    return f"{decimals} decimal{'' if decimals == 1 else 's'}"


def sizes(survey: Survey) -> Finding:
    """One number of haplotypes and one length everywhere."""
    check = "Size of windows"
    lines = {group.place: _sizes_of(group) for group in survey.groups}
    if len(set(lines.values())) == 1 and all(";" not in said for said in lines.values()):
        return Finding(check, "green", f"Every window has {next(iter(lines.values()))}.")
    samples = {
        label: {int(n) for group in survey.of_class(label) for n in np.unique(group.n_haplotypes)}
        for label in survey.labels
    }
    red = len({frozenset(found) for found in samples.values()}) > 1
    return Finding(
        check,
        "red" if red else "amber",
        "Classes differ in the number of haplotypes." if red else "Windows are not all of one size.",
        tuple(f"{place}: {said}" for place, said in lines.items()),
        "The size of a window says something about where it comes from, whatever is in it.",
        "Give all windows one number of haplotypes and one length.",
    )


def _sizes_of(group: Group) -> str:
    lengths = group.sequence_lengths if group.heights is None else group.heights
    unit = "bp" if group.heights is None else "rows"
    found = Counter(zip(group.n_haplotypes.tolist(), lengths.tolist(), strict=True))
    if len(found) == 1:
        n_haplotypes, length = next(iter(found))
        return f"{n_haplotypes} haplotypes and {length:,} {unit}"
    said = [
        f"{count:,} of {n} haplotypes and {length:,} {unit}" for (n, length), count in found.most_common(4)
    ]
    return "; ".join([*said, *(["…"] if len(found) > 4 else [])])


def empty_windows(survey: Survey) -> Finding:
    """Windows without sites: as many dropped, and as many kept, in every class."""
    check = "Windows without sites"
    dropped = {label: _share(survey, label, dropped=True) for label in survey.labels}
    kept = {label: _share(survey, label, dropped=False) for label in survey.labels}
    said_dropped = ", ".join(f"{label} {share:.1%}" for label, share in dropped.items())
    said_kept = ", ".join(f"{label} {share:.1%}" for label, share in kept.items())
    if _spread(list(dropped.values())) > LARGEST_DIFFERENCE_DROPPED and _is_no_chance(survey):
        return Finding(
            check,
            "amber",
            f"Windows without sites were dropped unequally: {said_dropped}.",
            tuple(_counted(survey)),
            *_WHEN_DROPPED,
        )
    evidence = (f"kept without sites: {said_kept}",) if any(kept.values()) else ()
    if _spread(list(kept.values())) > LARGEST_DIFFERENCE_EMPTY:
        return Finding(
            check,
            "amber",
            f"Having no site at all goes with the class: {said_kept}.",
            evidence,
            "A method needs to see nothing but emptiness.",
            "Take longer windows, or a weaker scenario.",
        )
    known = any(group.attempted is not None for group in survey.groups)
    missing = {} if known else {label: _missing(survey, label) for label in survey.labels}
    if _spread(list(missing.values())) > LARGEST_DIFFERENCE_MISSING:
        return _finding_of_missing(check, missing)
    return Finding(
        check,
        "green",
        "None were dropped." if known and not any(dropped.values()) else
        f"Dropped alike in all classes: {said_dropped}." if known else "None in one class alone.",
        evidence,
    )  # fmt: skip


def _share(survey: Survey, label: str, *, dropped: bool) -> float:
    groups = survey.of_class(label)
    still_there = sum(int((~group.has_sites).sum()) for group in groups)
    if not dropped:
        return still_there / sum(map(len, groups))
    looked_at = sum(group.attempted or 0 for group in groups)
    return (sum(group.empty or 0 for group in groups) - still_there) / looked_at if looked_at else 0.0


def _missing(survey: Survey, label: str) -> float:
    """Return the least share of a class's windows that had no site, where none is left.

    Mutations fall on a genealogy as a Poisson process, so S is a mixture of
    Poisson variables, and the windows with 0, 1 and 2 sites hold n₀ ≥ n₁²/(2n₂)
    (Chao, 1984, eq. 2).
    """
    counts = sum(np.bincount(np.minimum(group.n_sites, 3), minlength=4) for group in survey.of_class(label))
    none, one, two, _ = np.asarray(counts).tolist()
    if none or one < FEWEST_WITH_ONE_SITE:
        return 0.0
    least = one**2 / (2 * max(two, 1))
    return float(least / (least + np.sum(counts)))


def _finding_of_missing(check: str, missing: dict[str, float]) -> Finding:
    said = ", ".join(f"{label} {share:.0%}" for label, share in missing.items())
    return Finding(
        check,
        "amber",
        f"Windows without sites seem to have been dropped unequally: at least {said}.",
        ("told from the windows with one and with two sites: some should have none (Chao, 1984)",),
        *_WHEN_DROPPED,
    )


def _is_no_chance(survey: Survey) -> bool:
    """Whether classes differ in the share without sites more than chance gives (χ², p < 0.001)."""
    table = []
    for label in survey.labels:
        groups = survey.of_class(label)
        empty = sum(group.empty or 0 for group in groups)
        looked_at = sum(group.attempted or 0 for group in groups)
        if looked_at:
            table.append((empty, looked_at - empty))
    if len(table) < 2 or not any(empty for empty, _ in table):
        return False
    return chi_square_p_value(np.array(table)) < SURE


def chi_square_p_value(table: NDArray[np.int64]) -> float:
    """Pearson's test that rows (n_rows, 2) of counts share a proportion; of two with Yates' correction."""
    from scipy.special import chdtrc  # scipy.stats has the test, and takes most of a second to import

    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    apart = np.abs(table - expected)
    if len(table) == 2:
        apart = np.maximum(apart - 0.5, 0)
    return float(chdtrc(len(table) - 1, (apart**2 / expected).sum()))


def _counted(survey: Survey) -> Iterator[str]:
    for group in survey.groups:
        if group.attempted:
            yield (
                f"{group.place}: {group.empty or 0:,} of {group.attempted:,} had no site "
                f"({(group.empty or 0) / group.attempted:.1%}); {len(group):,} kept"
            )


def _spread(shares: list[float]) -> float:
    return max(shares) - min(shares) if shares else 0.0


def balance(survey: Survey) -> Finding:
    """As many windows of every class in every split."""
    check = "Balance of classes"
    lines, worst, missing = [], 1.0, []
    for split in survey.splits:
        if split == "threshold":  # of the null class alone, by design
            continue
        counts = {label: len(g) if (g := survey.group(split, label)) else 0 for label in survey.labels}
        lines.append(f"{split}: " + ", ".join(f"{n:,} {label}" for label, n in counts.items()))
        missing += [f"{split} has no {label}" for label, n in counts.items() if n == 0]
        worst = max(worst, max(counts.values()) / max(1, min(counts.values())))
    if missing:
        return Finding(
            check,
            "red",
            f"A class is missing: {', '.join(missing)}.",
            tuple(lines),
            "Without windows of every class a split can neither teach nor test.",
            "Fill the missing folder, or name the split differently.",
        )
    if worst > LARGEST_IMBALANCE:
        return Finding(
            check,
            "amber",
            f"One class has {worst:.1f} times the windows of another.",
            tuple(lines),
            "Accuracy then rewards naming the larger class; AUC and power do not.",
            "Take as many windows of each class, or compare by AUC and power.",
        )
    return Finding(check, "green", "Classes are balanced in every split.", tuple(lines))
