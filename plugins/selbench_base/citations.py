"""The publications that this plugin implements."""

from selbench import Citation

BASE = Citation(
    key="isildak2021distinguishing",
    authors="Isildak, Ulas and Stella, Alessandro and Fumagalli, Matteo",
    title="Distinguishing between recent balancing selection and incomplete sweep using deep neural networks",
    journal="Molecular Ecology Resources",
    year=2021,
    doi="10.1111/1755-0998.13379",
)
