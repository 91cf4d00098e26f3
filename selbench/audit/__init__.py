"""Is this comparison honest? Leaks, shift, shortcuts, negative control, and what a method reads."""

from selbench.run_folder import Audit, Finding, Verdict

__all__ = ["Audit", "Finding", "Verdict"]
