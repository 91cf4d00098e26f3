"""Summary statistics of windows: one number per window, computed over the whole batch at once.

``STATISTICS`` lists what there is; ``compute`` gives the values and
``site_frequency_spectra`` the spectrum that many of them condense. Values are
per window, not per base pair, and only sites that vary in the sample count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.statistics.definitions import STATISTICS, Statistic
from selbench.statistics.measurements import Measurements
from selbench.tables import nearest, one_of
from selbench.windows import Windows

__all__ = ["STATISTICS", "Statistic", "check_names", "compute", "site_frequency_spectra"]


def compute(windows: Windows, names: Sequence[str]) -> NDArray[np.float64]:
    """Compute the named statistics of every window.

    Parameters
    ----------
    windows : Windows
    names : sequence of str
        Keys of `STATISTICS`, in the order of the columns wanted.

    Returns
    -------
    values : float64 (n_windows, n_names)
        Always finite: where a statistic is undefined it has the value that its
        definition states. A window's values do not depend on its batch.

    Raises
    ------
    DataError
        If a name is not a statistic; the message gives the nearest one.
    UnsupportedError
        If a statistic needs ancestral states or phase and the windows have none,
        or calls are missing.

    Examples
    --------
    >>> windows = Windows.from_arrays([[[0, 1, 1, 0], [1, 0, 0, 0]]], [[12.5, 80]], sequence_length=100)
    >>> compute(windows, ["segregating_sites", "distinct_haplotypes"]).tolist()
    [[2.0, 3.0]]
    """
    check_names(names)
    if windows.missing:
        raise UnsupportedError("statistics: have no rule for alleles without a call; leave out such sites")
    for name in names:
        if STATISTICS[name].needs_phase and not windows.phased:
            raise UnsupportedError(f"{name}: needs phased genotypes, found unphased ones; phase them")
        if STATISTICS[name].needs_ancestral:
            _require_ancestral(windows, name)
    measurements = Measurements(windows)
    values = np.empty((len(windows), len(names)), dtype=np.float64)
    for column, name in enumerate(names):
        values[:, column] = STATISTICS[name].values(measurements)
    return values


def site_frequency_spectra(windows: Windows, folded: bool = False) -> NDArray[np.int64]:
    """Count the sites of every window by how many haplotypes carry the allele.

    Parameters
    ----------
    windows : Windows
        Of n haplotypes.
    folded : bool
        Count by the rarer allele; no ancestral states are needed then.

    Returns
    -------
    spectra : int64 (n_windows, n - 1) or (n_windows, n // 2) if folded
        Bin ``i - 1`` holds the number of sites with i carriers.

    Raises
    ------
    UnsupportedError
        If unfolded spectra are asked of windows without ancestral states.
    """
    if not folded:
        _require_ancestral(windows, "the unfolded site frequency spectrum")
    from selbench.statistics.counts import count_spectra

    spectra: NDArray[np.int64] = count_spectra(windows.haplotypes, windows.offsets, bool(folded))
    return spectra


def check_names(names: Sequence[str]) -> None:
    """Raise DataError at the first name that is not a statistic, with the nearest one."""
    for name in names:
        if name not in STATISTICS:
            raise DataError(
                f"unknown statistic {name!r}{nearest(name, STATISTICS)}; expected {one_of(STATISTICS)}"
            )


def _require_ancestral(windows: Windows, what: str) -> None:
    if windows.polarisation != "ancestral":
        raise UnsupportedError(
            f"{what}: needs ancestral states, found windows polarised by {windows.polarisation!r}; "
            "polarise by an ancestral allele, or choose statistics that do not need one"
        )
