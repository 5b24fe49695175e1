"""Somebody at a terminal who knows beforehand what to answer."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import UnavailableError

Answer = str | Callable[[], str | None]


@dataclass(frozen=True)
class Asked:
    """A question with ``part`` in it is answered so; a callable does something first, and answers what it returns."""

    part: str
    answer: Answer = ""


@dataclass(frozen=True)
class Watched:
    """Something changing is looked at ``times`` times, doing ``act(number)`` before each, then Enter is pressed."""

    times: int = 5
    act: Callable[[int], None] = lambda number: None
    answer: str = ""


class Person:
    """Follows a script; at its end the terminal is closed.

    Attributes:
        shown: every line that was shown.
        seen: everything that was shown while watching.
    """

    def __init__(self, *script: Asked | Watched) -> None:
        self._script = list(script)
        self.shown: list[str] = []
        self.seen: list[str] = []

    def show(self, text: str) -> None:
        self.shown += text.splitlines()

    def ask(self, question: str, default: str = "") -> str:
        turn = self._turn(question)
        assert isinstance(turn, Asked), f"asked {question!r}, expected to watch"
        assert turn.part in question, f"asked {question!r}, expected {turn.part!r}"
        answer = turn.answer() if callable(turn.answer) else turn.answer
        return answer or default

    def watch(self, look: Callable[[], str | None]) -> str | None:
        turn = self._turn("watching")
        assert isinstance(turn, Watched), f"watching, expected to be asked {turn}"
        for number in range(turn.times):
            turn.act(number)
            text = look()
            if text is None:
                return None
            self.seen.append(text)
        return turn.answer

    @property
    def is_done(self) -> bool:
        """Whether the whole script was needed."""
        return not self._script

    def _turn(self, what: str) -> Asked | Watched:
        if not self._script:
            raise UnavailableError(f"nobody is there: {what}")
        return self._script.pop(0)
