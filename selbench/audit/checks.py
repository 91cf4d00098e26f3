"""All checks that need nothing but the windows: those that selbench ships, and those of plugins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from selbench.audit import leaks, origins, randomness, shortcuts
from selbench.audit.audited import AuditedData
from selbench.audit.coverage import coverage_finding
from selbench.audit.near_copies import near_copies_finding
from selbench.audit.one_scenario import one_scenario_finding
from selbench.audit.shift import shift_finding
from selbench.audit.survey import Progress, Survey, take_survey
from selbench.plugin import Answer, Check, Registry
from selbench.plugin.faults import fault_in
from selbench.run_folder import Audit, Finding

SHIPPED: tuple[Check, ...] = (
    Check(
        "what_was_read", "What was read", "Could everything be read, and are there classes to compare?",
        "one class or none; more than 1 % of the files unreadable",
        "any file unreadable, grey, coloured or of another kind; empty folders",
        "Make or copy these files again, or remove them.", coverage_finding,
    ),
    Check(
        "identical_across_splits", "Identical windows across splits",
        "Is a method tested on windows that it was trained on?",
        "more windows with the same matrix at the same base pairs than chance gives",
        "there is one split only",
        "Make the splits again, each with random seeds of its own, and train again.", leaks.identical_across,
    ),
    Check(
        "repeated_within_split", "Repeated windows within a split", "Does a split hold a window twice?",
        "more than 5 % of a split", "any beyond chance",
        "Look for a seed that was used again, or a file that was copied or read twice.",
        leaks.identical_within,
    ),
    Check(
        "two_labels", "One window under two labels", "Does a window have two labels?",
        "any beyond chance", "",
        "Find out which class they belong to: a folder may have been copied under the wrong name.",
        leaks.two_classes,
    ),
    Check(
        "alike_across_splits", "Windows alike across splits, order or positions aside",
        "Are windows of two splits the same but for the order of haplotypes, or the positions?",
        "more than chance gives", "", "Give every split windows of its own.", leaks.near_matches_of,
    ),
    Check(
        "near_copies", "Near copies across splits", "Are windows of one split edited copies of another's?",
        "runs of sites shared beyond chance: a genotype, a site, a shift or a direction apart, or half a "
        "window", "",
        "Make the splits before windows are copied, cut or disturbed.", near_copies_finding,
    ),
    Check(
        "random_streams", "Random streams", "Do splits or classes draw the same random numbers?",
        "equal seeds, or 1 % of equal prior draws, in two splits or classes", "",
        "Give every class and every split a seed of its own.", randomness.streams,
    ),
    Check(
        "trajectories", "Trajectories of the favoured allele",
        "Has every selected window a trajectory of its own?", "",
        "one, or K, for all windows", 'Draw one per window: trajectories = "each".', randomness.trajectories,
    ),
    Check(
        "one_distribution", "One distribution for training, validation and test",
        "Are the windows of a class alike in all splits?",
        "p < 1e-6 and an effect of 0.2 or more", "p < 0.001 and an effect of 0.1 or more",
        "Simulate all splits with the same parameters, or make the transfer the question and say so.",
        shift_finding,
    ),
    Check(
        "one_program", "One program for all classes", "Are all classes made by one program?", "",
        "classes by different programs",
        "Make all classes with one program, or show by a negative control that no method tells the programs "
        "apart.", origins.programs,
    ),
    Check(
        "one_scenario", "One scenario but for selection", "Do classes differ in anything but selection?",
        "classes simulated with other rates, population or sample", "the same, declared by `differ_by`",
        "Simulate all classes from the same rates, population and sample.", one_scenario_finding,
    ),
    Check(
        "precision_of_positions", "Precision of positions", "Are positions printed with as many digits?",
        "differs between classes", "differs between splits",
        "Print or round the positions of all windows with the same number of digits.", origins.precision,
    ),
    Check(
        "size_of_windows", "Size of windows", "Have all windows one number of haplotypes and one length?",
        "numbers of haplotypes differ between classes", "anything else differs",
        "Give all windows one number of haplotypes and one length.", origins.sizes,
    ),
    Check(
        "windows_without_sites", "Windows without sites", "Are as many dropped in every class?", "",
        "shares dropped differ by 1 % (χ², p < 0.001), shares kept by 50 %",
        'Say so wherever a score is quoted, or keep them: empty_windows = "keep".', origins.empty_windows,
    ),
    Check(
        "balance", "Balance of classes", "Has every split about as many windows of every class?",
        "a class is missing from a split", "one class has 1.5 times the windows of another",
        "Take as many windows of every class.", origins.balance,
    ),
    Check(
        "one_number_of_windows", "One number of the windows alone", "Does one number tell the classes?", "",
        "an AUC of 0.8 or more", "Quote it next to every score.", shortcuts.biology,
    ),
    Check(
        "one_number_of_files", "One number of how the files were made",
        "Does the making of the files tell the classes?",
        "image height or precision tells the class (99.99 % interval)", "numbers in file names do",
        "Make the files of all classes alike.", shortcuts.making,
    ),
)  # fmt: skip
"""In the order of an audit, as `register_checks` takes them."""

OF_RUNS = (
    Check(
        "training_windows_in_other_tests", "Training windows in the tests of other tasks",
        "Is a transfer measured on windows that were trained on?", "any beyond chance", "",
        "Give the tasks windows of their own.",
    ),
    Check(
        "equal_numbers_of_sites", "What is left at equal numbers of sites",
        "What is left of a method among windows with the same number of sites?", "",
        "nothing is left of a method that is no baseline", "Try another mutation rate.",
    ),
)  # fmt: skip
"""Checks that need more than the windows of one task: several tasks, or predictions."""


def all_checks(registry: Registry) -> tuple[Check, ...]:
    """Return the shipped checks, and after them those of installed plugins."""
    brought = [each.value for each in registry.checks.entries()]
    return *SHIPPED, *(each for each in brought if not any(each is shipped for shipped in SHIPPED))


def audit_windows(
    data: AuditedData, progress: Progress = lambda n: None, checks: Sequence[Check] = SHIPPED
) -> tuple[Audit, Survey]:
    """Look for leaks, shift and shortcuts in audited windows.

    Parameters
    ----------
    data : AuditedData
    progress : callable
        Told the number of windows read after each batch.
    checks : sequence of Check

    Returns
    -------
    audit : Audit
    survey : Survey
        What was remembered of every window, for further checks.
    """
    survey = take_survey(data, progress)
    asked = checks if survey.groups else SHIPPED[:1]
    return Audit(data.name, tuple(finding for check in asked for finding in asked_of(check, survey))), survey


def asked_of(check: Check, survey: Survey) -> Iterator[Finding]:
    """Ask one check; one that fails says so in amber, with its line, and the others go on."""
    assert check.function is not None
    if check in SHIPPED:
        yield from _findings(check, check.function(survey))
        return
    try:
        found = list(_findings(check, check.function(survey)))
    except (Exception, SystemExit) as problem:
        own = getattr(check.function, "__module__", "").partition(".")[0]
        said = f"This check failed, so nothing is known: {fault_in(problem, own)}"
        found = [Finding(check.title, "amber", said, (), "", f"Tell its author, of {own}, or uninstall it.")]
    yield from found


def _findings(check: Check, answered: object) -> Iterator[Finding]:
    if isinstance(answered, Answer):
        advice = "" if answered.verdict == "green" else answered.advice or check.advice
        said = (answered.headline, tuple(answered.evidence), answered.meaning, advice)
        yield Finding(check.title, answered.verdict, *said)
    elif isinstance(answered, Finding):
        yield answered
    elif isinstance(answered, Iterable) and not isinstance(answered, str):
        for each in answered:
            yield from _findings(check, each)
    elif answered is not None:
        raise TypeError(f"expected an Answer or None, found {answered!r}")


def table_of_checks(checks: Sequence[Check] = (*SHIPPED, *OF_RUNS)) -> str:
    """Return checks as the table in markdown that stands in the page on audits."""
    rows = [f"| {each.title} | {each.question} | {each.red} | {each.amber} |" for each in checks]
    lines = ["| check | question | red | amber |", "|---|---|---|---|", *rows]
    return "\n".join(" ".join(line.split()) for line in lines)
