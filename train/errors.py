"""Errors of training. The message is one line: what failed, where, what was expected, what to do."""


class TrainError(Exception):
    """Base of every error that ``train`` raises; the command line prints it and leaves with ``exit_code``."""

    exit_code = 2


class SettingsError(TrainError, ValueError):
    """A setting is unknown, of the wrong type, or out of its range; or it differs from the settings of the run to be resumed."""


class DataError(TrainError, ValueError):
    """The pictures, labels or split cannot be trained on."""


class RunError(TrainError, FileNotFoundError):
    """A run folder, a model file or a weights file is missing or not usable."""

    def __str__(self) -> str:  # FileNotFoundError would print an errno that isn't there
        return str(self.args[0]) if self.args else ""
