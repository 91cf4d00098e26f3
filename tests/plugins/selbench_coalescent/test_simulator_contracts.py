"""ms, mssel, msms and discoal keep the contract of simulators."""

from dataclasses import replace

from selbench import Selection
from selbench.testing import SimulatorContract, neutral_scenario
from selbench_coalescent.discoal import Discoal
from selbench_coalescent.ms import Ms
from selbench_coalescent.msms import Msms
from selbench_coalescent.mssel import Mssel


class TestMsContract(SimulatorContract):
    component = Ms()


class TestMsselContract(SimulatorContract):
    component = Mssel()
    scenario = replace(
        neutral_scenario(),
        selection=Selection.from_dominance(0.01, position=400, present_frequency=0.5, carriers=8),
    )


class TestMsmsContract(SimulatorContract):
    component = Msms()
    scenario = replace(
        neutral_scenario(),
        selection=Selection.from_dominance(
            0.02, 0.8, position=400, origin="multiple", onset_time=200, onset_frequency=0.05
        ),
    )


class TestDiscoalContract(SimulatorContract):
    component = Discoal()
    scenario = replace(
        neutral_scenario(),
        selection=Selection.from_dominance(
            0.02, position=400, fixation_time=10, onset_frequency=0.1, carriers="all"
        ),
    )
