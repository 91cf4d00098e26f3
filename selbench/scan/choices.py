"""Who is scanned, and what a 0 means: choices that every scan must make and state."""

from __future__ import annotations

from pathlib import Path

from selbench.errors import DataError
from selbench.formats.genome import POLARISATION
from selbench.formats.individuals import draw_individuals, read_individuals, vcf_individuals
from selbench.formats.vcf_sites import Choices, Filter, Polarise
from selbench.trained import TrainedMethod

FEW_MISSING = 0.1
"""Share of missing calls up to which a site is kept for encoders that have a rule for them."""


def choose_individuals(
    method: TrainedMethod,
    vcf: Path,
    *,
    listed: Path | None,
    n_drawn: int | None,
    seed: int,
    haploid: bool = False,
) -> tuple[str, ...]:
    """Return as many individuals as the method was trained on: listed, drawn, or all there are.

    Parameters
    ----------
    haploid : bool
        Each individual stands for one haplotype.

    Raises
    ------
    DataError
        If both or neither choice is made, or the number does not fit.
    """
    n_haplotypes, ploidy = method.spec.n_haplotypes, 1 if haploid else method.spec.ploidy
    n_wanted = n_haplotypes // ploidy
    needs = f"the predictor was trained on {n_haplotypes} haplotypes, that is {n_wanted} individuals"
    if listed is not None and n_drawn is not None:
        raise DataError("individuals: expected either --individuals FILE or --draw N, found both")
    if n_drawn is not None:
        if n_drawn != n_wanted:
            raise DataError(f"{needs}; --draw asks for {n_drawn}: write --draw {n_wanted}")
        return draw_individuals(vcf, n_drawn, seed)
    there = vcf_individuals(vcf)
    names = there if listed is None else read_individuals(listed, there)
    if len(names) != n_wanted:
        if listed is not None:
            raise DataError(f"{needs}; {listed} names {len(names)}: name {n_wanted}")
        raise DataError(
            f"{needs}; {vcf} has {len(names)}: choose by --individuals FILE, or --draw {n_wanted} --seed 1"
        )
    return names


def choose_genotypes(method: TrainedMethod, *, haploid: bool = False, filters: Filter = "any") -> Choices:
    """Return what is wanted of genotypes, as far as the method's encoder says what it can do without.

    What was trained on windows that were seen as a genome was knows no missing calls: such sites were left
    out of them.
    """
    encoder = method.encoder
    return Choices(
        ploidy=1 if haploid else method.spec.ploidy,
        haploid=haploid,
        filters=filters,
        max_missing=FEW_MISSING if encoder.accepts_missing and not _seen_as_genome(method) else 0.0,
        keep_unphased=not encoder.needs_phase,
    )


def _seen_as_genome(method: TrainedMethod) -> bool:
    """Whether the method's windows were seen as a genome was."""
    return method.null_scores is not None and bool(method.null_scores.origin.observation)


def choose_polarisation(
    method: TrainedMethod, names_ancestral: bool, asked: Polarise | None
) -> tuple[Polarise, str]:
    """Return how to polarise, and a sentence that says why and what it means for the method.

    Not asked: as the method's windows, where those were seen as a genome was; else by INFO/AA where the
    records carry it, else by the reference allele, else (where the encoder takes no reference)
    by the major allele.
    """
    if asked is not None:
        polarise, why = asked, "as asked"
    elif _seen_as_genome(method) and method.polarisation != "ancestral":
        polarise, why = method.polarisation, "as the windows that it was trained on"
    elif names_ancestral:
        polarise, why = "aa", "the records carry INFO/AA"
    else:
        takes_ref = method.encoder.unsupported(method.spec, "ref") is None
        polarise = "ref" if takes_ref else "major"
        why = "no site that was read carries INFO/AA, so ancestral alleles are unknown"
    meaning = {
        "aa": "0 is the ancestral allele",
        "ref": "0 is the reference allele",
        "major": "0 is the more frequent allele among the chosen",
    }[polarise]
    return polarise, f"polarised by {polarise} ({why}): {meaning}{_doubt(method, polarise)}"


def _doubt(method: TrainedMethod, polarise: Polarise) -> str:
    """Say whether the method was trained on windows of another meaning; the encoder knows if that matters."""
    depends = method.encoder.needs_ancestral
    if POLARISATION[polarise] == method.polarisation or depends is False:
        return ""
    trained = f"; the predictor was trained on windows polarised as {method.polarisation!r}: "
    if depends is None:
        return f"{trained}believe it only if its encoding does not depend on that"
    return f"{trained}{_depending(method)} depend on that, so do not believe it"


def _depending(method: TrainedMethod) -> str:
    """Name the statistics that need ancestral states, where the encoder is made of statistics."""
    from selbench.statistics import known_statistics

    names = getattr(method.encoder, "names", ())
    known = known_statistics()
    depending = [name for name in names if name in known and known[name].needs_ancestral]
    return ", ".join(depending) or f"the features of {method.encoder.name}"
