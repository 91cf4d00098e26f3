"""Classes that differ in more than selection, and tasks that say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from selbench import Registry
from selbench.audit.one_scenario import differences
from selbench.audit.task_checks import audit_tasks
from selbench.errors import ExperimentError
from selbench.experiment import Experiment, parse_experiment

CHECK = "One scenario but for selection"


def experiment(change: dict[str, Any], **task: Any) -> Experiment:
    table = {
        "name": "probe",
        "seed": 1,
        "methods": ["segregating-sites"],
        "tasks": {
            "probe": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 20},
                "locus": {"sequence_length": 2000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
                "population": {"size": 40_000},
                "windows": {"train": 20, "validation": 5, "test": 10, "threshold": 0},
                "classes": {
                    "neutral": {"simulator": "ms"},
                    "sweep": {
                        "simulator": "mssel",
                        "selection": {"s": 0.005, "h": 0.5, "position": 1000, "present_frequency": 0.3},
                        **change,
                    },
                },
                **task,
            }
        },
    }
    return parse_experiment(table, Registry.installed(), where="probe.toml")


def found(change: dict[str, Any], **task: Any) -> Any:
    (audit,) = audit_tasks(experiment(change, **task), ["probe"])
    return next(finding for finding in audit.findings if finding.check == CHECK)


def test_classes_of_one_scenario_are_green() -> None:
    assert found({}).verdict == "green"
    prior = {"uniform": [1e-8, 2e-8]}
    both = {"sequence_length": 2000, "mutation_rate": prior, "recombination_rate": 1e-8}
    assert found({"locus": {"mutation_rate": prior}}, locus=both).verdict == "green"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"locus": {"mutation_rate": 1.5e-8}}, "locus.mutation_rate"),
        ({"locus": {"recombination_rate": 2e-8}}, "locus.recombination_rate"),
        ({"population": {"size": 52_000}}, "population.size"),
    ],
)
def test_another_rate_or_population_in_one_class_is_red_unless_declared(
    change: dict[str, Any], name: str
) -> None:
    finding = found(change)
    assert finding.verdict == "red"
    assert finding.headline == f"Classes differ in {name}."
    key = name.split(".")[1]
    assert f'differ_by = ["{key}"]' in finding.advice
    declared = found(change, differ_by=[key])
    assert declared.verdict == "amber"
    assert "as the task declares" in declared.headline
    assert found(change, differ_by=["ploidy"]).verdict == "red"


def test_what_is_declared_must_be_a_key_of_a_scenario() -> None:
    with pytest.raises(ExperimentError, match=r"unknown key 'mutation_rat' \(did you mean"):
        experiment({}, differ_by=["mutation_rat"])


def test_a_missing_value_differs_from_one_that_is_there() -> None:
    tables = {"a": {"locus": {"x": 1}}, "b": {"locus": {"x": 1, "y": 2}, "selection": {"s": 1}}}
    assert differences(tables) == {"locus.y": {"a": "none", "b": "2"}}


def test_the_check_is_silent_where_nobody_knows_the_scenario(clean: Any) -> None:
    assert not [f for f in clean.audited().findings if f.check == CHECK]
    assert replace(clean).sources == {}
