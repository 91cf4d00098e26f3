"""Tree sequences (tskit files) as windows: other people's simulations by msprime, SLiM and their kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError
from selbench.foreign.trees import begins_as_trees, load_trees, variants
from selbench.windows import Windows


def is_tree_sequence(path: Path) -> bool:
    """Tell whether a file is a tree sequence, plain or gzip: by its name or by how it begins."""
    return ".trees" in path.suffixes or begins_as_trees(path)


def read_tree_sequences(
    paths: Iterable[str | Path], *, ploidy: int = 2, batch_windows: int = 100
) -> Iterator[Windows]:
    """Read tree-sequence files, plain or gzip, one window each, in bounded batches.

    The first sample node is the first haplotype. 0 is a site's ancestral
    state. Sites that do not vary among the samples are left out, and so are
    sites with more than two alleles among them (several mutations at one
    place); both are counted in the parameters ``n_monomorphic_dropped`` and
    ``n_multiallelic_dropped``.

    Parameters
    ----------
    paths : iterable of path
        All of one sequence length and sample size.

    Raises
    ------
    DataError
        If a file is damaged, has missing genotypes, or differs from the first
        in length or sample size.
    """
    batch: list[Windows] = []
    spec = None
    for path in paths:
        window = _read(Path(path), ploidy)
        spec = spec or window.spec
        if window.spec != spec:
            raise DataError(f"{path}: expected {spec} as in the files before, found {window.spec}")
        batch.append(window)
        if len(batch) == batch_windows:
            yield Windows.concatenate(batch)
            batch = []
    if batch:
        yield Windows.concatenate(batch)


def windows_of_tree_sequence(tree_sequence: Any, *, ploidy: int = 2) -> Windows:
    """Turn a ``tskit.TreeSequence`` into one window; sites and counts as for `read_tree_sequences`.

    Raises
    ------
    DataError
        If a sample has missing data, or the sequence length is no whole number.
    """
    length = tree_sequence.sequence_length
    if length != int(length):
        raise DataError(f"tree sequence: expected a whole number of base pairs, found a length of {length}")
    positions: list[float] = []
    rows = [np.empty((0, tree_sequence.num_samples), dtype=np.uint8)]
    dropped = {"n_monomorphic_dropped": 0, "n_multiallelic_dropped": 0}
    for variant in variants(tree_sequence, "tree sequence"):
        present = np.unique(variant.genotypes)
        if present[0] < 0:
            where = f"at position {variant.site.position}"
            raise DataError(f"tree sequence: expected a genotype for every sample, found one missing {where}")
        if len(present) == 1:
            dropped["n_monomorphic_dropped"] += 1
        elif len(present) > 2 or present[0] != 0:
            dropped["n_multiallelic_dropped"] += 1
        else:
            positions.append(variant.site.position)
            rows.append((variant.genotypes != 0).astype(np.uint8)[np.newaxis])
    return Windows.from_arrays(
        [np.concatenate(rows)],
        [positions],
        sequence_length=int(length),
        ploidy=ploidy,
        parameters={name: np.array([count]) for name, count in dropped.items()},
    )


def _read(path: Path, ploidy: int) -> Windows:
    try:
        return windows_of_tree_sequence(load_trees(path), ploidy=ploidy)
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from error
