"""Names of methods as tables take them: long ones in short, for a list has the whole spelling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selbench.run_folder import RunRecord

LONGEST = 36
"""Characters of a name that is left as it is."""

_OPTIONS = re.compile(r"\[([^\[\]]*)\]")
_LONGEST_VALUE = 24


def in_short(name: str) -> str:
    """Return a method's or component's name; where it is long, lists by their lengths and no long value.

    >>> in_short("statistics+logistic")
    'statistics+logistic'
    >>> in_short("statistics[names=theta_w;tajimas_d;ncd1_50,sub_windows=11]+logistic")
    'statistics[3 names, sub_windows=11]+logistic'
    """
    if len(name) <= LONGEST:
        return name
    shortened = _OPTIONS.sub(lambda found: f"[{', '.join(map(_option, found[1].split(',')))}]", name)
    return shortened if len(shortened) <= 2 * LONGEST else _OPTIONS.sub("[…]", name)


def _option(text: str) -> str:
    key, equals, value = text.strip().partition("=")
    if ";" in value:
        return f"{value.count(';') + 1} {key}"
    return text.strip() if len(value) <= _LONGEST_VALUE + 1 else f"{key}{equals}{value[:_LONGEST_VALUE]}…"


def short_labels(labels: Iterable[str]) -> dict[str, str]:
    """Return every name in short; those that would be one are numbered.

    >>> short_labels([f"statistics[names=theta_w;tajimas_d;{name}]+logistic" for name in ("h1", "h12")])
    {'statistics[names=theta_w;tajimas_d;h1]+logistic': 'statistics[3 names]+logistic (1)', \
'statistics[names=theta_w;tajimas_d;h12]+logistic': 'statistics[3 names]+logistic (2)'}
    """
    found = {label: in_short(label) for label in labels}
    counts = Counter(found.values())
    told: Counter[str] = Counter()
    for label, short in found.items():
        if counts[short] > 1:
            told[short] += 1
            found[label] = f"{short} ({told[short]})"
    return found


def with_short_labels(record: RunRecord) -> RunRecord:
    """Return a run whose methods are called in short; their ids are what they were."""
    short = short_labels(record.labels.values())
    called = {method: short[label] for method, label in record.labels.items()}
    if called == dict(record.labels):
        return record
    info = replace(
        record.info,
        methods={m: replace(told, method_label=called[m]) for m, told in record.info.methods.items()},
        trainings=tuple(replace(each, method_label=called[each.method]) for each in record.info.trainings),
    )
    return replace(record, info=info)
