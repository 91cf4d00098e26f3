"""A scan as one self-contained HTML file: the track to zoom, its candidates, and whether to believe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selbench.scan.track import Track

__all__ = ["render_scan"]


def render_scan(tracks: Sequence[Track], made_with: Mapping[str, Any]) -> str:
    """Return the page of a scan, by one method or by several on one axis.

    Parameters
    ----------
    tracks : sequence of Track
        What each method said.
    made_with : mapping of str to JSON value
        How the scan was made, as in ``scan.json``.
    """
    from selbench.report.scan_html.document import document

    return document(tracks, made_with)
