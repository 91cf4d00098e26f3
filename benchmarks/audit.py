"""Speed of the audit of windows (leaks, shift, shortcuts): 100,000 windows, and 12,000 PNG files.

    python benchmarks/audit.py

Prints CPU and wall seconds of one process, its peak memory, and how many checks
are red on these clean windows. Windows are the seed study's, read from a dataset file.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from selbench import Registry, Scenario, Windows
from selbench.audit.audited import AuditedData
from selbench.audit.checks import audit_windows
from selbench.audit.dataset import audited_dataset
from selbench.audit.folder import audited_folder
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.png_folder import write_png_folder

STUDY = {
    "sample": {"n_haplotypes": 48},
    "locus": {"sequence_length": 1000, "mutation_rate": 1e-8, "recombination_rate": 1e-8},
    "population": {"size": 80_000},
}
SWEEP = {"s": 0.005, "h": 0.5, "position": 4999, "present_frequency": 0.22, "carriers": "all"}
SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}
N_WINDOWS, N_IMAGES = 100_000, 12_000
BATCH = 2500


def batches(n_windows: int) -> Iterator[tuple[str, Windows]]:
    """Yield the study's windows, half of them selected; some have no site."""
    simulators = Registry.installed().simulators
    scenarios = {
        "neutral": (simulators["ms"](), Scenario.from_table(STUDY, where="neutral")),
        "sweep": (simulators["mssel"](), Scenario.from_table({**STUDY, "selection": SWEEP}, where="sweep")),
    }
    for seed, (split, share) in enumerate(SPLITS.items()):
        of_class = round(share * n_windows / 2)
        for label, (simulator, scenario) in scenarios.items():
            for start in range(0, of_class, BATCH):
                indices = range(start, min(start + BATCH, of_class))
                windows = simulator.simulate(scenario, windows=indices, seed=2 * seed + (label == "sweep"))
                yield split, windows.with_label(label)


def report(name: str, subject: AuditedData, target_seconds: float) -> None:
    """Audit once, and print what it took."""
    began = time.process_time(), time.perf_counter()
    audit, survey = audit_windows(subject)
    cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # libraries included
    n_windows = sum(map(len, survey.groups))
    red = sum(finding.verdict == "red" for finding in audit.findings)
    print(f"| {name} | {n_windows:,} | {cpu:.1f} | {wall:.1f} | {target_seconds:.0f} | {peak:.0f} | {red} |")


def main() -> None:
    """Audit a dataset of 100,000 windows and a folder of 12,000 images."""
    spec = Scenario.from_table(STUDY, where="study").window_spec
    with tempfile.TemporaryDirectory() as folder:
        path, images = Path(folder) / "windows.parquet", Path(folder) / "images"
        write_dataset(path, batches(N_WINDOWS), DatasetMetadata(spec, classes=("neutral", "sweep")))
        write_png_folder(images, batches(N_IMAGES), null="neutral", positive="sweep")
        warm = Path(folder) / "warm.parquet"
        write_dataset(warm, batches(200), DatasetMetadata(spec, classes=("neutral", "sweep")))
        audit_windows(audited_dataset(warm))  # the statistics are compiled
        print("| subject | windows | CPU s | wall s | target s | peak memory MiB | red |")
        print("|---|---|---|---|---|---|---|")
        report("dataset file", audited_dataset(path), 120)
        report("PNG folder, 1000 × 48", audited_folder(images), 60)


if __name__ == "__main__":
    main()
