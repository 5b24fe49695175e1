"""Lines on standard output and standard error, made printable. Rich's tables are the matter of ``edge.terminal.console``."""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress

from hardware.passwords import mask_passwords
from hardware.printable import one_line, printable


def say(text: str, *, flush: bool = False) -> None:
    """Print a text on standard output."""
    print(printable(text), flush=flush)


def say_json(value: object, *, flush: bool = False) -> None:
    """Print a value as one line of JSON, which has escapes of its own for what would steer a terminal.

    Passwords in its texts are masked before they are quoted: afterwards, one with a quotation mark could end elsewhere.
    """
    print(json.dumps(_masked_texts(value)), flush=flush)


def _masked_texts(value: object) -> object:
    if isinstance(value, str):
        return mask_passwords(value)
    if isinstance(value, Mapping):
        return {_masked_texts(key): _masked_texts(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_texts(one) for one in value]
    return value


def say_error(program: str, text: object) -> None:
    """Print ``PROGRAM: TEXT`` as one line on standard error."""
    with suppress(OSError):  # whoever read it has left; the exit code tells
        print(f"{program}: {one_line(str(text))}", file=sys.stderr)


def say_os_error(program: str, error: OSError) -> None:
    """Print what the operating system refused as one line: the file first, then the reason in its words."""
    if error.strerror is None:
        say_error(program, error)
        return
    file = "" if error.filename is None else f"{_name(error.filename)}: "
    say_error(program, f"{file}{error.strerror[:1].lower()}{error.strerror[1:]}")


def _name(filename: object) -> str:
    return filename.decode(errors="replace") if isinstance(filename, bytes) else str(filename)
