"""Other people's windows, from Python: ms text, and windows along a VCF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from selbench.errors import DataError
from selbench.windows import Windows, WindowSpec

if TYPE_CHECKING:
    from selbench.formats.ms_text import MsSource
    from selbench.formats.vcf_sites import Filter, Polarise


def read_ms(
    source: MsSource,
    *,
    sequence_length: int,
    n_haplotypes: int | None = None,
    ploidy: int = 2,
    drop_selected_site: bool = False,
    label: str | None = None,
) -> Windows:
    """Read the text that ms, mssel, msms, discoal, scrm and mspms print, plain or gzip, into one batch.

    Parameters
    ----------
    source : path or stream
    sequence_length : int
        Of the simulated locus, bp: a printed position p becomes ``p * sequence_length``.
    n_haplotypes : int, optional
        Counted in the first window with sites when not given.
    drop_selected_site : bool
        Leave out the column that mssel's ``selsite:`` names.
    label : str, optional
        Class name of all windows.

    Raises
    ------
    DataError
        At the first malformed line: file, line number, what was expected and found.

    Examples
    --------
    >>> import io, selbench
    >>> text = "ms 4 1\\n1 2 3\\n\\n//\\nsegsites: 2\\npositions: 0.25 0.75\\n10\\n00\\n11\\n01\\n"
    >>> selbench.read_ms(io.StringIO(text), sequence_length=1000)[0].positions.tolist()
    [250.0, 750.0]
    """
    from selbench.formats.ms_text import read_ms as batches_of

    batches = list(
        batches_of(
            source,
            sequence_length=sequence_length,
            n_haplotypes=n_haplotypes,
            ploidy=ploidy,
            drop_selected_site=drop_selected_site,
        )
    )
    if not batches:
        raise DataError(f"{source}: expected at least one window, found none")
    windows = Windows.concatenate(batches)
    return windows if label is None else windows.with_label(label)


def read_vcf(
    path: str | Path,
    *,
    window_bp: int,
    step_bp: int | None = None,
    region: str | None = None,
    individuals: Sequence[str] | None = None,
    draw: int | None = None,
    seed: int = 1,
    polarise: Polarise | None = None,
    ploidy: int = 2,
    haploid: bool = False,
    filters: Filter = "any",
    max_missing: float = 0.0,
    keep_unphased: bool = False,
) -> Windows:
    """Read windows along the chromosomes of a VCF or BCF.

    Parameters
    ----------
    window_bp, step_bp : int
        Length of a window, and the distance between their starts; by default one begins where the last ends.
    region : str, optional
        ``chr``, ``chr:from-`` or ``chr:from-to``, 1-based and inclusive; all by default.
    individuals : sequence of str, optional
        In the order wanted; all by default.
    draw, seed : int
        Or so many individuals at random.
    polarise : {"aa", "ref", "major"}, optional
        0 is the ancestral allele of INFO/AA, the reference allele, or the more frequent one; by default
        "aa" where the file has such alleles, else "ref".
    haploid : bool
        Calls of two equal alleles stand for one haplotype (haploid X, inbred lines).
    filters : {"any", "pass"}
        Whether records whose FILTER is not PASS are used.
    max_missing : float
        Share of missing calls up to which a site is kept, its missing calls 255.
    keep_unphased : bool
        Keep sites with unphased heterozygous calls.

    Returns
    -------
    windows : Windows
        With parameters ``chromosome`` (str) and ``start`` (bp, 0-based), int64.

    Raises
    ------
    DataError
        If the file is damaged, an individual unknown, or nothing is left to read.
    """
    from selbench.formats.genome_windows import place_windows, windows_at
    from selbench.formats.individuals import draw_individuals
    from selbench.formats.vcf import check_not_empty, read_genotypes
    from selbench.formats.vcf_regions import Region
    from selbench.formats.vcf_sites import Choices

    if draw is not None and individuals is not None:
        raise DataError("individuals: expected either names or draw=N, found both")
    chosen = draw_individuals(path, draw, seed) if draw is not None else individuals
    stretch = None if region is None else Region.parse(region)
    choices = Choices(1 if haploid else ploidy, haploid, filters, max_missing, keep_unphased)
    genotypes = read_genotypes(path, individuals=chosen, region=stretch, choices=choices)
    genome = genotypes.polarised(polarise or ("aa" if genotypes.names_ancestral_alleles else "ref"))
    check_not_empty(genome, path)
    places = place_windows(genome, window_bp, step_bp or window_bp)
    spec = WindowSpec(len(genome.individuals) * genome.ploidy, window_bp, genome.ploidy)
    names = np.array([chromosome.name for chromosome in genome.chromosomes])
    return replace(
        windows_at(genome, places, spec),
        parameters={"chromosome": names[places.chromosome], "start": places.start},
    )
