"""Slide a trained method along a genome.

Coordinates are base pairs, 0-based and half-open, as in BED; only regions that
people type are 1-based and inclusive.
"""

from selbench.formats.genome_windows import Places, place_windows, windows_at
from selbench.scan.prediction import ScanResult, scan_genome

__all__ = ["Places", "ScanResult", "place_windows", "scan_genome", "windows_at"]
