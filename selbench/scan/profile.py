"""Scanners along files: every value with its place, and what they took as background."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.plugin import Learned, Profile, Scanner, Stretch, spelling
from selbench.plugin.scanner import checked, profiled
from selbench.scan.site_tables import read_b_map, read_grid, read_map, read_spectrum
from selbench.scan.stretches import Place, Reading, read_all

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """What a scan is given beside the sequences.

    Parameters
    ----------
    background : sequence of Path
        Neutral simulations to learn from; by default the sequences themselves, as in the programs.
    spectrum : float64, optional
        A background by itself.
    map_cm, b_map : callable, optional
        From positions to genetic ones, and to B.
    b_demography : tuple of float
        As in `Stretch`.
    grid : float64, optional
        Points to look at.
    """

    background: tuple[Path, ...] = ()
    spectrum: Floats | None = None
    map_cm: Callable[[Floats], Floats] | None = None
    b_map: Callable[[Floats], Floats] | None = None
    b_demography: tuple[float, float, float] = (10_000.0, 10_000.0, 200_000.0)
    grid: Floats | None = None

    @classmethod
    def read(
        cls,
        background: Sequence[Path] = (),
        spectrum: Path | None = None,
        recombination_map: Path | None = None,
        b_map: Path | None = None,
        b_demography: str = "10000,10000,200000",
        grid: Path | None = None,
    ) -> Given:
        """Read what files say; `b_demography` is ``N1,N2,T``.

        Raises
        ------
        DataError
            If a file is malformed, or the demography is not three numbers.
        """
        try:
            ancestral, current, generations = (float(word) for word in b_demography.split(","))
        except ValueError as problem:
            raise DataError(
                f"--b-demography: expected N1,N2,T, such as 10000,10000,200000, found {b_demography!r}"
            ) from problem
        return cls(
            background=tuple(background),
            spectrum=None if spectrum is None else read_spectrum(spectrum),
            map_cm=None if recombination_map is None else read_map(recombination_map),
            b_map=None if b_map is None else read_b_map(b_map),
            b_demography=(ancestral, current, generations),
            grid=None if grid is None else read_grid(grid),
        )


@dataclass(frozen=True)
class ProfileResult:
    """Profiles of one or several scanners along the stretches of some files.

    Parameters
    ----------
    profiles : tuple of (str, Place, Profile)
        Scanner as spelled, where, and what; scanner by scanner.
    remarks : tuple of str
        Sentences that a reader should know.
    """

    profiles: tuple[tuple[str, Place, Profile], ...]
    remarks: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """Return a row per value: scanner, chromosome or replicate, position, value, then the parts.

        Files stand in a column ``file`` where there are several.
        """
        import pandas as pd

        with_files = len({place.file for _, place, _ in self.profiles}) > 1
        with_replicates = any(place.column == "replicate" for _, place, _ in self.profiles)
        column = "replicate" if with_replicates else "chromosome"
        frames = []
        for scanner, place, profile in self.profiles:
            where = {
                "scanner": scanner,
                **({"file": str(place.file)} if with_files else {}),
                column: place.name,
            }
            values = {"position": profile.positions, "value": profile.values, **profile.parts}
            frame = pd.DataFrame(values)
            for at, (name, text) in enumerate(where.items()):
                frame.insert(at, name, text)
            frames.append(frame)
        return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def profile_files(
    scanners: Sequence[Scanner], files: Sequence[Path], reading: Reading, given: Given
) -> ProfileResult:
    """Run scanners along everything that some files hold.

    The background of a scanner that learns one is what all files hold together, as in the programs, or
    what `given` says. Sites with missing calls are left out for scanners that have no rule for them.

    Raises
    ------
    DataError
        If a file is malformed, or holds something that a scanner has no rule for.
    UnsupportedError
        If a scanner lacks something that it needs, or is given something that it does not look at.
    """
    for scanner in scanners:
        _check_given(scanner, given)
    found = [(place, _furnished(stretch, given)) for place, stretch in read_all(files, reading)]
    neutral = [stretch for _, stretch in read_all(given.background, reading)]
    profiles: list[tuple[str, Place, Profile]] = []
    remarks = list(dict.fromkeys(warning for place, _ in found for warning in place.warnings))
    for scanner in scanners:
        taken = [(place, _taken(scanner, stretch)) for place, stretch in found]
        learned = _background(scanner, [stretch for _, stretch in taken], neutral, given)
        of_scanner = [
            (spelling(scanner), place, profiled(scanner, stretch, learned)) for place, stretch in taken
        ]
        profiles += of_scanner
        n_lost = sum(stretch.n_sites for _, stretch in found) - sum(each.n_sites for _, each in taken)
        remarks += _remarks(scanner, of_scanner, n_lost)
    return ProfileResult(tuple(profiles), tuple(remarks))


def _taken(scanner: Scanner, stretch: Stretch) -> Stretch:
    """Return what a scanner takes of a stretch, or refuse it by name."""
    return checked(scanner, stretch if scanner.accepts_missing else stretch.complete())


def _background(
    scanner: Scanner, stretches: Sequence[Stretch], neutral: Sequence[Stretch], given: Given
) -> Learned:
    if given.spectrum is not None:
        return {"spectrum": given.spectrum}
    if neutral:
        return scanner.background([_taken(scanner, stretch) for stretch in neutral])
    return scanner.background(stretches) if scanner.pools else {}


def _furnished(stretch: Stretch, given: Given) -> Stretch:
    """Add what is given to a stretch."""
    at = stretch.positions
    return replace(
        stretch,
        map_cm=None if given.map_cm is None else given.map_cm(at),
        b_values=None if given.b_map is None else given.b_map(at),
        b_demography=given.b_demography,
        grid=given.grid,
    )


def _check_given(scanner: Scanner, given: Given) -> None:
    asked = {
        "map_cm": ("--recombination-map", given.map_cm),
        "b_values": ("--b-map", given.b_map),
        "grid": ("--grid", given.grid),
        "spectrum": ("--spectrum", given.spectrum),
    }
    for name, (option, value) in asked.items():
        if value is not None and name not in scanner.takes:
            raise UnsupportedError(f"{scanner.name}: does not look at {option}; leave it out")
    if given.spectrum is not None and given.background:
        raise DataError("expected either --spectrum or --background, found both")


def _remarks(scanner: Scanner, profiles: Sequence[tuple[str, Place, Profile]], n_lost: int) -> Iterator[str]:
    """Say how many sites were left out for missing calls, and where there is no value."""
    if n_lost:
        yield f"{spelling(scanner)} has no rule for missing calls: {n_lost:,} sites with such are left out"
    empty = [place for _, place, profile in profiles if not profile.is_defined.any()]
    if empty:
        where = ", ".join(f"{place.column} {place.name} of {place.file.name}" for place in empty[:3])
        more = f" and {len(empty) - 3:,} more" if len(empty) > 3 else ""
        yield f"{spelling(scanner)} has no value in {where}{more}: too few sites for its options"
