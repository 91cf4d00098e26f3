"""The argument line of msms (Ewing & Hermisson 2010)."""

from __future__ import annotations

import re
from dataclasses import replace

from selbench import ParsedCommand, Scenario, Selection, UnsupportedError
from selbench_coalescent.arguments.line import Arity, Line, Option, read_line
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
from selbench_coalescent.arguments.units import (
    NOMINAL_SIZE,
    Units,
    fixed,
    rounded,
    seed_of,
    sequence_length,
    written,
)

DEFAULT_DIGITS = 5

_OPTIONS: dict[str, Arity] = (
    LOCUS_OPTIONS
    | {"-r": (1, 2)}
    | POPULATION_OPTIONS
    | {
        "-N": (1, 3),
        "-ms": (2, 2),
        "-SAA": (1, 1),
        "-SAa": (1, 1),
        "-SaA": (1, 1),
        "-Saa": (1, 1),
        "-SA": (1, 1),
        "-SI": (3, 99),
        "-SF": (1, 3),
        "-Sp": (1, 1),
        "-Smark": (0, 0),
        "-seed": (1, 1),
        "-threads": (1, 1),
        "-oFP": (1, 1),
    }
)
_SELECTION = ("-SAA", "-SAa", "-SaA", "-Saa", "-SA", "-SI", "-SF", "-Sp", "-Smark")

_RECURRENT = "recurrent mutation at the selected site is not simulated; expected -SI or -SF alone"
_NO_RESTART = (
    "restarts until the allele is kept in the population, which a scenario cannot say; "
    "leave it out, or ask for carriers = 'conditioned' in a scenario"
)
_HAPLOTYPES_ALONE = "other output is not printed; expected haplotypes alone"
_REFUSED = REFUSED | {
    "-SFC": _NO_RESTART,
    "-SForceKeep": _NO_RESTART,
    "-Smu": _RECURRENT,
    "-Snu": _RECURRENT,
    "-Sc": "selection that changes over time is not simulated; expected one set of -SAA -SAa -Saa",
    "-Strace": "frequencies from a file are not read here; take mssel with a trajectory file",
    "-STrace": "frequencies from a file are not read here; take mssel with a trajectory file",
    "-SseedDeme": "several populations are not simulated; expected one",
    "-Ssd": "several populations are not simulated; expected one",
    "-l": "gaps between loci are not simulated; expected one locus",
    "-loci": "gaps between loci are not simulated; expected one locus",
    "-IT": "samples from the past are not simulated; expected all haplotypes sampled today",
    "-NC": "frequencies alone are not simulated; expected haplotypes",
    "-oTrace": _HAPLOTYPES_ALONE,
    "-oOC": _HAPLOTYPES_ALONE,
    "-oAFS": _HAPLOTYPES_ALONE,
    "-oSFS": _HAPLOTYPES_ALONE,
    "-oTPi": _HAPLOTYPES_ALONE,
    "-oTW": _HAPLOTYPES_ALONE,
    "-stat": _HAPLOTYPES_ALONE,
}


def parse_msms(text: str) -> ParsedCommand:
    """Read ``msms -N n -ms nsam reps -t θ -r ρ nsites -SI t 1 f -SAA a -SAa b -Saa c …``.

    A fitness is 1 + flag/(2N). ``-SI t 1 f`` starts selection 4N·t generations
    ago from unrelated copies at frequency f; ``-SF t`` fixes the allele 4N·t
    generations ago; ``-Sp`` is a fraction of the window, by default its left edge.

    Raises
    ------
    UnsupportedError
        At the first option that is not supported, malformed or unknown.
    """
    line = read_line(text, program="msms", aliases=("ms",), known=_OPTIONS, refused=_REFUSED)
    size = line.last("-N")
    units = Units(NOMINAL_SIZE if size is None else size.number(above=0))
    counts = _counts_of(line)
    sample = sample_of(counts)
    scenario = Scenario(
        sample,
        locus_of(line, units),
        population_of(line, units, sample.n_haplotypes),
        _selection_of(line, units),
    )
    return ParsedCommand(
        scenario=scenario,
        n_windows=counts.whole(1, least=1),
        seed=seed_of(line),
        position_digits=_digits_of(line),
        print_selected_site=line.last("-Smark") is not None,
    )


def msms_command(
    scenario: Scenario, *, n_windows: int, seed: int | None = None, position_digits: int | None = None
) -> list[str]:
    """Return the arguments, without a program, that make msms simulate `scenario`; N is its size today.

    Raises
    ------
    UnsupportedError
        If msms cannot do the scenario.
    """
    size = fixed(scenario.population.size, "population.size", "msms")
    units = Units(size)
    words = ["-N", written(size), "-ms", str(scenario.sample.n_haplotypes), str(n_windows)]
    words += locus_words(scenario, units, "msms") + population_words(scenario.population, units, "msms")
    if scenario.selection is not None:
        words += _selection_words(scenario, scenario.selection, units)
    if position_digits is not None:
        words += ["-oFP", f"0.{'0' * position_digits}"]
    return words if seed is None else [*words, "-seed", str(seed)]


def _counts_of(line: Line) -> Option:
    """Return the option whose values are nsam and reps: ``-ms``, or none before the other options.

    The header that msms prints leaves the word ``-ms`` out: ``ms -N 10000 128 10 …``.
    """
    size, counts = line.last("-N"), line.last("-ms") or line.leading
    if size is not None and len(size.values) == 3 and not counts.values:
        return replace(size, values=size.values[1:])
    if len(counts.values) != 2 or (size is not None and len(size.values) != 1):
        raise (size or counts).refuse("expected -N n -ms nsam reps")
    return counts


def _selection_of(line: Line, units: Units) -> Selection | None:
    named = line.last(*_SELECTION)
    if named is None:
        return None
    start, fixation = line.last("-SI"), line.last("-SF")
    if start is None and fixation is None:
        raise named.refuse("expected -SI (onset) or -SF (fixation) with it")
    if start is not None and fixation is not None:
        raise fixation.refuse("expected either -SI or -SF, found both")
    w_AA, w_Aa, w_aa = (rounded(1 + flag / (2 * units.size)) for flag in _strengths(line))
    selection = Selection(
        w_AA=w_AA,
        w_Aa=w_Aa,
        w_aa=w_aa,
        position=rounded(_position(line) * sequence_length(line)),
        dynamics="wright-fisher",
        keep_selected_site=line.last("-Smark") is not None,
    )
    if fixation is not None:
        _check_fixation(line, fixation)
        return replace(selection, fixation_time=units.generations(fixation.number(0, least=0)))
    assert start is not None
    return replace(
        selection,
        origin="multiple",
        onset_time=units.generations(start.number(0, least=0)),
        onset_frequency=_onset_frequency(start),
    )


def _position(line: Line) -> float:
    option = line.last("-Sp")
    if option is None:
        return 0.0
    position = option.number(least=0)
    if position > 1:
        raise option.refuse("expected a fraction of the window, in [0, 1]")
    return position


def _strengths(line: Line) -> tuple[float, float, float]:
    """Return 2N·s of AA, Aa and aa; ``-SA α`` stands for 2α and α."""
    per_copy = line.number("-SA", 0)
    heterozygote = line.last("-SAa", "-SaA")
    return (
        line.number("-SAA", 2 * per_copy),
        per_copy if heterozygote is None else heterozygote.number(),
        line.number("-Saa", 0),
    )


def _onset_frequency(start: Option) -> float:
    if start.whole(1) != 1:
        raise start.refuse("several populations are not simulated; expected -SI t 1 f")
    frequency = start.number(2, least=0)
    if frequency > 1:
        raise start.refuse(f"expected a frequency in [0, 1], found {start.values[2]}")
    return frequency


def _check_fixation(line: Line, fixation: Option) -> None:
    """Refuse a frequency other than 1 and, as msms itself does, a size that changes."""
    if len(fixation.values) > 1:
        raise fixation.refuse(
            "selection that ends at a given frequency is not simulated; expected -SF t alone (fixation)"
        )
    for option in line.options:
        if option.name in ("-G", "-g", "-eG", "-eg") or (
            option.name in ("-eN", "-en") and option.number(0) > 0
        ):
            raise fixation.refuse(f"expected a constant population size, found {option.name} as well")


def _digits_of(line: Line) -> int:
    option = line.last("-oFP")
    if option is None:
        return DEFAULT_DIGITS
    match = re.fullmatch(r"[#0]*\.([#0]+)", option.values[0])
    if match is None:
        raise option.refuse("expected a format such as 0.000000")
    return len(match[1])


def _selection_words(scenario: Scenario, selection: Selection, units: Units) -> list[str]:
    _check_selection(scenario, selection)
    words = []
    for name, fitness in zip(("-SAA", "-SAa", "-Saa"), selection.fitnesses, strict=True):
        words += [name, written(rounded((fitness - 1) * 2 * units.size))]
    position = fixed(selection.position, "selection.position", "msms") / scenario.locus.sequence_length
    words += ["-Sp", written(position)]
    if selection.fixation_time is not None:
        time = fixed(selection.fixation_time, "selection.fixation_time", "msms")
        words += ["-SF", written(units.time(time))]
    else:
        time = fixed(selection.onset_time, "selection.onset_time", "msms")
        frequency = fixed(selection.onset_frequency, "selection.onset_frequency", "msms")
        words += ["-SI", written(units.time(time)), "1", written(frequency)]
    return [*words, "-Smark"] if selection.keep_selected_site else words


def _check_selection(scenario: Scenario, selection: Selection) -> None:
    def refuse(reason: str) -> UnsupportedError:
        return UnsupportedError(f"msms: {reason}")

    for name, prior in scenario.priors().items():
        raise refuse(f"{name} = {prior}: a command line takes one value, not a prior")
    if selection.given_trajectories:
        raise refuse("trajectory_file: msms draws its own trajectories; take mssel")
    if selection.present_frequency is not None:
        raise refuse(
            f"present_frequency = {selection.present_frequency}: msms does not condition on it; "
            "expected onset_time and onset_frequency, or fixation_time"
        )
    if selection.trajectories != "each":
        raise refuse(f"trajectories = {selection.trajectories}: msms draws one per window; expected 'each'")
    if not 0 <= fixed(selection.position, "selection.position", "msms") <= scenario.locus.sequence_length:
        raise refuse(f"selection.position = {selection.position}: expected a site inside the window")
    if selection.fixation_time is not None:
        if selection.onset_frequency is not None:
            raise refuse(f"onset_frequency = {selection.onset_frequency} with fixation_time: take discoal")
        if not scenario.population.is_constant:
            raise refuse("fixation_time: msms needs a constant population size for it")
        if selection.origin != "single" or selection.carriers not in ("binomial", "all"):
            raise refuse("fixation_time: expected origin = 'single' and carriers = 'all' or 'binomial'")
    elif selection.onset_time is None or selection.onset_frequency is None:
        raise refuse("expected onset_time and onset_frequency, or fixation_time")
    elif selection.origin != "multiple" or selection.carriers != "binomial":
        raise refuse(
            f"origin = {selection.origin}, carriers = {selection.carriers}: "
            "expected origin = 'merge' and carriers = 'binomial' from an onset"
        )
