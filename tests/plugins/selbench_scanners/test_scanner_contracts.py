"""Every scanner keeps the contract, with its own options and with others."""

from __future__ import annotations

from selbench.testing import ScannerContract, random_windows
from selbench_scanners import flexsweep_statistics as flexsweep
from selbench_scanners.composite_likelihood import Sweed, SweepFinder2
from selbench_scanners.haplotype_spectra import H12, Lassi, SaltiLassi
from selbench_scanners.integrated_scores import Ihs, Nsl
from selbench_scanners.omegaplus import OmegaPlus
from selbench_scanners.raisd import Raisd
from selbench_scanners.safe import Isafe, Safe

COMPONENTS = [
    Raisd(),
    Raisd(window_sites=20, edge=2, diversity="own"),
    SweepFinder2(grid_points=9),
    SweepFinder2(grid_points=5, invariant=True),
    Sweed(grid_points=9),
    OmegaPlus(grid_points=11, max_window_bp=4_000.0, min_window_bp=100.0),
    H12(window_sites=6, step_sites=7),
    Lassi(window_sites=10, step_sites=5, n_classes=8),
    SaltiLassi(window_sites=10, step_sites=5, n_classes=8, max_distance_bp=3_000.0),
    Ihs(),
    Ihs(bins=4),
    Nsl(edges="keep", min_frequency=0.1),
    Safe(),
    Isafe(window_sites=40, step_sites=20, top=2),
    flexsweep.Dind(),
    flexsweep.HapdafO(window_bp=9_000.0),
    flexsweep.HapdafS(),
    flexsweep.Sratio(),
    flexsweep.Highfreq(),
    flexsweep.Lowfreq(),
    flexsweep.FlexsweepHaf(size_bp=15_000.0),
    flexsweep.FlexsweepH12(size_bp=3_000.0),
]

for _component in COMPONENTS:
    _name = f"Test{type(_component).__name__}{COMPONENTS.index(_component)}"
    globals()[_name] = type(_name, (ScannerContract,), {"component": _component})

del ScannerContract, _component


def test_the_windows_of_the_contract_have_sites_enough() -> None:
    assert random_windows(3, seed=3, mean_sites=120.0).n_sites[2] > 80
