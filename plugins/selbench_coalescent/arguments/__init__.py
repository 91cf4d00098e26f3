"""The argument lines of ms, mssel and msms: read into scenarios, and written from them."""

from selbench_coalescent.arguments.ms import ms_command, parse_ms
from selbench_coalescent.arguments.msms import msms_command, parse_msms
from selbench_coalescent.arguments.mssel import mssel_command, parse_mssel

__all__ = ["ms_command", "msms_command", "mssel_command", "parse_ms", "parse_msms", "parse_mssel"]
