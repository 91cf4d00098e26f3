"""The use cases, each a function that the command line and notebooks share."""

from selbench.bench.audits import audit
from selbench.bench.comparing import compare
from selbench.bench.experiments import PlannedRun, open_experiment, plan_run
from selbench.bench.exporting import export_task
from selbench.bench.fitting import fit
from selbench.bench.importing import import_windows
from selbench.bench.methods import Methods, load_method, method_folder
from selbench.bench.null_drawing import draw_null
from selbench.bench.predicting import predict_dataset
from selbench.bench.reading import read_ms, read_vcf
from selbench.bench.running import EndedRun, carry_out, run
from selbench.bench.runs import Run, compare_runs, open_run
from selbench.bench.scanning import Scan, scan
from selbench.bench.scanning_several import Scans, scan_several
from selbench.bench.simulating import simulate, simulation_of
from selbench.bench.task_fitting import FittedTask, fit_task
from selbench.bench.watching import ConsoleWatch, Watch

__all__ = [
    "ConsoleWatch",
    "EndedRun",
    "FittedTask",
    "Methods",
    "PlannedRun",
    "Run",
    "Scan",
    "Scans",
    "Watch",
    "audit",
    "carry_out",
    "compare",
    "compare_runs",
    "draw_null",
    "export_task",
    "fit",
    "fit_task",
    "import_windows",
    "load_method",
    "method_folder",
    "open_experiment",
    "open_run",
    "plan_run",
    "predict_dataset",
    "read_ms",
    "read_vcf",
    "run",
    "scan",
    "scan_several",
    "simulate",
    "simulation_of",
]
