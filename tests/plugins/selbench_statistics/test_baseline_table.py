"""The baselines reach what they reached on the seed study's task with the original programs' windows.

Accuracies of hold-out windows (about 2,000, balanced, windows without sites
dropped as in the study) simulated by ms and mssel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from selbench import Examples, Locus, Population, Registry, Sample, Scenario, Selection, Windows

N_TRAIN, N_TEST, N_HOLD_OUT_THEN = 2000, 4000, 2000


@dataclass(frozen=True)
class Task:
    """A population and a favoured allele at 22 %, carried by the whole sample."""

    population_size: int
    mutation_rate: float
    sequence_length: int
    position: float

    def scenarios(self) -> tuple[Scenario, Scenario]:
        locus = Locus(self.sequence_length, self.mutation_rate, 1e-8)
        neutral = Scenario(Sample(48), locus, Population(self.population_size))
        allele = Selection(s=0.005, h=0.5, position=self.position, present_frequency=0.22, carriers="all")
        return neutral, replace(neutral, selection=allele)


TASKS = {
    "study": Task(80_000, 1e-8, 1000, position=4999.0),
    "ds5": Task(10_000, 2e-8, 10_000, position=5000.0),
}
ACCURACIES = {
    ("study", "segregating-sites"): 0.869,
    ("study", "logistic"): 0.988,
    ("study", "svm-sfs"): 0.956,
    ("study", "random-forest"): 0.989,
    ("ds5", "segregating-sites"): 0.988,
    ("ds5", "logistic"): 0.998,
    ("ds5", "svm-sfs"): 0.990,
    ("ds5", "random-forest"): 0.998,
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


@pytest.fixture(scope="module")
def simulated(registry: Registry) -> dict[tuple[str, str], Windows]:
    """Windows by task and split: balanced, without empty ones."""
    windows = {}
    for task_name, task in TASKS.items():
        neutral, sweep = task.scenarios()
        for split, start, count in (("train", 0, N_TRAIN), ("test", 10**6, N_TEST)):
            classes = []
            for label, simulator, scenario in (("neutral", "ms", neutral), ("sweep", "mssel", sweep)):
                drawn = registry.simulators.build(simulator).simulate(
                    scenario, windows=range(start, start + count), seed=len(label)
                )
                kept = drawn.take(drawn.n_sites > 0).take(slice(0, count // 2)).with_label(label)
                classes.append(replace(kept, parameters={}))
            windows[task_name, split] = Windows.concatenate(classes)
    return windows


@pytest.mark.slow
@pytest.mark.parametrize(("task", "model_name"), ACCURACIES)
def test_baselines_reach_their_known_accuracy(
    task: str, model_name: str, registry: Registry, simulated: dict[tuple[str, str], Windows]
) -> None:
    model = registry.models.build(model_name)
    encoder = registry.encoders.build(model.default_encoder)
    train, test = (
        Examples(windows, encoder.encode, encoder.feature_spec(windows.spec), ("neutral", "sweep"))
        for windows in (simulated[task, "train"], simulated[task, "test"])
    )
    predictor = model.fit(train, train, seed=1, progress=lambda fraction, words: None)
    called = predictor.predict_proba(test.to_array()).argmax(axis=1)
    accuracy, known = np.mean(called == test.labels), ACCURACIES[task, model_name]
    sampling = np.sqrt(known * (1 - known) * (1 / N_TEST + 1 / N_HOLD_OUT_THEN))
    # ours may be better, and was fitted on fewer windows and other statistics: 1 % for that
    assert abs(accuracy - known) < 5 * sampling + 0.01
