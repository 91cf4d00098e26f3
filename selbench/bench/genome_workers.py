"""The files of a genome shared out to workers, and their pieces taken back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path

from selbench.bench.method_workers import in_order, method_at
from selbench.bench.watching import Watch
from selbench.errors import DataError
from selbench.formats.individuals import check_known, vcf_individuals
from selbench.formats.vcf_assembly import add_chromosomes
from selbench.formats.vcf_pieces import Part, chromosomes_of, parts_of
from selbench.runner.executors import Executor
from selbench.runner.processes import Processes
from selbench.scan.assembly import ScanAssembly
from selbench.scan.prediction import ScanResult
from selbench.scan.vcf import PartJob, ScannedPiece, WantedGenome, WantedWindows, scanned_pieces
from selbench.trained import TrainedMethod


def scan_files(
    methods: Sequence[TrainedMethod],
    wanted: Sequence[WantedWindows],
    *,
    callable_bed: Path | None = None,
    workers: int = 1,
    dask: str | None = None,
    watch: Watch | None = None,
) -> tuple[ScanResult, ...]:
    """Scan the files of a genome, piece by piece, each read once for all methods.

    Where workers share it out, it is read once for those methods whose pieces are equally long: that is,
    unless their steps are no multiples of each other, or their windows are longer than a piece.

    Parameters
    ----------
    wanted : sequence of WantedWindows
        For each of the methods; of the same files and individuals.
    dask : str, optional
        Address of a Dask scheduler, whose workers read instead of processes here.

    Raises
    ------
    DataError
        If a file is damaged, the files do not fit together, or a worker failed.
    """
    if workers < 1:
        raise DataError(f"workers: expected at least 1, found {workers}")
    genome = wanted[0].genome
    _check_files(genome)
    shares = workers > 1 or dask is not None
    assemblies = [
        ScanAssembly(method, windows, callable_bed) for method, windows in zip(methods, wanted, strict=True)
    ]
    remarks: dict[str, None] = {}
    for group in _together(wanted) if shares else [list(range(len(wanted)))]:
        asked, windows = [methods[i] for i in group], [wanted[i] for i in group]
        parts: list[Part] = []
        for file in genome.files:
            of_file, said = parts_of(file, genome.region, windows[0].cutting, by_index=shares)
            parts += of_file
            remarks |= dict.fromkeys(said)
        total = len(parts) if len(parts) > 1 else None
        with (watch or Watch()).bar("Scanning", total) as advance:
            if shares:
                scanned = _shared_out(asked, windows, parts, workers, dask, advance)
            else:
                scanned = _one_by_one(asked, windows, parts, advance)
            for number, piece in scanned:
                assemblies[group[number]].add(piece)
    return tuple(assembly.finish(tuple(remarks)) for assembly in assemblies)


def _together(wanted: Sequence[WantedWindows]) -> list[list[int]]:
    """Return the numbers of methods, those together whose pieces are equally long."""
    groups: dict[int, list[int]] = {}
    for number, windows in enumerate(wanted):
        groups.setdefault(windows.cutting.piece_bp, []).append(number)
    return list(groups.values())


def _shared_out(
    methods: Sequence[TrainedMethod],
    wanted: Sequence[WantedWindows],
    parts: Sequence[Part],
    workers: int,
    dask: str | None,
    advance: Callable[[float, str], None],
) -> Iterator[tuple[int, ScannedPiece]]:
    with ExitStack() as stack:
        at = tuple(method_at(method, stack) for method in methods)
        jobs = [PartJob(at, tuple(wanted), part) for part in parts]
        executor = stack.enter_context(closing(_executor(methods, min(workers, len(parts)), dask)))
        yield from chain.from_iterable(in_order(executor, jobs, advance))


def _executor(methods: Sequence[TrainedMethod], workers: int, dask: str | None) -> Executor:
    if dask is None:
        return Processes(workers, threads=1)
    from selbench.runner.cluster.executor import DaskCluster
    from selbench.runner.cluster.roster import Needs

    parts = [part for method in methods for part in (method.encoder, method.model)]
    return DaskCluster(dask, Needs.of_components(parts))


def _check_files(wanted: WantedGenome) -> None:
    """Refuse files that do not fit together, before any of them is read to its end."""
    if len(wanted.files) < 2:
        return
    known: dict[str, Path] = {}
    for file in wanted.files:
        check_known(wanted.individuals, vcf_individuals(file), file)
        add_chromosomes(known, chromosomes_of(file), file)


def _one_by_one(
    methods: Sequence[TrainedMethod],
    wanted: Sequence[WantedWindows],
    parts: Sequence[Part],
    advance: Callable[[float, str], None],
) -> Iterator[tuple[int, ScannedPiece]]:
    for done, part in enumerate(parts):

        def progress(n_records: int, chromosome: str, position: int, done: int = done) -> None:
            advance(done, f"{n_records:,} records, {chromosome}:{position:,}")

        yield from scanned_pieces(methods, wanted, part, progress)
