"""Several methods along one genome: what ``selbench scan --with`` and a notebook share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selbench.bench.scan_preparing import ScanSettings
from selbench.bench.scanning import Scan, scan_together
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.files import check_folder_is_free
from selbench.plugin import Registry
from selbench.scan.output import DESCRIPTION
from selbench.scan.several import joint_table, write_scans
from selbench.scan.summary import Remark
from selbench.scan.track import Track
from selbench.trained import TrainedMethod

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Scans:
    """Scans of one genome by several methods.

    Parameters
    ----------
    labels : tuple of str
        What tells the methods from each other.
    scans : tuple of Scan
    """

    labels: tuple[str, ...]
    scans: tuple[Scan, ...]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What each method said, under its label."""
        return tuple(
            Track(label, each.result, each.method)
            for label, each in zip(self.labels, self.scans, strict=True)
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per method and window; the first column names the method."""
        return joint_table(self.tracks)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader should know of them, in sentences; those that all share, once."""
        return tuple(self._remarks())

    def _remarks(self) -> Iterator[Remark]:
        said: set[Remark] = set()
        for label, each in zip(self.labels, self.scans, strict=True):
            new = [remark for remark in each.remarks if remark not in said]
            said.update(new)
            if new:
                yield Remark(f"{label}:")
                yield from (Remark(f"  {remark.words}", remark.is_warning) for remark in new)

    def html(self) -> str:
        """Return the scans as one HTML document that loads nothing."""
        from selbench.report.scan_html import render_scan

        return render_scan(self.tracks, self.scans[0].made_with)

    def write(self, folder: Path) -> None:
        """Write tables, plot, page and description into a folder, all or nothing; an older scan is replaced.

        Raises
        ------
        DataError
            If another folder is in the way, or it cannot be written.
        """
        write_scans(folder, self.tracks, [each.made_with for each in self.scans], page=self.html())


def scan_several(
    methods: Sequence[TrainedMethod | str | Path],
    vcf: str | Path | Sequence[str | Path],
    *,
    workers: int = 1,
    dask: str | None = None,
    out: Path | None = None,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
    **how: Any,
) -> Scans:
    """Ask several methods about the windows of one genome.

    Each method has windows of its own length; all are asked about as many individuals, the same ones. The
    genome is read once for all of them.

    Parameters
    ----------
    methods : sequence of TrainedMethod, str or Path
    vcf : str or Path, or several
    workers, dask, out, progress
        As `scan` takes them.
    **how
        The other options of `scan`, for all of them.

    Raises
    ------
    DataError
        If a method is named twice, and as `scan` does.
    """
    if out is not None:
        check_folder_is_free(out, replace_if_holds=DESCRIPTION)
    names = [each.spelling if isinstance(each, TrainedMethod) else str(each) for each in methods]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"methods: expected each once, found {twice} twice")
    if how.get("null") is not None and len(names) > 1:
        raise DataError(
            f"{how['null']}: null scores are of one method, found {len(names)}; scan with one, or draw "
            "for all with null_windows"
        )
    scans = scan_together(methods, vcf, ScanSettings(**how), workers, dask, watch_of(progress), registry)
    spellings = [each.method.spelling for each in scans]
    done = Scans(tuple(spellings if len(set(spellings)) == len(spellings) else names), scans)
    if out is not None:
        done.write(out)
    return done
