"""The command line: one file per command; the only place that prints."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Run ``selbench``."""
    from selbench.cli.app import app

    signal.signal(signal.SIGTERM, _stop)
    sys.exit(app())


def _stop(number: int, frame: FrameType | None) -> None:
    """Take an order to end as Ctrl-C: what was being written is swept up, finished work is kept."""
    raise KeyboardInterrupt
