"""Windows of genomes: the ragged batch that all here work on, its contract, and what models learn from it."""

from selbench.windows.classes import Classes
from selbench.windows.contract import NO_CALL, Polarisation, WindowSpec
from selbench.windows.examples import ENCODE_BATCH, Examples, FeatureSpec
from selbench.windows.orderings import Order, haplotype_order, site_order
from selbench.windows.windows import Windows

__all__ = [
    "ENCODE_BATCH",
    "NO_CALL",
    "Classes",
    "Examples",
    "FeatureSpec",
    "Order",
    "Polarisation",
    "WindowSpec",
    "Windows",
    "haplotype_order",
    "site_order",
]
