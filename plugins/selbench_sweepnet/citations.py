"""The publications that this plugin implements."""

from selbench import Citation

SWEEPNET = Citation(
    key="zhao2023sweepnet",
    authors="Zhao, Hanqing and Pavlidis, Pavlos and Alachiotis, Nikolaos",
    title=("SweepNet: a lightweight CNN architecture for the classification of adaptive genomic regions"),
    journal="Proceedings of the Platform for Advanced Scientific Computing Conference",
    year=2023,
    doi="10.1145/3592979.3593411",
)
