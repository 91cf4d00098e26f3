"""The first line of ms text: what a program was asked for, and so what the text must hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

PROGRAMS = ("ms", "mssel", "msms", "discoal", "scrm", "mspms", "mshot", "msprime")
"""Programs whose first arguments are the sample size and the number of windows."""


@dataclass(frozen=True)
class MsCommand:
    """What a first line promises; None where it promises nothing.

    Parameters
    ----------
    program : str
        Its name without a path; empty where the line is no command.
    n_haplotypes, n_windows : int or None
    sequence_length : int or None
        discoal's third argument, bp.
    """

    program: str = ""
    n_haplotypes: int | None = None
    n_windows: int | None = None
    sequence_length: int | None = None

    @classmethod
    def parse(cls, line: bytes) -> MsCommand:
        """Read a line such as ``ms 48 1000 …``; other lines promise nothing, whatever numbers they hold.

        SLiM puts ``#OUT: 5000 SM p1 10`` there, other programs a version.

        Examples
        --------
        >>> MsCommand.parse(b"/opt/discoal 20 100 10000 -t 8")
        MsCommand(program='discoal', n_haplotypes=20, n_windows=100, sequence_length=10000)
        >>> MsCommand.parse(b"#OUT: 5000 SM p1 10")
        MsCommand(program='', n_haplotypes=None, n_windows=None, sequence_length=None)
        """
        words = line.decode("ascii", "replace").split()
        program = PurePosixPath(words[0]).name.lower() if words else ""
        if program not in PROGRAMS:
            return cls()
        at = 3 if words[1:2] == ["-N"] else 1  # msms
        numbers = [int(word) if word.isdigit() and len(word) < 10 else None for word in words[at : at + 3]]
        n_haplotypes, n_windows, length = [*numbers, None, None, None][:3]
        return cls(program, n_haplotypes, n_windows, length if program == "discoal" else None)
