import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from sklearn.metrics import roc_auc_score

from selbench.report import comma_separated, html, markdown, terminal
from selbench.report.leaderboard import Estimate, Standing, leaderboards
from selbench.report.verdicts import claims, how_judged, verdict
from selbench.run_folder import RunRecord

SITES, HAPLOTYPES = "statistics+segregating-sites", "statistics+distinct-haplotypes"


@pytest.fixture(scope="module")
def record(run_folder):
    return RunRecord.read(run_folder)


def test_methods_stand_by_their_auc(record):
    (board,) = leaderboards(record)
    aucs = [standing.estimate("roc_auc").value for standing in board.standings]
    assert aucs == sorted(aucs, reverse=True)
    assert board.standings[0].label == "fadja-cnn"
    assert board.n_test_windows == {"neutral": 100, "sweep": 100}
    assert board.n_threshold_windows == 400


def test_an_outsider_gets_the_same_auc_from_the_predictions(record, run_folder):
    predictions = pd.read_parquet(run_folder / "predictions.parquet")
    test = predictions[predictions["split"] == "test"]
    (board,) = leaderboards(record)
    for standing in board.standings:
        areas = [
            roc_auc_score(rows["label"] == "sweep", rows["p_sweep"])
            for _, rows in test[test["method"] == standing.method].groupby("repetition")
        ]
        assert list(standing.auc_by_repetition.values()) == pytest.approx(areas, abs=1e-6)
        assert standing.estimate("roc_auc").value == pytest.approx(np.mean(areas), abs=1e-6)


def test_up_to_five_trainings_are_all_shown_then_their_range():
    def spread(n_repetitions):
        areas = {i: 0.9 + i / 100 for i in range(n_repetitions)}
        return Standing("m", "m", False, {}, areas, {}).spread

    assert spread(5) == "0.900 0.910 0.920 0.930 0.940"
    assert spread(6) == "0.900–0.950, sd 0.019"


def test_a_metric_that_was_not_measured_is_unknown():
    standing = Standing("m", "m", False, {}, {}, {})
    assert not standing.estimate("roc_auc").is_known
    assert not Estimate(0.5).has_interval
    assert np.isnan(standing.total_seconds)


def test_the_verdict_weighs_the_best_trained_method_against_the_best_baseline(record):
    (board,) = leaderboards(record)
    said = verdict(board, claims(record, ["roc_auc"], record.pairs))
    assert said is not None
    assert (said.claim.method, said.claim.other) == ("fadja-cnn", "distinct-haplotypes")
    assert said.sentence.startswith("fadja-cnn is better than distinct-haplotypes by 0.0")
    assert said.aside.startswith(
        "distinct-haplotypes is the best of the baselines on these test windows, for"
    )
    assert said.note.startswith(
        "95 % interval over test windows and seeds (2 trainings each), for all 3 comparisons of this family"
    )
    assert said.sentence.endswith(" for this training set.")


def test_the_best_baseline_is_that_of_the_validation_windows_and_the_reports_say_so(fake_run, tmp_path):
    """The count of sites does better on validation windows, though not on test windows."""
    folder = fake_run(n_test=40, n_resamples=20).write(tmp_path)
    test = pd.read_parquet(folder / "predictions.parquet").query("split == 'test'")
    other = {SITES: HAPLOTYPES, HAPLOTYPES: SITES}
    validation = test.assign(split="validation", method=test["method"].replace(other))
    validation.to_parquet(folder / "validation.parquet", index=False)
    record = RunRecord.read(folder)
    (board,) = leaderboards(record)
    assert board.best_baseline == "segregating-sites"
    said = verdict(board, claims(record, ["roc_auc"], record.pairs))
    assert said.claim.other == "segregating-sites"
    for text in (terminal.render(record), markdown.render(record), html.render(record)):
        assert "segregating-sites is the best of the baselines on validation windows" in " ".join(
            text.split()
        )


def test_one_training_is_never_called_better(fake_run, tmp_path):
    alone = RunRecord.read(fake_run(repetitions=1).write(tmp_path))
    said = verdict(leaderboards(alone)[0], claims(alone, ["roc_auc"], alone.pairs))
    assert said.sentence.startswith(
        "Undecided: fadja-cnn scored higher than distinct-haplotypes in one training (+0.0"
    )
    assert said.sentence.endswith("what a new training would change cannot be known from one.")
    assert how_judged(said.claim, 1).startswith("95 % interval over test windows; p")
    for text in (terminal.render(alone), markdown.render(alone), html.render(alone)):
        assert "is better than" not in text
        assert "nan" not in text.lower().split()


def test_two_windows_give_values_without_intervals(fake_run, tmp_path):
    alone = RunRecord.read(fake_run(n_test=1, n_resamples=20).write(tmp_path))
    for text in (terminal.render(alone), markdown.render(alone), html.render(alone)):
        assert "too few test windows to say more" in " ".join(text.split())
        assert "nan" not in text.lower().replace("–", " ").split()
    assert "nan" not in markdown.render(alone)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_the_terminal_table_fits_and_shows_everything(record, width):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(terminal.leaderboard(record))
    text = console.file.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    (board,) = leaderboards(record)
    for standing in board.standings:
        estimate = standing.estimate("roc_auc")
        assert f"{estimate.value:.3f}" in text
        if width >= 80:
            assert f"{estimate.low:.3f}–{estimate.high:.3f}" in text
    flat = " ".join(text.split())
    assert "needs <ancestral> states" in flat
    assert "loss is not a number" in flat
    if width >= 100:
        assert text.count("baseline") >= 2
    if width >= 120:
        assert "power at 5 % FPR" in text


def test_names_are_whole_at_the_width_of_a_terminal_where_there_is_room(fake_run, tmp_path):
    shifts = {"full-length+fadja-cnn": 2.0, "imagene+fadja-cnn": 1.5, "statistics+distinct-haplotypes": 1.0}
    record = RunRecord.read(fake_run(shifts=shifts).write(tmp_path))
    for width in range(80, 130):
        lines = terminal.render(record, width).splitlines()
        assert all(len(line) <= width for line in lines)
        assert any(line.startswith("full-length+fadja-cnn ") for line in lines), width


def test_a_method_below_a_coin_gets_a_remark(record, fake_run, tmp_path):
    assert "worse than a coin" not in terminal.render(record)
    shifts = {"statistics+logistic": 2.0, "statistics+upside-down": -1.0}
    folder = fake_run(shifts=shifts).write(tmp_path)
    said = "upside-down: worse than a coin. Its AUC lies below 0.5 with its whole interval: it orders"
    assert said in " ".join(terminal.render(RunRecord.read(folder)).split())
    assert said in html.render(RunRecord.read(folder))


def test_remarks_on_trainings_stand_once_with_their_methods(record, fake_run, tmp_path):
    assert record.remarks == (("fadja-cnn, imagene-cnn", "10 of 900 sites <share> a row"),)
    assert "fadja-cnn, imagene-cnn: 10 of 900 sites <share> a row" in terminal.render(record)
    assert r"- fadja-cnn, imagene-cnn: 10 of 900 sites \<share\> a row" in markdown.render(record)
    assert "<dd>10 of 900 sites &lt;share&gt; a row</dd>" in html.render(record)
    two = fake_run(pairs=[("study", "study"), ("weak", "weak")], n_test=30)
    remarks = RunRecord.read(two.write(tmp_path)).remarks
    assert [methods for methods, _ in remarks] == [
        "fadja-cnn, imagene-cnn on study", "fadja-cnn, imagene-cnn on weak",
    ]  # fmt: skip


def test_what_each_training_says_with_numbers_of_its_own_stands_once(record):
    trainings = tuple(
        replace(training, remarks=(f"{1_200 + i:,} of 9,000 sites share a row",))
        for i, training in enumerate(record.trainings)
    )
    told = replace(record, info=replace(record.info, trainings=trainings)).remarks
    assert len(told) == len({training.method for training in trainings}) < len(trainings)


def test_names_with_brackets_are_not_taken_for_markup(fake_run, tmp_path):
    shifts = {"a+cnn[sort=red]": 2.0, "b+cnn[sort=red]": 1.0, "a+cnn[sort=bold]": 1.5}
    folder = fake_run(shifts=shifts, unfinished=False).write(tmp_path)
    text = terminal.render(RunRecord.read(folder))
    assert "a+cnn[sort=red]" in text
    assert r"a+cnn\[sort=red\]" in markdown.render(RunRecord.read(folder))


def test_too_few_threshold_windows_are_said_to_be_too_few(fake_run, tmp_path):
    folder = fake_run(n_threshold=50).write(tmp_path)
    text = " ".join(terminal.render(RunRecord.read(folder)).split())
    assert "Power at 5 % FPR needs 400 null windows" in text
    assert "holds 50" in text


def test_what_was_not_measured_has_no_column_and_a_reason(record, fake_run, tmp_path):
    text = markdown.render(record)
    assert "power at 1 % FPR |" not in text
    assert "lets exactly 5 % of 400 separate null windows pass" in text
    assert (
        "Power at 1 % FPR needs 2,000 null windows to choose a threshold on, and the threshold split" in text
    )
    enough = RunRecord.read(fake_run(n_threshold=2000, n_resamples=20).write(tmp_path))
    assert "power at 1 % FPR |" in markdown.render(enough)
    assert "lets exactly 5 % or 1 % of 2,000 separate null windows pass" in markdown.render(enough)
    assert "power at 1 % FPR</th>" in html.render(enough)
    assert "power at 1 % FPR</th>" not in html.render(record)


def test_markdown_has_a_row_per_method(record):
    text = markdown.render(record)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 5
    assert len({line.replace(r"\|", "").count("|") for line in table}) == 1
    assert "**fadja-cnn is better than distinct-haplotypes" in text
    assert "- failed: study · hmm · repetition 0: loss is not a number" in text


def test_the_comma_separated_values_are_the_results_table(record):
    again = pd.read_csv(io.StringIO(comma_separated.render(record)), keep_default_na=False)
    again = again[again["table"] == "results"]
    assert len(again) == len(record.results)
    np.testing.assert_allclose(pd.to_numeric(again["value"]), record.results["value"])


def test_seconds_are_short():
    assert [terminal.seconds(s) for s in (0.00421, 0.83, 9.87, 61.2, 12345.0, float("nan"))] == [
        "0.0042", "0.83", "9.9", "61", "12,345", "–",
    ]  # fmt: skip


def test_no_interval_has_width_zero(fake_run, tmp_path):
    folder = fake_run(shifts={"a+perfect": 60.0, "statistics+segregating-sites": 0.0}).write(tmp_path)
    record = RunRecord.read(folder)
    (board,) = leaderboards(record)
    perfect = board.standings[0].estimate("roc_auc")
    assert perfect.value == perfect.high == 1
    assert perfect.low == pytest.approx(0.963, abs=5e-4), "Wilson's of 100 of 100"
    assert "1.000–1.000" not in terminal.render(record)


def test_tasks_tested_elsewhere_are_one_table(fake_run, tmp_path):
    run = fake_run(pairs=[("study", "study"), ("study", "weak")], n_test=30, repetitions=1, n_resamples=20)
    text = terminal.render(RunRecord.read(run.write(tmp_path)))
    assert text.count("AUC per training\n") + text.count("AUC per training  seconds") == 1
    assert "study → weak" in text
