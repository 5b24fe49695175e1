"""Talk with the person at the bin: show a line, ask for one, show a number that changes until Enter is pressed."""

import os
import select
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from edge.errors import UnavailableError


class Dialogue(Protocol):
    """All that calibration needs of a terminal; a test answers with a script instead."""

    def show(self, text: str) -> None:
        """Show one or more lines."""
        ...

    def ask(self, question: str, default: str = "") -> str:
        """The answer, without white space around it; ``default`` to a mere Enter.

        Raises:
            UnavailableError: nobody is there any more.
        """
        ...

    def watch(self, look: Callable[[], str | None]) -> str | None:
        """Show what ``look`` says, again and again, until a line is typed, which is returned.

        ``look`` paces itself (it waits for a frame, or on the clock); None from it ends the watching, and is returned.

        Raises:
            UnavailableError: nobody is there any more.
        """
        ...


def choose(dialogue: Dialogue, question: str, *letters: str) -> str:
    """One of the letters; the first to a mere Enter. Asked again until it is one; a word counts by its beginning."""
    while True:
        answer = dialogue.ask(question, letters[0]).lower()[:1]
        if answer in letters:
            return answer
        dialogue.show(f"  Expected {', '.join(letters[:-1])} or {letters[-1]}.")


def enter_or(dialogue: Dialogue, question: str, *letters: str) -> str:
    """ "" to a mere Enter or yes, or one of the letters; asked again to all else, since what follows may move something."""
    while True:
        answer = dialogue.ask(question).lower()
        if answer in ("", "y", "yes"):
            return ""
        if answer in letters:
            return answer
        dialogue.show(f"  Expected Enter, or {' or '.join(letters)}.")


class Terminal:
    """A plain terminal, as over SSH: lines in, lines out.

    Args:
        descriptor: file descriptor that lines are read from.
        console: what is written to; None: standard output.
    """

    def __init__(self, *, descriptor: int | None = None, console: Console | None = None) -> None:
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._console = console or Console(highlight=False)
        self._buffer = b""

    def show(self, text: str) -> None:
        # Long lines are the terminal's to wrap: a path must stay whole to be copied.
        self._console.print(Text(text), soft_wrap=True)

    def ask(self, question: str, default: str = "") -> str:
        self._console.print(
            Text(f"{question}{f' [{default}]' if default else ''}: ", style="bold"), end="", soft_wrap=True
        )
        return self._line() or default

    def watch(self, look: Callable[[], str | None]) -> str | None:
        on_screen = self._console.is_terminal
        live = Live(console=self._console, auto_refresh=False, transient=True) if on_screen else None
        with live or nullcontext():
            while not self._has_line():
                text = look()
                if text is None:
                    return None
                if live is not None:
                    live.update(Text(text), refresh=True)
        return self._line()

    # Not sys.stdin's own buffer: what has been read ahead into it, select() does not see.
    def _has_line(self) -> bool:
        return b"\n" in self._buffer or bool(select.select([self._descriptor], [], [], 0)[0])

    def _line(self) -> str:
        while b"\n" not in self._buffer:
            try:
                read = os.read(self._descriptor, 4096)
            except OSError:  # EIO: the connection is cut
                read = b""
            if not read:
                raise UnavailableError(
                    "calibrate: the terminal is closed, and somebody must answer; of this step nothing was written"
                )
            self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace").strip()
