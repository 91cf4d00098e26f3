"""A marking program prints the selected site even where all haplotypes are alike; so does simulate --args."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selbench.bench.simulating import with_selected_site
from selbench.plugin import ParsedCommand
from selbench.scenario import Selection
from selbench.testing import neutral_scenario, random_windows


def test_a_lost_or_fixed_allele_gets_its_column_and_a_varying_one_stays() -> None:
    windows = replace(random_windows(4, seed=1), parameters={"n_carriers": np.array([0, 12, 5, 0])})
    scenario = replace(neutral_scenario(), selection=Selection(s=0.1, position=100.0))
    printed = with_selected_site(windows, ParsedCommand(scenario, 4, print_selected_site=True))
    assert (printed.n_sites - windows.n_sites).tolist() == [1, 1, 0, 1]
    for i, allele in ((0, 0), (1, 1), (3, 0)):
        haplotypes, positions = printed.window(i)
        row = positions.tolist().index(100.0)
        assert (haplotypes[row] == allele).all()
        others = np.delete(haplotypes, row, axis=0)
        np.testing.assert_array_equal(others, windows.window(i)[0])
    np.testing.assert_array_equal(printed.window(2)[0], windows.window(2)[0])


def test_a_site_at_the_right_edge_is_printed_just_inside() -> None:
    windows = replace(random_windows(1, seed=1), parameters={"n_carriers": np.array([12])})
    scenario = replace(neutral_scenario(), selection=Selection(s=0.1, position=200.0))
    printed = with_selected_site(windows, ParsedCommand(scenario, 1, print_selected_site=True))
    assert 199.9 < printed.positions[-1] < 200


def test_a_program_that_does_not_print_a_lost_allele_leaves_it_out() -> None:
    windows = replace(random_windows(2, seed=1), parameters={"n_carriers": np.array([0, 12])})
    scenario = replace(neutral_scenario(), selection=Selection(s=0.1, position=100.0))
    command = ParsedCommand(scenario, 2, print_selected_site=True, print_lost_site=False)
    assert (with_selected_site(windows, command).n_sites - windows.n_sites).tolist() == [0, 1]
