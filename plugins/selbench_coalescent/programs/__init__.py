"""The user's own copies of ms, mssel and msms (or what speaks their language), run block by block."""

from selbench_coalescent.programs.blocks import (
    simulate_with_ms,
    simulate_with_msms,
    simulate_with_mssel,
)
from selbench_coalescent.programs.program import Program
from selbench_coalescent.programs.run import run_program

__all__ = ["Program", "run_program", "simulate_with_ms", "simulate_with_msms", "simulate_with_mssel"]
