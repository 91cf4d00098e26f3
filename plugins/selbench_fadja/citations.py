"""The publications that this plugin implements."""

from selbench import Citation

STUDY = Citation(
    key="nguembangfadja2021identification",
    authors="Nguembang Fadja, Arnaud and Riguzzi, Fabrizio and Bertorelle, Giorgio and Trucchi, Emiliano",
    title="Identification of natural selection in genomic data with deep convolutional neural network",
    journal="BioData Mining",
    year=2021,
    doi="10.1186/s13040-021-00280-9",
)

EXCHANGEABLE = Citation(
    key="chan2018exchangeable",
    authors=(
        "Chan, Jeffrey and Perrone, Valerio and Spence, Jeffrey P. and Jenkins, Paul A. "
        "and Mathieson, Sara and Song, Yun S."
    ),
    title=(
        "A likelihood-free inference framework for population genetic data using exchangeable neural networks"
    ),
    journal="Advances in Neural Information Processing Systems",
    year=2018,
)
