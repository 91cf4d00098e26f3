"""What the lines of ms, mssel and msms share: sample, rates and the history of one population."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from selbench import Epoch, Locus, Population, Sample, Scenario, UnsupportedError
from selbench_coalescent.arguments.line import Arity, Line, Option
from selbench_coalescent.arguments.units import Units, fixed, rounded, sequence_length, written

LOCUS_OPTIONS: dict[str, Arity] = {"-t": (1, 1), "-r": (2, 2)}

POPULATION_OPTIONS: dict[str, Arity] = {
    "-eN": (2, 2),
    "-G": (1, 1),
    "-eG": (2, 2),
    "-I": (2, 99),
    "-n": (2, 2),
    "-g": (2, 2),
    "-en": (3, 3),
    "-eg": (3, 3),
}

_ONE_POPULATION = "several populations are not simulated; expected one"
_NO_TREES = "trees are not printed; expected haplotypes alone"
REFUSED: dict[str, str] = {
    "-m": _ONE_POPULATION,
    "-ma": _ONE_POPULATION,
    "-em": _ONE_POPULATION,
    "-eM": _ONE_POPULATION,
    "-ema": _ONE_POPULATION,
    "-es": _ONE_POPULATION,
    "-ej": _ONE_POPULATION,
    "-s": "a fixed number of segregating sites is not simulated; expected -t with a mutation rate",
    "-T": _NO_TREES,
    "-L": _NO_TREES,
    "-c": "gene conversion is not simulated; expected crossing-over alone (-r)",
    "-v": "recombination hot spots are not simulated; expected one rate (-r)",
    "-F": "rare alleles are not left out here; expected all sites",
    "-f": "arguments are not read from a file; expected them on the line",
}


def sample_of(option: Option, index: int = 0) -> Sample:
    """Return the sample of `nsam` haplotypes: diploid individuals where that is even."""
    n_haplotypes = option.whole(index, least=2)
    return Sample(n_haplotypes, ploidy=1 if n_haplotypes % 2 else 2)


def locus_of(line: Line, units: Units) -> Locus:
    """Return the locus of ``-t θ -r ρ nsites``."""
    length = sequence_length(line)
    if line.last("-t") is None:
        raise line.leading.refuse("expected -t with the mutation rate 4N₀μL")
    return Locus(
        length,
        mutation_rate=units.rate(line.number("-t", 0, least=0), length),
        recombination_rate=units.rate(line.number("-r", 0, least=0), length),
    )


def population_of(line: Line, units: Units, n_haplotypes: int) -> Population:
    """Return the size history that ``-eN``, ``-G``, ``-eG`` and their one-population kin describe.

    As in ms, a timed new size ends growth and a new growth rate keeps the size;
    changes take effect in order of time, and at one time in order of the line.
    """
    since, size, growth_rate = 0.0, units.size, 0.0
    by_start = {since: Epoch(since, size, growth_rate)}
    for change in sorted(_changes(line, n_haplotypes), key=lambda change: (change.time, change.is_timed)):
        start = units.generations(change.time)
        if change.size is None:
            size = rounded(size * math.exp(-growth_rate * (start - since)))
        else:
            size = units.individuals(change.size)
        if change.growth is not None:
            growth_rate = units.rate(change.growth)
        since = start
        by_start[start] = Epoch(start, size, growth_rate)
    today, *older = by_start.values()
    return Population(today.size, today.growth_rate, tuple(older))


def locus_words(scenario: Scenario, units: Units, program: str) -> list[str]:
    """Return ``-t θ -r ρ nsites`` for a scenario."""
    locus = scenario.locus
    mutation_rate = fixed(locus.mutation_rate, "mutation_rate", program)
    recombination_rate = fixed(locus.recombination_rate, "recombination_rate", program)
    if mutation_rate == 0:
        raise UnsupportedError(f"{program}: mutation_rate = 0: the program needs a rate above 0")
    length = locus.sequence_length
    theta, rho = (units.scaled_rate(rate, length) for rate in (mutation_rate, recombination_rate))
    return ["-t", written(theta), "-r", written(rho), str(length + 1)]


def population_words(population: Population, units: Units, program: str) -> list[str]:
    """Return ``-G``, ``-eN`` and ``-eG`` for a size history; N₀ is its size today."""

    def growth(rate: object) -> str:
        return written(units.scaled_rate(fixed(rate, "growth_rate", program)))

    words = [] if population.growth_rate == 0 else ["-G", growth(population.growth_rate)]
    for epoch in population.epochs:
        start = written(units.time(fixed(epoch.start, "epochs.start", program)))
        words += ["-eN", start, written(fixed(epoch.size, "epochs.size", program) / units.size)]
        if epoch.growth_rate != 0:
            words += ["-eG", start, growth(epoch.growth_rate)]
    return words


@dataclass(frozen=True)
class _Change:
    """A change of size or growth in the units of a line; None leaves that one as it is."""

    time: float
    size: float | None
    growth: float | None
    is_timed: bool = True


def _changes(line: Line, n_haplotypes: int) -> Iterator[_Change]:
    for option in line.options:
        _check_one_population(option, n_haplotypes)
        value = 0.0 if option.name not in POPULATION_OPTIONS else option.number(-1)
        if option.name in ("-G", "-g"):
            yield _Change(0.0, None, value, is_timed=False)
        elif option.name == "-n":
            yield _Change(0.0, option.number(-1, above=0), None, is_timed=False)
        elif option.name in ("-eN", "-en"):
            yield _Change(option.number(0, least=0), option.number(-1, above=0), 0.0)
        elif option.name in ("-eG", "-eg"):
            yield _Change(option.number(0, least=0), None, value)


def _check_one_population(option: Option, n_haplotypes: int) -> None:
    where = {"-I": 0, "-n": 0, "-g": 0, "-en": 1, "-eg": 1}.get(option.name)
    if where is not None and option.whole(where) != 1:
        raise option.refuse(_ONE_POPULATION)
    if option.name == "-I" and option.whole(1) != n_haplotypes:
        raise option.refuse(f"expected all {n_haplotypes} haplotypes in the one population")
