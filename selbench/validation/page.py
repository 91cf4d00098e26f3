"""A page of overlaid distributions: one self-contained HTML file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from selbench.scenario import Scenario
from selbench.statistics import known_statistics
from selbench.tables import to_table
from selbench.validation.agreement import LARGEST_Z, SMALLEST_P, Agreement, Mean
from selbench.validation.contestants import Contestant
from selbench.validation.distributions import Distribution, Figures

_COLOURS = ("#0072b2", "#d55e00")
_BINS, _MOST_VALUES = 40, 80
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
body { color: #222 }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
td.no { color: #b00020; font-weight: bold }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1rem }
figure { margin: 0 } figcaption { font-size: 13px; color: #555 } svg { width: 100%; height: auto }
pre { background: #f6f6f6; padding: .8rem; overflow-x: auto; font-size: 13px }
"""


def render_page(
    first: Contestant, second: Contestant, agreements: Sequence[Agreement], scenario: Scenario
) -> str:
    """Return an HTML page: the table of agreements, then both distributions of each statistic, overlaid."""
    title = f"{escape(first.name)} and {escape(second.name)}"
    failing = [agreement.statistic for agreement in agreements if not agreement.holds]
    verdict = f"They differ in {', '.join(failing)}." if failing else "They are not told apart."
    panels = "".join(_panel(first, second, agreement) for agreement in agreements)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p><strong>{verdict}</strong> Means agree within {LARGEST_Z:g} pooled standard "
        f"errors, distributions while the Kolmogorov–Smirnov p-value, adjusted by Holm over the "
        f"statistics, is at least {SMALLEST_P:g}.</p>{_table(first, second, agreements)}"
        f'<div class="panels">{panels}</div><h2>What was compared</h2>'
        f"<pre>{escape(_provenance(first))}\n{escape(_provenance(second))}</pre>"
        f"<h2>Scenario</h2><pre>{escape(_as_lines(to_table(scenario)))}</pre></html>"
    )


def _table(first: Contestant, second: Contestant, agreements: Sequence[Agreement]) -> str:
    def cell(mean: Mean) -> str:
        return f"<td>{mean.value:.4g} [{mean.low:.4g}, {mean.high:.4g}]</td>"

    rows = "".join(
        f"<tr><td>{row.statistic}</td>{cell(row.first)}{cell(row.second)}<td>{row.z:+.2f}</td>"
        f"<td>{row.distance:.4f}</td><td>{row.adjusted_p_value:.3g}</td>"
        f"<td{'' if row.holds else ' class=no'}>{'yes' if row.holds else 'no'}</td></tr>"
        for row in agreements
    )
    heads = (
        "statistic",
        f"{escape(first.name)}: mean, 95 % interval",
        f"{escape(second.name)}: mean, 95 % interval",
        "difference, standard errors",
        "KS distance",
        "p, adjusted",
        "agree",
    )
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{rows}</table>"


def _panel(first: Contestant, second: Contestant, agreement: Agreement) -> str:
    name = agreement.statistic
    sides = ((first, first.distributions[name]), (second, second.distributions[name]))
    known = known_statistics()
    summary = known[name].summary if name in known else ""
    return f"<figure>{_svg(name, sides)}<figcaption>{escape(summary)}</figcaption></figure>"


def _svg(name: str, sides: Sequence[tuple[Contestant, Distribution]]) -> str:
    """Draw histograms of two observed distributions, or distribution functions where one is figures."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4, 3.0), layout="constrained")
    axes = figure.subplots()
    as_functions = any(isinstance(distribution, Figures) for _, distribution in sides)
    edges = None if as_functions else _edges([distribution for _, distribution in sides])
    for (contestant, distribution), colour in zip(sides, _COLOURS, strict=True):
        look: dict[str, Any] = {"color": colour, "label": contestant.name}
        if isinstance(distribution, Figures):
            axes.plot(distribution.quantiles, distribution.levels, "o", markersize=4, **look)
        elif edges is None:
            axes.ecdf(distribution.values, **look)
        else:
            weights = np.full(distribution.n, 1 / distribution.n)
            axes.hist(
                distribution.values, edges.tolist(), weights=weights, histtype="step", linewidth=1.5, **look
            )
    axes.set_xlabel(name)
    axes.set_ylabel("share of windows at or below" if as_functions else "share of windows")
    axes.legend(fontsize="small")
    text = io.StringIO()
    with rc_context({"svg.hashsalt": name, "text.parse_math": False}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _edges(distributions: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Return common bin edges: a bin per value where there are few, as for counts; else 40 equal bins."""
    values = np.unique(np.concatenate([distribution.values for distribution in distributions]))
    if len(values) > _MOST_VALUES:
        return np.linspace(values[0], values[-1], _BINS + 1)
    gap = np.diff(values).min() if len(values) > 1 else 1.0
    between = (values[1:] + values[:-1]) / 2
    return np.concatenate([[values[0] - gap / 2], between, [values[-1] + gap / 2]])


def _provenance(contestant: Contestant) -> str:
    told = "\n".join(f"    {key}: {value}" for key, value in contestant.provenance.items() if value)
    return f"{contestant.name}: {contestant.n_windows} windows\n{told}"


def _as_lines(table: Any, prefix: str = "") -> str:
    """Return nested tables as ``key = value`` lines, leaving out what is not set."""
    if isinstance(table, dict):
        return "\n".join(
            filter(None, (_as_lines(value, f"{prefix}.{key}".lstrip(".")) for key, value in table.items()))
        )
    if table is None or table == []:
        return ""
    text = str(table)
    return f"{prefix} = {text if len(text) < 200 else text[:200] + ' …'}"
