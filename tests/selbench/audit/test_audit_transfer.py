"""Tests of other tasks must not hold training windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selbench.audit.survey import take_survey
from selbench.audit.transfer import transfer_findings

Bench = Any
SIZES = {"train": 200, "test": 100}


def test_training_windows_in_the_test_of_another_task_are_found(new_bench: Callable[..., Bench]) -> None:
    here, there = new_bench(31, SIZES), new_bench(32, SIZES)
    leaking = there.planted("test", "neutral", lambda w: here.windows["train", "neutral"].take(range(100)))
    surveys = {name: take_survey(b.data()) for name, b in (("a", here), ("b", there), ("c", leaking))}
    found = transfer_findings(surveys, {"a": ["a", "b", "c"], "b": ["b"], "c": ["b", "elsewhere"]})
    assert set(found) == {"a", "c"}
    assert found["a"].verdict == "red"
    assert found["a"].headline == "Tests of c hold training windows of a."
    assert found["a"].evidence[0].startswith("c: 100 of 100 windows of test/neutral")
    assert found["c"].verdict == "green"
