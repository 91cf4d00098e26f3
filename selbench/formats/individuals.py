"""Who is in a VCF, and who of them is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selbench.errors import DataError
from selbench.foreign.containment import whole_bytes
from selbench.foreign.genotypes import GenotypeHeader, read_genotype_header
from selbench.streams import generator


def vcf_individuals(path: str | Path) -> tuple[str, ...]:
    """Return the names of the individuals in a file, in its order.

    Raises
    ------
    DataError
        If there is none, or the file is no VCF.
    """
    return checked_individuals(read_genotype_header(path), path)


def checked_individuals(header: GenotypeHeader, path: str | Path) -> tuple[str, ...]:
    """Return the names in a header; refuse one without any."""
    if not header.individuals:
        raise DataError(f"{path}: expected genotypes of individuals, found a file without any (sites only)")
    return header.individuals


def draw_individuals(path: str | Path, n_individuals: int, seed: int) -> tuple[str, ...]:
    """Draw individuals at random, without replacement; they come in the file's order.

    Raises
    ------
    DataError
        If the file has fewer.
    """
    names = vcf_individuals(path)
    if n_individuals > len(names):
        raise DataError(
            f"{path}: expected at least {n_individuals} individuals to draw from, found {len(names)}"
        )
    drawn = generator(seed, "individuals").choice(len(names), size=n_individuals, replace=False)
    return tuple(names[i] for i in sorted(drawn.tolist()))


def read_individuals(path: str | Path, known: Sequence[str] = ()) -> tuple[str, ...]:
    """Read names, one per line; blank lines and lines that start with # are skipped.

    Parameters
    ----------
    known : sequence of str
        Names that may hold spaces or begin with #, because a file has them so.

    Raises
    ------
    DataError
        If the file is missing or empty, a line holds several words, or a name comes twice.
    """
    content = whole_bytes(path, "a text file with one individual per line")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # as names in a header are read
    names: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        whole, words = line.strip("\r"), line.split()
        name = whole if whole in known else line.strip()
        if name not in known and (not words or name.startswith("#")):
            continue
        if (len(words) > 1 and name not in known) or name in names:
            found = "it twice" if name in names else f"{len(words)} words"
            raise DataError(f"{path}, line {number}: expected one new individual ({words[0]}), found {found}")
        names[name] = None
    if not names:
        raise DataError(f"{path}: expected one individual per line, found none")
    return tuple(names)


def check_known(chosen: Sequence[str], known: Sequence[str], path: str | Path) -> None:
    """Refuse individuals that a file lacks, and one chosen twice."""
    there = set(known)
    strangers = [name for name in chosen if name not in there]
    if strangers:
        raise DataError(
            f"{path}: expected individuals of this file (such as {', '.join(known[:3])}), found "
            f"{len(strangers)} of {len(chosen)} that it lacks, the first {strangers[0]!r}"
        )
    if len(set(chosen)) < len(chosen):
        raise DataError(f"{path}: expected each individual once, found one chosen twice")
