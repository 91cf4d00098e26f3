"""What records of a VCF are worth as sites, a batch at a time: their alleles, or why they are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.foreign.variants import RecordBatch, TextColumn

Polarise = Literal["aa", "ref", "major"]
Filter = Literal["any", "pass"]

NO_CALL = 255

EXCLUSIONS = {
    "position_zero": "POS is 0, a telomere and no base pair",
    "filtered": "FILTER is another than PASS, and only records that pass were asked for",
    "multiallelic": "more than one alternative allele",
    "no_alternative": "no alternative allele",
    "indel": "insertions and deletions",
    "symbolic": "structural variants and other symbolic alleles",
    "duplicate_position": "several biallelic records at one position",
    "missing": "a missing call among the chosen individuals",
    "other_ploidy": "a call with fewer or more alleles than the ploidy (haploid calls)",
    "unknown_allele": "a call of an allele that is not in ALT",
    "heterozygous": "a heterozygous call, where each individual stands for one haplotype",
    "unphased": "an unphased heterozygous call among the chosen individuals",
    "monomorphic": "the chosen individuals all carry the same allele",
    "no_ancestral_allele": "no ancestral allele given",
    "low_confidence_ancestral_allele": "ancestral allele in lower case, that is of low confidence",
    "other_ancestral_allele": "ancestral allele is neither of the two",
}
"""Why a record is left out, in the order in which the reasons are looked for."""

REASONS = tuple(EXCLUSIONS)
KEPT = len(REASONS)
"""The code of a record that is kept; the others are places in `REASONS`."""

_BASES = frozenset("ACGT")
_INVARIANT = frozenset({"", "<NON_REF>", "<*>"})
"""What stands for ALT where a record says that nothing varies; gVCF has the last two."""

ANCESTRAL = {
    "ref": 0,
    "alt": 1,
    "no_ancestral_allele": 2,
    "low_confidence_ancestral_allele": 3,
    "other_ancestral_allele": 4,
}
"""Codes of what INFO/AA says of a site: which allele, or why neither."""


@dataclass(frozen=True)
class Choices:
    """What is wanted of genotypes.

    Parameters
    ----------
    ploidy : int
        Haplotypes per individual.
    haploid : bool
        Calls of two equal alleles stand for one haplotype (with ploidy 1).
    filters : {"any", "pass"}
        Whether records whose FILTER is not PASS are used.
    max_missing : float
        Share of missing calls up to which a site is kept, its missing calls 255.
    keep_unphased : bool
        Whether sites with unphased heterozygous calls are kept.
    """

    ploidy: int = 2
    haploid: bool = False
    filters: Filter = "any"
    max_missing: float = 0.0
    keep_unphased: bool = False


@dataclass(frozen=True, eq=False)
class Judged:
    """What a batch of records is worth.

    Parameters
    ----------
    reasons : uint8 (n_records,)
        Places in `REASONS`, or `KEPT`.
    is_snp : bool (n_records,)
        Two single bases.
    varies : bool (n_records,)
        SNPs at which the known calls of the chosen carry both alleles.
    haplotypes : uint8 (n_kept, n_haplotypes)
        0 reference, 1 alternative, 255 no call.
    ancestral : uint8 (n_kept,)
        Codes of `ANCESTRAL`.
    unphased : bool (n_kept,)
        Where a heterozygous call has no phase.
    heterozygous : bool (n_records, n_individuals)
        At SNPs.
    invariant : bool (n_records,)
        Records that say that nothing varies, with a call for every chosen individual.
    """

    reasons: NDArray[np.uint8]
    is_snp: NDArray[np.bool_]
    varies: NDArray[np.bool_]
    haplotypes: NDArray[np.uint8]
    ancestral: NDArray[np.uint8]
    unphased: NDArray[np.bool_]
    heterozygous: NDArray[np.bool_]
    invariant: NDArray[np.bool_]


def judge(records: RecordBatch, choices: Choices) -> Judged:
    """Say of every record whether it is a site, and what the haplotypes carry there."""
    # one matrix (n_records, n_individuals) per allele of a call: numpy is slow along short axes
    calls = [np.ascontiguousarray(records.calls[..., k]) for k in range(records.calls.shape[-1] - 1)]
    phased = records.calls[..., -1] != 0
    missing, other_ploidy = _faults(calls, choices)
    width = 1 if choices.haploid else choices.ploidy
    alleles = [calls[k] if k < len(calls) else np.zeros_like(calls[0]) for k in range(width)]
    called = ~missing
    heterozygous = np.zeros_like(missing)
    unknown = np.zeros_like(missing)
    for k, allele in enumerate(calls):
        unknown |= allele > 1
        if k:
            heterozygous |= (allele != calls[0]) & (allele >= 0)
    heterozygous &= called
    n_called = width * np.count_nonzero(called, axis=1)
    alternative = [(allele == 1) & called for allele in alleles]
    n_alternative = sum(
        (of_one.sum(axis=1) for of_one in alternative), start=np.zeros(len(records), np.int64)
    )
    has_unphased = (heterozygous & ~phased).any(axis=1)
    faults = {
        "missing": np.count_nonzero(missing, axis=1) > choices.max_missing * missing.shape[1],
        "other_ploidy": other_ploidy.any(axis=1),
        "unknown_allele": (unknown & called).any(axis=1),
        "heterozygous": heterozygous.any(axis=1) & choices.haploid,
        "unphased": has_unphased & (choices.ploidy > 1 and not choices.keep_unphased),
        "monomorphic": (n_alternative == 0) | (n_alternative == n_called),
    }
    reasons = _kinds(records, choices)
    is_snp = _by_text(records.alleles, [kind_of(text) == "snp" for text in records.alleles.texts])
    for name, fault in faults.items():
        reasons[fault & (reasons == KEPT)] = REASONS.index(name)
    kept = reasons == KEPT
    haplotypes = np.empty((int(kept.sum()), missing.shape[1], width), dtype=np.uint8)
    for k, of_one in enumerate(alternative):
        haplotypes[..., k] = of_one[kept]
    haplotypes[missing[kept]] = NO_CALL
    is_invariant = _by_text(records.alleles, [_is_invariant(text) for text in records.alleles.texts])
    return Judged(
        reasons=reasons,
        is_snp=is_snp,
        varies=is_snp & ~faults["monomorphic"],
        haplotypes=haplotypes.reshape(len(haplotypes), missing.shape[1] * width),
        ancestral=_ancestral(records, kept),
        unphased=has_unphased[kept],
        heterozygous=heterozygous & is_snp[:, np.newaxis],
        invariant=is_invariant & ~missing.any(axis=1) & (choices.filters == "any" or ~_filtered(records)),
    )


def _faults(calls: list[NDArray[np.int16]], choices: Choices) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which calls are missing, and which are of another ploidy, bool (n_records, n_individuals)."""
    missing = calls[0] == -1
    n_alleles = np.zeros(missing.shape, dtype=np.int8)
    for allele in calls:
        missing = missing | (allele == -1)
        n_alleles += allele >= 0
    other = n_alleles > 2 if choices.haploid else n_alleles != choices.ploidy
    return missing, (other | (n_alleles == 0)) & ~missing


def kind_of(alleles: str) -> str:
    """Return ``"snp"``, or the exclusion that REF and ALT alone decide.

    Examples
    --------
    >>> kind_of("A\\tC"), kind_of("A\\tC\\tG"), kind_of("AT\\tA"), kind_of("A\\t<DEL>")
    ('snp', 'multiallelic', 'indel', 'symbolic')
    """
    reference, *alternatives = alleles.upper().split("\t")
    if len(alternatives) != 1:
        return "multiallelic" if alternatives else "no_alternative"
    if alternatives[0] in _INVARIANT:
        return "no_alternative"
    both = (reference, alternatives[0])
    if all(allele in _BASES for allele in both):
        return "snp"
    return "indel" if all(set(allele) <= _BASES for allele in both) else "symbolic"


def _is_invariant(alleles: str) -> bool:
    return kind_of(alleles) == "no_alternative"


def _kinds(records: RecordBatch, choices: Choices) -> NDArray[np.uint8]:
    kinds_of_texts = [kind_of(text) for text in records.alleles.texts]
    codes = [KEPT if kind == "snp" else REASONS.index(kind) for kind in kinds_of_texts]
    kinds = _by_text(records.alleles, codes).astype(np.uint8)
    kinds[records.starts < 0] = REASONS.index("position_zero")
    if choices.filters == "pass":
        kinds[_filtered(records)] = REASONS.index("filtered")
    return kinds


def _filtered(records: RecordBatch) -> NDArray[np.bool_]:
    return _by_text(records.filters, [text not in ("", "PASS", ".") for text in records.filters.texts])


def filters_of(records: RecordBatch) -> int:
    """Return how many records carry a FILTER other than PASS."""
    return int(_filtered(records).sum())


def _ancestral(records: RecordBatch, kept: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Compare INFO/AA with REF and ALT, once for every pair of texts that occurs."""
    pairs = records.alleles.codes[kept].astype(np.int64) * len(records.ancestral.texts)
    pairs += records.ancestral.codes[kept]
    found, inverse = np.unique(pairs, return_inverse=True)
    codes = [
        ancestral_code(records.ancestral.texts[pair % len(records.ancestral.texts)], alleles)
        for pair in found.tolist()
        for alleles in [records.alleles.texts[pair // len(records.ancestral.texts)]]
    ]
    return np.array(codes, dtype=np.uint8)[inverse]


def ancestral_code(given: str, alleles: str) -> int:
    """Say which allele of a SNP is ancestral, by a code of `ANCESTRAL`.

    In the 1000 Genomes files AA reads ``G|||``: upper case where the inference
    is of high confidence, lower case where it is not.

    Examples
    --------
    >>> ancestral_code("C|||", "A\\tC"), ancestral_code("c", "A\\tC")
    (1, 3)
    """
    ancestral = given.split("|")[0].strip()
    if ancestral.upper() not in _BASES:
        return ANCESTRAL["no_ancestral_allele"]
    if ancestral.islower():
        return ANCESTRAL["low_confidence_ancestral_allele"]
    reference, alternative = alleles.upper().split("\t")
    if ancestral not in (reference, alternative):
        return ANCESTRAL["other_ancestral_allele"]
    return ANCESTRAL["alt" if ancestral == alternative else "ref"]


def _by_text(column: TextColumn, values: list[int] | list[bool]) -> NDArray[Any]:
    """Return a value per record from one per text."""
    return np.array(values)[column.codes]
