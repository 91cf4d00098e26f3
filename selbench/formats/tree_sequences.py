"""Tree sequences (tskit files) as windows: other people's simulations by msprime, SLiM and their kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.containment import contained
from selbench.foreign.trees import begins_as_trees, load_trees, variants
from selbench.windows import Windows


def is_tree_sequence(path: Path) -> bool:
    """Tell whether a file is a tree sequence, plain or gzip: by its name or by how it begins."""
    return ".trees" in path.suffixes or begins_as_trees(path)


def read_tree_sequences(
    paths: Iterable[str | Path],
    *,
    ploidy: int = 2,
    batch_windows: int = 100,
    population: int | str | None = None,
    time: float | None = None,
) -> Iterator[Windows]:
    """Read tree-sequence files, plain or gzip, one window each, in bounded batches.

    Parameters
    ----------
    paths : iterable of path
        All of one sequence length and sample size.
    ploidy, population, time
        See `windows_of_tree_sequence`.

    Raises
    ------
    DataError
        If a file is damaged, has missing genotypes, or differs from the first
        in length or sample size.
    """
    batch: list[Windows] = []
    spec = None
    for path in paths:
        window = _read(Path(path), ploidy, population, time)
        spec = spec or window.spec
        if window.spec != spec:
            raise DataError(f"{path}: expected {spec} as in the files before, found {window.spec}")
        batch.append(window)
        if len(batch) == batch_windows:
            yield Windows.concatenate(batch)
            batch = []
    if batch:
        yield Windows.concatenate(batch)


def windows_of_tree_sequence(
    tree_sequence: Any,
    *,
    ploidy: int = 2,
    population: int | str | None = None,
    time: float | None = None,
) -> Windows:
    """Turn a ``tskit.TreeSequence`` into one window.

    The first sample node is the first haplotype. 0 is a site's ancestral
    state. Sites that do not vary among the samples are left out; so are sites
    with more than two alleles among them (several mutations at one place), and
    those whose alleles are not single letters (or SLiM's lists of mutations).
    All are counted in the parameters ``n_monomorphic_dropped``,
    ``n_multiallelic_dropped`` and ``n_indel_dropped``; ``n_populations`` and
    ``n_times`` say how many populations, and times, the samples come from.
    Stretches without any edge, such as deleted flanks, are not `observed`.

    Parameters
    ----------
    population : int or str, optional
        Take the samples of this population alone, by its number or its name.
    time : float, optional
        Take the samples that lived so many time units ago alone: 0 for those of the present.

    Raises
    ------
    DataError
        If a sample has missing data, no sample is left, or the sequence length is no whole number.
    """
    length = tree_sequence.sequence_length
    if length != int(length):
        raise DataError(f"tree sequence: expected a whole number of base pairs, found a length of {length}")
    samples = _chosen_samples(tree_sequence, population, time)
    positions: list[float] = []
    rows = [np.empty((0, len(samples)), dtype=np.uint8)]
    dropped = {"n_monomorphic_dropped": 0, "n_multiallelic_dropped": 0, "n_indel_dropped": 0}
    gone = _without_edges(tree_sequence)
    for variant in variants(tree_sequence, "tree sequence", samples=samples):
        at = variant.position
        if ((gone[:, 0] <= at) & (at < gone[:, 1])).any():
            continue
        present = np.unique(variant.genotypes)
        if present[0] < 0:
            where = f"at position {at}"
            raise DataError(f"tree sequence: expected a genotype for every sample, found one missing {where}")
        if len(present) == 1:
            dropped["n_monomorphic_dropped"] += 1
        elif len(present) > 2 or present[0] != 0:
            dropped["n_multiallelic_dropped"] += 1
        elif not all(_is_point(variant.alleles[index]) for index in present.tolist()):
            dropped["n_indel_dropped"] += 1
        else:
            positions.append(at)
            rows.append((variant.genotypes != 0).astype(np.uint8)[np.newaxis])
    counts = dropped | _origins(tree_sequence, samples)
    return Windows.from_arrays(
        [np.concatenate(rows)],
        [positions],
        sequence_length=int(length),
        ploidy=ploidy,
        parameters={name: np.array([count]) for name, count in counts.items()},
        observed=[1 - float((gone[:, 1] - gone[:, 0]).sum()) / length],
    )


def pooling_told(n_populations: int, n_times: int, observed: float) -> list[str]:
    """Say what a reader must know of samples that were put together, and of what was not there.

    Parameters
    ----------
    n_populations, n_times : int
        The most of which one window has samples.
    observed : float
        The smallest share of a window that has an ancestry.
    """
    said = []
    if n_populations > 1:
        said.append(
            f"samples of {n_populations} populations are in one window; selbench import --population NAME "
            "takes one"
        )
    if n_times > 1:
        said.append(
            f"samples of {n_times} times are in one window; selbench import --time 0 takes those of the "
            "present"
        )
    if observed < 1:
        said.append(
            f"a window has no ancestry in a part of it ({1 - observed:.0%} at most), as where flanks were "
            "deleted: no site can be there"
        )
    return said


def _chosen_samples(
    tree_sequence: Any, population: int | str | None, time: float | None
) -> NDArray[np.int32]:
    samples = np.asarray(tree_sequence.samples())
    if population is not None:
        number = _population_number(tree_sequence, population)
        samples = samples[tree_sequence.nodes_population[samples] == number]
    if time is not None:
        samples = samples[tree_sequence.nodes_time[samples] == time]
    if len(samples) < 2:
        found = _origins(tree_sequence, np.asarray(tree_sequence.samples()))
        raise DataError(
            f"tree sequence: expected two samples or more of population {population} and time {time}, found "
            f"{len(samples)}; all samples come from {found['n_populations']} populations, "
            f"{found['n_times']} times"
        )
    return samples.astype(np.int32)


def _population_number(tree_sequence: Any, population: int | str) -> int:
    if isinstance(population, int):
        return population
    with contained("tree sequence", "metadata of populations"):
        names = [_population_name(p.metadata) for p in tree_sequence.populations()]
    if population not in names:
        known = ", ".join(name for name in names if name) or "without names"
        raise DataError(f"tree sequence: expected a population of it ({known}), found {population!r}")
    return names.index(population)


def _population_name(metadata: Any) -> str:
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _origins(tree_sequence: Any, samples: NDArray[Any]) -> dict[str, int]:
    """Count the populations and the times that samples come from."""
    return {
        "n_populations": len(np.unique(tree_sequence.nodes_population[samples])),
        "n_times": len(np.unique(tree_sequence.nodes_time[samples])),
    }


def _without_edges(tree_sequence: Any) -> NDArray[np.float64]:
    """Return the stretches in which no sample has an ancestor, float64 (n_stretches, 2)."""
    with contained("tree sequence", "a tree sequence"):
        gone = [tree.interval for tree in tree_sequence.trees() if tree.num_edges == 0]
    return np.array([[left, right] for left, right in gone], dtype=np.float64).reshape(-1, 2)


def _is_point(allele: str | None) -> bool:
    """Whether an allele is one letter, nothing, or a list of mutations as SLiM names them."""
    return allele is not None and (len(allele) <= 1 or all(part.isdigit() for part in allele.split(",")))


def _read(path: Path, ploidy: int, population: int | str | None, time: float | None) -> Windows:
    try:
        tree_sequence = load_trees(path)
        return windows_of_tree_sequence(tree_sequence, ploidy=ploidy, population=population, time=time)
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from error
