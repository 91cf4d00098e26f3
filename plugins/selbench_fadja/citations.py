"""The publication that this plugin implements."""

from selbench import Citation

STUDY = Citation(
    key="nguembangfadja2021identification",
    authors="Nguembang Fadja, Arnaud and Riguzzi, Fabrizio and Bertorelle, Giorgio and Trucchi, Emiliano",
    title="Identification of natural selection in genomic data with deep convolutional neural network",
    journal="BioData Mining",
    year=2021,
    doi="10.1186/s13040-021-00280-9",
)
