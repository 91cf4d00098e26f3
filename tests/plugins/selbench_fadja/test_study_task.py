"""The study's task, in small: windows that the networks should tell apart after a few epochs."""

from dataclasses import replace

import numpy as np
import pytest

from selbench import Locus, Population, Registry, Sample, Scenario, Selection, Windows
from selbench.windows import Examples

REGISTRY = Registry.installed()
NEUTRAL = Scenario(Sample(48), Locus(1000, 1e-8, 1e-8), Population(size=80_000))
SWEEP = replace(
    NEUTRAL,
    selection=Selection(
        s=0.005, h=0.5, position=4999, present_frequency=0.22, carriers="all", trajectories="each"
    ),
)


@pytest.fixture(scope="module")
def windows():
    """700 windows of each class, those without sites dropped, classes in turn."""
    found = []
    for simulator, scenario, label in (("ms", NEUTRAL, "neutral"), ("mssel", SWEEP, "sweep")):
        made = REGISTRY.simulators[simulator]().simulate(scenario, windows=range(1000), seed=5)
        found.append(made.take(np.flatnonzero(made.n_sites)[:700]).with_label(label))
    return Windows.concatenate(found).take(np.arange(1400).reshape(2, 700).T.ravel())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoder", "model", "lowest"),
    [
        ("sites", "haplotype-net[epochs=2]", 0.95),
        ("imagene[size=44]", "fadja-cnn[epochs=3]", 0.95),
    ],
)
def test_a_few_epochs_tell_sweeps_from_neutral_windows(windows, encoder, model, lowest):
    from sklearn.metrics import roc_auc_score

    encode = REGISTRY.encoders.build(encoder)
    features = encode.feature_spec(windows.spec)
    train, validation, test = (
        Examples(windows.take(slice(*part)), encode.encode, features, ("neutral", "sweep"))
        for part in ((0, 800), (800, 900), (900, 1400))
    )
    predictor = REGISTRY.models.build(model).fit(train, validation, seed=3, progress=lambda done, words: None)
    said = predictor.predict_proba(test.to_array())[:, 1]
    assert roc_auc_score(test.labels, said) > lowest
