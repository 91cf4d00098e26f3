import gzip
from pathlib import Path

import msprime
import numpy as np
import pytest
import tskit
from numpy.testing import assert_allclose, assert_array_equal

from selbench.errors import DataError
from selbench.formats.tree_sequences import is_tree_sequence, read_tree_sequences, windows_of_tree_sequence
from selbench.windows import Windows


def simulate(seed, discrete=False, rate=2e-6, length=1000, individuals=4):
    trees = msprime.sim_ancestry(
        individuals,
        sequence_length=length,
        population_size=1000,
        recombination_rate=1e-6,
        random_seed=seed,
        discrete_genome=discrete,
    )
    return msprime.sim_mutations(trees, rate=rate, random_seed=seed, discrete_genome=discrete)


def test_sites_and_alleles_are_those_of_the_tree_sequence():
    trees = simulate(1)
    windows = windows_of_tree_sequence(trees)
    assert windows.spec.n_haplotypes == 8
    assert windows.polarisation == "ancestral"
    assert_array_equal(windows.haplotypes, trees.genotype_matrix())
    assert_array_equal(windows.positions, trees.tables.sites.position)
    derived = windows.haplotypes.sum(axis=1)
    assert_allclose((derived * (8 - derived) / 28).sum(), trees.diversity(span_normalise=False))


def test_multiallelic_sites_are_left_out_and_counted():
    trees = simulate(2, discrete=True, rate=1e-4, length=200)
    windows = windows_of_tree_sequence(trees)
    genotypes = trees.genotype_matrix()
    states = [set(row.tolist()) for row in genotypes]
    biallelic = [len(present) == 2 and 0 in present for present in states]
    assert_array_equal(windows.haplotypes, genotypes[biallelic] != 0)
    assert_array_equal(windows.positions, trees.tables.sites.position[biallelic])
    n_monomorphic = sum(len(present) == 1 for present in states)
    assert windows.parameters["n_monomorphic_dropped"].tolist() == [n_monomorphic]
    assert windows.parameters["n_multiallelic_dropped"].tolist() == [
        len(states) - sum(biallelic) - n_monomorphic
    ]
    assert windows.parameters["n_multiallelic_dropped"][0] > 0


def test_files_become_one_window_each_in_batches(tmp_path):
    trees = [simulate(seed) for seed in range(1, 6)]
    paths = [tmp_path / f"{i}.trees" for i in range(5)]
    for path, tree_sequence in zip(paths, trees, strict=True):
        tree_sequence.dump(path)
    batches = list(read_tree_sequences(paths, batch_windows=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    windows = Windows.concatenate(batches)
    assert_array_equal(windows.n_sites, [tree_sequence.num_sites for tree_sequence in trees])


def test_a_tree_sequence_without_sites():
    windows = windows_of_tree_sequence(simulate(1, rate=0))
    assert windows.n_sites.tolist() == [0]


def test_missing_data_and_odd_lengths_are_refused():
    tables = simulate(3).dump_tables()
    tables.nodes.add_row(flags=tskit.NODE_IS_SAMPLE, time=0)
    tables.nodes.add_row(flags=tskit.NODE_IS_SAMPLE, time=0)
    with pytest.raises(DataError, match="found one missing at position"):
        windows_of_tree_sequence(tables.tree_sequence())
    with pytest.raises(DataError, match=r"whole number of base pairs, found a length of 10\.5"):
        windows_of_tree_sequence(simulate(3, length=10.5))


def test_damaged_and_odd_files_are_one_line(tmp_path):
    whole, path = tmp_path / "whole.trees", tmp_path / "bad.trees"
    simulate(1).dump(whole)
    for content in (b"", b"hello\n" * 99, whole.read_bytes()[:-9], whole.read_bytes()[:500]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"bad.trees: damaged, expected a tree-sequence file") as error:
            list(read_tree_sequences([path]))
        assert "\n" not in str(error.value)
    with pytest.raises(DataError, match="expected a tree-sequence file"):
        list(read_tree_sequences([tmp_path / "absent.trees"]))
    simulate(1, individuals=3).dump(path)
    with pytest.raises(DataError, match=r"bad.trees: expected 8 haplotypes.* found 6 haplotypes"):
        list(read_tree_sequences([whole, path], batch_windows=1))


def test_positions_stay_within_the_window():
    windows = windows_of_tree_sequence(simulate(7, rate=1e-5))
    assert (windows.positions < 1000).all()
    assert (np.diff(windows.positions) >= 0).all()


def test_gzip_makes_no_difference_and_files_are_known_by_how_they_begin(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain.trees", tmp_path / "packed.bin"
    simulate(3).dump(plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    windows = Windows.concatenate(list(read_tree_sequences([plain, packed])))
    assert windows.digests()[0] == windows.digests()[1]
    text, cut = tmp_path / "windows.ms", tmp_path / "cut.bin"
    text.write_text("ms 4 1\n1\n\n//\nsegsites: 0\n")
    cut.write_bytes(packed.read_bytes()[:200])
    found = [is_tree_sequence(path) for path in (plain, packed, text, cut, tmp_path / "missing")]
    assert found == [True, True, False, True, False]
    with pytest.raises(DataError, match=r"cut\.bin: damaged, expected a gzip file"):
        list(read_tree_sequences([cut]))


def test_samples_of_several_populations_and_times_are_counted_and_chosen():
    demography = msprime.Demography.isolated_model([1000, 1000, 1000])
    demography.add_population_split(time=100, derived=["pop_0", "pop_1"], ancestral="pop_2")
    samples = [
        msprime.SampleSet(3, population="pop_0"),
        msprime.SampleSet(2, population="pop_1"),
        msprime.SampleSet(2, population="pop_0", time=50),
    ]
    ancestry = msprime.sim_ancestry(samples, demography=demography, sequence_length=10_000, random_seed=1)
    sequence = msprime.sim_mutations(ancestry, rate=1e-6, random_seed=1)
    pooled = windows_of_tree_sequence(sequence)
    assert (pooled.parameters["n_populations"], pooled.parameters["n_times"]) == (2, 2)
    for population in (0, "pop_0"):
        chosen = windows_of_tree_sequence(sequence, population=population, time=0)
        assert chosen.spec.n_haplotypes == 6
        assert (chosen.parameters["n_populations"], chosen.parameters["n_times"]) == (1, 1)
        alone = windows_of_tree_sequence(sequence.simplify(range(6), filter_sites=False))
        assert alone.digests() == chosen.digests()
        from_face = Windows.from_tree_sequence(sequence, population=population, time=0)
        assert from_face.digests() == chosen.digests()
    with pytest.raises(DataError, match="all samples come from 2 populations, 2 times"):
        windows_of_tree_sequence(sequence, population=0, time=7)
    with pytest.raises(DataError, match=r"of it \(pop_0, pop_1, pop_2\), found 'YRI'"):
        windows_of_tree_sequence(sequence, population="YRI")


def test_deleted_flanks_are_not_observed_and_alleles_of_several_letters_no_sites():
    ancestry = msprime.sim_ancestry(4, sequence_length=1000, population_size=1000, random_seed=1)
    sequence = msprime.sim_mutations(ancestry, rate=1e-5, random_seed=1)
    cut = sequence.keep_intervals([[250, 750]], simplify=False)
    (share,) = windows_of_tree_sequence(cut).observed
    assert share == 0.5
    assert windows_of_tree_sequence(sequence).observed.tolist() == [1]
    tables = cut.dump_tables()
    tables.mutations.clear()
    tables.sites.clear()
    for position, ancestral, derived in [(300, "A", "C"), (400, "AT", "A"), (500, "", "12,13")]:
        site = tables.sites.add_row(position, ancestral)
        tables.mutations.add_row(site, node=0, derived_state=derived)
    windows = windows_of_tree_sequence(tables.tree_sequence())
    assert windows.positions.tolist() == [300, 500]
    assert windows.parameters["n_indel_dropped"] == 1
