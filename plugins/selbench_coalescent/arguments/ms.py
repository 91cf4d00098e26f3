"""The argument line of ms (Hudson 2002), which mspms and scrm speak too."""

from __future__ import annotations

from collections.abc import Sequence

from selbench import ParsedCommand, Scenario, UnsupportedError
from selbench_coalescent.arguments.line import Arity, Line, read_line
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
from selbench_coalescent.arguments.units import NOMINAL_SIZE, Units, fixed, seed_of

OUTPUT_OPTIONS: dict[str, Arity] = {"-p": (1, 1), "-seeds": (1, 3), "-seed": (1, 3)}
DEFAULT_DIGITS = 4


def parse_ms(text: str, *, population_size: float = NOMINAL_SIZE) -> ParsedCommand:
    """Read ``ms nsam reps -t θ -r ρ nsites [-p digits] [-seeds a b c] [-eN t x] …``.

    Parameters
    ----------
    text : str
        With or without the program's name.
    population_size : float
        N₀, diploid individuals: what the line's numbers are scaled with. It
        cancels, whatever its value.

    Raises
    ------
    UnsupportedError
        At the first option that is not supported, malformed or unknown.
    """
    line = read_line(
        text,
        program="ms",
        aliases=("mspms", "scrm"),
        known=LOCUS_OPTIONS | POPULATION_OPTIONS | OUTPUT_OPTIONS,
        refused=REFUSED,
    )
    if len(line.leading.values) != 2:
        raise line.leading.refuse("expected ms nsam reps before the options")
    units = Units(population_size)
    sample = sample_of(line.leading)
    return ParsedCommand(
        scenario=Scenario(sample, locus_of(line, units), population_of(line, units, sample.n_haplotypes)),
        n_windows=line.leading.whole(1, least=1),
        seed=seed_of(line),
        position_digits=digits_of(line),
    )


def ms_command(
    scenario: Scenario, *, n_windows: int, seeds: Sequence[int] = (), position_digits: int | None = None
) -> list[str]:
    """Return the arguments, without a program, that make ms simulate `scenario`; N₀ is its size today.

    Raises
    ------
    UnsupportedError
        If ms cannot do the scenario.
    """
    if scenario.selection is not None:
        raise UnsupportedError("ms: selection: ms simulates neutral windows; take mssel or msms")
    units = Units(fixed(scenario.population.size, "population.size", "ms"))
    return [
        str(scenario.sample.n_haplotypes),
        str(n_windows),
        *locus_words(scenario, units, "ms"),
        *population_words(scenario.population, units, "ms"),
        *output_words(seeds, position_digits),
    ]


def digits_of(line: Line) -> int:
    """Return the decimals of printed positions, ``-p digits``."""
    option = line.last("-p")
    return DEFAULT_DIGITS if option is None else option.whole(least=1)


def output_words(seeds: Sequence[int], position_digits: int | None) -> list[str]:
    """Return ``-p digits`` and ``-seeds a b c``, where given."""
    digits = [] if position_digits is None else ["-p", str(position_digits)]
    return digits + (["-seeds", *map(str, seeds)] if seeds else [])
