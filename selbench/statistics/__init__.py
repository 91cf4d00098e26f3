"""Summary statistics of windows: one number per window, computed over the whole batch at once.

``STATISTICS`` lists what selbench ships, ``known_statistics()`` also what installed
plugins bring; ``compute`` gives the values and ``site_frequency_spectra`` the spectrum
that many of them condense. Values are per window, not per base pair, and only sites
that vary in the sample count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, PluginError, SelbenchError, UnsupportedError
from selbench.plugin import Registry, Statistic
from selbench.plugin.faults import fault_in
from selbench.plugin.statistics import entered_statistics, is_brought
from selbench.statistics.definitions import SHIPPED, STATISTICS
from selbench.statistics.measurements import Measurements, for_kernels
from selbench.tables import nearest, one_of
from selbench.windows import Polarisation, Windows

__all__ = [
    "SHIPPED",
    "STATISTICS",
    "Measurements",
    "Statistic",
    "brought_statistics",
    "check_names",
    "compute",
    "known_statistics",
    "site_frequency_spectra",
    "statistic_named",
]


def compute(windows: Windows, names: Sequence[str]) -> NDArray[np.float64]:
    """Compute the named statistics of every window.

    Parameters
    ----------
    windows : Windows
    names : sequence of str
        Of `known_statistics`, in the order of the columns wanted; ``plugin:name`` where two
        plugins have one of the same name.

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
    PluginError
        If a plugin's statistic returns anything but a finite number per window.

    Examples
    --------
    >>> windows = Windows.from_arrays([[[0, 1, 1, 0], [1, 0, 0, 0]]], [[12.5, 80]], sequence_length=100)
    >>> compute(windows, ["segregating_sites", "distinct_haplotypes"]).tolist()
    [[2.0, 3.0]]
    """
    wanted = [statistic_named(name) for name in names]
    if windows.missing:
        raise UnsupportedError("statistics: have no rule for alleles without a call; leave out such sites")
    for statistic in wanted:
        if statistic.needs_phase and not windows.phased:
            raise UnsupportedError(
                f"{statistic.name}: needs phased genotypes, found unphased ones; phase them"
            )
        if statistic.needs_ancestral:
            _require_ancestral(windows, statistic.name)
    measurements = Measurements(windows)
    values = np.empty((len(windows), len(names)), dtype=np.float64)
    for column, statistic in enumerate(wanted):
        values[:, column] = _checked(statistic, _asked(statistic, measurements), len(windows))
    return values


def _asked(statistic: Statistic, measurements: Measurements) -> object:
    """Ask a statistic for its values; where it fails, say whose it is and its line."""
    try:
        return statistic.values(measurements)
    except SelbenchError:
        raise
    except (Exception, SystemExit) as problem:
        own = statistic.values.__module__.partition(".")[0]
        raise PluginError(f"statistic {statistic.name}: {fault_in(problem, own)}") from problem


def _checked(statistic: Statistic, values: object, n_windows: int) -> NDArray[np.float64]:
    """Return what a statistic returned, if it is a finite number per window."""
    array = np.asarray(values)
    if array.shape != (n_windows,) or array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise PluginError(
            f"statistic {statistic.name}: expected a finite number per window ({n_windows}), found "
            f"{array.dtype} of shape {array.shape}"
            + ("" if array.shape != (n_windows,) or array.dtype.kind not in "fiub" else ", not all finite")
        )
    return array.astype(np.float64)


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

    haplotypes, _, offsets = for_kernels(windows)
    spectra: NDArray[np.int64] = count_spectra(haplotypes, offsets, bool(folded))
    return spectra


def known_statistics() -> dict[str, Statistic]:
    """Return every statistic by name: the shipped ones, then those of installed plugins.

    A name that two plugins claim stands as ``plugin:name`` for each.
    """
    _load_installed()
    return {**STATISTICS, **entered_statistics()}


def brought_statistics(polarisation: Polarisation) -> tuple[str, ...]:
    """Return the names of statistics that plugins of others bring and such windows can give."""
    return tuple(
        name
        for name, statistic in known_statistics().items()
        if name not in STATISTICS
        and is_brought(name)
        and (polarisation == "ancestral" or not statistic.needs_ancestral)
    )


def statistic_named(name: str) -> Statistic:
    """Return a shipped statistic, or one of an installed plugin.

    Raises
    ------
    DataError
        If there is none, or two, of that name; the message gives the nearest ones.
    """
    found = STATISTICS.get(name) or entered_statistics().get(name)
    if found is not None:
        return found
    known = known_statistics()
    if name in known:
        return known[name]
    claims = [qualified for qualified in known if qualified.partition(":")[2] == name]
    if claims:
        raise DataError(f"statistic {name!r} is registered by several plugins: write {one_of(claims)}")
    raise DataError(f"unknown statistic {name!r}{nearest(name, known)}; expected {one_of(known)}")


def check_names(names: Sequence[str]) -> None:
    """Raise DataError at the first name that is not a statistic, with the nearest one."""
    for name in names:
        statistic_named(name)


@cache
def _load_installed() -> None:
    """Have installed plugins enter their statistics, once in a process."""
    Registry.installed()


def _require_ancestral(windows: Windows, what: str) -> None:
    if windows.polarisation != "ancestral":
        raise UnsupportedError(
            f"{what}: needs ancestral states, found windows polarised by {windows.polarisation!r}; "
            "polarise by an ancestral allele, or choose statistics that do not need one"
        )
