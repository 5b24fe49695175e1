"""A kind of file that a person names: reads one, and says what was expected where that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import InputMissingError, SorterError
from edge.files.bounded import read_bounded


@dataclass(frozen=True, slots=True)
class InputKind:
    """What the errors of reading a file say of it.

    Attributes:
        name: what it is, e.g. ``model``; the error begins with it and the path.
        error: raised where there is a file that cannot be read.
        expected: what to name instead, e.g. ``expected one made by sorter-convert``.
        missing: what to do where there is no such file; None: as ``expected``.
    """

    name: str
    error: type[SorterError]
    expected: str
    missing: str | None = None

    @contextmanager
    def reading(self, path: Path) -> Iterator[None]:
        """Turn the operating system's errors into those of this kind.

        Raises:
            InputMissingError: there is no such file, or it is a folder.
            SorterError: it cannot be read; of the kind ``error``.
        """
        try:
            yield
        except SorterError:  # some are an OSError, and say already what is wrong
            raise
        except FileNotFoundError as error:
            raise InputMissingError(f"{self.name} {path}: no such file; {self.missing or self.expected}") from error
        except IsADirectoryError as error:
            raise InputMissingError(f"{self.name} {path}: is a folder; {self.expected}") from error
        except OSError as error:
            raise self.error(f"{self.name} {path}: cannot be read: {error.strerror or error}") from error

    def read(self, path: Path, most_bytes: int) -> bytes:
        """The content of a file.

        Raises:
            InputMissingError: there is no such file, or it is a folder.
            SorterError: it cannot be read, is no regular file, or is larger than ``most_bytes``; of the kind ``error``.
        """
        with self.reading(path):
            try:
                return read_bounded(path, most_bytes)
            except ValueError as error:
                raise self.error(f"{self.name} {path}: {error}; {self.expected}") from error
