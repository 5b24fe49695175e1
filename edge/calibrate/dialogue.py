"""Dialogue with the user at the bin: show lines, ask for a line, show a changing number until Enter is pressed."""

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
from edge.terminal.console import make_console


class Dialogue(Protocol):
    """What calibration needs of a terminal; a test answers from a script instead."""

    def show(self, text: str) -> None:
        """Show one or more lines."""
        ...

    def ask(self, question: str, default: str = "") -> str:
        """Ask a question.

        Returns:
            The answer, stripped of white space; ``default`` if it is empty.

        Raises:
            UnavailableError: the terminal is closed.
        """
        ...

    def watch(self, look: Callable[[], str | None]) -> str | None:
        """Show the result of ``look`` again and again until a line is typed, or ``look`` returns None.

        Args:
            look: gives the text to show. It sets the pace: it waits for a frame, or on the clock.

        Returns:
            The line; None if ``look`` ended it.

        Raises:
            UnavailableError: the terminal is closed.
        """
        ...


def choose(dialogue: Dialogue, question: str, *letters: str) -> str:
    """Ask until the answer begins with one of the letters, and return that letter; the first one for Enter."""
    while True:
        answer = dialogue.ask(question, letters[0]).lower()[:1]
        if answer in letters:
            return answer
        dialogue.show(f"  Expected {', '.join(letters[:-1])} or {letters[-1]}.")


def enter_or(dialogue: Dialogue, question: str, *letters: str) -> str:
    """Ask for confirmation before something moves, until the answer is unambiguous.

    Returns:
        "" for Enter, y or yes; else one of the letters.
    """
    while True:
        answer = dialogue.ask(question).lower()
        if answer in ("", "y", "yes"):
            return ""
        if answer in letters:
            return answer
        dialogue.show(f"  Expected Enter, or {' or '.join(letters)}.")


class Terminal:
    """Dialogue on a plain terminal, for example over SSH.

    Args:
        descriptor: file descriptor that lines are read from; None: standard input.
        console: where lines are written; None: standard output.
    """

    def __init__(self, *, descriptor: int | None = None, console: Console | None = None) -> None:
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._console = console or make_console(highlight=False)
        self._buffer = b""

    def show(self, text: str) -> None:
        # Long lines are left to the terminal to wrap, so that a path can be copied in one piece.
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

    # Lines are not read through sys.stdin: select() does not see what it has read ahead into its buffer.
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
                    "calibrate: the terminal is closed, so the questions cannot be answered; nothing of this step was written"
                )
            self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace").strip()
