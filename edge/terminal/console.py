"""Output of the commands: lines, error lines, and Rich's tables, all printable."""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from hardware.passwords import mask_passwords
from hardware.printable import one_line, printable

READABLE = 11
"""Width of a column, with its border, from which on a table is left to Rich, which breaks and cuts its words."""

WIDEST = 10_000
"""Width that every table fits in."""


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


class PrintableConsole(Console):
    """Rich's console, for texts that name files and addresses: all of it is made printable.

    A table too narrow for its columns gets the width that they need: Rich would empty them instead.
    """

    def render_str(self, text: str, *arguments: object, **options: object) -> Text:
        rendered: Text = super().render_str(printable(text), *arguments, **options)  # type: ignore[arg-type]
        return rendered

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        if isinstance(renderable, Text) and (clean := printable(renderable.plain)) != renderable.plain:
            renderable = Text(clean, style=renderable.style)
        return super().render(renderable, options)

    def print(self, *objects: object, **options: object) -> None:
        for one in objects:
            if isinstance(one, Table) and (least := self._least_width(one)) > self.width:
                # Not cropped: the lines run over, as those of any long line do, and a file or a pipe has no edge.
                one.width, options["crop"] = least, False
        super().print(*objects, **options)  # type: ignore[arg-type]

    def _least_width(self, table: Table) -> int:
        """Columns of text below which nothing of a table's cells could be read; 0 if the console is wide enough."""
        if self.width >= READABLE * len(table.columns):
            return 0
        return Measurement.get(self, self.options.update(max_width=WIDEST), table).minimum


def make_console(*, stderr: bool = False, highlight: bool = True, file: TextIO | None = None) -> PrintableConsole:
    """A console on standard output, on standard error, or on a file.

    Brackets in a text stand for themselves, whatever a file or a label is called; colours are given as ``Text``.
    """
    return PrintableConsole(stderr=stderr, highlight=highlight, markup=False, file=file)
