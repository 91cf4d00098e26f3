"""Garud's scan of haplotype homozygosity (Garud et al. 2015): H1, H12, H2/H1 and H123 in windows of SNPs."""

from __future__ import annotations

import numpy as np

from selbench_scanners.kernels.bits import Floats, Haplotypes
from selbench_scanners.kernels.haplotype_classes import class_sizes


def homozygosity(
    haplotypes: Haplotypes, positions: Floats, *, window_sites: int = 400, step_sites: int = 50
) -> dict[str, Floats]:
    """Slide windows of `window_sites` // 2 SNPs on either side of a central one.

    With frequencies p₁ ≥ p₂ ≥ … of the haplotypes of a window, H1 = Σp², H12 = H1 + 2p₁p₂,
    H123 = H12 + 2p₃(p₁ + p₂), H2 = H1 − p₁². As in the authors' program, a haplotype that is seen once is
    never the second of H12 (H12 = H1 where one alone repeats), and where none repeats
    H12 = (2/n)² + (n − 2)/n². Their H123 counts its third haplotype alike whether it repeats or not, so that
    it falls below H12 where fewer than 3 do; here it follows the formula.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1.
    positions : float64 (n_sites,)
        Base pairs.
    window_sites, step_sites : int
        SNPs of a window (one more, where the number is even), and between centres.

    Returns
    -------
    columns : dict of str to float64 (n_windows,)
        ``position`` (of the central SNP), ``value`` (H12), ``left``, ``right``, ``n_haplotypes`` (different
        ones), ``h1``, ``h2``, ``h2_h1``, ``h123``.
    """
    half = window_sites // 2
    centres = np.arange(half, len(positions) - half - 1, step_sites)
    n = haplotypes.shape[1]
    sizes = class_sizes(haplotypes, centres - half, 2 * half + 1)
    p = sizes / n
    h1 = (p**2).sum(axis=1)
    first, second, third = (p[:, i] if n > i else np.zeros(len(p)) for i in range(3))
    repeated = (sizes >= 2).sum(axis=1)
    h12 = np.select(
        [repeated >= 2, repeated == 1], [h1 + 2 * first * second, h1], (2 / n) ** 2 + (n - 2) / n**2
    )
    h2 = h1 - first**2
    return {
        "position": positions[centres],
        "value": h12,
        "left": positions[centres - half],
        "right": positions[centres + half],
        "n_haplotypes": (sizes > 0).sum(axis=1).astype(np.float64),
        "h1": h1,
        "h2": h2,
        "h2_h1": h2 / h1,
        "h123": h1 + 2 * first * second + 2 * third * (first + second),
    }
