"""The publications that this plugin implements."""

from selbench import Citation

IMAGENE = Citation(
    key="torada2019imagene",
    authors=(
        "Torada, Luis and Lorenzon, Lucrezia and Beddis, Alice and Isildak, Ulas and Pattini, Linda "
        "and Mathieson, Sara and Fumagalli, Matteo"
    ),
    title="ImaGene: a convolutional neural network to quantify natural selection from genomic data",
    journal="BMC Bioinformatics",
    year=2019,
    doi="10.1186/s12859-019-2927-x",
)

FLAGEL = Citation(
    key="flagel2019unreasonable",
    authors="Flagel, Lex and Brandvain, Yaniv and Schrider, Daniel R.",
    title="The unreasonable effectiveness of convolutional neural networks in population genetic inference",
    journal="Molecular Biology and Evolution",
    year=2019,
    doi="10.1093/molbev/msy224",
)
