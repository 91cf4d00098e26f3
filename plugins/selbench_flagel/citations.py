"""The publications that this plugin implements."""

from selbench import Citation

FLAGEL = Citation(
    key="flagel2019unreasonable",
    authors="Flagel, Lex and Brandvain, Yaniv and Schrider, Daniel R.",
    title="The unreasonable effectiveness of convolutional neural networks in population genetic inference",
    journal="Molecular Biology and Evolution",
    year=2019,
    doi="10.1093/molbev/msy224",
)
