"""Every component of the statistics plugin keeps its contract."""

from __future__ import annotations

from selbench.statistics import STATISTICS
from selbench.testing import EncoderContract, ModelContract, random_windows
from selbench_statistics.classifiers import (
    GradientBoosting,
    Logistic,
    RandomForest,
    SpectrumSvm,
    SubWindowBoosting,
    SubWindowLogistic,
)
from selbench_statistics.hidden_markov import PopGenHmm
from selbench_statistics.majority import Majority
from selbench_statistics.spectrum import SiteFrequencySpectrum
from selbench_statistics.summaries import SubWindowStatistics, SummaryStatistics
from selbench_statistics.thresholds import (
    H12,
    DistinctHaplotypes,
    NucleotideDiversity,
    SegregatingSites,
    TajimasD,
)


class TestStatisticsContract(EncoderContract):
    component = SummaryStatistics()


class TestAllStatisticsInSubWindowsContract(EncoderContract):
    component = SummaryStatistics(names=tuple(STATISTICS), sub_windows=3)


class TestStatisticsOfMajorAllelesContract(EncoderContract):
    component = SummaryStatistics()
    windows = random_windows(12, seed=3, polarisation="major")


class TestSubWindowStatisticsContract(EncoderContract):
    component = SubWindowStatistics()


class TestSubWindowLogisticContract(ModelContract):
    component = SubWindowLogistic()
    encoder = SubWindowStatistics(sub_windows=3)
    tolerance = 0.0


class TestSubWindowBoostingContract(ModelContract):
    component = SubWindowBoosting(n_rounds=5)
    encoder = SubWindowStatistics(sub_windows=3)
    tolerance = 0.0


class TestSpectrumContract(EncoderContract):
    component = SiteFrequencySpectrum()


class TestScaledFoldedSpectrumContract(EncoderContract):
    component = SiteFrequencySpectrum(folded=True, scaled=True, normalised=True)
    windows = random_windows(12, seed=3, polarisation="ref")


class TestSpectrumWithInvariantSitesContract(EncoderContract):
    component = SiteFrequencySpectrum(invariant=True)


class TestSegregatingSitesContract(ModelContract):
    component = SegregatingSites()
    encoder = SummaryStatistics(names=("segregating_sites",))


class TestNucleotideDiversityContract(ModelContract):
    component = NucleotideDiversity()
    encoder = SummaryStatistics(names=("segregating_sites", "nucleotide_diversity"))


class TestDistinctHaplotypesContract(ModelContract):
    component = DistinctHaplotypes()
    encoder = SummaryStatistics()


class TestTajimasDContract(ModelContract):
    component = TajimasD()
    encoder = SummaryStatistics(names=("tajimas_d",))


class TestH12Contract(ModelContract):
    component = H12()
    encoder = SummaryStatistics(names=("h12",))


class TestMajorityContract(ModelContract):
    component = Majority()
    is_constant = True
    encoder = SummaryStatistics(names=("segregating_sites",))


class TestLogisticContract(ModelContract):
    component = Logistic(C=0.5)
    encoder = SummaryStatistics()
    tolerance = 0.0


class TestRandomForestContract(ModelContract):
    component = RandomForest(n_trees=10)
    encoder = SummaryStatistics(sub_windows=2)
    tolerance = 0.0


class TestGradientBoostingContract(ModelContract):
    component = GradientBoosting(n_rounds=10)
    encoder = SummaryStatistics()
    tolerance = 0.0


class TestSpectrumSvmContract(ModelContract):
    component = SpectrumSvm()
    encoder = SiteFrequencySpectrum()
    tolerance = 0.0


class TestPopGenHmmContract(ModelContract):
    component = PopGenHmm()
    encoder = SiteFrequencySpectrum(invariant=True)
    reload_in_new_process = True
    tolerance = 0.0


class TestPopGenHmmAsPublishedContract(ModelContract):
    component = PopGenHmm(beta=-5.0, theta=0.01, sites="segregating", emissions="as-published")
    encoder = SiteFrequencySpectrum(invariant=True)
