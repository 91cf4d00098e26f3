"""The publications that the simulators implement."""

from selbench import Citation

HUDSON_2002 = Citation(
    "hudson2002ms",
    "Hudson, Richard R.",
    "Generating samples under a Wright-Fisher neutral model of genetic variation",
    "Bioinformatics",
    2002,
    "10.1093/bioinformatics/18.2.337",
)
HUDSON_KAPLAN_1988 = Citation(
    "hudson1988selection",
    "Hudson, Richard R. and Kaplan, Norman L.",
    "The coalescent process in models with selection and recombination",
    "Genetics",
    1988,
    "10.1093/genetics/120.3.831",
)
KAPLAN_1989 = Citation(
    "kaplan1989hitchhiking",
    "Kaplan, Norman L. and Hudson, Richard R. and Langley, Charles H.",
    'The "hitchhiking effect" revisited',
    "Genetics",
    1989,
    "10.1093/genetics/123.4.887",
)
EWING_HERMISSON_2010 = Citation(
    "ewing2010msms",
    "Ewing, Gregory and Hermisson, Joachim",
    "MSMS: a coalescent simulation program including recombination, demographic structure "
    "and selection at a single locus",
    "Bioinformatics",
    2010,
    "10.1093/bioinformatics/btq322",
)
KERN_SCHRIDER_2016 = Citation(
    "kern2016discoal",
    "Kern, Andrew D. and Schrider, Daniel R.",
    "Discoal: flexible coalescent simulations with selection",
    "Bioinformatics",
    2016,
    "10.1093/bioinformatics/btw556",
)
