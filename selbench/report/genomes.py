"""Genomes with labelled regions: what each method called in them, and what elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation.classification import called_class
from selbench.evaluation.intervals import wilson
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import TaskPredictions
from selbench.formats.labelled_regions import NEGATIVE, POSITIVE, Truth
from selbench.report.leaderboard import SHOW_EVERY_SEED_UP_TO
from selbench.run_folder import GenomeRecord, RunRecord
from selbench.run_folder.layout import MAKE_AGAIN, RECORD
from selbench.scan.truth import FEWEST_LOCI, Confusion, confusion


@dataclass(frozen=True)
class FoundInGenome:
    """What methods said of a genome.

    Parameters
    ----------
    title : str
        The tasks of training and test.
    null, positive : str
    genome : GenomeRecord
    methods : mapping of str to tuple of Confusion
        By label: one for each training, at the most probable class.
    """

    title: str
    null: str
    positive: str
    genome: GenomeRecord
    methods: dict[str, tuple[Confusion, ...]]

    @property
    def heads(self) -> tuple[str, ...]:
        """What stands in the columns of `rows`."""
        return f"of {self._n_positive:,} {self.positive}", f"of {self._n_null:,} {self.null}", self._loci_head

    @property
    def rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each method with the windows it called by label, and the loci in which it called one."""
        return [
            (
                label,
                (
                    _by_training([each.true_positive for each in found]),
                    _by_training([each.false_positive for each in found]),
                    _by_training([each.loci_found for each in found]) + self._interval(found),
                ),
            )
            for label, found in self.methods.items()
        ]

    @property
    def note(self) -> str:
        """What the counts are of, and what they cannot tell."""
        n_windows = self._n_positive + self._n_null
        larger, share = max(
            (self.positive, self._n_positive), (self.null, self._n_null), key=lambda each: each[1]
        )
        said = [
            f"Who calls every window {larger} is right about {share:,} of {n_windows:,}.",
            f"{self.genome.left_out:,} windows that a region only touches are left out, "
            f"{self.genome.skipped:,} of which less than a quarter was observed are skipped.",
        ]
        if self.genome.regions_outside:
            said.append(f"{self.genome.regions_outside:,} labelled regions lie in no window.")
        n_loci = self._n_loci
        if n_loci < FEWEST_LOCI:
            found = (
                "One sweep: one observation"
                if n_loci == 1
                else f"{n_loci} loci: an interval needs {FEWEST_LOCI}"
            )
            said.append(
                f"{found}, as windows of one locus share its history; so no method is compared with another."
            )
        else:
            said.append("Intervals are over loci, as windows of one locus share its history.")
        said.append(
            "Labels are as good as what they were made from: where a statistic drew them, they favour it."
        )
        return " ".join(said)

    @property
    def _loci_head(self) -> str:
        return "one locus found" if self._n_loci == 1 else f"of {self._n_loci:,} loci"

    @property
    def _n_loci(self) -> int:
        return len(set(self.genome.loci))

    @property
    def _n_positive(self) -> int:
        return self._one.true_positive + self._one.false_negative

    @property
    def _n_null(self) -> int:
        return self._one.false_positive + self._one.true_negative

    @property
    def _one(self) -> Confusion:
        return next(iter(self.methods.values()))[0]

    def _interval(self, found: tuple[Confusion, ...]) -> str:
        if self._n_loci < FEWEST_LOCI:
            return ""
        low, high = wilson(fmean(each.loci_found for each in found) / self._n_loci, self._n_loci)
        return f" ({low:.0%}–{high:.0%})"


def found_in_genomes(record: RunRecord) -> tuple[FoundInGenome, ...]:
    """Return what methods called on every genome of a run, by training task."""
    genomes = [name for name, task in record.tasks.items() if task.genome is not None]
    if not genomes:
        return ()
    predictions = record.predictions
    wanted = predictions[predictions["test_task"].isin(genomes)]
    return tuple(
        _found(record, task, genome)
        for task in by_task(wanted, record.roles)
        if (genome := record.tasks[task.test_task].genome) is not None
    )


def _found(record: RunRecord, task: TaskPredictions, genome: GenomeRecord) -> FoundInGenome:
    positive = task.roles.classes.index(task.roles.positive)
    is_positive = task.labels == positive
    if len(genome.loci) != is_positive.sum():
        raise DataError(
            f"{record.folder / RECORD}: tasks: {task.test_task}: genome: loci: expected one for each of "
            f"{is_positive.sum():,} {task.roles.positive} windows, found {len(genome.loci):,}; {MAKE_AGAIN}"
        )
    locus = np.full(len(task.labels), -1, dtype=np.int64)
    locus[is_positive] = genome.loci
    labels = np.where(is_positive, POSITIVE, NEGATIVE).astype(object)
    truth = Truth(labels, locus, len(set(genome.loci)), genome.regions_outside)
    return FoundInGenome(
        f"{task.train_task} → {task.test_task}",
        task.roles.null,
        task.roles.positive,
        genome,
        {
            record.labels[method.method]: tuple(_confusion(truth, said, positive) for said in method.test)
            for method in task.methods
        },
    )


def _confusion(truth: Truth, said: NDArray[np.float64], positive: int) -> Confusion:
    called = called_class(said) == positive
    return confusion(truth, called, np.ones(len(called), dtype=bool), "the most probable class")


def _by_training(counts: list[int]) -> str:
    """Return a count for every training of few, else their range."""
    if len(counts) <= SHOW_EVERY_SEED_UP_TO:
        return ", ".join(f"{count:,}" for count in counts)
    return f"{min(counts):,}–{max(counts):,}"
