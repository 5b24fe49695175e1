"""The dialogue on a terminal: lines in, lines out, and a changing number until Enter is pressed."""

import io
import os
from collections.abc import Iterator

import pytest
from rich.console import Console

from edge.calibrate.dialogue import Terminal, choose, enter_or
from edge.errors import UnavailableError
from tests.doubles.scripted_dialogue import Asked, ScriptedDialogue


class PtyTerminal:
    """A terminal with a scripted keyboard."""

    def __init__(self) -> None:
        read, self._write = os.pipe()
        self._read = read
        self.out = io.StringIO()
        self.terminal = Terminal(descriptor=read, console=Console(file=self.out, width=40))

    def type(self, text: str) -> None:
        os.write(self._write, text.encode())

    def hang_up(self) -> None:
        if self._write >= 0:
            os.close(self._write)
            self._write = -1

    def close(self) -> None:
        self.hang_up()
        os.close(self._read)


@pytest.fixture
def line() -> Iterator[PtyTerminal]:
    one = PtyTerminal()
    yield one
    one.close()


def test_answers_come_line_by_line_however_they_arrive(line: PtyTerminal) -> None:
    line.type("glass \n\npap")
    assert line.terminal.ask("Which bin?") == "glass"
    assert line.terminal.ask("Which bin?", "paper") == "paper"
    line.type("er\n")
    assert line.terminal.ask("Which bin?") == "paper"
    assert "Which bin? [paper]: " in line.out.getvalue()


def test_a_path_is_shown_in_one_piece_on_a_narrow_terminal(line: PtyTerminal) -> None:
    path = "/var/lib/sorter/calibrate/" + "a" * 60 + ".jpg"
    line.terminal.show(f"Look at [it]: {path}")
    assert f"Look at [it]: {path}" in line.out.getvalue()


def test_watching_ends_with_a_line(line: PtyTerminal) -> None:
    looks: list[int] = []

    def look() -> str:
        looks.append(len(looks))
        if len(looks) == 3:
            line.type("s\n")
        return f"sharpness {len(looks)}"

    assert line.terminal.watch(look) == "s"
    assert looks == [0, 1, 2]


def test_watching_ends_by_itself(line: PtyTerminal) -> None:
    answers = iter(["1.0 m", None])
    assert line.terminal.watch(lambda: next(answers)) is None


def test_a_closed_terminal_is_an_error_and_no_endless_loop(line: PtyTerminal) -> None:
    line.hang_up()
    with pytest.raises(UnavailableError, match="terminal is closed"):
        line.terminal.ask("Which bin?")
    with pytest.raises(UnavailableError, match="terminal is closed"):
        line.terminal.watch(lambda: "1.0 m")


def test_a_choice_is_asked_for_until_it_is_one() -> None:
    dialogue = ScriptedDialogue(Asked("Write", "what?"), Asked("Write", "No"), Asked("Write"))
    assert choose(dialogue, "Write this?", "y", "n") == "n"
    assert dialogue.shown == ["  Expected y or n."]
    assert choose(dialogue, "Write this?", "y", "n") == "y"


@pytest.mark.parametrize("wrong", ["no", "n", "skip", "wait", "x", "+"])
def test_only_enter_or_yes_begins_what_may_move(wrong: str) -> None:
    for answer, means in (("", ""), ("Y", ""), ("yes", ""), ("s", "s"), ("S", "s")):
        dialogue = ScriptedDialogue(Asked("Hands off", wrong), Asked("Hands off", answer))
        assert enter_or(dialogue, "Hands off? Enter begins (s skips)", "s") == means
        assert dialogue.shown == ["  Expected Enter, or s."]
