"""The publications that this plugin implements."""

from selbench import Citation

GENOMATNN = Citation(
    key="gower2021detecting",
    authors="Gower, Graham and Iáñez Picazo, Pablo and Fumagalli, Matteo and Racimo, Fernando",
    title="Detecting adaptive introgression in human evolution using convolutional neural networks",
    journal="eLife",
    year=2021,
    doi="10.7554/eLife.64669",
)
