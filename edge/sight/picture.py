"""Image files, with the errors of the bin's program."""

import logging
from pathlib import Path

from edge.errors import InputMissingError, PictureError
from hardware.frame import Pixels
from hardware.pictures.errors import PictureFileError
from hardware.pictures.folder import describe_left_out, search_folder, suffix_names
from hardware.pictures.names import escaped_name
from hardware.pictures.reader import read_rgb

log = logging.getLogger(__name__)


def find_pictures(path: Path) -> list[Path]:
    """List the image files in a folder. What else lies in it is logged as a warning.

    Args:
        path: a folder, searched recursively, or a file, which is returned whatever its name.

    Returns:
        The image files, sorted.

    Raises:
        InputMissingError: ``path`` does not exist, or is a folder without images, or one that may not be opened.
    """
    if not path.is_dir():
        if not path.exists():
            raise InputMissingError(f"{escaped_name(path)}: no such file or folder")
        return [path]
    try:
        found = search_folder(path, any_name=True)
    except OSError as error:
        raise InputMissingError(f"{escaped_name(path)}: cannot be opened: {error.strerror or error}") from error
    left_out = describe_left_out(found.left_out)
    if not found.pictures:
        others = "".join(f"; left out, {line}" for line in left_out)
        raise InputMissingError(
            f"{escaped_name(path)}: no images in this folder; expected files ending in {suffix_names()}{others}"
        )
    for line in left_out:
        log.warning("%s: left out, %s", escaped_name(path), line)
    return [path / one for one in found.pictures]


def read_picture(path: Path, *, keep_damaged: bool = False) -> Pixels:
    """Read an image file, as ``hardware.pictures.reader.read_rgb`` does.

    Args:
        path: the file.
        keep_damaged: read a JPEG that has lost pixels in its middle.

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        PictureError: the file cannot be read, is not an image, is truncated, damaged, or too large.
    """
    try:
        return read_rgb(path, keep_damaged=keep_damaged)
    except PictureFileError as error:
        raise PictureError(f"{escaped_name(path)}: {error.problem}") from error.__cause__


def read_named_picture(path: Path, key: str) -> Pixels:
    """Read an image file given by the user.

    Args:
        path: the file.
        key: configuration key or option that names it, for the error messages.

    Raises:
        InputMissingError: the file does not exist.
        PictureError: see ``read_picture``.
    """
    try:
        return read_picture(path)
    except PictureError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise InputMissingError(f"{key}: {escaped_name(path)}: no such file") from error
        raise PictureError(f"{key}: {error}") from error
