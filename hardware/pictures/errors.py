"""The error of a picture file."""

from pathlib import Path

from hardware.errors import HardwareError
from hardware.pictures.names import escaped_name


class PictureFileError(HardwareError, ValueError):
    """A picture file cannot be read.

    Attributes:
        path: the file.
        problem: what is wrong with it, without its path.
    """

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{escaped_name(path)}: {problem}")
        self.path = path
        self.problem = problem
