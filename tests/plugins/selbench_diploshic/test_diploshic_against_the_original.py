"""Feature vectors equal those of the original's own code, where the module ``diploshic`` can be imported.

Enough is ``pip download --no-deps diploshic==1.1.0``, the wheel unpacked into a folder, that on PYTHONPATH.
"""

import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from selbench.testing import random_windows
from selbench_diploshic.vectors import DIPLOID, HAPLOID, DiploshicVectors

if find_spec("diploshic") is None:
    pytest.skip("the original's module diploshic is not on the path", allow_module_level=True)

N_PARTS, PART_BP = 11, 500
WINDOWS = {
    "dense": random_windows(20, seed=1, n_haplotypes=20, sequence_length=N_PARTS * PART_BP, mean_sites=120),
    "sparse": random_windows(20, seed=2, n_haplotypes=20, sequence_length=N_PARTS * PART_BP, mean_sites=25),
    "odd": random_windows(
        20, seed=3, n_haplotypes=21, sequence_length=N_PARTS * PART_BP, mean_sites=90, ploidy=1
    ),
}


def whole_positions(positions, length):
    from diploshic.msTools import msPositionsToIntegerPositions

    return msPositionsToIntegerPositions((positions / length).tolist(), length) if len(positions) else []


def original(haplotypes, positions, genotypes):
    """Return the statistics (n_statistics, n_parts) and the vector as the original's scripts make them."""
    import allel
    from diploshic import fvTools

    length = N_PARTS * PART_BP
    if genotypes == "diploid":
        haplotypes = haplotypes[:, : haplotypes.shape[1] // 2 * 2]
    places = np.array(whole_positions(positions, length), dtype=int)
    names = {"haploid": HAPLOID, "diploid": ["diplo_" + n if n in GROUPED else n for n in DIPLOID]}[genotypes]
    values = {name: [[]] for name in names}
    array = allel.HaplotypeArray(haplotypes, dtype="i1")
    counts = array.count_alleles(max_allele=1)
    unmasked = np.ones(length, dtype=bool)
    for part in range(N_PARTS):
        start, stop = part * PART_BP + 1, (part + 1) * PART_BP
        here = np.flatnonzero((places >= start) & (places <= stop))
        if not len(here):
            for name in names:
                fvTools.appendStatValsForMonomorphic(name, values, 0, part)
        elif genotypes == "haploid":
            fvTools.calcAllStatsForSubWin(
                counts, places, start, stop, values, 0, part, array.subset(sel0=here), unmasked, {}
            )
        else:
            genos = array.subset(sel0=here).to_genotypes(ploidy=2)
            for name in names:
                fvTools.calcAndAppendStatValDiplo(
                    counts, places, name, start, stop, values, 0, part, genos, unmasked
                )
    table = [values[name][0] for name in names]
    return np.array(table, dtype=float), np.array([fvTools.normalizeFeatureVec(row) for row in table])


GROUPED = ("H1", "H12", "H2/H1", "ZnS", "Omega")


@pytest.mark.parametrize("which", WINDOWS)
@pytest.mark.parametrize("genotypes", ["haploid", "diploid"])
def test_statistics_and_vectors_are_the_originals(which, genotypes):
    encoder = DiploshicVectors(genotypes=genotypes, positions="ms")
    plain = DiploshicVectors(genotypes=genotypes, positions="ms", relative=False)
    windows = WINDOWS[which]
    found, values = encoder.encode(windows), plain.encode(windows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [original(*window, genotypes) for window in windows]
    for i, (statistics, vector) in enumerate(expected):
        np.testing.assert_allclose(found[i], vector, rtol=2e-5, atol=1e-6, err_msg=f"window {i}")
        np.testing.assert_allclose(values[i], np.nan_to_num(statistics), rtol=2e-5, atol=1e-6)
