"""The files of a genome shared out to workers, and their pieces taken back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from selbench.bench.method_workers import in_order, method_at
from selbench.bench.watching import Watch
from selbench.errors import DataError
from selbench.formats.individuals import check_known, vcf_individuals
from selbench.formats.vcf_assembly import add_chromosomes
from selbench.formats.vcf_pieces import Cutting, Part, chromosomes_of, parts_of
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
            at = method_at(method, stack)
            executor = stack.enter_context(Processes(min(workers, len(parts)), threads=1))
            jobs = [PartJob(at, wanted, part, cutting, step_bp) for part in parts]
            scanned = chain.from_iterable(in_order(executor, jobs, advance))
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
