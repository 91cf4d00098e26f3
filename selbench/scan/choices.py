"""Who is scanned, and what a 0 means: choices that every scan must make and state."""

from __future__ import annotations

from pathlib import Path

from selbench.errors import DataError
from selbench.formats.vcf import (
    POLARISATION,
    draw_individuals,
    has_ancestral_alleles,
    read_individuals,
    vcf_individuals,
)
from selbench.formats.vcf_sites import Polarise
from selbench.trained import TrainedMethod


def choose_individuals(
    method: TrainedMethod, vcf: Path, *, listed: Path | None, n_drawn: int | None, seed: int
) -> tuple[str, ...]:
    """Return as many individuals as the method was trained on: listed, drawn, or all there are.

    Raises
    ------
    DataError
        If both or neither choice is made, or the number does not fit.
    """
    n_haplotypes, ploidy = method.spec.n_haplotypes, method.spec.ploidy
    n_wanted = n_haplotypes // ploidy
    needs = f"the predictor was trained on {n_haplotypes} haplotypes, that is {n_wanted} individuals"
    if listed is not None and n_drawn is not None:
        raise DataError("individuals: expected either --individuals FILE or --draw N, found both")
    if n_drawn is not None:
        if n_drawn != n_wanted:
            raise DataError(f"{needs}; --draw asks for {n_drawn}: write --draw {n_wanted}")
        return draw_individuals(vcf, n_drawn, seed)
    names = vcf_individuals(vcf) if listed is None else read_individuals(listed)
    if len(names) != n_wanted:
        if listed is not None:
            raise DataError(f"{needs}; {listed} names {len(names)}: name {n_wanted}")
        raise DataError(
            f"{needs}; {vcf} has {len(names)}: choose by --individuals FILE, or --draw {n_wanted} --seed 1"
        )
    return names


def choose_polarisation(method: TrainedMethod, vcf: Path, asked: Polarise | None) -> tuple[Polarise, str]:
    """Return how to polarise, and a sentence that says why and what it means for the method.

    Not asked: by INFO/AA where records carry it, else by the reference allele,
    else (where the encoder takes no reference) by the major allele.
    """
    if asked is not None:
        polarise, why = asked, "as asked"
    elif has_ancestral_alleles(vcf):
        polarise, why = "aa", "the records carry INFO/AA"
    else:
        takes_ref = method.encoder.unsupported(method.spec, "ref") is None
        polarise = "ref" if takes_ref else "major"
        why = "no record carries INFO/AA, so ancestral alleles are unknown"
    meaning = {
        "aa": "0 is the ancestral allele",
        "ref": "0 is the reference allele",
        "major": "0 is the more frequent allele among the chosen",
    }[polarise]
    words = f"polarised by {polarise} ({why}): {meaning}"
    if POLARISATION[polarise] != method.polarisation:
        words += (
            f"; the predictor was trained on windows polarised as {method.polarisation!r}: "
            "believe it only if its encoding does not depend on that"
        )
    return polarise, words
