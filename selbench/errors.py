"""The errors that a user can cause and mend.

The command line turns each of them into one line on standard error and exit
status 1. Anything else is a bug and keeps its traceback.
"""


class SelbenchError(Exception):
    """Root of the tree: the message says what, where, and what to do."""


class ExperimentError(SelbenchError):
    """An experiment file is wrong: file, key, what was expected."""


class PluginError(SelbenchError):
    """A plugin is unknown, broken, duplicated, or misspells a hook or an option."""


class UnsupportedError(SelbenchError):
    """This simulator cannot do this scenario, or this model cannot take these features."""


class SimulatorError(SelbenchError):
    """An external program failed: command, exit status, last lines of its stderr."""


class DataError(SelbenchError):
    """A file or an array breaks its contract: where, what was expected, what was found."""
