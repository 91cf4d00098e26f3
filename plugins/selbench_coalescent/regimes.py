"""Size history and fitnesses as the diffusion of a favoured allele takes them.

The diffusion knows stretches of one size and one set of fitnesses. Where
selection sets in, and where the size changes, a new one begins; exponential
growth becomes steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.scenario import elementary
from selbench_coalescent.engine.shapes import NO_ONSET, REGIME_COLUMNS, TABLE_NODES
from selbench_coalescent.loss_tables import loss_tables, mean_ages, node_frequencies
from selbench_coalescent.quantities import Quantities

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Regimes

Numbers = NDArray[np.float64]

SIZE_STEP = 0.05
"""Steps of the logarithm of the size under exponential growth."""
SMALLEST_SIZE = 1.0
"""Diploid individuals at which a population that shrinks without end into the past stops."""
UNREACHED = 1e-6
"""Probability below which a frequency counts as never reached."""
METASTABLE = 1e4
"""Relaxation times that an equilibrium must last to count as one."""
ADDITIVE = 1e-9
"""Relative difference of w_Aa from the middle up to which selection counts as additive."""


def fitness_effects(quantities: Quantities) -> tuple[Numbers, Numbers]:
    """Return a = w_Aa/w_aa − 1 and b = w_AA/w_aa − 1, float64 (n_windows,) each."""
    selection = quantities.selection
    if selection.s is not None:
        s = quantities.of(selection.s, "selection.s")
        return s * quantities.of(0.5 if selection.h is None else selection.h, "selection.h"), s
    w_AA, w_Aa, w_aa = (
        quantities.of(1.0 if value is None else value, f"selection.{name}")
        for name, value in (("w_AA", selection.w_AA), ("w_Aa", selection.w_Aa), ("w_aa", selection.w_aa))
    )
    return w_Aa / w_aa - 1, w_AA / w_aa - 1


def regimes_of(
    epochs: Numbers,
    a: Numbers,
    b: Numbers,
    frequency: Numbers,
    onset_time: Numbers | None = None,
    onset_frequency: Numbers | None = None,
) -> Regimes:
    """Return the regimes of each window.

    Parameters
    ----------
    epochs : float64 (n_windows, n_epochs, 3)
        Begin (generations ago), size (diploid individuals), growth rate.
    a, b : float64 (n_windows,)
        w_Aa/w_aa − 1 and w_AA/w_aa − 1, until onset; neutral before.
    frequency : float64 (n_windows,)
        Where the diffusion begins.
    onset_time : float64 (n_windows,), optional
        Generations ago.
    onset_frequency : float64 (n_windows,), optional
        Where, looking back, the allele becomes neutral at whatever time. The
        regimes are those before; only the bound of the weights depends on it.
    """
    from selbench_coalescent.engine.plan import Regimes

    if not len(a):
        return Regimes(np.zeros((0, 1, REGIME_COLUMNS)), np.zeros((1, TABLE_NODES)), np.zeros(0))
    onsets = (
        np.full(len(a), NO_ONSET) if onset_frequency is None else onset_frequency,
        np.full(len(a), np.inf) if onset_time is None else onset_time,
    )
    conditions = np.column_stack([epochs.reshape(len(a), -1), frequency, onsets[0], a, b, onsets[1]])
    if (conditions == conditions[0]).all():
        distinct, which = conditions[:1], np.zeros(len(conditions), dtype=np.int64)
    else:
        distinct, which = np.unique(conditions, axis=0, return_inverse=True)
    stretches = [_stretches(row[:-5].reshape(-1, 3), *row[-3:]) for row in distinct]
    rows = np.full((len(distinct), max(map(len, stretches)), REGIME_COLUMNS), np.inf)
    for filled, stretch in zip(rows, stretches, strict=True):
        filled[: len(stretch), :4] = stretch
        filled[len(stretch) :, 1:4] = stretch[-1, 1:]
    tables = _fill_tables(rows)
    _fill_equilibria(rows)
    log_bound = _log_bounds(rows, tables, *distinct[:, -5:-3].T)
    which = which.reshape(-1)
    return Regimes(rows[which], tables, log_bound[which])


def _stretches(epochs: Numbers, a: float, b: float, onset: float) -> Numbers:
    """Return begin, 2N, a and b of each stretch of one window, float64 (n_stretches, 4)."""
    pieces = [
        piece
        for (begin, size, growth), end in zip(epochs, [*epochs[1:, 0], np.inf], strict=True)
        for piece in _sizes(begin, size, growth, end)
    ]
    rows = [(begin, 2 * size, a, b) for begin, size in pieces if begin < onset]
    rows += [(max(begin, onset), 2 * size, 0.0, 0.0) for begin, size in _from(pieces, onset)]
    return np.array(rows)


def _sizes(begin: float, size: float, growth: float, end: float) -> list[tuple[float, float]]:
    """Return begin and size of the steps that stand for an epoch; each has the size at its middle."""
    if growth == 0 or end <= begin:
        return [(begin, size)]
    last = min(end, begin + float(elementary.log(size / SMALLEST_SIZE)) / growth) if growth > 0 else end
    n_steps = max(1, int(np.ceil(abs(growth) * (last - begin) / SIZE_STEP)))
    begins = begin + (last - begin) * np.arange(n_steps) / n_steps
    middles = size * elementary.exp(-growth * (begins + (last - begin) / (2 * n_steps) - begin))
    return list(zip(begins.tolist(), middles.tolist(), strict=True))


def _from(pieces: list[tuple[float, float]], onset: float) -> list[tuple[float, float]]:
    """Return the pieces that reach beyond onset."""
    ends = [begin for begin, _ in pieces[1:]] + [np.inf]
    return [piece for piece, end in zip(pieces, ends, strict=True) if end > onset and onset < np.inf]


def _fill_tables(rows: Numbers) -> Numbers:
    """Set the table of each regime, where selection is not additive; return the tables."""
    copies, a, b = rows[..., 1], rows[..., 2], rows[..., 3]
    rows[..., 4] = -1.0
    special = np.abs(b - 2 * a) > ADDITIVE * (np.abs(a) + np.abs(b))
    if not special.any():
        return np.zeros((1, TABLE_NODES))
    distinct, which = np.unique(
        np.column_stack([copies[special], a[special], b[special]]), axis=0, return_inverse=True
    )
    rows[special, 4] = which.reshape(-1)
    return loss_tables(*distinct.T)


def _fill_equilibria(rows: Numbers) -> None:
    """Set the equilibrium that overdominance keeps the allele at, and for how long, where that is long."""
    copies, a, b = rows[..., 1], rows[..., 2], rows[..., 3]
    rows[..., 5], rows[..., 6] = -1.0, np.inf
    balanced = (a > 0) & (b < a)
    if balanced.any():
        equilibrium = a[balanced] / (2 * a[balanced] - b[balanced])
        persistence = mean_ages(copies[balanced], a[balanced], b[balanced], equilibrium)
        forgets = 1 / ((2 * a[balanced] - b[balanced]) * equilibrium * (1 - equilibrium))
        rows[balanced, 5] = np.where(persistence > METASTABLE * forgets, equilibrium, -1.0)
        rows[balanced, 6] = persistence


def _log_bounds(rows: Numbers, tables: Numbers, frequency: Numbers, onset: Numbers) -> Numbers:
    """Return the largest log weight that a path can collect, float64 (n_windows,).

    Frequencies that a path reaches with a probability below `UNREACHED` are
    left out: where the allele is to be lost, they would make the bound useless.
    A path that has passed its frequency of onset collects the ratios of sizes.
    """
    selected, largest = np.zeros(len(rows)), np.zeros(len(rows))
    slopes, highest = _log_slopes(rows[:, 0], tables), frequency
    younger = _log_densities(rows[:, 0], slopes)
    passed = _log_onset_weights(rows[:, 0], younger, onset)
    for i in range(1, rows.shape[1]):
        largest = np.maximum(largest, np.maximum(selected, passed))
        reached = np.isfinite(rows[:, i, 0])
        highest = _highest_reached(slopes, highest)
        slopes = _log_slopes(rows[:, i], tables)
        older = _log_densities(rows[:, i], slopes)
        change = np.where(node_frequencies() <= highest[:, None], older - younger, -np.inf)
        selected += np.where(reached, change.max(axis=1), 0.0)
        passed += elementary.log(rows[:, i, 1] / rows[:, i - 1, 1])
        passed = np.maximum(passed, selected + _log_onset_weights(rows[:, i], older, onset))
        younger = older
    return np.maximum(largest, np.maximum(selected, passed))


def _log_onset_weights(regime: Numbers, log_densities: Numbers, onset: Numbers) -> Numbers:
    """Return the log weight of the change to neutrality at `onset`, −∞ where there is none, (n_windows,)."""
    weights = np.full(len(onset), -np.inf)
    for i in np.flatnonzero(onset > 0):
        selected = elementary.interpolated(onset[i], node_frequencies(), log_densities[i])
        weights[i] = elementary.log(regime[i, 1]) + elementary.log1p(-onset[i]) - selected
    return weights


def _highest_reached(log_slopes: Numbers, frequency: Numbers) -> Numbers:
    """Return the frequency above which an allele that is to be lost hardly ever gets, float64 (n_windows,).

    From x it reaches y with probability O(y)/O(x), O being the odds of loss.
    """
    x = node_frequencies()
    slopes = elementary.exp(log_slopes)
    rise = np.diff(x) * (slopes[:, 1:] + slopes[:, :-1]) / 2
    log_loss = -np.concatenate([x[0] * slopes[:, :1], rise], axis=1).cumsum(axis=1)
    log_odds = log_loss - elementary.log(np.maximum(-elementary.expm1(log_loss), 1e-300))
    start = np.minimum(np.searchsorted(x, frequency), len(x) - 1)
    least = np.take_along_axis(log_odds, start[:, None], axis=1) + elementary.log(UNREACHED)
    last = np.minimum((log_odds >= least).sum(axis=1), len(x) - 1)
    highest: Numbers = x[last]
    return highest


def _log_densities(regime: Numbers, log_slopes: Numbers) -> Numbers:
    """Return log N·λ(0)/λ(x) at the nodes, float64 (n_windows, TABLE_NODES): see `diffusion`."""
    densities: Numbers = elementary.log(regime[:, 1:2]) + log_slopes[:, :1] - log_slopes
    return densities


def _log_slopes(regime: Numbers, tables: Numbers) -> Numbers:
    """Return log λ(x) at the nodes, float64 (n_windows, TABLE_NODES)."""
    table, x = regime[:, 4].astype(int), node_frequencies()
    strength = 2 * regime[:, 1] * regime[:, 2]
    exponent = strength[:, None] * (1 - x)
    size = np.maximum(np.abs(exponent), 1e-9)
    additive = elementary.log(size / -elementary.expm1(-size)) + np.minimum(0.0, exponent)
    chosen: Numbers = np.where(
        table[:, None] >= 0, tables[np.maximum(table, 0)], additive
    ) - elementary.log1p(-x)
    return chosen
