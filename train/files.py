"""Files that are read with a reason in words where they cannot be, and written atomically."""

import json
import os
from pathlib import Path

from hardware.text_file import TextFileError, read_text
from train.errors import SettingsError, TrainError


class UnreadableFileError(TrainError, ValueError):
    """A file cannot be read. Its text is the reason alone; who asked for the file adds its name and what to do."""


def read_json(path: Path) -> object:
    """Read a JSON file, whatever system wrote it (see ``hardware.text_file``).

    Raises:
        UnreadableFileError: it is missing, no text, empty, or not JSON.
    """
    text = read_words(path)
    if not text.strip():
        raise UnreadableFileError("is empty")
    try:
        content: object = json.loads(text)
    except ValueError as error:
        raise UnreadableFileError(f"is not JSON, it may be cut or damaged: {error}") from error
    except RecursionError as error:
        raise UnreadableFileError("is not JSON that anything of ours wrote: nested too deeply") from error
    return content


def read_words(path: Path) -> str:
    """Read a text file.

    Raises:
        UnreadableFileError: it is missing, or no text.
    """
    try:
        return read_text(path)
    except FileNotFoundError as error:
        raise UnreadableFileError("no such file") from error
    except OSError as error:
        raise UnreadableFileError((error.strerror or str(error)).lower()) from error
    except TextFileError as error:
        raise UnreadableFileError(str(error)) from error


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as ``write_bytes`` does."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write atomically: a kill at any moment leaves the old file or the new one. Creates the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def check_output_folder(path: Path, option: str) -> None:
    """Check before the work that a folder can be made, or written to.

    Args:
        path: the folder; it may be missing.
        option: what named it on the command line, e.g. ``--out``.

    Raises:
        SettingsError: there is a file of that name, or no right to write.
    """
    _check_way_to(path, path, option, "a folder")


def check_output_file(path: Path, option: str) -> None:
    """Check before the work that a file can be written. Arguments as of ``check_output_folder``.

    Raises:
        SettingsError: there is a folder of that name, a file where its folder should be, or no right to write.
    """
    if path.is_dir():
        raise SettingsError(f"{option} {path}: is a folder; expected the name of a file, which may lie in it")
    _check_way_to(path.parent, path, option, "a file")


def _check_way_to(folder: Path, named: Path, option: str, expected: str) -> None:
    """Check the first folder on the way up that exists."""
    there = folder.absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        what = "is a file" if there == named.absolute() else f"{there} is not a folder"
        raise SettingsError(
            f"{option} {named}: {what}; expected {expected}, made where it is missing; give another name"
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(
            f"{option} {named}: {there} may not be written to; give another place, or change its rights"
        )
