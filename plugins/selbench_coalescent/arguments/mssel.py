"""The argument line of mssel (Hudson): ms given the frequency trajectory of a selected allele."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selbench import ParsedCommand, Scenario, Selection, UnsupportedError
from selbench.scenario import read_trajectories
from selbench_coalescent.arguments.line import Option, read_line
from selbench_coalescent.arguments.locus import (
    LOCUS_OPTIONS,
    POPULATION_OPTIONS,
    REFUSED,
    locus_of,
    locus_words,
    population_of,
    population_words,
    sample_of,
)
from selbench_coalescent.arguments.ms import OUTPUT_OPTIONS, digits_of, output_words
from selbench_coalescent.arguments.units import NOMINAL_SIZE, Units, fixed, seed_of


def parse_mssel(
    text: str, *, population_size: float = NOMINAL_SIZE, base: Path | None = None
) -> ParsedCommand:
    """Read ``mssel nsam reps nanc nder trajfile selsite -r ρ nsites -t θ …``.

    The selected site is ``selsite − 1`` bp from the left edge; like mssel, it
    is a column of the window where it lies inside and varies.

    Parameters
    ----------
    population_size : float
        N₀, diploid individuals: what the line's and the trajectory's numbers
        are scaled with. It cancels, whatever its value.
    base : Path, optional
        Folder that a relative trajectory file starts from.

    Raises
    ------
    UnsupportedError
        At the first option that is not supported, malformed or unknown.
    DataError
        If the trajectory file is missing or malformed.
    """
    line = read_line(
        text,
        program="mssel",
        known=LOCUS_OPTIONS | POPULATION_OPTIONS | OUTPUT_OPTIONS,
        refused=REFUSED,
    )
    if len(line.leading.values) != 6:
        raise line.leading.refuse("expected mssel nsam reps nanc nder trajfile selsite before the options")
    units = Units(population_size)
    sample, locus = sample_of(line.leading), locus_of(line, units)
    position = line.leading.whole(5) - 1.0
    path = (base or Path()) / line.leading.values[4]
    selection = Selection(
        given_trajectories=read_trajectories(path, population_size=units.size),
        carriers=_carriers(line.leading, sample.n_haplotypes),
        position=position,
        keep_selected_site=0 <= position < locus.sequence_length,
    )
    return ParsedCommand(
        scenario=Scenario(sample, locus, population_of(line, units, sample.n_haplotypes), selection),
        n_windows=line.leading.whole(1, least=1),
        seed=seed_of(line),
        position_digits=digits_of(line),
    )


def mssel_command(
    scenario: Scenario,
    *,
    n_windows: int,
    trajectory_file: str,
    seeds: Sequence[int] = (),
    position_digits: int | None = None,
) -> list[str]:
    """Return the arguments, without a program, that make mssel simulate `scenario`; N₀ is its size today.

    Parameters
    ----------
    trajectory_file : str
        Where the trajectories stand, in the format of
        `selbench.scenario.write_trajectories`.

    Raises
    ------
    UnsupportedError
        If mssel cannot do the scenario.
    """
    selection = scenario.selection
    if selection is None:
        raise UnsupportedError("mssel: no selection: mssel needs a selected allele; take ms")
    n_derived = _fixed_carriers(selection, scenario.sample.n_haplotypes)
    if selection.origin != "single":
        raise UnsupportedError(f"mssel: origin = {selection.origin}: the allele arises once; take msms")
    position = fixed(selection.position, "selection.position", "mssel")
    if position != int(position):
        raise UnsupportedError(f"mssel: selection.position = {position}: expected a whole base pair")
    if position == scenario.locus.sequence_length + 1:
        # mssel prints this site, and at a place beyond the end
        raise UnsupportedError(f"mssel: selection.position = {position}: expected one more or one less")
    units = Units(fixed(scenario.population.size, "population.size", "mssel"))
    return [
        str(scenario.sample.n_haplotypes),
        str(n_windows),
        str(scenario.sample.n_haplotypes - n_derived),
        str(n_derived),
        trajectory_file,
        str(int(position) + 1),
        *locus_words(scenario, units, "mssel"),
        *population_words(scenario.population, units, "mssel"),
        *output_words(seeds, position_digits),
    ]


def _carriers(leading: Option, n_haplotypes: int) -> int:
    n_ancestral, n_derived = leading.whole(2, least=0), leading.whole(3, least=0)
    if n_ancestral + n_derived != n_haplotypes:
        raise leading.refuse(f"expected nanc + nder = nsam = {n_haplotypes}, found {n_ancestral + n_derived}")
    return n_derived


def _fixed_carriers(selection: Selection, n_haplotypes: int) -> int:
    if selection.carriers == "all":
        return n_haplotypes
    if isinstance(selection.carriers, str):
        raise UnsupportedError(
            f"mssel: carriers = {selection.carriers}: one run has one fixed count; expected a number or 'all'"
        )
    return selection.carriers
