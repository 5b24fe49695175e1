"""The exceptions of the bin's program. Each also inherits the builtin exception that it refines.

``exit_code`` is the exit code of the command line, after sysexits.h: 65 bad data, 66 missing input, 69 unavailable,
70 internal error, 74 input/output error, 78 bad configuration.
"""


class SorterError(Exception):
    """Base of every exception raised in ``edge``. Its text is one line: what, where, what was expected, what to do."""

    exit_code = 70

    def __init__(self, *arguments: object) -> None:
        # Texts of libraries that are quoted in ours may have line breaks: SQLite's do, when a damaged schema has some.
        super().__init__(*(" ".join(one.splitlines()) if isinstance(one, str) else one for one in arguments))

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, to be shown on one line each."""
        return (str(self),)


class ConfigError(SorterError, ValueError):
    """The configuration is invalid.

    Args:
        problems: what is wrong with it, one sentence each; its text is all of them.
    """

    exit_code = 78

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self._problems = tuple(" ".join(one.splitlines()) for one in problems)

    @property
    def problems(self) -> tuple[str, ...]:
        return self._problems


class ModelError(SorterError, ValueError):
    """A model file is missing or damaged, or was not made by sorter-convert."""

    exit_code = 65


class HeadError(SorterError, ValueError):
    """A taught head cannot be put to use; the one before stays."""

    exit_code = 65


class ReviewError(SorterError, OSError):
    """What was said of decisions cannot be read or written."""

    exit_code = 74


class PictureError(SorterError, ValueError):
    """A picture cannot be read."""

    exit_code = 65


class BackupError(SorterError, ValueError):
    """A backup is damaged, foreign, or does not fit the machine; nothing of it was restored."""

    exit_code = 65


class TaughtArchiveError(SorterError, ValueError):
    """An exported taught set is damaged, foreign, or too large; nothing of it was taken."""

    exit_code = 65


class LabelError(SorterError, ValueError):
    """A text cannot be a label, or nothing is taught under it."""

    exit_code = 65


class InputMissingError(SorterError, FileNotFoundError):
    """A required file or folder does not exist, or is empty."""

    exit_code = 66

    def __str__(self) -> str:  # FileNotFoundError would print a missing errno
        return str(self.args[0]) if self.args else ""


class UnavailableError(SorterError, RuntimeError):
    """A component (runtime, accelerator, camera, pins) is not available."""

    exit_code = 69


class InferenceError(SorterError, RuntimeError):
    """The runtime failed to run a model that it had loaded."""


class RepeatedErrorsError(SorterError, RuntimeError):
    """Too many consecutive frames raised unexpected errors; only a restart can help."""


class EventLogError(SorterError, OSError):
    """The event log cannot be opened, read or written."""

    exit_code = 74


class TaughtSetError(SorterError, OSError):
    """What was taught cannot be opened, read or written."""

    exit_code = 74


class RefusedError(SorterError, RuntimeError):
    """The bin does not do now what a person asked for; the text is its reason."""

    exit_code = 69


class LogInUseError(EventLogError):
    """Another process writes to the event log."""
