"""Unlabelled windows of a target: how they are named, drawn, kept apart and handed to a model."""

import numpy as np
import pytest

from selbench import ExperimentError, Registry
from selbench.audit.simulated import _audited_data
from selbench.experiment import Target, parse_experiment
from selbench.runner.plan import Plan
from selbench.runner.store import Store


def table(**target):
    task = {
        "null": "neutral",
        "positive": "sweep",
        "sample": {"n_haplotypes": 8},
        "locus": {"sequence_length": 2000, "mutation_rate": 1e-7, "recombination_rate": 1e-8},
        "population": {"size": 10_000},
        "windows": {"train": 20, "validation": 6, "test": 10, "threshold": 0},
        "classes": {
            "neutral": {"simulator": "ms"},
            "sweep": {
                "simulator": "mssel",
                "selection": {"s": 0.05, "position": 1000, "fixation_time": 0},
            },
        },
    }
    return {
        "seed": 1,
        "repetitions": 1,
        "baselines": False,
        "methods": [
            "cecil-mini-cnn[restarts=1,epochs=2,adaptation=0.5]",
            "cecil-mini-cnn[restarts=1,epochs=2]",
        ],
        "tasks": {
            "simulated": task | ({"target": target} if target else {}),
            "genome": task | {"population": {"size": 5000}},
        },
        "evaluate": [{"train": "simulated", "test": ["genome"]}],
    }


def read(**target):
    return parse_experiment(table(**target), Registry.installed(), where="adapting.toml")


def test_windows_are_drawn_as_the_target_draws_its_own_and_mostly_neutral():
    target = read(task="genome", windows=200).tasks["simulated"].target
    assert target == Target(read().tasks["genome"], 200, 0.02)
    assert [(p.label, p.split, p.n_windows) for p in target.portions()] == [
        ("neutral", "target", 196),
        ("sweep", "target", 4),
    ]
    none = Target(target.task, 50, 0.0).portions()
    assert [(p.label, p.n_windows) for p in none] == [("neutral", 50)]


def test_they_are_none_of_those_that_are_tested_on():
    experiment = read(task="genome", windows=20, positive_share=0.1)
    genome = experiment.tasks["genome"]
    drawn = {
        portion.split: set(portion.source.complete(portion, experiment_seed=1).windows.digests())
        for portion in (*experiment.portions(genome, split="test")[:1], *genome_portions(experiment)[:1])
    }
    assert len(drawn["target"]) == 18
    assert not drawn["target"] & drawn["test"]


def genome_portions(experiment):
    return experiment.tasks["simulated"].target.portions()


def test_the_audit_holds_them_against_the_target_s_other_windows():
    experiment = read(task="genome", windows=20, positive_share=0.1)
    genome = experiment.tasks["genome"]
    audited = _audited_data(experiment, genome, lambda portion: None)
    assert ("target", "neutral") in audited.seeds
    assert audited.seeds["target", "neutral"] != audited.seeds["test", "neutral"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"task": "genom", "windows": 20}, r"target\.task: unknown task 'genom'.*genome"),
        ({"task": "genome", "windows": 1}, r"target\.windows: expected from 2"),
        (
            {"task": "genome", "windows": 20, "positive_share": 0.5},
            r"positive_share: expected a share from 0",
        ),
        ({"task": "genome"}, "windows"),
        ({"task": "genome", "windows": 20, "swept": 0.1}, "swept"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(target, message):
    with pytest.raises(ExperimentError, match=message):
        read(**target)


def test_only_methods_that_adapt_see_them(tmp_path):
    experiment = read(task="genome", windows=20)
    adapting, plain, *_ = Plan(experiment, Store(tmp_path)).trainings
    assert [portion.split for portion in adapting.target] == ["target"]
    assert plain.target == ()
    assert "target" in adapting.predictor_made_by
    assert "target" not in plain.predictor_made_by


def test_a_method_that_adapts_declines_without_a_target(tmp_path):
    adapting, plain, *_ = Plan(read(), Store(tmp_path)).trainings
    assert "names none: give it target" in adapting.skip
    assert plain.skip == ""


def test_a_run_trains_with_them_and_tells(tmp_path):
    import tomli_w

    import selbench

    path = tmp_path / "adapting.toml"
    path.write_text(tomli_w.dumps(table(task="genome", windows=20, positive_share=0.1)))
    run = selbench.run(str(path), out=tmp_path / "run", workers=0, store=tmp_path / "store")
    assert "adapted to 20 unlabelled windows" in (run.path / "run.json").read_text()
    report = (run.path / "report.html").read_text()
    assert "what adapting changed, tested on genome: " in report
    assert np.isfinite(run.leaderboard["roc_auc"].to_numpy(dtype=float)).all()
