"""The publications that this plugin implements."""

from __future__ import annotations

from selbench import Citation


def _article(key: str, authors: str, title: str, journal: str, year: int, doi: str) -> Citation:
    return Citation(key=key, authors=authors, title=title, journal=journal, year=year, doi=doi)


RAISD = _article(
    "alachiotis2018raisd",
    "Alachiotis, Nikolaos and Pavlidis, Pavlos",
    "RAiSD detects positive selection based on multiple signatures of a selective sweep and SNP vectors",
    "Communications Biology",
    2018,
    "10.1038/s42003-018-0085-8",
)
NIELSEN = _article(
    "nielsen2005genomic",
    "Nielsen, Rasmus and Williamson, Scott and Kim, Yuseob and Hubisz, Melissa J. and Clark, Andrew G. "
    "and Bustamante, Carlos",
    "Genomic scans for selective sweeps using SNP data",
    "Genome Research",
    2005,
    "10.1101/gr.4252305",
)
SWEEPFINDER2 = _article(
    "degiorgio2016sweepfinder2",
    "DeGiorgio, Michael and Huber, Christian D. and Hubisz, Melissa J. and Hellmann, Ines "
    "and Nielsen, Rasmus",
    "SweepFinder2: increased sensitivity, robustness and flexibility",
    "Bioinformatics",
    2016,
    "10.1093/bioinformatics/btw051",
)
HUBER = _article(
    "huber2016detecting",
    "Huber, Christian D. and DeGiorgio, Michael and Hellmann, Ines and Nielsen, Rasmus",
    "Detecting recent selective sweeps while controlling for mutation rate and background selection",
    "Molecular Ecology",
    2016,
    "10.1111/mec.13351",
)
SWEED = _article(
    "pavlidis2013sweed",
    "Pavlidis, Pavlos and Živković, Daniel and Stamatakis, Alexandros and Alachiotis, Nikolaos",
    "SweeD: likelihood-based detection of selective sweeps in thousands of genomes",
    "Molecular Biology and Evolution",
    2013,
    "10.1093/molbev/mst112",
)
OMEGAPLUS = _article(
    "alachiotis2012omegaplus",
    "Alachiotis, Nikolaos and Stamatakis, Alexandros and Pavlidis, Pavlos",
    "OmegaPlus: a scalable tool for rapid detection of selective sweeps in whole-genome datasets",
    "Bioinformatics",
    2012,
    "10.1093/bioinformatics/bts419",
)
KIM_NIELSEN = _article(
    "kim2004linkage",
    "Kim, Yuseob and Nielsen, Rasmus",
    "Linkage disequilibrium as a signature of selective sweeps",
    "Genetics",
    2004,
    "10.1534/genetics.103.025387",
)
LASSI = _article(
    "harris2020likelihood",
    "Harris, Alexandre M. and DeGiorgio, Michael",
    "A likelihood approach for uncovering selective sweep signatures from haplotype data",
    "Molecular Biology and Evolution",
    2020,
    "10.1093/molbev/msaa115",
)
SALTILASSI = _article(
    "degiorgio2022spatially",
    "DeGiorgio, Michael and Szpiech, Zachary A.",
    "A spatially aware likelihood test to detect sweeps from haplotype distributions",
    "PLoS Genetics",
    2022,
    "10.1371/journal.pgen.1010134",
)
GARUD = _article(
    "garud2015recent",
    "Garud, Nandita R. and Messer, Philipp W. and Buzbas, Erkan O. and Petrov, Dmitri A.",
    "Recent selective sweeps in North American Drosophila melanogaster show signatures of soft sweeps",
    "PLoS Genetics",
    2015,
    "10.1371/journal.pgen.1005004",
)
VOIGHT = _article(
    "voight2006map",
    "Voight, Benjamin F. and Kudaravalli, Sridhar and Wen, Xiaoquan and Pritchard, Jonathan K.",
    "A map of recent positive selection in the human genome",
    "PLoS Biology",
    2006,
    "10.1371/journal.pbio.0040072",
)
FERRER_ADMETLLA = _article(
    "ferreradmetlla2014detecting",
    "Ferrer-Admetlla, Anna and Liang, Mason and Korneliussen, Thorfinn and Nielsen, Rasmus",
    "On detecting incomplete soft or hard selective sweeps using haplotype structure",
    "Molecular Biology and Evolution",
    2014,
    "10.1093/molbev/msu077",
)
SELSCAN = _article(
    "szpiech2014selscan",
    "Szpiech, Zachary A. and Hernandez, Ryan D.",
    "selscan: an efficient multithreaded program to perform EHH-based scans for positive selection",
    "Molecular Biology and Evolution",
    2014,
    "10.1093/molbev/msu211",
)
RONEN = _article(
    "ronen2015predicting",
    "Ronen, Roy and Tesler, Glenn and Akbari, Ali and Zakov, Shay and Rosenberg, Noah A. and Bafna, Vineet",
    "Predicting carriers of ongoing selective sweeps without knowledge of the favored allele",
    "PLoS Genetics",
    2015,
    "10.1371/journal.pgen.1005527",
)
ISAFE = _article(
    "akbari2018identifying",
    "Akbari, Ali and Vitti, Joseph J. and Iranmehr, Arya and Bakhtiari, Mehrdad and Sabeti, Pardis C. "
    "and Mirarab, Siavash and Bafna, Vineet",
    "Identifying the favored mutation in a positive selective sweep",
    "Nature Methods",
    2018,
    "10.1038/nmeth.4606",
)
FLEXSWEEP = _article(
    "lauterbur2023versatile",
    "Lauterbur, M. Elise and Munch, Kasper and Enard, David",
    "Versatile detection of diverse selective sweeps with Flex-sweep",
    "Molecular Biology and Evolution",
    2023,
    "10.1093/molbev/msad139",
)
BARREIRO = _article(
    "barreiro2009evolutionary",
    "Barreiro, Luis B. and Ben-Ali, Meriem and Quach, Hélène and Laval, Guillaume and Patin, Etienne "
    "and Pickrell, Joseph K. and others",
    "Evolutionary dynamics of human Toll-like receptors and their different contributions to host defense",
    "PLoS Genetics",
    2009,
    "10.1371/journal.pgen.1000562",
)
