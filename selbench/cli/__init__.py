"""The command line: one file per command; the only place that prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``selbench``."""
    from selbench.cli.app import app

    sys.exit(app())
