"""Inputs of the scanners' tests: the reference files beside the repository, and a simulated sequence."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Matrix = NDArray[np.uint8]
Floats = NDArray[np.float64]

LENGTHS = {
    "neutral-a": 200_000,
    "sweep-b": 200_000,
    "bottleneck-c": 300_000,
    "sweep-d": 1_000_000,
    "neutral-e": 1_000_000,
    "flex-f": 1_200_000,
}


@dataclass(frozen=True)
class Reference:
    """Inputs that the original programs were given, and the tables that they wrote."""

    folder: Path

    def ms(self, name: str) -> tuple[Matrix, Floats]:
        """Return haplotypes (n_sites, n) and positions, fraction times length."""
        _, _, tail = self._text(f"inputs/{name}.ms.gz").partition("positions:")
        positions, *rows = tail.split("\n")
        matrix = np.array([list(row) for row in rows if row.strip()], dtype=np.uint8).T
        at = np.array(positions.split(), dtype=np.float64) * LENGTHS[name]
        return np.ascontiguousarray(matrix), at

    def vcf(self, name: str) -> tuple[Matrix, Floats]:
        """Return haplotypes (n_sites, n), 255 where there is no call, and positions, 1-based."""
        lines = [
            line.split("\t") for line in self._text(f"inputs/{name}.vcf.gz").splitlines() if line[0] != "#"
        ]
        alleles = [[allele for call in line[9:] for allele in call.split("|")] for line in lines]
        matrix = np.array(
            [[255 if allele == "." else int(allele) for allele in row] for row in alleles], dtype=np.uint8
        )
        return matrix, np.array([float(line[1]) for line in lines])

    def columns(self, name: str) -> Floats:
        """Return a table of numbers below one line of names, (n_rows, n_columns)."""
        rows = self._text(f"inputs/{name}.gz").splitlines()[1:]
        return np.array([[float(value) for value in row.split()] for row in rows])

    def table(self, name: str, *, skip: int = 0) -> list[list[str]]:
        """Return what a program wrote, row by row, as text."""
        rows = self._text(f"outputs/{name}").splitlines()[skip:]
        return [row.split() for row in rows if row.strip() and not row.startswith("//")]

    def numbers(self, name: str, *, skip: int = 0, first: int = 0) -> Floats:
        """Return what a program wrote as numbers, without the first columns."""
        return np.array([[float(value) for value in row[first:]] for row in self.table(name, skip=skip)])

    def _text(self, name: str) -> str:
        path = self.folder / name
        if path.suffix == ".gz":
            with gzip.open(path, "rt") as stream:
                return stream.read()
        return path.read_text()


@pytest.fixture(scope="session")
def reference(shared_reference: Path) -> Reference:
    """Return the reference tables; tests that need them are skipped where they are absent."""
    return Reference(shared_reference / "scanners")


@pytest.fixture(scope="session")
def simulated() -> tuple[Matrix, Floats]:
    """Return a neutral sample of 24 haplotypes on 150 kb, at distinct whole positions: about 200 sites."""
    import msprime

    trees = msprime.sim_ancestry(
        12, population_size=10_000, sequence_length=150_000, recombination_rate=2e-8, random_seed=7
    )
    mutated = msprime.sim_mutations(trees, rate=1.5e-8, random_seed=8, model=msprime.BinaryMutationModel())
    matrix = mutated.genotype_matrix().astype(np.uint8)
    varies = (matrix.sum(axis=1) > 0) & (matrix.sum(axis=1) < matrix.shape[1])
    return np.ascontiguousarray(matrix[varies]), np.array(mutated.tables.sites.position)[varies]
