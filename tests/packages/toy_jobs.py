"""Jobs that try a run's workers: they wait, tell about themselves, or kill what runs them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class ToyJob:
    """Read a file, wait, and return what was read and in which environment; or die on the way."""

    name: str
    kind: str = "toy"
    seconds: float = 0.0
    dies: Literal["", "process", "worker"] = ""
    path: Path | None = None
    content: bytes = b""

    def run(self, report: Callable[[float, str], None]) -> dict[str, Any]:
        """Do it."""
        for step in range(10):
            report(step / 10, f"step {step}")
            time.sleep(self.seconds / 10)
        if self.dies == "process":
            os._exit(9)
        if self.dies == "worker":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        content = self.path.read_bytes() if self.path and not self.content else self.content
        return {"content": content, "threads": os.environ.get("OMP_NUM_THREADS"), "process": os.getpid()}

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return how to read the file."""
        return {str(self.path): self.path.read_bytes} if self.path else {}

    def carrying(self, contents: Mapping[str, bytes]) -> ToyJob:
        """Return the job with the file's content."""
        return replace(self, content=contents[str(self.path)]) if self.path else self
