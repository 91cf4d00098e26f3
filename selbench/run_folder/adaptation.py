"""What networks gained that adapted to a target: each beside the same one that did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from selbench.errors import SelbenchError
from selbench.evaluation.claims import ALL_PAIRS, Claim, read_claims
from selbench.plugin import parse_spelling
from selbench.run_folder.records import MethodRecord

if TYPE_CHECKING:
    import pandas as pd

_OPTIONS = ("adaptation", "adaptation_epochs")


def adapted_pairs(methods: Mapping[str, MethodRecord]) -> dict[str, str]:
    """Return, by each method that adapts, the one that is the same but for that, where there is one."""
    plain: dict[object, str] = {}
    adapting: dict[str, object] = {}
    for method, about in methods.items():
        try:
            name, options = parse_spelling(about.model)
        except SelbenchError:  # a stranger's record may call a model anything: that one adapts to nothing
            continue
        rest = (
            about.encoder,
            name,
            tuple((key, str(options[key])) for key in options if key not in _OPTIONS),
        )
        if options.get("adaptation"):
            adapting[method] = rest
        else:
            plain[rest] = method
    return {method: plain[rest] for method, rest in adapting.items() if rest in plain}


def gains(
    pairs: Mapping[str, str], comparisons: pd.DataFrame, labels: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return for each pair and tested task which method adapted, and a sentence of what that changed."""
    told = []
    for claim in read_claims(comparisons[comparisons["metric"] == "roc_auc"]):
        of_two = {claim.method, claim.other}
        for adapted, plain in pairs.items():
            if claim.family == ALL_PAIRS and of_two == {adapted, plain}:
                told.append((labels[adapted], _sentence(claim, adapted, labels)))
    return tuple(told)


def _sentence(claim: Claim, adapted: str, labels: Mapping[str, str]) -> str:
    seen = claim if claim.method == adapted else claim.reverse
    named = replace(seen, method=labels[seen.method], other=labels[seen.other])
    return f"what adapting changed, tested on {claim.test_task}: {named.sentence}"
