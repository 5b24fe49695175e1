"""A dialogue that answers from a script."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import UnavailableError

Answer = str | Callable[[], str | None]


@dataclass(frozen=True)
class Asked:
    """Answer to one question.

    Attributes:
        part: text that must be part of the question.
        answer: the answer; a callable is called, and its result is the answer.
    """

    part: str
    answer: Answer = ""


@dataclass(frozen=True)
class Watched:
    """Answer to one ``watch``.

    Attributes:
        times: number of looks before a line is typed.
        act: called with the number of the look before each one.
        answer: the line.
    """

    times: int = 5
    act: Callable[[int], None] = lambda number: None
    answer: str = ""


class ScriptedDialogue:
    """Dialogue that follows a script; at its end the terminal counts as closed.

    Attributes:
        shown: lines that were shown.
        watched: texts that were shown while watching.
    """

    def __init__(self, *script: Asked | Watched) -> None:
        self._script = list(script)
        self.shown: list[str] = []
        self.watched: list[str] = []

    def show(self, text: str) -> None:
        self.shown += text.splitlines()

    def ask(self, question: str, default: str = "") -> str:
        step = self._next(question)
        assert isinstance(step, Asked), f"asked {question!r}, expected to watch"
        assert step.part in question, f"asked {question!r}, expected {step.part!r}"
        answer = step.answer() if callable(step.answer) else step.answer
        return answer or default

    def watch(self, look: Callable[[], str | None]) -> str | None:
        step = self._next("watching")
        assert isinstance(step, Watched), f"watching, expected to be asked {step}"
        for number in range(step.times):
            step.act(number)
            text = look()
            if text is None:
                return None
            self.watched.append(text)
        return step.answer

    @property
    def is_done(self) -> bool:
        """Whether the whole script was used."""
        return not self._script

    def _next(self, what: str) -> Asked | Watched:
        if not self._script:
            raise UnavailableError(f"the script has ended: {what}")
        return self._script.pop(0)
