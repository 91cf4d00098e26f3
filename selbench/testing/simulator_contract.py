"""What every simulator keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from selbench.errors import UnsupportedError
from selbench.plugin import Simulator
from selbench.scenario import Prior, Scenario, Selection
from selbench.testing.component_contract import ComponentContract
from selbench.testing.small_windows import assert_same_windows, neutral_scenario
from selbench.windows import Windows


class SimulatorContract(ComponentContract):
    """What every simulator keeps. Override `scenario` with one that yours can do.

    Attributes
    ----------
    component : Simulator
    scenario : Scenario
    """

    component: ClassVar[Simulator]
    scenario: ClassVar[Scenario] = neutral_scenario()

    def simulate(self, windows: range, seed: int = 7) -> Windows:
        return self.component.simulate(self.scenario, windows=windows, seed=seed)

    def test_it_makes_exactly_the_windows_asked_for(self) -> None:
        windows = self.simulate(range(30))
        assert len(windows) == 30
        assert windows.spec == self.scenario.window_spec
        assert len(self.simulate(range(4, 4))) == 0

    def test_sites_are_polymorphic_and_some_exist(self) -> None:
        windows = self.simulate(range(30))
        counts = windows.haplotypes.sum(axis=1, dtype=np.int64)
        assert len(counts) > 0
        if not (self.scenario.selection and self.scenario.selection.keep_selected_site):
            assert ((counts > 0) & (counts < windows.spec.n_haplotypes)).all()

    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        assert_same_windows(self.simulate(range(20)), self.simulate(range(20)))

    def test_another_seed_gives_other_windows(self) -> None:
        here, there = self.simulate(range(20), seed=7), self.simulate(range(20), seed=8)
        assert here.digests() != there.digests()

    def test_windows_of_one_batch_differ(self) -> None:
        windows = self.simulate(range(30))
        digests = [d for d, n in zip(windows.digests(), windows.n_sites, strict=True) if n > 3]
        assert len(set(digests)) == len(digests)

    def test_chunking_does_not_change_the_bytes(self) -> None:
        if not self.component.independent_windows:
            pytest.skip("this simulator is asked for whole blocks only")
        parts = [self.simulate(range(a, b)) for a, b in [(0, 7), (7, 8), (8, 20)]]
        assert_same_windows(Windows.concatenate(parts), self.simulate(range(20)))

    def test_what_is_drawn_per_window_stands_in_the_parameters(self) -> None:
        rate = Prior("uniform", 1e-8, 1e-7)
        scenario = replace(self.scenario, locus=replace(self.scenario.locus, mutation_rate=rate))
        if self.component.unsupported(scenario):
            pytest.skip("it takes no prior")
        drawn = self.component.simulate(scenario, windows=range(5), seed=1).parameters["locus.mutation_rate"]
        assert ((drawn >= rate.low) & (drawn <= rate.high)).all()
        assert len(set(drawn.tolist())) == 5

    def test_what_it_cannot_do_it_refuses(self) -> None:
        selection = Selection(s=0.1, carriers=3, given_trajectories=(), position=-5.0, present_frequency=0.5)
        strange = replace(self.scenario, selection=selection)
        reason = self.component.unsupported(strange)
        if reason is None:
            pytest.skip("it can do this scenario")
        with pytest.raises(UnsupportedError):
            self.component.simulate(strange, windows=range(2), seed=1)

    def test_its_placebo_is_something_it_can_do(self) -> None:
        placebo = self.component.placebo(self.scenario)
        if placebo is None:
            pytest.skip("no placebo")
        assert self.component.unsupported(placebo) is None
        assert len(self.component.simulate(placebo, windows=range(3), seed=1)) == 3
