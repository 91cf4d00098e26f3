import base64
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from selbench.errors import DataError
from selbench.report.html import render
from selbench.run_folder import RunRecord

LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction"}
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Collects what a browser would load, the anchors, and whether elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.anchors, self.open, self.tags = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.loaded += [attributes[name] for name in LOADING & attributes.keys()]
        if tag == "link" or (tag not in ("a",) and "href" in attributes):
            self.loaded.append(attributes.get("href"))
        if tag == "a":
            self.links.append(attributes["href"])
        if "id" in attributes:
            self.anchors.append(attributes["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def record(run_folder):
    return RunRecord.read(run_folder)


@pytest.fixture(scope="module")
def text(record):
    return render(record)


def assert_sound(text):
    reader = Reader(text)
    assert reader.open == []
    assert all(address.startswith("data:image/png;base64,") for address in reader.loaded)
    assert "@import" not in text
    assert not re.search(r"url\((?!data:)", text)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", text)
    inside = {link[1:] for link in reader.links if link.startswith("#")}
    assert inside <= set(reader.anchors)
    assert len(reader.anchors) == len(set(reader.anchors))
    for drawing in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL):
        ElementTree.fromstring(drawing)
        assert "nan" not in re.sub(r"<title>.*?</title>|<text.*?</text>|class=\"[^\"]*\"", "", drawing)
    return reader


def test_the_page_loads_nothing_and_is_sound(text):
    reader = assert_sound(text)
    assert text.startswith("<!doctype html>")
    assert all(link.startswith(("#", "https://doi.org/")) for link in reader.links)


def test_the_page_says_what_a_reader_asks_for(text):
    for said in (
        "fadja-cnn is better than distinct-haplotypes by 0.0",
        "ROC, few false positives",
        "Confusion matrices",
        "Calibration",
        "Training histories",
        "loss is not a number",
        "needs &lt;ancestral&gt; states",
        "22.5 %",
        "Do it again",
        "selbench run quickstart",
        "@article{torada2019,",
        "https://doi.org/10.1007/978-3-030-00000-0_1",
    ):
        assert said in text, said


def test_values_of_the_page_are_those_of_the_results(record, text):
    averaged = record.results[record.results["repetition"].isna() & (record.results["class"] == "")]
    for metric in ("roc_auc", "accuracy", "power_at_5_percent", "brier"):
        for row in averaged[averaged["metric"] == metric].itertuples():
            assert f"{row.value:.3f}</span> <small>{row.low:.3f}–{row.high:.3f}" in text


def test_confusion_matrices_hold_counts_with_class_names(record, text):
    called = record.results[
        record.results["repetition"].isna() & (record.results["metric"] == "called_sweep")
    ]
    for row in called.itertuples():
        assert f"{row.value:,.1f}".removesuffix(".0") in text
    assert "true / called" in text


def test_the_same_run_gives_the_same_page(record, text):
    assert render(record) == text


def test_lines_of_single_trainings_are_left_out_where_there_are_many(record, text, monkeypatch):
    assert 'class="curve thin"' in text
    monkeypatch.setattr("selbench.report.html.curves.MOST_TRAININGS", 9)  # the run has 10 on its task
    few = render(record)
    assert 'class="curve thin"' not in few
    assert "left out where there are more than 9" in few


def test_images_are_the_files_of_the_run(record, text):
    shown = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(found))))
        for found in re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    ]
    assert len(shown) == len(record.images)
    by_shape = {
        shape: [image for image in shown if image.shape == shape] for shape in {i.shape for i in shown}
    }
    assert {shape: len(images) for shape, images in by_shape.items()} == {(48, 500): 6, (128, 128): 6}
    files = [np.asarray(Image.open(record.folder / image.file)) for image in record.images]
    square = [image for image in files if image.shape == (128, 128)]
    assert all(any((a == b).all() for b in by_shape[128, 128]) for a in square)
    tall = next(image for image in files if image.shape == (1000, 48))
    pooled = tall.reshape(500, 2, 48).max(axis=1).T
    assert any((pooled == image).all() for image in by_shape[48, 500])


def test_names_cannot_break_the_page(fake_run, tmp_path):
    shifts = {"enc+<script>alert(1)</script>": 2.0, 'enc+"onload=x': 1.5, "statistics+segregating-sites": 1.0}
    folder = fake_run(shifts=shifts, classes=("neutral", "<b>sweep")).write(tmp_path)
    info = json.loads((folder / "run.json").read_text())
    info["experiment"] = "</title><script>"
    info["description"] = "<img src=x onerror=alert(1)>"
    (folder / "run.json").write_text(json.dumps(info))
    text = render(RunRecord.read(folder))
    reader = assert_sound(text)
    assert reader.tags.count("script") == 1
    assert "<b>" not in text


def test_three_classes_and_several_training_sizes(fake_run, tmp_path):
    run = fake_run(
        pairs=[("study@250", "study"), ("study@500", "study"), ("study", "study")],
        n_train={"study@250": 250, "study@500": 500},
        classes=("neutral", "sweep", "balancing"),
        n_test=40,
        n_resamples=20,
        repetitions=1,
    )
    text = render(RunRecord.read(run.write(tmp_path)))
    assert_sound(text)
    assert "<em>balancing</em> against <em>neutral</em>" in text
    assert "Learning curves" in text
    assert "Train here, test there" not in text, "a part of a training set is not another task"


def test_five_tasks_are_ranked_and_their_transfer_is_shown(fake_run, tmp_path):
    names = ["study", "bottleneck", "expansion", "weak", "strong"]
    pairs = [(name, name) for name in names] + [("study", "weak")]
    folder = fake_run(pairs=pairs, n_test=30, n_threshold=0, n_resamples=20, repetitions=2).write(tmp_path)
    text = render(RunRecord.read(folder))
    assert_sound(text)
    assert re.search(r"better than the best baseline by AUC on \d of 5 tasks", text)
    assert "critical distance" in text
    assert "trained on study, tested on weak" in text


def test_a_bare_run_makes_a_page(fake_run, tmp_path):
    folder = fake_run(
        shifts={"statistics+logistic": 1.0}, repetitions=1, n_threshold=0, unfinished=False
    ).write(tmp_path)
    info = json.loads((folder / "run.json").read_text())
    for key in ("images", "citations", "simulate_seconds", "packages", "platform", "command", "description"):
        info.pop(key)
    for cell in info["cells"]:
        cell |= {"seconds": {}, "cpu_seconds": {}, "history": {}, "peak_memory_bytes": None}
    for task in info["tasks"].values():
        task |= {"counts": [], "simulators": {}, "scenarios": {}}
    (folder / "run.json").write_text(json.dumps(info))
    text = render(RunRecord.read(folder))
    assert_sound(text)
    assert "Who beats whom" not in text
    assert "needs 400 null windows" in text


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "images" / "study.imagene.sweep.0.png").unlink(), "expected a PNG image"),
        (
            lambda folder: (folder / "images" / "study.imagene.sweep.0.png").write_bytes(b"x"),
            "expected a PNG",
        ),
    ],
)
def test_a_damaged_image_is_named(fake_run, tmp_path, spoil, message):
    folder = fake_run(repetitions=1, n_test=20).write(tmp_path)
    spoil(folder)
    with pytest.raises(DataError, match=message) as refusal:
        render(RunRecord.read(folder))
    assert "study.imagene.sweep.0.png" in str(refusal.value)


def test_an_image_outside_the_folder_is_refused(fake_run, tmp_path):
    folder = fake_run(repetitions=1, n_test=20).write(tmp_path / "run")
    Image.new("L", (3, 3)).save(tmp_path / "secret.png")
    info = json.loads((folder / "run.json").read_text())
    info["images"][0]["file"] = "../secret.png"
    (folder / "run.json").write_text(json.dumps(info))
    with pytest.raises(DataError, match="expected a file inside the folder"):
        render(RunRecord.read(folder))


def test_tasks_that_were_not_run_are_not_told_of(fake_run, tmp_path):
    folder = fake_run(n_resamples=20, n_test=30).write(tmp_path)
    info = json.loads((folder / "run.json").read_text())
    info["tasks"]["left-out"] = info["tasks"]["study"]
    info["description"] = "Task `study`, <not> the `other."
    (folder / "run.json").write_text(json.dumps(info))
    text = render(RunRecord.read(folder))
    assert_sound(text)
    assert "<div><dt>task</dt><dd>1</dd></div>" in text
    assert "left-out" not in text
    assert "Task `study`, &lt;not&gt; the `other." in text, "a backtick without its other is a backtick"
    info["description"] = "Task `study`, <not> the other."
    (folder / "run.json").write_text(json.dumps(info))
    assert "Task <code>study</code>, &lt;not&gt; the other." in render(RunRecord.read(folder))
