"""Reads text files that people write on whatever system: UTF-8 with or without a byte order mark, or UTF-16."""

import codecs
from pathlib import Path

MOST_BYTES = 64_000_000
"""Largest text file that is read: a split of a million pictures takes half of it."""

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextFileError(ValueError):
    """A file is not text that can be read. Its text says what was found, and what to do."""


def read_text(path: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """Read a text file; every line ends in a newline character alone, whatever system wrote it.

    Args:
        path: the file.
        most_bytes: largest size that is read.

    Raises:
        OSError: it cannot be read.
        TextFileError: it is larger, or neither UTF-8 nor UTF-16.
    """
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise TextFileError(f"is larger than {most_bytes} bytes; expected a text file")
    return decode_text(content)


def decode_text(content: bytes) -> str:
    """The text of a file's bytes, without the mark at its beginning.

    Raises:
        TextFileError: it is neither UTF-8 nor UTF-16.
    """
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else _utf16_without_mark(content) or "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextFileError(_explain(content, error)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _utf16_without_mark(content: bytes) -> str | None:
    """The byte order of UTF-16 text that lacks its mark, told by the zeros of its first character."""
    start = content[:2]
    if len(start) < 2 or len(content) % 2 or start.count(0) != 1:
        return None
    return "utf-16-be" if start[0] == 0 else "utf-16-le"


def _explain(content: bytes, error: UnicodeDecodeError) -> str:
    if error.encoding.startswith("utf-16"):
        return "looks like UTF-16 and is damaged or cut; save it again as UTF-8"
    line = content.count(b"\n", 0, error.start) + 1
    return (
        f"line {line} is not UTF-8: byte 0x{content[error.start]:02x}, as older Windows programs (Latin-1, Windows-1252) write "
        "umlauts and accents; save the file as UTF-8"
    )
