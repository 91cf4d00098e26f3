"""The publications that this plugin implements."""

from selbench import Citation

DIPLOSHIC = Citation(
    key="kern2018diploshic",
    authors="Kern, Andrew D. and Schrider, Daniel R.",
    title="diploS/HIC: an updated approach to classifying selective sweeps",
    journal="G3: Genes, Genomes, Genetics",
    year=2018,
    doi="10.1534/g3.118.200262",
)

SHIC = Citation(
    key="schrider2016shic",
    authors="Schrider, Daniel R. and Kern, Andrew D.",
    title="S/HIC: robust identification of soft and hard sweeps using machine learning",
    journal="PLoS Genetics",
    year=2016,
    doi="10.1371/journal.pgen.1005928",
)
