"""Summary statistics as an encoding, and the classical methods and baselines that use them."""

from __future__ import annotations

from collections.abc import Sequence

from selbench import Encoder, Model, hookimpl
from selbench.plugin import Formula


@hookimpl
def register_encoders() -> list[type[Encoder]]:
    """Return the encoders of this plugin."""
    from selbench_statistics.spectrum import SiteFrequencySpectrum
    from selbench_statistics.summaries import SubWindowStatistics, SummaryStatistics

    return [SummaryStatistics, SubWindowStatistics, SiteFrequencySpectrum]


@hookimpl
def register_models() -> list[type[Model]]:
    """Return the models of this plugin."""
    from selbench_statistics import classifiers, thresholds
    from selbench_statistics.hidden_markov import PopGenHmm
    from selbench_statistics.majority import Majority

    return [
        thresholds.SegregatingSites,
        thresholds.NucleotideDiversity,
        thresholds.DistinctHaplotypes,
        thresholds.TajimasD,
        thresholds.H12,
        Majority,
        classifiers.Logistic,
        classifiers.RandomForest,
        classifiers.GradientBoosting,
        classifiers.SubWindowLogistic,
        classifiers.SubWindowBoosting,
        classifiers.SpectrumSvm,
        PopGenHmm,
    ]


@hookimpl
def register_statistics() -> Sequence[Formula]:
    """Return the statistics that selbench ships."""
    from selbench.statistics import SHIPPED

    return SHIPPED
