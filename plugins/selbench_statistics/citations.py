"""The publications that this plugin implements."""

from selbench import Citation

WATTERSON = Citation(
    key="watterson1975number",
    authors="Watterson, G. A.",
    title="On the number of segregating sites in genetical models without recombination",
    journal="Theoretical Population Biology",
    year=1975,
    doi="10.1016/0040-5809(75)90020-9",
)

TAJIMA_1983 = Citation(
    key="tajima1983evolutionary",
    authors="Tajima, Fumio",
    title="Evolutionary relationship of DNA sequences in finite populations",
    journal="Genetics",
    year=1983,
    doi="10.1093/genetics/105.2.437",
)

TAJIMA_1989 = Citation(
    key="tajima1989statistical",
    authors="Tajima, Fumio",
    title="Statistical method for testing the neutral mutation hypothesis by DNA polymorphism",
    journal="Genetics",
    year=1989,
    doi="10.1093/genetics/123.3.585",
)

DEPAULIS = Citation(
    key="depaulis1998neutrality",
    authors="Depaulis, Frantz and Veuille, Michel",
    title="Neutrality tests based on the distribution of haplotypes under an infinite-site model",
    journal="Molecular Biology and Evolution",
    year=1998,
    doi="10.1093/oxfordjournals.molbev.a025905",
)

GARUD = Citation(
    key="garud2015recent",
    authors="Garud, Nandita R. and Messer, Philipp W. and Buzbas, Erkan O. and Petrov, Dmitri A.",
    title="Recent selective sweeps in North American Drosophila melanogaster show signatures of soft sweeps",
    journal="PLoS Genetics",
    year=2015,
    doi="10.1371/journal.pgen.1005004",
)

RONEN = Citation(
    key="ronen2013learning",
    authors="Ronen, Roy and Udpa, Nitin and Halperin, Eran and Bafna, Vineet",
    title="Learning natural selection from the site frequency spectrum",
    journal="Genetics",
    year=2013,
    doi="10.1534/genetics.113.152587",
)

SCHRIDER_KERN = Citation(
    key="schrider2015inferring",
    authors="Schrider, Daniel R. and Kern, Andrew D.",
    title=(
        "Inferring selective constraint from population genomic data suggests recent regulatory "
        "turnover in the human brain"
    ),
    journal="Genome Biology and Evolution",
    year=2015,
    doi="10.1093/gbe/evv228",
)

KERN_SCHRIDER = Citation(
    key="kern2018diploshic",
    authors="Kern, Andrew D. and Schrider, Daniel R.",
    title="diploS/HIC: an updated approach to classifying selective sweeps",
    journal="G3: Genes, Genomes, Genetics",
    year=2018,
    doi="10.1534/g3.118.200262",
)

KERN_HAUSSLER = Citation(
    key="kern2010population",
    authors="Kern, Andrew D. and Haussler, David",
    title="A population genetic hidden Markov model for detecting genomic regions under selection",
    journal="Molecular Biology and Evolution",
    year=2010,
    doi="10.1093/molbev/msq053",
)

BREIMAN = Citation(
    key="breiman2001random",
    authors="Breiman, Leo",
    title="Random forests",
    journal="Machine Learning",
    year=2001,
    doi="10.1023/A:1010933404324",
)

FRIEDMAN = Citation(
    key="friedman2001greedy",
    authors="Friedman, Jerome H.",
    title="Greedy function approximation: a gradient boosting machine",
    journal="Annals of Statistics",
    year=2001,
    doi="10.1214/aos/1013203451",
)
