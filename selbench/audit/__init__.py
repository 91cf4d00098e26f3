"""Is this comparison honest? Leaks, shift, shortcuts, placebo, and what a method reads."""

from selbench.audit.findings import Audit, Finding, Verdict

__all__ = ["Audit", "Finding", "Verdict"]
