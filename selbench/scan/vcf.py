"""A method slid along a VCF, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selbench.errors import DataError
from selbench.formats.vcf import POLARISATION, read_vcf
from selbench.formats.vcf_records import Region
from selbench.formats.vcf_sites import Polarise
from selbench.scan.choices import choose_individuals, choose_polarisation
from selbench.scan.prediction import ScanResult, check_genome, scan_genome
from selbench.trained import TrainedMethod


def scan_vcf(
    method: TrainedMethod,
    vcf: str | Path,
    *,
    individuals: Sequence[str] | None = None,
    draw: int | None = None,
    seed: int = 1,
    polarise: Polarise | None = None,
    region: str | None = None,
    step_bp: int | None = None,
) -> ScanResult:
    """Ask a method about every window of its own length along a genome; see `TrainedMethod.scan`."""
    if individuals is not None and draw is not None:
        raise DataError("individuals: expected either names or draw=N, found both")
    path = Path(vcf)
    stretch = None if region is None else Region.parse(region)
    chosen = (
        choose_individuals(method, path, listed=None, n_drawn=draw, seed=seed)
        if individuals is None
        else tuple(individuals)
    )
    how, _ = choose_polarisation(method, path, polarise)
    check_genome(method, len(chosen) * method.spec.ploidy, POLARISATION[how])
    genome = read_vcf(path, individuals=chosen, region=stretch, polarise=how, ploidy=method.spec.ploidy)
    return scan_genome(method, genome, step_bp=step_bp)
