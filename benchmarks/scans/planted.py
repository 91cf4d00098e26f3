"""Share of planted sweeps that scans call at a rate of 0.01, beside the power that the report promised.

    python benchmarks/scans/planted.py [N_GENOMES]

Writes an experiment for a simulated genome with `fit-task`, trains on it, and scans
genomes of 200 unlinked windows each, in every one of which a sweep of the experiment's
own prior was planted: s log-uniform from 0.002 to 0.05, its site in the middle half of
the window, fixed 0 to 1,000 generations ago. The share called is to be the power that
the run's report tells at that rate.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from calls import BLOCK_BP as STEP_BP
from calls import CONDITIONS, FPR, N_WINDOWS, WINDOW_BP, WINDOWS, genome, scan, trained_for, written
from scipy.stats import binomtest

N_GENOMES = 5
SWEEPS = {
    "s": {"log_uniform": [0.002, 0.05]},
    "position": {"uniform": [WINDOW_BP // 4, 3 * WINDOW_BP // 4]},
    "fixation_time": {"uniform": [0, 1000]},
}
SEEN = ("whole", "unphased", "all three")
POWER = "power_at_1_percent_interpolated"
PROMISED = {**WINDOWS, "test": 1000}


def main() -> None:
    """Print a row per way of seeing genomes."""
    n_genomes = int(sys.argv[1]) if len(sys.argv) > 1 else N_GENOMES
    texts = [genome(100), *(genome(seed, "mssel", **SWEEPS) for seed in range(300, 300 + n_genomes))]
    print("| genomes | sweeps | share called | 95 % | power promised | 95 % | not asked | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for how in CONDITIONS:
            if how.title not in SEEN:
                continue
            began = time.process_time()
            paths = written(texts, how, Path(folder) / how.title)
            done = trained_for(paths[0], PROMISED)
            (method,) = done.methods.values()
            tables = [
                scan(method, path, step_bp=STEP_BP, fpr=FPR, progress=False).result.table
                for path in paths[1:]
            ]
            asked = sum(int(table["p_sim"].notna().sum()) for table in tables)
            called = sum(int(table["called"].fillna(False).sum()) for table in tables)
            found = binomtest(called, asked).proportion_ci(method="wilson")
            of_sweeps = (done.results["metric"] == POWER) & (done.results["class"] == "sweep")
            promised = next(done.results[of_sweeps].itertuples())
            print(
                f"| {how.title} | {N_WINDOWS * n_genomes:,} | {called / asked:.3f} "
                f"| {found.low:.3f} to {found.high:.3f} | {promised.value:.3f} "
                f"| {promised.low:.3f} to {promised.high:.3f} | {N_WINDOWS * n_genomes - asked} "
                f"| {time.process_time() - began:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
