"""The use cases, each a function that the command line and notebooks share."""

from selbench.bench.audits import audit
from selbench.bench.comparing import compare
from selbench.bench.experiments import PlannedRun, open_experiment, plan_run
from selbench.bench.fitting import fit
from selbench.bench.methods import Methods, load_method
from selbench.bench.reading import read_ms, read_vcf
from selbench.bench.running import EndedRun, carry_out, run
from selbench.bench.runs import Run, compare_runs, open_run
from selbench.bench.simulating import simulate
from selbench.bench.watching import ConsoleWatch, Watch

__all__ = [
    "ConsoleWatch",
    "EndedRun",
    "Methods",
    "PlannedRun",
    "Run",
    "Watch",
    "audit",
    "carry_out",
    "compare",
    "compare_runs",
    "fit",
    "load_method",
    "open_experiment",
    "open_run",
    "plan_run",
    "read_ms",
    "read_vcf",
    "run",
    "simulate",
]
