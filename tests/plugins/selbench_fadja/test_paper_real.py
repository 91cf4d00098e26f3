"""The seed study's scan of a genome as an experiment: its labels on a stand-in of the same shape."""

from __future__ import annotations

from pathlib import Path

import msprime
import pytest

from selbench import Registry
from selbench.errors import ExperimentError
from selbench.experiment import portions, read_experiment

REGION_START, REGION_BP, N_PEOPLE = 48_000_000, 500_000, 24


@pytest.fixture(scope="module")
def shipped() -> tuple[Path, Registry]:
    registry = Registry.installed()
    return registry.experiment("paper-real"), registry


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 24 people without selection, where the study's region lies."""
    trees = msprime.sim_ancestry(
        N_PEOPLE, population_size=2000, sequence_length=REGION_BP, recombination_rate=1e-8, random_seed=3
    )
    trees = msprime.sim_mutations(trees, rate=2e-8, model=msprime.BinaryMutationModel(), random_seed=4)
    rows = []
    for variant in trees.variants():
        calls = variant.genotypes.astype("U1").reshape(-1, 2).tolist()
        at = REGION_START + int(variant.site.position) + 1
        rows.append(
            "\t".join(["chr15", str(at), ".", "A", "C", ".", "PASS", "AA=A|||", "GT", *map("|".join, calls)])
        )
    meta = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr15,length=101991189>",
        '##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ]
    names = [f"TSI{i}" for i in range(N_PEOPLE)]
    head = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names])
    path = tmp_path_factory.mktemp("genome") / "tsi.vcf"
    path.write_text("\n".join([*meta, head, *rows]) + "\n")
    return path


def test_twelve_of_fifty_windows_are_labelled_and_are_one_locus(
    shipped: tuple[Path, Registry], stand_in: Path
) -> None:
    path, registry = shipped
    experiment = read_experiment(path, registry, overrides=[f"tasks.real.genome.vcf={stand_in}"])
    task = experiment.tasks["real"]
    assert {portion.label: portion.n_windows for portion in portions(task, split="test")} == {
        "neutral": 38,
        "sweep": 12,
    }
    labels = task.genome_labels
    assert labels is not None
    assert set(labels.loci) == {0}
    assert next([test.name for test in training.test_tasks] for training in experiment.trainings()) == [
        "ds5",
        "real",
    ]
    assert "favour π" in experiment.description


def test_without_a_vcf_the_way_to_one_is_told(shipped: tuple[Path, Registry]) -> None:
    with pytest.raises(
        ExperimentError, match=r"bcftools view -S .* chr15:48000001-48500000 .*--set tasks\.real"
    ):
        read_experiment(*shipped)
