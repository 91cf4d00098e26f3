"""ms and mssel keep the contract of simulators."""

from dataclasses import replace

from selbench import Selection
from selbench.testing import SimulatorContract, neutral_scenario
from selbench_coalescent.ms import Ms
from selbench_coalescent.mssel import Mssel


class TestMsContract(SimulatorContract):
    component = Ms()


class TestMsselContract(SimulatorContract):
    component = Mssel()
    scenario = replace(
        neutral_scenario(),
        selection=Selection.from_dominance(0.01, position=400, present_frequency=0.5, carriers=8),
    )
