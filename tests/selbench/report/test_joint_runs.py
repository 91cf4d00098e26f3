import json

import pandas as pd
import pytest
import typer
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from selbench.cli.compare import compare
from selbench.errors import DataError
from selbench.evaluation import evaluate
from selbench.report.html import render
from selbench.report.joint import join_runs
from selbench.report.leaderboard import leaderboards
from selbench.run_folder import RunRecord

SITES = "statistics+segregating-sites"


@pytest.fixture
def written(fake_run, tmp_path):
    """Writes a small run of some methods and reads it back."""

    def write(name, shifts, **options):
        run = fake_run(shifts=shifts, n_test=30, repetitions=1, n_resamples=20, unfinished=False, **options)
        return RunRecord.read(run.write(tmp_path / name))

    return write


def change(record, spoil):
    path = record.folder / "run.json"
    info = json.loads(path.read_text())
    spoil(info)
    path.write_text(json.dumps(info))
    return RunRecord.read(record.folder)


def test_runs_on_the_same_windows_stand_in_one_table(written):
    mine = written("mine", {SITES: 1.0, "statistics+logistic": 1.0})
    yours = written("yours", {SITES: 1.0, "imagene[sort=rows]+imagene-cnn": 2.0})
    joint = join_runs([mine, yours])
    (board,) = leaderboards(joint)
    assert {s.label for s in board.standings} == {"segregating-sites", "logistic", "imagene-cnn"}
    of_mine = leaderboards(mine)[0].standings
    for standing in of_mine:
        again = next(s for s in board.standings if s.label == standing.label)
        assert again.estimate("roc_auc").value == standing.estimate("roc_auc").value
    assert "mine, yours" in render(joint)


def test_the_best_baseline_of_two_runs_is_chosen_on_the_validation_windows_of_both(written):
    mine = written("mine", {SITES: 1.0, "statistics+logistic": 1.0})
    yours = written("yours", {"statistics+distinct-haplotypes": 1.5, "a+cnn": 2.0})

    def asked(record):
        said = record.predictions[record.predictions["split"] == "test"]
        said.assign(split="validation").to_parquet(record.folder / "validation.parquet", index=False)
        return RunRecord.read(record.folder)

    assert leaderboards(join_runs([mine, yours]))[0].best_baseline == ""
    assert leaderboards(join_runs([asked(mine), yours]))[0].best_baseline == "", "yours was not asked"
    joint = join_runs([asked(mine), asked(yours)])
    assert leaderboards(joint)[0].best_baseline == "distinct-haplotypes"


def by_cell(results):
    columns = ["train_task", "test_task", "method", "repetition", "metric", "class"]
    rows = results.sort_values(columns, ignore_index=True)[[*columns, "value", "low", "high", "interval"]]
    return rows.astype(
        dict.fromkeys(("train_task", "test_task", "method", "metric", "class", "interval"), "str")
    )


def test_what_runs_measured_alike_is_taken_from_them_and_anything_else_is_measured_anew(written):
    mine, yours = written("mine", {SITES: 1.0}), written("yours", {SITES: 1.0, "a+cnn": 2.0})
    added = yours.results[yours.results["method"] == "a+cnn"]
    assert_frame_equal(by_cell(join_runs([mine, yours]).results), by_cell(pd.concat([mine.results, added])))
    older = change(yours, lambda info: info.update(selbench="0.0.1"))
    joint = join_runs([mine, older])
    assert_frame_equal(
        by_cell(joint.results), by_cell(evaluate(joint.predictions, joint.roles, seed=mine.seed))
    )


def test_methods_of_several_runs_are_compared_by_the_metrics_that_are_asked_for(written):
    mine, yours = written("mine", {SITES: 1.0}), written("yours", {"a+cnn": 2.0})
    every = join_runs([mine, yours]).comparisons
    by_area = join_runs([mine, yours], compared_by=["roc_auc"]).comparisons
    assert set(every["metric"]) > {"roc_auc"}
    assert_frame_equal(by_area, every[every["metric"] == "roc_auc"].reset_index(drop=True))
    assert_frame_equal(join_runs([mine, yours], compared_on=[("study", "study")]).comparisons, every)
    assert len(join_runs([mine, yours], compared_on=[("study", "other")]).comparisons) == 0


def test_a_method_that_said_something_else_stands_once_per_run(written):
    mine, yours = written("mine", {SITES: 1.0, "a+cnn": 1.0}), written("yours", {SITES: 1.0, "a+cnn": 2.0})
    (board,) = leaderboards(join_runs([mine, yours]))
    assert {s.method for s in board.standings} == {SITES, "a+cnn @ mine", "a+cnn @ yours"}
    assert len({s.label for s in board.standings}) == 3


def test_tasks_that_only_one_run_has_are_kept(written):
    mine = written("mine", {SITES: 1.0})
    yours = written("yours", {SITES: 1.0}, pairs=[("bottleneck", "bottleneck")])
    assert [board.title for board in leaderboards(join_runs([mine, yours]))] == ["bottleneck", "study"]


def test_a_run_that_says_the_same_again_adds_nothing(written):
    record = written("mine", {SITES: 1.0, "a+cnn": 2.0})
    joint = join_runs([record, record])
    assert joint.cells == record.cells
    assert len(joint.predictions) == len(record.predictions)
    assert len(joint.trainings) == len(record.trainings)
    assert [board.title for board in leaderboards(joint)] == ["study"]


def test_runs_of_one_method_alone_are_joined_without_a_comparison(written):
    record = written("mine", {SITES: 1.0})
    joint = join_runs([record, record])
    assert len(joint.comparisons) == 0
    assert len(leaderboards(joint)[0].standings) == 1


def scenario(info):
    info["tasks"]["study"]["scenarios"]["sweep"]["selection"]["s"] = 0.01


def policy(info):
    info["tasks"]["study"]["empty_windows"] = "keep"


def digests(info):
    for count in info["tasks"]["study"]["counts"]:
        count["digest"] = "abc"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (scenario, "scenarios"),
        (policy, "empty_windows: 'drop' against 'keep'"),
        (lambda info: info["tasks"]["study"]["windows"].update(test=31), "test windows: 30 against 31"),
        (lambda info: info.update(seed=6), "seed and simulators: 5 against 6"),
        (lambda info: info["tasks"]["study"]["spec"].update(ploidy=1), "spec"),
    ],
)
def test_runs_on_other_windows_are_refused_and_told_why(written, spoil, message):
    mine, yours = written("mine", {SITES: 1.0}), written("yours", {"a+cnn": 1.0})
    with pytest.raises(DataError, match=message) as refusal:
        join_runs([mine, change(yours, spoil)])
    assert "test windows are not the same" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_runs_that_read_one_mask_from_two_folders_are_joined(written):
    def seen_by(path, digest):
        def spoil(info):
            for scenario in info["tasks"]["study"]["scenarios"].values():
                scenario["observation"] = {"mask": path, "sha256": {"mask": digest}}

        return spoil

    mine = change(written("mine", {SITES: 1.0}), seen_by("/home/a/gaps.bed", "c62f"))
    yours = change(written("yours", {"a+cnn": 1.0}), seen_by("/opt/b/gaps.bed", "c62f"))
    assert len(leaderboards(join_runs([mine, yours]))) == 1
    with pytest.raises(DataError, match="scenarios"):
        join_runs([mine, change(yours, seen_by("/opt/b/gaps.bed", "0000"))])


def test_digests_decide_where_both_runs_have_them(written):
    mine = change(written("mine", {SITES: 1.0}), digests)
    yours = change(written("yours", {SITES: 1.0}), digests)
    other_seed = change(yours, lambda info: info.update(seed=6))
    join_runs([mine, other_seed])

    def other(info):
        info["tasks"]["study"]["counts"][-1]["digest"] = "xyz"

    with pytest.raises(DataError, match="digests differ"):
        join_runs([mine, change(yours, other)])


def test_one_run_is_nothing_to_compare(written):
    with pytest.raises(DataError, match="two runs or more"):
        join_runs([written("mine", {SITES: 1.0})])


def test_the_command_writes_one_report(written, tmp_path):
    folders = [written("mine", {SITES: 1.0}).folder, written("yours", {"a+cnn": 1.0}).folder]
    app = typer.Typer()
    app.command()(compare)
    out = tmp_path / "both.csv"
    done = CliRunner().invoke(app, [*map(str, folders), "--format", "csv", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert set(pd.read_csv(out)["method"]) == {SITES, "a+cnn"}
