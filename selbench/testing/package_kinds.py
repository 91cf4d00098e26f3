"""What a new package may begin with: read by the command line each time it starts, so it imports nothing."""

from typing import Literal, get_args

PackageKind = Literal[
    "encoder", "model", "scikit-learn", "keras", "simulator", "statistic", "scanner", "metric", "check",
    "section", "reader", "population", "observer", "command",
]  # fmt: skip

KINDS: tuple[PackageKind, ...] = get_args(PackageKind)
