"""The files of a genome shared out to workers, and their pieces taken back in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from selbench.bench.watching import Watch
from selbench.errors import DataError
from selbench.formats.individuals import check_known, vcf_individuals
from selbench.formats.vcf_assembly import add_chromosomes
from selbench.formats.vcf_pieces import Cutting, Part, chromosomes_of, parts_of
from selbench.runner.events import JobAdvanced
from selbench.runner.processes import Processes
from selbench.scan.assembly import assembled
from selbench.scan.prediction import ScanResult
from selbench.scan.vcf import PartJob, ScannedPiece, WantedGenome, cutting_for, scanned_pieces
from selbench.trained import TrainedMethod


def scan_files(
    method: TrainedMethod,
    wanted: WantedGenome,
    *,
    step_bp: int,
    callable_bed: Path | None = None,
    workers: int = 1,
    watch: Watch | None = None,
) -> ScanResult:
    """Scan the files of a genome, piece by piece.

    Raises
    ------
    DataError
        If a file is damaged, the files do not fit together, or a worker failed.
    """
    if workers < 1:
        raise DataError(f"workers: expected at least 1, found {workers}")
    if step_bp < 1:
        raise DataError(f"step: expected at least 1 bp, found {step_bp}")
    cutting = cutting_for(method, step_bp)
    _check_files(wanted)
    parts: list[Part] = []
    remarks: list[str] = []
    for file in wanted.files:
        of_file, said = parts_of(file, wanted.region, cutting, by_index=workers > 1)
        parts += of_file
        remarks += said
    total = len(parts) if len(parts) > 1 else None
    with (watch or Watch()).bar("Scanning", total) as advance, ExitStack() as stack:
        if workers == 1:
            scanned = _one_by_one(method, wanted, parts, cutting, step_bp, advance)
        else:
            folder = _folder_of(method, stack)
            executor = stack.enter_context(Processes(min(workers, len(parts)), threads=1))
            jobs = [
                PartJob(method.encoder, method.model, folder, wanted, part, cutting, step_bp)
                for part in parts
            ]
            scanned = _side_by_side(executor, jobs, advance)
        return assembled(method, wanted, scanned, step_bp=step_bp, callable_bed=callable_bed, remarks=remarks)


def _check_files(wanted: WantedGenome) -> None:
    """Refuse files that do not fit together, before any of them is read to its end."""
    if len(wanted.files) < 2:
        return
    known: dict[str, Path] = {}
    for file in wanted.files:
        check_known(wanted.individuals, vcf_individuals(file), file)
        add_chromosomes(known, chromosomes_of(file), file)


def _one_by_one(
    method: TrainedMethod,
    wanted: WantedGenome,
    parts: Sequence[Part],
    cutting: Cutting,
    step_bp: int,
    advance: Callable[[float, str], None],
) -> Iterator[ScannedPiece]:
    for done, part in enumerate(parts):

        def progress(n_records: int, chromosome: str, position: int, done: int = done) -> None:
            advance(done, f"{n_records:,} records, {chromosome}:{position:,}")

        yield from scanned_pieces(method, wanted, part, cutting, step_bp, progress)


def _side_by_side(
    executor: Processes, jobs: Sequence[PartJob], advance: Callable[[float, str], None]
) -> Iterator[ScannedPiece]:
    """Yield pieces in the order of the jobs, whichever ends first."""
    ready: dict[str, list[ScannedPiece]] = {}
    n_taken = n_done = 0

    def observe(event: object) -> None:
        if isinstance(event, JobAdvanced):
            advance(n_done, event.message)

    for outcome in executor.run(jobs, observe):
        if outcome.error:
            raise DataError(outcome.error)
        n_done += 1
        ready[outcome.job.name] = outcome.result
        advance(n_done, str(outcome.job.part))
        while n_taken < len(jobs) and jobs[n_taken].name in ready:
            yield from ready.pop(jobs[n_taken].name)
            n_taken += 1


def _folder_of(method: TrainedMethod, stack: ExitStack) -> Path:
    """Return where workers can load a method from."""
    if method.folder is not None:
        return method.folder.resolve()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    method.save(folder)
    return folder
