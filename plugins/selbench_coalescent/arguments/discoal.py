"""The argument line of discoal (Kern & Schrider 2016)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from selbench import (
    Epoch,
    Locus,
    ParsedCommand,
    Population,
    Prior,
    Scenario,
    Selection,
    Trajectory,
    UnsupportedError,
)
from selbench.scenario import Quantity
from selbench.streams import stream_seed
from selbench_coalescent.arguments.line import Arity, Line, Option, read_line
from selbench_coalescent.arguments.locus import sample_of
from selbench_coalescent.arguments.units import Units, fixed, rounded, written

DEFAULT_SIZE = 1_000_000.0
"""Diploid individuals where a line has no ``-N``."""

DIGITS = 6
"""Decimals of the positions that discoal prints."""

_ONSETS = {f"-{side}{mode}": (mode, side) for side in ("w", "l") for mode in "snd"}
"""The sweeps: stochastic, neutral or deterministic, at a site in the window or to the left of it."""

_OPTIONS: dict[str, Arity] = {
    "-t": (1, 1),
    "-r": (1, 1),
    "-N": (1, 1),
    "-en": (3, 3),
    "-ws": (1, 1),
    "-wn": (1, 1),
    "-wd": (1, 1),
    "-ls": (2, 2),
    "-ln": (2, 2),
    "-ld": (2, 2),
    "-a": (1, 1),
    "-x": (1, 1),
    "-f": (1, 1),
    "-c": (1, 1),
    "-h": (0, 0),
    "-Pt": (2, 2),
    "-Pr": (2, 2),
    "-Pre": (2, 2),
    "-Pa": (2, 2),
    "-Pu": (2, 2),
    "-Px": (2, 2),
    "-Pf": (2, 2),
    "-Pc": (2, 2),
    "-Pe1": (4, 4),
    "-Pe2": (4, 4),
    "-p": (1, 99),
    "-d": (2, 2),
    "-i": (1, 1),
}

_ONE_POPULATION = "several populations are not simulated; expected one"
_NO_CONVERSION = "gene conversion is not simulated; expected crossing-over alone (-r)"
_NO_RECURRENCE = "recurrent mutation to the favoured allele is not simulated; expected one origin"
_REFUSED = {
    "-ed": _ONE_POPULATION,
    "-ea": _ONE_POPULATION,
    "-ej": _ONE_POPULATION,
    "-M": _ONE_POPULATION,
    "-m": _ONE_POPULATION,
    "-A": "samples from the past are not simulated; expected all haplotypes sampled today",
    "-g": _NO_CONVERSION,
    "-gr": _NO_CONVERSION,
    "-R": "recurrent sweeps are not simulated; expected one, -ws",
    "-L": "recurrent sweeps are not simulated; expected one, -ws",
    "-C": "conditions on recombination are not simulated",
    "-S": "conditions from a file are not simulated",
    "-U": _NO_RECURRENCE,
    "-uA": _NO_RECURRENCE,
    "-PuA": _NO_RECURRENCE,
    "-T": "trees are not printed; expected haplotypes alone",
    "-ts": "tree sequences are not written; expected haplotypes alone",
    "-G": "growth is unknown to discoal, which skips the option; expected -en",
    "-eg": "growth is unknown to discoal, which skips the option; expected -en",
    "-eG": "growth is unknown to discoal, which skips the option; expected -en",
    "-eN": "unknown to discoal; expected -en t 0 x",
    "-s": "a fixed number of segregating sites is not simulated; expected -t",
}


def parse_discoal(text: str) -> ParsedCommand:
    """Read ``discoal n reps L -t θ -r ρ -ws τ -a α -x X …``, or with ``-Pt -Pre -Pa -Pu`` and kin.

    θ and ρ are 4N₀μL and 4N₀rL, times are in units of 4N₀ generations, α is
    2N₀ times the advantage per copy, and N₀ is ``-N``, by default 1,000,000:
    it sets where trajectories begin and end, and cancels elsewhere.

    Raises
    ------
    UnsupportedError
        At the first option that is not supported, malformed or unknown (discoal
        itself skips unknown options).
    """
    line = read_line(text, program="discoal", known=_OPTIONS, refused=_REFUSED)
    if len(line.leading.values) != 3:
        raise line.leading.refuse("expected discoal n reps L before the options")
    size = line.last("-N")
    units = Units(DEFAULT_SIZE if size is None else float(size.whole(least=1)))
    length = line.leading.whole(2, least=1)
    locus = _locus(line, units, length)
    selection = _selection(line, units, locus)
    return ParsedCommand(
        scenario=Scenario(
            sample_of(line.leading), locus, _population(line, units, selection is not None), selection
        ),
        n_windows=line.leading.whole(1, least=1),
        seed=_seed(line),
        position_digits=DIGITS,
        print_selected_site=selection is not None and selection.keep_selected_site,
        print_lost_site=False,
    )


def discoal_command(scenario: Scenario, *, n_windows: int, seeds: Sequence[int] = ()) -> list[str]:
    """Return the arguments, without a program, that make discoal simulate `scenario`; N₀ is its size today.

    Raises
    ------
    UnsupportedError
        If discoal cannot do the scenario.
    """
    for name, prior in scenario.priors().items():
        raise _refusal(f"{name} = {prior}: discoal does not tell what it drew; leave out program")
    population, locus = scenario.population, scenario.locus
    size = fixed(population.size, "population.size", "discoal")
    if size != int(size):
        raise _refusal(f"population.size = {size}: expected a whole number of individuals")
    units = Units(size)
    theta, rho = (
        units.scaled_rate(fixed(rate, "rate", "discoal"), locus.sequence_length)
        for rate in (locus.mutation_rate, locus.recombination_rate)
    )
    words = [str(scenario.sample.n_haplotypes), str(n_windows), str(locus.sequence_length)]
    words += ["-t", written(theta), "-r", written(rho), "-N", str(int(size))]
    if scenario.selection is not None:
        words += _sweep_words(scenario, scenario.selection, units)
    for growth_rate in (population.growth_rate, *(epoch.growth_rate for epoch in population.epochs)):
        if growth_rate != 0:
            raise _refusal(f"growth_rate = {growth_rate}: discoal knows sudden changes of size alone")
    for epoch in population.epochs:
        start = units.time(fixed(epoch.start, "epochs.start", "discoal"))
        words += ["-en", written(start), "0", written(fixed(epoch.size, "epochs.size", "discoal") / size)]
    return words + (["-d", *map(str, seeds)] if seeds else [])


def _sweep_words(scenario: Scenario, selection: Selection, units: Units) -> list[str]:
    _check_sweep(selection)
    s = selection.fitnesses[0] / selection.fitnesses[2] - 1
    since = fixed(selection.fixation_time or 0.0, "selection.fixation_time", "discoal")
    sweep, when = ("n" if s == 0 else "s"), written(units.time(since))
    position, length = (
        fixed(selection.position, "selection.position", "discoal"),
        scenario.locus.sequence_length,
    )
    if 0 <= position <= length:
        words = [f"-w{sweep}", when, "-x", written(rounded(position / length))]
    elif position < 0:
        rate = fixed(scenario.locus.recombination_rate, "recombination_rate", "discoal")
        words = [f"-l{sweep}", when, written(rounded(-position * 4 * units.size * rate / 2))]
    else:
        raise _refusal(f"selection.position = {position}: expected a site in the window or to its left")
    if s != 0:
        words += ["-a", written(rounded(s * units.size))]
    if selection.onset_frequency is not None:
        words += ["-f", written(fixed(selection.onset_frequency, "selection.onset_frequency", "discoal"))]
    if selection.present_frequency is None:
        return words
    frequency = fixed(selection.present_frequency, "selection.present_frequency", "discoal")
    return [*words, "-c", written(frequency), *([] if selection.keep_selected_site else ["-h"])]


def _check_sweep(selection: Selection) -> None:
    w_AA, w_Aa, w_aa = selection.fitnesses
    ended, is_partial = selection.fixation_time is not None, selection.present_frequency is not None
    fitnesses = f"fitnesses {w_AA:g}, {w_Aa:g}, {w_aa:g}"
    checks = {
        "trajectory_file: discoal draws its own trajectories; take mssel": bool(selection.given_trajectories),
        f"trajectories = {selection.trajectories}: discoal draws one per window; expected 'each'": (
            selection.trajectories != "each"
        ),
        f"dynamics = {selection.dynamics}: expected 'diffusion'": selection.dynamics != "diffusion",
        f"origin = {selection.origin}: expected 'single'; take msms": selection.origin != "single",
        f"onset_time = {selection.onset_time}: discoal knows no time of onset": (
            selection.onset_time is not None
        ),
        "expected either fixation_time or present_frequency": ended == is_partial,
        f"{fitnesses}: expected additive ones (h = 0.5) that favour the allele, or equal ones": (
            not math.isclose(2 * w_Aa, w_AA + w_aa, rel_tol=1e-9) or w_AA < w_aa
        ),
        f"carriers = {selection.carriers}: expected 'binomial', or 'all' after a fixation": (
            selection.carriers != "binomial" and not (ended and selection.carriers == "all")
        ),
    }
    for reason, is_met in checks.items():
        if is_met:
            raise _refusal(reason)


def _refusal(reason: str) -> UnsupportedError:
    return UnsupportedError(f"discoal: {reason}")


def _locus(line: Line, units: Units, length: int) -> Locus:
    if line.last("-t", "-Pt") is None:
        raise line.leading.refuse("expected -t with the mutation rate 4N₀μL, or -Pt with its bounds")

    def rate(value: float) -> float:
        return units.rate(value, length)

    theta = _quantity(line, "-t", "-Pt", rate)
    rho = _quantity(line, "-r", "-Pr", rate)
    exponential = line.last("-Pre")
    if exponential is not None:
        mean, high = (rate(exponential.number(i, above=0)) for i in range(2))
        rho = Prior.exponential(mean, high)
    return Locus(length, mutation_rate=theta or 0.0, recombination_rate=rho or 0.0)


def _quantity(line: Line, name: str, prior: str, natural: Callable[[float], float]) -> Quantity | None:
    """Return a value of the line or the uniform prior on it, in natural units; a prior comes first."""
    bounds, value = line.last(prior), line.last(name)
    if bounds is not None:
        return _uniform(bounds, natural)
    return None if value is None else natural(value.number(least=0))


def _uniform(option: Option, natural: Callable[[float], float], first: int = 0) -> Quantity:
    low, high = (option.number(i, least=0) for i in (first, first + 1))
    if low > high:
        raise option.refuse(f"expected the lower bound first, found {low:g} and {high:g}")
    return natural(low) if low == high else Prior("uniform", natural(low), natural(high))


def _population(line: Line, units: Units, has_sweep: bool) -> Population:
    """Return the size history of ``-en t 0 x``; ``-Pe1`` and ``-Pe2`` stand for the first two changes."""
    populations = line.last("-p")
    if populations is not None and populations.whole() != 1:
        raise populations.refuse(_ONE_POPULATION)
    changes = [option for option in line.options if option.name == "-en"]
    for change in changes:
        if change.whole(1) != 0:
            raise change.refuse(_ONE_POPULATION)
    changes.sort(key=lambda change: change.number(0, least=0))
    epochs = [
        Epoch(units.generations(change.number(0)), units.individuals(change.number(2, above=0)))
        for change in changes
    ]
    for place, name in enumerate(("-Pe1", "-Pe2")):
        prior = line.last(name)
        if prior is None:
            continue
        if has_sweep:
            raise prior.refuse("with a sweep discoal writes over the sweep; expected -en with one value")
        if place >= len(epochs):
            raise prior.refuse(f"takes the place of change {place + 1} in size; expected as many -en")
        epochs[place] = Epoch(_uniform(prior, units.generations), _uniform(prior, units.individuals, first=2))
    # where two changes have one time, the later of the line counts
    by_start = {epoch.start: epoch for epoch in epochs}
    today = by_start.pop(0.0, Epoch(0.0, units.size))
    return Population(today.size, epochs=tuple(by_start.values()))


def _selection(line: Line, units: Units, locus: Locus) -> Selection | None:
    sweep = line.last(*_ONSETS)
    if sweep is None:
        for name in ("-a", "-f", "-c", "-Pa", "-Pu", "-Pf", "-Pc"):
            option = line.last(name)
            if option is not None:
                raise option.refuse("expected -ws with it: without, discoal makes neutral windows")
        return None
    mode, side = _ONSETS[sweep.name]
    position = _site_to_the_left(sweep, units, locus) if side == "l" else _site_inside(line, locus)
    since = _quantity(line, sweep.name, "-Pu", units.generations) or 0.0
    if mode == "d":
        return _deterministic_sweep(line, sweep, units, since, position)
    s: Quantity | None = 0.0
    if mode == "s":
        s = _quantity(line, "-a", "-Pa", lambda alpha: rounded(alpha / units.size))
        if s is None:
            raise sweep.refuse("expected -a with the strength α of selection, or -Pa with its bounds")
    selection = Selection(
        s=s,
        h=0.5,
        position=position,
        fixation_time=since,
        onset_frequency=_frequency(line, "-f", "-Pf") or None,
        carriers="all",
    )
    present = _frequency(line, "-c", "-Pc")
    if present is None:
        return selection
    if since != 0:
        partial = line.last("-c", "-Pc")
        assert partial is not None
        raise partial.refuse("a partial sweep that ended in the past is not simulated; expected -ws 0")
    return replace(
        selection,
        fixation_time=None,
        present_frequency=present,
        carriers="binomial",
        keep_selected_site=line.last("-h") is None,
    )


def _frequency(line: Line, name: str, prior: str) -> Quantity | None:
    frequency = _quantity(line, name, prior, lambda value: value)
    option = line.last(prior) or line.last(name)
    if option is not None and any(option.number(i) > 1 for i in range(len(option.values))):
        raise option.refuse("expected a frequency in [0, 1]")
    return frequency


def _site_inside(line: Line, locus: Locus) -> Quantity:
    option = line.last("-Px") or line.last("-x")
    if option is None:
        return 0.5 * locus.sequence_length
    if any(option.number(i, least=0) > 1 for i in range(len(option.values))):
        raise option.refuse("expected a fraction of the window, in [0, 1]")
    position = _quantity(line, "-x", "-Px", lambda fraction: rounded(fraction * locus.sequence_length))
    assert position is not None
    return position


def _site_to_the_left(sweep: Option, units: Units, locus: Locus) -> float:
    """Return the place of a site at recombination distance 2d in 4N₀r·bp, as discoal takes its d."""
    rate = locus.recombination_rate
    if isinstance(rate, Prior) or rate == 0:
        raise sweep.refuse(f"a site to the left needs one recombination rate above 0 (-r), found {rate}")
    return -rounded(2 * sweep.number(1, above=0) / (4 * units.size * rate))


def _deterministic_sweep(
    line: Line, sweep: Option, units: Units, since: Quantity, position: Quantity
) -> Selection:
    """Return the sweep of ``-wd``, a trajectory without chance."""
    strength = line.last("-a")
    for option in (line.last("-Pa"), line.last("-f"), line.last("-Pf"), line.last("-c"), line.last("-Pc")):
        if option is not None:
            raise option.refuse(f"not together with {sweep.name}, whose trajectory is one and the same")
    if line.last("-en") is not None:
        raise sweep.refuse("expected a constant size, as discoal does, found -en as well")
    if strength is None or isinstance(since, Prior):
        raise sweep.refuse("expected -a with the strength α of selection, and no -Pu")
    trajectory = deterministic_trajectory(strength.number(above=0.05), units.size, since)
    return Selection(given_trajectories=(trajectory,), position=position, carriers="all")


def deterministic_trajectory(alpha: float, size: float, since: float) -> Trajectory:
    """Return the trajectory of ``-wd``: logistic, fixed until `since` generations ago.

    With ε = 0.05/α and T = −2 ln(ε)/α, the frequency at t, in 2N generations
    before `since`, is ε/(ε + (1−ε)·exp(α(t−T))) (Stephan, Wiehe & Lenz 1992),
    down to 1/(2N); a step lasts a hundredth of a unit of its log odds.
    """
    epsilon = 0.05 / alpha
    log_odds = math.log(epsilon / (1 - epsilon))
    latest = log_odds - 2 * math.log(epsilon)
    falls = np.arange(0.0, latest + math.log(2 * size - 1), 0.01)
    times = since + 2 * size * np.append(falls, falls[-1] + 0.01) / alpha
    frequencies = np.append(1 / (1 + np.exp(falls + 0.005 - latest)), 0.0)
    if since > 0:
        times, frequencies = np.append(0.0, times), np.append(1.0, frequencies)
    return Trajectory(tuple(times.tolist()), tuple(frequencies.tolist()))


def _seed(line: Line) -> int | None:
    """Return the seed that the two numbers of ``-d`` choose."""
    option = line.last("-d")
    return None if option is None else stream_seed(option.whole(0), "seeds", option.whole(1))
