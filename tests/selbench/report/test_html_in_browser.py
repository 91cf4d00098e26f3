"""The page in a real browser: its script runs, its tables sort, nothing overflows a phone."""

import json
import os
import re
import shutil
import subprocess
from html import unescape

import pytest

from selbench.report.html import render
from selbench.report.html.suite import render_suite
from selbench.report.suite import suite_table
from selbench.run_folder import RunRecord

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

PROBE = """
<script>
const problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("load", () => {
  const table = document.querySelector("table.board");
  const names = () => [...table.tBodies[0].rows].map((row) => row.dataset.method);
  const before = names();
  const head = (text) => [...table.querySelectorAll("th button")].find((b) => b.textContent.startsWith(text));
  head("AUC").click();
  const rising = names();
  head("seconds").click();
  const last = (row) => Number(row.cells[row.cells.length - 1].dataset.value);
  const bySeconds = [...table.tBodies[0].rows].map(last);
  const curves = [...document.querySelectorAll("path.curve")];
  const entries = performance.getEntriesByType("resource").map((entry) => entry.name);
  parent.postMessage(JSON.stringify({
    problems, before, rising, bySeconds,
    width: document.documentElement.clientWidth,
    overflow: document.documentElement.scrollWidth,
    hiddenSections: [...document.querySelectorAll("nav a")].filter(
      (link) => link.getBoundingClientRect().right > document.documentElement.clientWidth).length,
    curves: curves.filter((curve) => curve.getBoundingClientRect().width > 0).length,
    images: [...document.images].every((image) => image.complete && image.naturalWidth > 0),
    loaded: entries.filter((name) => !name.startsWith("data:")),
    smuggled: window.smuggled === true,
  }), "*");
});
</script>
"""

MAPS = """
<script>
addEventListener("load", () => {
  const maps = [...document.querySelectorAll(".broad")];
  parent.postMessage(JSON.stringify({
    maps: maps.length,
    clipped: maps.filter((map) => map.scrollWidth > map.clientWidth).length,
    width: document.documentElement.clientWidth,
    overflow: document.documentElement.scrollWidth,
  }), "*");
});
</script>
"""

FRAME = """<!doctype html><body>
<iframe src="probed.html" style="width:{width}px;height:900px;border:0"></iframe>
<script>addEventListener("message", (event) => {{ document.body.dataset.seen = event.data; }});</script>
</body>"""


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is on the path"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; install your system's package, such as `apt-get install chromium`")
        pytest.skip(reason)
    return found


def seen_at(browser, page, folder, width, probe=PROBE):
    (folder / "probed.html").write_text(page.replace("<head>", f"<head>{probe}", 1))
    (folder / "frame.html").write_text(FRAME.format(width=width))
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", "--virtual-time-budget=10000",
        f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "frame.html").as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    seen = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert seen, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(unescape(seen.group(1)))


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_works_in_a_browser(browser, run_folder, tmp_path, width):
    seen = seen_at(browser, render(RunRecord.read(run_folder)), tmp_path, width)
    assert seen["problems"] == []
    assert seen["before"][0] == "fadja-cnn"
    assert seen["rising"] == seen["before"][::-1]
    assert seen["bySeconds"] == sorted(seen["bySeconds"])
    assert width - 20 <= seen["width"] <= width, "but for a scroll bar"
    assert seen["overflow"] == seen["width"], "the page is wider than its window"
    assert width < 640 or seen["hiddenSections"] == 0, "the section bar wraps"
    assert seen["curves"] > 20
    assert seen["images"]
    assert seen["loaded"] == []


def test_the_page_runs_no_script_but_its_own(browser, run_folder, tmp_path):
    smuggled = render(RunRecord.read(run_folder)).replace("<body>", "<body><script>smuggled = true</script>")
    seen = seen_at(browser, smuggled, tmp_path, 800)
    assert not seen["smuggled"]
    assert seen["rising"] == seen["before"][::-1], "its own script still runs"


@pytest.mark.parametrize(("width", "is_whole"), [(1400, True), (320, False)])
def test_a_map_of_thirteen_tasks_is_as_wide_as_the_window(browser, fake_run, tmp_path, width, is_whole):
    names = ("hard", "known-rates", "standing", "partial", "old", "weak", "linked", "balancing", "europe")
    pairs = [(name, name) for name in (*names, "wild", "short", "fly", "chromosome")]
    shifts = {"sub-window-statistics+sub-window-boosting": 2.0, "statistics+nucleotide-diversity": 1.0}
    run = fake_run(pairs=pairs, shifts=shifts, n_test=20, n_threshold=0, n_resamples=4, unfinished=False)
    record = RunRecord.read(run.write(tmp_path / "run"))
    seen = seen_at(browser, render_suite(record, suite_table(record)), tmp_path, width, MAPS)
    assert seen["maps"] == 2
    assert (seen["clipped"] == 0) is is_whole
    assert seen["overflow"] == seen["width"], "the page is wider than its window"
