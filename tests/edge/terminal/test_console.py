import argparse
import io
import json
import logging
import sys

import pytest
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.terminal.console import PrintableConsole
from edge.terminal.log_filter import PrintableFilter
from edge.terminal.output import say, say_error, say_json, say_os_error
from edge.terminal.parser import PrintableParser

Capture = pytest.CaptureFixture[str]

NAME = "a\x1b[2Jb.jpg"
WRITTEN_OUT = r"a\x1b[2Jb.jpg"
ADDRESS = "rtsp://admin:secret@cam/live"


def console(width: int = 80) -> PrintableConsole:
    return PrintableConsole(file=io.StringIO(), width=width, markup=False)


def output(of: PrintableConsole) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def table(*names: str) -> Table:
    made = Table(*names, title=NAME, caption=ADDRESS)
    made.add_row(*names)
    return made


@pytest.mark.parametrize(
    "shown",
    [NAME, Text(NAME), table(NAME, ADDRESS), Panel(Text(NAME), title=NAME), Panel(table(NAME), subtitle=ADDRESS)],
)
def test_nothing_that_is_drawn_steers_the_terminal_or_tells_a_password(shown: str | Text | Table | Panel) -> None:
    out = console()
    out.print(shown)
    assert "\x1b" not in output(out)
    assert "secret" not in output(out)
    assert WRITTEN_OUT in output(out)


def test_a_page_that_redraws_itself_is_printable() -> None:
    out = console()
    with Live(table(NAME), console=out):
        pass
    assert "\x1b" not in output(out)
    assert WRITTEN_OUT in output(out)


def test_brackets_in_a_name_stand_for_themselves() -> None:
    out = console()
    out.print(table("[red]glass[/]", "[/]"), "report: [/tmp]/a[b].html")
    for name in ("[red]glass[/]", "[/]", "report: [/tmp]/a[b].html"):
        assert name in output(out)


@pytest.mark.parametrize(("columns", "width"), [(13, 80), (12, 80), (5, 12), (2, 4)])
def test_a_table_too_wide_for_the_terminal_keeps_what_is_in_it(columns: int, width: int) -> None:
    names = [f"run-number-{number:02}" for number in range(columns)]
    out = console(width)
    out.print(table(*names))
    for name in names:
        assert output(out).count(name) == 2


def test_a_table_that_fits_stays_within_the_terminal() -> None:
    out = console(40)
    long = Table("path", "label")
    long.add_row("/a/very/long/path" * 4, "glass")
    out.print(long)
    assert max(map(len, output(out).splitlines())) <= 40


def test_lines_errors_and_usage_are_printable(capsys: Capture) -> None:
    say(f"{NAME} {ADDRESS}")
    say_error("sorter: error", f"{NAME}\n{ADDRESS}")
    say_os_error("sorter: error", PermissionError(13, "Permission denied", NAME))
    with pytest.raises(SystemExit):
        PrintableParser(prog="sorter").parse_args([NAME, ADDRESS])
    captured = capsys.readouterr()
    assert captured.out == f"{WRITTEN_OUT} rtsp://***@cam/live\n"
    lines = captured.err.splitlines()
    assert lines[0] == f"sorter: error: {WRITTEN_OUT} rtsp://***@cam/live"
    assert lines[1] == f"sorter: error: {WRITTEN_OUT}: permission denied"
    assert lines[-1].endswith(f"unrecognized arguments: {WRITTEN_OUT} rtsp://***@cam/live")


def test_json_stays_json_whatever_is_masked_in_it(capsys: Capture) -> None:
    say_json([{"found": "password='hunter2", "advice": "don't", "file": "\x1b[31m.jpg"}, ("pwd='hunter2\"x'",)])
    printed = capsys.readouterr().out
    assert "hunter2" not in printed
    assert "\x1b" not in printed
    first, second = json.loads(printed)
    assert first["advice"] == "don't"
    assert first["file"] == "\x1b[31m.jpg"
    assert second[0].startswith("pwd='***'")


def test_the_parsers_of_commands_are_printable_too(capsys: Capture) -> None:
    parser: argparse.ArgumentParser = PrintableParser(prog="sorter")
    parser.add_subparsers().add_parser("run").add_argument("--items", type=int)
    with pytest.raises(SystemExit):
        parser.parse_args(["run", "--items", NAME])
    assert "\x1b" not in capsys.readouterr().err


def test_log_lines_are_printable_with_their_arguments_and_trace() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(PrintableFilter())
    try:
        raise ValueError(f"{NAME} {ADDRESS}")
    except ValueError:
        record = logging.LogRecord("x", logging.WARNING, __file__, 1, "%s\nforged: %s", (NAME, ADDRESS), sys.exc_info())
    handler.handle(record)
    lines = out.getvalue().splitlines()
    assert lines[0] == rf"{WRITTEN_OUT}\nforged: rtsp://***@cam/live"
    assert lines[-1] == f"ValueError: {WRITTEN_OUT} rtsp://***@cam/live"
