"""Output by way of Rich: tables, progress and colours, all printable. Loading it takes 2.7 MB, which a service does not need."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from hardware.printable import printable

READABLE = 11
"""Width of a column, with its border, from which on a table is left to Rich, which breaks and cuts its words."""

WIDEST = 10_000
"""Width that every table fits in."""


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
