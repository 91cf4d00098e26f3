import json

import pandas as pd
import pytest

from selbench.report import html, markdown, terminal
from selbench.report.across_tasks import across_most_tasks, across_tasks, shared_by_tasks
from selbench.report.leaderboard import at_home, leaderboards
from selbench.run_folder import RunRecord

SHIFTS = {
    "full-length+fadja-cnn": 2.9,
    "statistics+logistic": 2.6,
    "statistics+distinct-haplotypes": 2.2,
    "statistics+segregating-sites": 1.4,
}
NAMES = ("study", "bottleneck", "expansion", "weak", "strong", "old", "young", "late")


def several(fake_run, folder, n_tasks, **options):
    pairs = [(name, name) for name in NAMES[:n_tasks]]
    options = {
        "n_test": 15,
        "n_threshold": 0,
        "n_resamples": 4,
        "unfinished": False,
        "shifts": SHIFTS,
    } | options
    return fake_run(pairs=pairs, **options).write(folder)


def found_in(folder):
    record = RunRecord.read(folder)
    return across_tasks(record, at_home(leaderboards(record)))


def change(folder, change_info):
    info = json.loads((folder / "run.json").read_text())
    change_info(info)
    (folder / "run.json").write_text(json.dumps(info))


@pytest.fixture(scope="module")
def two_tasks(fake_run, tmp_path_factory):
    """A plain run on two tasks; not to be changed."""
    return several(fake_run, tmp_path_factory.mktemp("two"), 2)


def test_one_task_has_nothing_to_say_over_tasks(run_folder):
    assert found_in(run_folder) is None


def test_two_tasks_are_put_together_but_not_tested(two_tasks):
    found = found_in(two_tasks)
    assert found.tasks == ("study", "bottleneck")
    middles = [method.interquartile_mean.value for method in found.methods]
    assert middles == sorted(middles, reverse=True)
    assert not found.are_ranks_tested
    assert "They are tested from 5 tasks on. Of 4 methods" in found.about_ranks
    assert "from 8 tasks on, and there are 2" in found.about_ranks


@pytest.mark.parametrize("show", [html.render, markdown.render, lambda record: terminal.render(record, 100)])
def test_every_report_has_the_section(two_tasks, show):
    text = " ".join(show(RunRecord.read(two_tasks)).split())
    for said in ("interquartile mean", "mean rank", "from 8 tasks on", "drawn again within tasks"):
        assert said in text.replace("interquartile  mean", "interquartile mean"), said
    assert "nan" not in text.replace("–", " ").replace("<", " ").replace(">", " ").split()
    assert "critical distance" not in text


def test_two_methods_need_six_tasks_and_then_pairs_are_tested(fake_run, tmp_path):
    shifts = {"statistics+logistic": 2.0, "statistics+segregating-sites": 0.3}
    five, six = (several(fake_run, tmp_path / str(n), n, shifts=shifts, repetitions=1) for n in (5, 6))
    assert "can tell two apart from 6 tasks on, and there are 5" in found_in(five).about_ranks
    assert found_in(five).ranks.p_value >= 2.0**-4, "no test of five tasks on two methods can reject"
    assert found_in(six).are_pairs_tested
    assert "Wilcoxon’s signed-rank test" in html.render(RunRecord.read(six))
    assert "was trained once on a task, so there are no intervals" in found_in(six).about_intervals


def test_windows_in_common_leave_ranks_without_a_p_value(fake_run, tmp_path):
    folder = several(fake_run, tmp_path, 5, repetitions=1)

    def share(info):
        for name in ("study", "weak"):
            for count in info["tasks"][name]["counts"]:
                count["digest"] = f"{name} {count['class']} {count['split']}"
                if (count["class"], count["split"]) == ("neutral", "test"):
                    count["digest"] = "the same"

    change(folder, share)
    found = found_in(folder)
    assert found.shared == "study and weak have test windows in common"
    assert not found.are_ranks_tested
    assert found.about_ranks.startswith("Mean ranks have no p-value here: study and weak")


def test_a_file_of_windows_that_two_tasks_read_is_in_common(fake_run, tmp_path):
    folder = several(fake_run, tmp_path, 2, repetitions=1)

    def read_from_a_file(info):
        for task in info["tasks"].values():
            task["simulators"]["sweep"] = {"spelling": "dataset sweeps.parquet", "provenance": {}}
            task["scenarios"].pop("sweep")

    change(folder, read_from_a_file)
    assert found_in(folder).shared == "study and bottleneck have train windows in common"


def test_one_training_task_tested_on_many_is_no_independent_evidence(two_tasks):
    record = RunRecord.read(two_tasks)
    pairs = [("study", "study"), ("study", "bottleneck")]
    assert shared_by_tasks(record, pairs) == "methods are trained on study more than once"
    assert (
        shared_by_tasks(record, [pair[::-1] for pair in pairs])
        == "methods are tested on study more than once"
    )
    assert shared_by_tasks(record, [("study", "study"), ("bottleneck", "bottleneck")]) == ""


def test_methods_missing_from_a_task_are_named_and_fewer_trainings_taken_as_they_are(fake_run, tmp_path):
    folder = several(fake_run, tmp_path, 2)
    results = pd.read_parquet(folder / "results.parquet")
    sites = results["method"].str.endswith("segregating-sites")
    cnn = results["method"].str.endswith("+fadja-cnn") & (results["repetition"] == 1)
    gone = (sites | cnn) & (results["test_task"] == "bottleneck")
    results[~gone].to_parquet(folder / "results.parquet", index=False)
    found = found_in(folder)
    assert "segregating-sites" in found.left_out
    assert "Ranked are the 3 of 4 methods that stand on each of 2 tasks." in found.about_methods
    assert "left out: segregating-sites" in found.about_methods
    assert found.note.startswith(found.about_methods)
    assert [len(of) for of in found.scores["fadja-cnn"]] == [2, 1]
    assert ("fadja-cnn", "logistic") in found.pairs


def without(folder, task, *models):
    results = pd.read_parquet(folder / "results.parquet")
    gone = results["method"].str.endswith(models) & (results["test_task"] == task)
    results[~gone].to_parquet(folder / "results.parquet", index=False)


def over_most(folder):
    record = RunRecord.read(folder)
    return across_most_tasks(record, at_home(leaderboards(record)))


def test_a_task_that_few_methods_can_take_does_not_keep_the_others_from_ranks(fake_run, tmp_path):
    folder = several(fake_run, tmp_path, 5)
    assert (over_most(folder).title, over_most(folder).about_methods) == ("Over all tasks", "")
    without(folder, "weak", "+logistic", "+fadja-cnn")
    without(folder, "study", "+segregating-sites")
    without(folder, "bottleneck", "+segregating-sites")
    found = over_most(folder)  # 3 methods on 4 tasks are more than 1 on 5, and than 4 on 2
    assert found.without == ("weak",)
    assert found.left_out == ("segregating-sites",)
    assert [len(method.values) for method in found.methods] == [4, 4, 4]
    assert found.title == "Over 4 of 5 tasks"
    assert found.about_methods.startswith("Ranked are the 3 of 4 methods that stand on each of 4 tasks.")
    assert "Without weak, which fewer methods" in found.about_methods


def test_ranks_are_over_more_than_half_of_the_tasks(fake_run, tmp_path):
    folder = several(fake_run, tmp_path, 4)
    for task in ("bottleneck", "expansion", "weak"):
        without(folder, task, "+logistic", "+fadja-cnn", "+segregating-sites")
    assert over_most(folder) is None  # one method on all four, four methods on one
