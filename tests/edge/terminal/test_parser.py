"""The help of a command line."""

import argparse
from importlib import metadata

import pytest

from edge.terminal.parser import (
    CommandParser,
    PrintableParser,
    add_examples,
    add_version,
    commands_of,
    complete_all,
    version,
)


def program() -> PrintableParser:
    parser = PrintableParser(prog="sorter", epilog="A note " + "that is long enough for two lines of a terminal " * 2)
    add_version(parser)
    commands = parser.add_subparsers(metavar="COMMAND")
    commands.add_parser("completion", help="print a script")
    model = commands.add_parser("model", help="look at a model")
    model.add_subparsers().add_parser("info")
    return parser


def test_examples_keep_their_lines_and_other_paragraphs_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = program()
    add_examples(parser, ["sorter completion bash   # one", "sorter model info " + "x" * 90])
    monkeypatch.setenv("COLUMNS", "80")
    text = parser.format_help()
    assert "\nexamples:\n  sorter completion bash   # one\n  sorter model info xxx" in text
    assert "\n\nA note that" in text
    assert "that is long enough for\ntwo lines of a terminal\n" in text


def test_the_longest_command_stands_on_the_line_of_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "    completion  print a script\n" in program().format_help()


def test_commands_that_lead_to_others_are_left_out() -> None:
    assert [name for name, _ in commands_of(program())] == ["completion", "model info"]
    assert list(commands_of(argparse.ArgumentParser())) == []


def test_a_command_is_complete_once_it_is_asked_for_and_so_are_those_below() -> None:
    def complete(parser: argparse.ArgumentParser) -> None:
        made.append(parser.prog)
        below = parser.add_subparsers(dest="action", parser_class=CommandParser)
        for name in ("fit", "use"):
            below.add_parser(name, complete=lambda parser: parser.add_argument("file"))

    made: list[str] = []
    top = PrintableParser(prog="sorter")
    top.add_subparsers(parser_class=CommandParser).add_parser("teach", complete=complete)
    assert made == []
    assert top.parse_args(["teach", "fit", "head"]).file == "head"
    fit, use = (command.format_help() for _, command in commands_of(top))
    assert "file" in fit
    assert "file" not in use
    complete_all(top)
    assert all("file" in command.format_help() for _, command in commands_of(top))
    assert made == ["sorter teach"]


def test_in_sources_that_are_not_installed_the_version_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert version() == "(not installed: run from its sources)"
