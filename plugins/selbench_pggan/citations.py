"""The publications that this plugin implements."""

from selbench import Citation

PG_GAN = Citation(
    key="wang2021automatic",
    authors=(
        "Wang, Zhanpeng and Wang, Jiaping and Kourakos, Michael and Hoang, Nhung and Lee, Hyong Hark "
        "and Mathieson, Iain and Mathieson, Sara"
    ),
    title="Automatic inference of demographic parameters using generative adversarial networks",
    journal="Molecular Ecology Resources",
    year=2021,
    doi="10.1111/1755-0998.13386",
)

DISCRIMINATORS = Citation(
    key="riley2024interpreting",
    authors="Riley, Rebecca and Mathieson, Iain and Mathieson, Sara",
    title="Interpreting generative adversarial networks to infer natural selection from genetic data",
    journal="Genetics",
    year=2024,
    doi="10.1093/genetics/iyae024",
)
