"""What a VCF record is worth as a site: its alleles, or why it is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Polarise = Literal["aa", "ref", "major"]

EXCLUSIONS = {
    "multiallelic": "more than one alternative allele",
    "no_alternative": "no alternative allele",
    "indel": "insertions and deletions",
    "symbolic": "structural variants and other symbolic alleles",
    "duplicate_position": "several biallelic records at one position",
    "missing": "a missing call among the chosen individuals",
    "other_ploidy": "a call with fewer or more alleles than the ploidy (haploid calls)",
    "unphased": "an unphased call among the chosen individuals",
    "monomorphic": "the chosen individuals all carry the same allele",
    "no_ancestral_allele": "no ancestral allele given",
    "low_confidence_ancestral_allele": "ancestral allele in lower case, that is of low confidence",
    "other_ancestral_allele": "ancestral allele is neither of the two",
}
"""Why a record is left out, in the order in which the reasons are looked for."""

_BASES = frozenset("ACGT")


@dataclass(frozen=True)
class Site:
    """A polymorphic, phased, biallelic site.

    Parameters
    ----------
    alleles : uint8 (n_haplotypes,)
        0 as the polarisation says.
    flipped : bool
        Whether 1 is the reference allele.
    """

    alleles: NDArray[np.uint8]
    flipped: bool


def kind_of_variant(record: Any) -> str:
    """Return ``"snp"``, or the exclusion that REF and ALT alone decide."""
    if len(record.ALT) != 1:
        return "multiallelic" if record.ALT else "no_alternative"
    alleles = (record.REF.upper(), record.ALT[0].upper())
    if all(allele in _BASES for allele in alleles):
        return "snp"
    return "indel" if all(set(allele) <= _BASES for allele in alleles) else "symbolic"


def site_of(record: Any, order: NDArray[np.int64], ploidy: int, polarise: Polarise) -> Site | str:
    """Return the site of a biallelic SNP record, or the exclusion it falls under.

    Parameters
    ----------
    record : cyvcf2.Variant
    order : int64 (n_individuals,)
        Rows of the record's genotypes, in the order of the wanted columns.
    """
    calls = _calls(record)
    if calls is None:
        return "missing"
    alleles, phased = calls[order, :-1], calls[order, -1]
    if (alleles == -1).any():
        return "missing"
    if alleles.shape[1] < ploidy or (alleles[:, :ploidy] < 0).any() or (alleles[:, ploidy:] != -2).any():
        return "other_ploidy"
    if ploidy > 1 and not phased.all():
        return "unphased"
    columns = alleles[:, :ploidy].astype(np.uint8).ravel()
    n_alternative = int(columns.sum())
    if n_alternative in (0, len(columns)):
        return "monomorphic"
    if polarise == "aa":
        flip = _is_alternative_ancestral(record)
    else:
        flip = polarise == "major" and 2 * n_alternative > len(columns)
    return flip if isinstance(flip, str) else Site(columns ^ np.uint8(flip), flip)


def _calls(record: Any) -> NDArray[np.int16] | None:
    """Return allele numbers and the phase flag, int16 (n_individuals, ploidy + 1), or None without GT."""
    if "GT" not in record.FORMAT:
        return None
    calls: NDArray[np.int16] = record.genotype.array()
    return calls


def _is_alternative_ancestral(record: Any) -> bool | str:
    """Compare INFO/AA with REF and ALT.

    In the 1000 Genomes files AA reads ``G|||``: upper case where the inference
    is of high confidence, lower case where it is not.
    """
    ancestral = str(record.INFO.get("AA") or "").split("|")[0].strip()
    if ancestral.upper() not in _BASES:
        return "no_ancestral_allele"
    if ancestral.islower():
        return "low_confidence_ancestral_allele"
    if ancestral not in (record.REF.upper(), record.ALT[0].upper()):
        return "other_ancestral_allele"
    return bool(ancestral == record.ALT[0].upper())
