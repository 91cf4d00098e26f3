"""A genome put together from its pieces: what was counted, and where each chromosome was observed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.diploidy import check_diploid
from selbench.formats.genome import Chromosome, Genome, joined
from selbench.formats.vcf import phase_remarks
from selbench.formats.vcf_chromosome import looked_at
from selbench.formats.vcf_pieces import GenomePiece
from selbench.formats.vcf_regions import Region

_PLAIN = re.compile(r"(chr)?([0-9]{1,3}|[XYZWM]|MT)")

Stretches = NDArray[np.int64]


def add_chromosomes(known: dict[str, Path], names: Iterable[str], path: Path) -> None:
    """Add the chromosomes of a file to those of the files before.

    Raises
    ------
    DataError
        If one stands in two files; or one file writes "chr1" and another "1".
    """
    for name in names:
        if name in known:
            raise DataError(
                f"expected each chromosome in one file, found {name} in {known[name]} and {path}; put them "
                "together with: bcftools concat"
            )
        plain = _PLAIN.fullmatch(name)
        for other, elsewhere in known.items() if plain else ():
            there = _PLAIN.fullmatch(other)
            if plain and there and elsewhere != path and bool(plain[1]) != bool(there[1]):
                raise DataError(
                    f"expected chromosomes named alike in all files, found {other} in {elsewhere} and {name} "
                    f"in {path}; rename them with: bcftools annotate --rename-chrs"
                )
        known[name] = path


def natural_order(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Return what sorts names of chromosomes as people count: 2 before 10, numbers before letters.

    Examples
    --------
    >>> sorted(["chrX", "chr10", "chr2"], key=natural_order)
    ['chr2', 'chr10', 'chrX']
    """
    words = re.findall(r"[0-9]{1,18}|[^0-9]+", name)
    return tuple((not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words)


class GenomeAssembly:
    """Takes the pieces of a genome, those of each chromosome in order.

    Parameters
    ----------
    individuals : sequence of str
    callable_in : mapping of str to int64 (n_stretches, 2), optional
        By chromosome, where a variable site would have been seen.
    region : Region, optional
        That was asked for.
    """

    def __init__(
        self,
        individuals: Sequence[str],
        callable_in: Mapping[str, Stretches] | None = None,
        region: Region | None = None,
    ) -> None:
        self.individuals, self.callable_in, self.region = tuple(individuals), callable_in, region
        self.deaths: list[str] = []
        self._chromosomes: list[Chromosome] = []
        self._open: _OpenChromosome | None = None
        self._paths: dict[str, Path] = {}
        self._counts: list[Genome] = []
        self._remarks: dict[str, None] = {}
        self._heterozygous = np.zeros(len(self.individuals), dtype=np.int64)
        self._numbers: NDArray[np.int64] | None = None
        self._n_variable = self._n_phase_sets_joined = 0

    def add(self, piece: GenomePiece) -> None:
        """Add the next piece.

        Raises
        ------
        DataError
            If its chromosome was in another file, or is named in another way than the others.
        """
        if self._open is None or (self._open.name, self._open.path) != (piece.name, piece.path):
            self._close()
            add_chromosomes(self._paths, [piece.name], piece.path)
            self._open = _OpenChromosome(piece.name, piece.path)
        self._open.pieces.append(piece)
        self.deaths += [death for death in piece.deaths if death not in self.deaths]
        self._remarks |= dict.fromkeys(piece.genome.remarks)
        self._counts.append(replace(piece.genome, chromosomes=()))
        self._heterozygous += piece.heterozygous
        self._n_variable += piece.n_variable
        self._n_phase_sets_joined += piece.n_phase_sets_joined
        if piece.haplotype_numbers is not None:
            before = self._numbers if self._numbers is not None else np.zeros_like(piece.haplotype_numbers)
            both = np.stack([before, piece.haplotype_numbers])
            self._numbers = np.unique(both, axis=1, return_inverse=True)[1].ravel().astype(np.int64)

    def finish(self, where: str | Path, remarks: Sequence[str] = (), *, diploid: bool) -> Genome | None:
        """Return the genome, its chromosomes in natural order; None where no piece came.

        Parameters
        ----------
        where : str or Path
            The file or files, for messages.
        remarks : sequence of str
            What is to be known beside.
        diploid : bool
            Whether each individual is to have two haplotypes (see `check_diploid`).

        Raises
        ------
        DataError
            If the individuals look haploid.
        """
        self._close()
        if not self._counts:
            return None
        first = self._counts[0]
        excluded = {reason: sum(each.excluded[reason] for each in self._counts) for reason in first.excluded}
        variable: Counter[str] = Counter()
        for each in self._counts:
            variable.update(each.variable)
        said = [*remarks, *self._remarks, *phase_remarks(self._n_phase_sets_joined)]
        if diploid:
            without = self._heterozygous == 0
            said += check_diploid(self.individuals, without, self._n_variable, self._haplotype_numbers, where)
        return replace(
            first,
            chromosomes=tuple(sorted(self._chromosomes, key=lambda each: natural_order(each.name))),
            n_records=sum(each.n_records for each in self._counts),
            n_flipped=sum(each.n_flipped for each in self._counts),
            excluded=excluded,
            phased=all(each.phased for each in self._counts),
            variable=dict(variable),
            n_filtered=sum(each.n_filtered for each in self._counts),
            n_let_go=sum(each.n_let_go for each in self._counts),
            remarks=tuple(said),
        )

    def _haplotype_numbers(self) -> NDArray[np.int64]:
        assert self._numbers is not None, "who has no heterozygous call at all has none in any piece"
        return self._numbers

    def _close(self) -> None:
        if self._open is not None:
            mask = None
            if self.callable_in is not None:
                mask = self.callable_in.get(self._open.name, np.empty((0, 2), np.int64))
            self._chromosomes.append(self._open.whole(self.region, mask))
            self._open = None


@dataclass
class _OpenChromosome:
    """A chromosome of which more pieces may come."""

    name: str
    path: Path
    pieces: list[GenomePiece] = field(default_factory=list)

    def whole(self, region: Region | None, mask: Stretches | None) -> Chromosome:
        """Put the pieces together; records that a piece shares with the next stand in that alone."""
        parts = [piece.genome.chromosomes[0] for piece in self.pieces]
        starts = np.concatenate([piece.starts for piece in self.pieces])
        invariant = joined(np.concatenate([piece.invariant for piece in self.pieces]))
        n_records = sum(piece.genome.n_records for piece in self.pieces)
        start, end, observed, is_known = looked_at(
            starts, invariant, n_records, region, mask, self.pieces[0].length
        )
        nothing = np.empty(0, dtype=np.int64)
        return Chromosome(
            name=self.name,
            start=start,
            end=end,
            records_start=max(0, int(starts[0])),
            records_end=int(starts[-1]) + 1,
            positions=np.concatenate([part.positions[part.counted] for part in parts]),
            haplotypes=np.concatenate([part.haplotypes[part.counted] for part in parts]),
            ancestral=np.concatenate([part.ancestral[part.counted] for part in parts]),
            records=nothing,
            informative=nothing,
            observed=observed,
            observed_is_known=is_known,
            unread=joined(np.concatenate([part.unread for part in parts])),
            lost=np.concatenate([part.lost[part.lost < (part.counted_to or 2**62)] for part in parts]),
            asked_from=None if region is None else region.start,
            length=self.pieces[0].length if region is None or region.end is None else None,
        )
