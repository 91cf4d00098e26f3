"""How the methods of an experiment are called in text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


def method_labels(methods: Mapping[str, tuple[str, str, str]]) -> dict[str, str]:
    """Return for each method the shortest name that no other one shares.

    The model alone, where its encoder is the one that its paper uses and no other
    method has the model with another; encoder and model without their options; or
    the whole spelling.

    Parameters
    ----------
    methods : mapping of str to (encoder, model, default encoder)
        Spellings, by the spelling of the method; the default encoder may be unknown, "".
    """
    bare = {name: (_bare(encoder), _bare(model)) for name, (encoder, model, _) in methods.items()}
    encoders = Counter(model for _, model in set(bare.values()))
    candidates: dict[str, tuple[str, str, str]] = {}
    for name, (_, _, default) in methods.items():
        encoder, model = bare[name]
        is_at_home = not default or encoder == _bare(default)
        pair = model if encoder == model else f"{encoder}+{model}"
        candidates[name] = (model if is_at_home and encoders[model] == 1 else pair, pair, name)
    shared = [Counter(names) for names in zip(*candidates.values(), strict=True)]
    return {
        name: next(
            candidate
            for candidate, count in zip(names, shared, strict=True)
            if count[candidate] == 1 or candidate == name
        )
        for name, names in candidates.items()
    }


def _bare(spelling: str) -> str:
    """Return a component's name without its options."""
    return spelling.partition("[")[0]
