"""The page of a scan: what it holds, what it says, and that a browser draws it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from selbench.formats.genes import Genes
from selbench.formats.genome import Chromosome, Genome
from selbench.formats.genome_windows import Places, windows_at
from selbench.report.scan_html import render_scan
from selbench.report.scan_html.packing import NONE, P_STEPS, SCORE_STEPS, runs
from selbench.scan import ScanResult
from selbench.scan.gate import fit_of
from selbench.scan.manhattan import plot_manhattan
from selbench.scan.prediction import AtHand
from selbench.scan.regions import candidate_regions
from selbench.scan.track import Track
from selbench.scan.yardstick import Yardstick, judge
from selbench.trained import Portrait, TrainedMethod
from selbench.windows import WindowSpec

N_HAPLOTYPES, WINDOW_BP = 8, 1000
METHOD = cast(
    TrainedMethod,
    SimpleNamespace(
        spelling="forest", positive="sweep", null="neutral", classes=("neutral", "sweep"),
        spec=WindowSpec(N_HAPLOTYPES, WINDOW_BP), training_range={"pi": (0, 1)}, null_scores=None,
        class_ranges={"neutral": {"pi": (0, 1)}, "sweep": {"pi": (0, 1)}}, polarisation="ancestral",
    ),
)  # fmt: skip


def chromosome(name: str, n_windows: int, seed: int) -> Chromosome:
    rng = np.random.default_rng(seed)
    end = n_windows * WINDOW_BP
    positions = np.arange(50, end, 100)
    carriers = rng.integers(1, N_HAPLOTYPES, len(positions))
    haplotypes = (rng.random((len(positions), N_HAPLOTYPES)).argsort(1) < carriers[:, None]).astype(np.uint8)
    return Chromosome(
        name, 0, end, 0, end, positions, haplotypes, np.zeros(len(positions), np.uint8), positions, positions,
        np.array([[0, end]]), True, np.empty((0, 2), np.int64),
    )  # fmt: skip


def scanned(numbers: dict[str, int], *, phased: bool = True, label: str = "forest") -> Track:
    """Return a scan of windows end to end: scores at random, three skipped, one high in each chromosome."""
    genome = Genome(
        tuple(chromosome(name, n, seed) for seed, (name, n) in enumerate(numbers.items())),
        ("a", "b", "c", "d"), 2, "ancestral", 100, 0, {}, phased, {}, 0,
    )  # fmt: skip
    counts = list(numbers.values())
    places = Places(
        np.repeat(np.arange(len(counts)), counts),
        np.concatenate([np.arange(n) * WINDOW_BP for n in counts]),
        WINDOW_BP,
    )
    rng = np.random.default_rng(5)
    scores = rng.random(len(places)) * 0.8
    scores[np.cumsum(counts) - 4] = 0.99
    scores[:3] = np.nan
    skipped = tuple("no sites" if np.isnan(score) else "" for score in scores)
    judgement = judge(Yardstick(np.sort(rng.random(499) * 0.9), 0.01), places, scores, step_bp=WINDOW_BP)
    regions = candidate_regions(
        judgement, places, scores, list(numbers), Genes({"1": np.array([[0, 10**9]])}, {"1": ("<GENE>",)})
    )
    portrait = Portrait.of(
        windows_at(genome, Places(places.chromosome[:20], places.start[:20], WINDOW_BP), METHOD.spec)
    )
    fit = fit_of(portrait, portrait, judgement.p_sim[3:])
    outside = tuple(("pi",) if i % 50 == 7 else () for i in range(len(places)))
    result = ScanResult(
        genome, places, np.full(len(places), 10), scores.astype(np.float32), np.ones(len(places)), skipped,
        np.where([bool(names) for names in outside], 2.0, 0.5), outside,
        tuple(() if names else ("sweep",) for names in outside), judgement, fit, regions,
    )  # fmt: skip
    return Track(label, result, METHOD)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="scan-data">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_page_holds_every_window_and_loads_nothing() -> None:
    track = scanned({"1": 100, "<2>": 40})
    page = render_scan([track], {"vcf": "there/genome.vcf", "step_bp": 1000})
    data = data_of(page)
    assert [each["name"] for each in data["chromosomes"]] == ["1", "<2>"]
    (of_method,) = data["tracks"]
    assert of_method["runs"] == [[0, 0, 1000, 100], [1, 0, 1000, 40]]
    scores = np.frombuffer(base64.b64decode(of_method["score"]), "<u2")
    assert (scores[:3] == NONE).all()
    np.testing.assert_allclose(scores[3:] / SCORE_STEPS, track.result.probability[3:], atol=1e-5)
    p = np.frombuffer(base64.b64decode(of_method["p"]), "<u2")
    assert track.result.judgement is not None
    np.testing.assert_allclose(
        10 ** (-p[3:].astype(float) / P_STEPS), track.result.judgement.p_sim[3:], rtol=2e-3
    )
    assert page.count("<article") == 1 + len(track.result.regions)
    assert "&lt;GENE&gt;" in page
    assert "<GENE>" not in page
    assert "not the probability of neutrality" in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)


def test_several_methods_stand_on_one_axis() -> None:
    page = render_scan(
        [scanned({"1": 30}), scanned({"1": 30, "2": 20}, label="other")], {"vcf": ["a/1.vcf", "a/2.vcf"]}
    )
    assert "<h1>1.vcf and 1 more</h1>" in page
    data = data_of(page)
    assert [track["label"] for track in data["tracks"]] == ["forest", "other"]
    assert [each["end"] for each in data["chromosomes"]] == [30_000, 20_000]


def test_without_null_scores_the_page_says_that_nothing_is_judged() -> None:
    track = scanned({"1": 30})
    bare = replace(track, result=replace(track.result, judgement=None, fit=None, regions=()))
    page = render_scan([bare], {})
    assert "Nothing says how unusual these probabilities are" in page
    assert "Candidate regions" not in page
    assert data_of(page)["tracks"][0]["p"] is None
    assert data_of(render_scan([bare, replace(track, label="judged")], {}))["tracks"][1]["p"] is not None


def test_unphased_genomes_are_pictured_by_individuals() -> None:
    page = render_scan([scanned({"1": 30}, phased=False)], {})
    assert "10 sites of 4 individuals, unphased" in page


def test_a_region_whose_sites_were_let_go_is_in_the_table_and_not_pictured() -> None:
    track = scanned({"1": 30, "2": 30})
    second = track.result.regions[1]
    assert second.chromosome == "2"
    held = track.result.places.chromosome == 1
    for kept, shown in ((held, [1]), (np.zeros_like(held), [])):
        at_hand = AtHand(kept, kept)
        page = render_scan([replace(track, result=replace(track.result, at_hand=at_hand))], {})
        assert page.count("<tr data-track") == 2
        pictured = re.findall(r'class="link" data-track="0" data-region="(\d)"', page)
        assert [int(each) for each in pictured] == shown


def test_many_scaffolds_take_no_more_paper_than_one_chromosome(tmp_path: Path) -> None:
    tracks = {"one": [scanned({"1": 60})], "many": [scanned({f"scaffold_{i}": 5 for i in range(150)})]}
    for name, of_name in tracks.items():
        plot_manhattan(of_name, tmp_path / f"{name}.png")
    assert Image.open(tmp_path / "one.png").size == Image.open(tmp_path / "many.png").size
    both = [*tracks["one"], *tracks["many"]]
    plot_manhattan(
        [*both, replace(both[0], result=replace(both[0].result, judgement=None))], tmp_path / "3.png"
    )
    assert Image.open(tmp_path / "3.png").size[1] > 2 * Image.open(tmp_path / "one.png").size[1]


def test_windows_of_any_steps_are_found_again_from_runs() -> None:
    rng = np.random.default_rng(1)
    chromosomes = np.sort(rng.integers(0, 4, 60))
    starts = np.concatenate([np.cumsum(rng.choice([5, 5, 5, 7], (chromosomes == c).sum())) for c in range(4)])
    unrolled = [
        (chromosome, first + step * i)
        for chromosome, first, step, n in runs(Places(chromosomes, starts, 10))
        for i in range(n)
    ]
    assert unrolled == list(zip(chromosomes.tolist(), starts.tolist(), strict=True))
    assert runs(Places(chromosomes[:0], starts[:0], 10)) == []


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

PROBE = """
<script>
const problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("load", () => setTimeout(() => {
  const canvas = document.getElementById("track");
  const where = () => document.getElementById("where").textContent;
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = { problems, before: where(), ink: new Set(pixels).size };
  document.querySelector("table.regions button.link").click();
  setTimeout(() => {
    seen.region = where();
    seen.chosen = document.querySelectorAll("tr.chosen").length;
    seen.width = document.documentElement.clientWidth;
    seen.overflow = document.documentElement.scrollWidth;
    seen.images = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
    parent.postMessage(JSON.stringify(seen), "*");
  }, 200);
}, 200));
</script>
"""


@pytest.mark.slow
def test_a_browser_draws_the_track_and_goes_to_a_region(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        assert not os.environ.get("CI"), "no browser on the path"
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the path")
    page = render_scan([scanned({"1": 3000, "2": 1000})], {"vcf": "genome.vcf"})
    (tmp_path / "probed.html").write_text(page.replace("<head>", f"<head>{PROBE}", 1))
    (tmp_path / "frame.html").write_text(
        '<!doctype html><body><iframe src="probed.html" style="width:390px;height:800px"></iframe>'
        '<script>addEventListener("message", (event) => { document.body.dataset.seen = event.data; });'
        "</script></body>"
    )
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--virtual-time-budget=10000", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        (tmp_path / "frame.html").as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    seen = json.loads(unescape(found[1]))
    assert seen["problems"] == []
    assert seen["before"] == "2 chromosomes or scaffolds"
    assert re.match(r"\d:[\d,]+–[\d,]+$", seen["region"])
    assert seen["chosen"] == 1
    assert seen["ink"] > 10
    assert seen["overflow"] == seen["width"], "the page is wider than its window"
    assert seen["images"]
