"""The argument lines of ms, mssel, msms and discoal: read into scenarios, and written from them."""

from selbench_coalescent.arguments.discoal import discoal_command, parse_discoal
from selbench_coalescent.arguments.ms import ms_command, parse_ms
from selbench_coalescent.arguments.msms import msms_command, parse_msms
from selbench_coalescent.arguments.mssel import mssel_command, parse_mssel

__all__ = [
    "discoal_command",
    "ms_command",
    "msms_command",
    "mssel_command",
    "parse_discoal",
    "parse_ms",
    "parse_msms",
    "parse_mssel",
]
