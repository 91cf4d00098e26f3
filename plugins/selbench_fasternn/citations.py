"""The publications that this plugin implements."""

from selbench import Citation

FAST_NN = Citation(
    key="vandenbelt2024fast",
    authors="van den Belt, Sjoerd and Zhao, Hanqing and Alachiotis, Nikolaos",
    title="Scalable CNN-based classification of selective sweeps using derived allele frequencies",
    journal="Bioinformatics",
    year=2024,
    doi="10.1093/bioinformatics/btae385",
)

FASTER_NN = Citation(
    key="vandenbelt2025faster",
    authors="van den Belt, Sjoerd and Alachiotis, Nikolaos",
    title=(
        "Fast and accurate deep learning scans for signatures of natural selection in genomes using FASTER-NN"
    ),
    journal="Communications Biology",
    year=2025,
    doi="10.1038/s42003-025-07480-7",
)
