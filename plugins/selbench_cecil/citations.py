"""The publications that this plugin implements."""

from selbench import Citation

CECIL = Citation(
    key="cecil2023convolutional",
    authors="Cecil, Ryan M. and Sugden, Lauren A.",
    title=(
        "On convolutional neural networks for selection inference: revealing the effect of preprocessing "
        "on model learning and the capacity to discover novel patterns"
    ),
    journal="PLoS Computational Biology",
    year=2023,
    doi="10.1371/journal.pcbi.1010979",
)
