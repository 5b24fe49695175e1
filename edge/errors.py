"""What can go wrong in the bin's program. Each leaf also inherits the builtin it refines.

``exit_code`` is what the command line leaves with, after sysexits.h: 65 bad data, 66 missing input, 69 unavailable,
74 input/output error, 78 bad configuration.
"""


class SorterError(Exception):
    """Base of every error raised in ``edge``. Its text is one line: what, where, what was expected, what to do."""

    exit_code = 70


class ConfigError(SorterError, ValueError):
    """The configuration is not usable."""

    exit_code = 78


class ModelError(SorterError, ValueError):
    """A model file is missing, damaged, or not one of ours."""

    exit_code = 65


class PictureError(SorterError, ValueError):
    """A picture cannot be read."""

    exit_code = 65


class InputMissingError(SorterError, FileNotFoundError):
    """A file or folder named on the command line is not there, or holds nothing to work on."""

    exit_code = 66

    def __str__(self) -> str:  # FileNotFoundError would print an errno that isn't there
        return str(self.args[0]) if self.args else ""


class UnavailableError(SorterError, RuntimeError):
    """A part of the bin (runtime, camera, pins) is not available."""

    exit_code = 69


class InferenceError(SorterError, RuntimeError):
    """The runtime fails to run a model that it had accepted."""


class RepeatedErrorsError(SorterError, RuntimeError):
    """The program failed on so many frames in a row that only a new start can help."""


class EventLogError(SorterError, OSError):
    """The event log cannot be opened, read or written."""

    exit_code = 74
