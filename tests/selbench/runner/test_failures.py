"""A component that goes wrong is named in one line, with the plugin's own file and line where it has one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from selbench import Registry
from selbench.experiment import parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.run import RunOutcome, run_experiment
from selbench.runner.store import Store

HERE = r" \(toy_faults\.py:\d+\)"
FAULTS = {
    "faulty-sites[fault=raises]+faulty-halves": rf"encoder faulty-sites\[fault=raises\]: KeyError: 'x'{HERE}",
    "faulty-sites[fault=leaves]+faulty-halves": (
        rf"encoder faulty-sites\[fault=leaves\]: it would end Python: sys\.exit\(2\){HERE}"
    ),
    "faulty-sites[fault=unsupported]+faulty-halves": (
        rf"encoder faulty-sites\[fault=unsupported\]: KeyError: 'asked'{HERE}"
    ),
    "faulty-sites[fault=list]+faulty-halves": (
        r"encoder faulty-sites\[fault=list\]: expected an array of shape \(40, 1\), found list"
    ),
    "faulty-sites[fault=shape]+faulty-halves": (
        r"encoder faulty-sites\[fault=shape\]: expected an array of shape \(40, 1\), as feature_spec tells "
        r"for 40 windows, found \(40, 3\)"
    ),
    "faulty-sites[fault=type]+faulty-halves": (
        r"encoder faulty-sites\[fault=type\]: expected float64 as told, found <U\d+"
    ),
    "faulty-sites[fault=spec]+faulty-halves": (
        r"encoder faulty-sites\[fault=spec\]: feature_spec returned tuple, expected a FeatureSpec"
    ),
    "faulty-sites[fault=learn]+faulty-halves": (
        r"encoder faulty-sites\[fault=learn\]: learn returned NoneType, expected arrays by name"
    ),
    "faulty-halves[fault=nothing]": (
        r"model faulty-halves\[fault=nothing\]: fit returned NoneType, expected a Predictor"
    ),
    "faulty-halves[fault=predict]": (
        rf"model faulty-halves\[fault=predict\]: ZeroDivisionError: nobody there{HERE}"
    ),
    "faulty-halves[fault=list]": (
        r"faulty-sites\+faulty-halves\[fault=list\]: expected probabilities of neutral and sweep for \d+ "
        r"windows, an array of shape \(\d+, 2\), found list"
    ),
    "faulty-halves[fault=shape]": (
        r"faulty-sites\+faulty-halves\[fault=shape\]: expected probabilities of neutral and sweep for \d+ "
        r"windows, an array of shape \(\d+, 2\), found an array of shape \(\d+, 1\)"
    ),
}


def ran(toy_table: dict[str, Any], store: Path, methods: list[str], simulator: str = "toy") -> RunOutcome:
    import toy_faults
    import toy_selection

    task = toy_table["tasks"]["small"]
    task["empty_windows"] = "keep"
    task["windows"] = {"train": 20, "validation": 10, "test": 10}
    task["classes"]["sweep"]["simulator"] = simulator
    table = toy_table | {"methods": methods, "repetitions": 1}
    experiment = parse_experiment(table, Registry.of(toy_selection, toy_faults), where="toy.toml")
    return run_experiment(experiment, Store(store), InProcess())


def test_every_fault_is_told_of_its_component_and_the_others_go_on(
    toy_table: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = ran(toy_table, tmp_path, ["faulty-halves", *FAULTS])
    good, *bad = outcome.trainings
    assert (good.status, good.reason) == ("done", "")
    for training, expected in zip(bad, FAULTS.values(), strict=True):
        assert training.status == "failed"
        assert re.fullmatch(expected, training.reason), training.reason
        assert training.traceback.startswith("Traceback")
    assert capsys.readouterr().out == "", "what components print is no data"


def test_a_simulator_that_makes_no_windows_is_named(toy_table: dict[str, Any], tmp_path: Path) -> None:
    (training,) = ran(toy_table, tmp_path, ["faulty-halves"], simulator="faulty").trainings
    assert training.reason.endswith("simulator faulty: simulate returned list, expected Windows")
