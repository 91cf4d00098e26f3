"""Windows of genomes: the ragged batch that all here work on, its contract, and what models learn from it."""

from selbench.windows.classes import Classes
from selbench.windows.contract import NO_CALL, Polarisation, WindowSpec
from selbench.windows.examples import ENCODE_BATCH, Examples, FeatureSpec
from selbench.windows.observation import WHOLE, Observation, SeenWindow, class_of
from selbench.windows.orderings import (
    Order,
    haplotype_order,
    medoid_order,
    site_order,
    sort_haplotypes,
)
from selbench.windows.widths import (
    Placement,
    common_sites,
    is_placed,
    middle_sites,
    placed_haplotypes,
    width_remarks,
)
from selbench.windows.windows import Windows

__all__ = [
    "ENCODE_BATCH",
    "NO_CALL",
    "WHOLE",
    "Classes",
    "Examples",
    "FeatureSpec",
    "Observation",
    "Order",
    "Placement",
    "Polarisation",
    "SeenWindow",
    "WindowSpec",
    "Windows",
    "class_of",
    "common_sites",
    "haplotype_order",
    "is_placed",
    "medoid_order",
    "middle_sites",
    "placed_haplotypes",
    "site_order",
    "sort_haplotypes",
    "width_remarks",
]
