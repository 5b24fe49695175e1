"""The docs say what the program does: every command, option and key is documented, and nothing else is."""

import argparse
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from inspect import isabstract
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from convert.cli import build_parser as convert_parser
from edge.cli import build_parser
from edge.config.file import load_config
from edge.config.schema import Config
from edge.terminal.parser import HEAD
from hardware.drives.section import FlapSection, SharedDriveSection
from hardware.registry import FLAPS, load_all
from tests.paths import ROOT
from train.cli import build_parser as train_parser

COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "edge" / "models" / "README.md"]
CONFIG_TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")


def subcommands(parser: argparse.ArgumentParser, prefix: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{prefix}{name}", sub
                yield from subcommands(sub, f"{prefix}{name} ")


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and action.help != argparse.SUPPRESS and option != "--help"
    }


SIMULATED = ("sim", *(kind for kind, section in zip(FLAPS, load_all(FLAPS), strict=True) if section.on_pins))
"""Kinds of what stands below a bin that the simulated bin has."""


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Every command line, e.g. ``sorter model info``, with its parser; those that only lead to others are left out."""
    found = {}
    for program, top in (
        ("sorter", build_parser()),
        ("sorter-train", train_parser()),
        ("sorter-convert", convert_parser()),
    ):
        below = dict(subcommands(top)) or {"": top}
        ends = {name: sub for name, sub in below.items() if not list(subcommands(sub))}
        found |= {f"{program} {name}".strip(): sub for name, sub in ends.items()}
    return found


COMMANDS = parsers()


def section_of(command: str) -> str:
    """What docs/commands.md says of a command: its own section, and what its program's commands share."""
    program = command.split()[0]
    (whole,) = re.findall(rf"^## {program}$(.*?)(?=^## |\Z)", COMMANDS_PAGE, flags=re.MULTILINE | re.DOTALL)
    shared, *own = re.split(r"^### ", whole, flags=re.MULTILINE)
    sections = dict(section.split("\n", 1) for section in own)
    return whole if command == program else shared + sections[command]


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_and_option_is_documented(command: str) -> None:
    section = section_of(command)
    assert re.search(rf"^{command}\b", section, flags=re.MULTILINE), f"docs/commands.md does not show `{command}`"
    for option in options(COMMANDS[command]):
        assert re.search(rf"(?<!\S|\w){option}\b", section.replace("`", " ")), (
            f"docs/commands.md: {command} lacks {option}"
        )


def shown_commands(text: str) -> Iterator[tuple[str, str]]:
    """Commands of ours in the code of a page: (command, line). What is piped, set or built from variables counts too."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0] for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    names = sorted(COMMANDS, key=len, reverse=True)
    for line in lines:
        for found in re.finditer(rf"(?<![\w/.-])({'|'.join(names)})(?![\w-])(.*)", line):
            yield found[1], found[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_docs_show_no_option_that_is_not_there(page: Path) -> None:
    for command, rest in shown_commands(page.read_text(encoding="utf-8")):
        for option in re.findall(r"(?<!\S)--[a-z][a-z0-9-]*", rest):
            known = options(COMMANDS[command]) | {"--help", "--debug", "--version"}
            assert option in known, f"{page.name}: {command} has no {option}"


def test_commands_and_options_are_found_in_a_page() -> None:
    text = "Run `sorter model info F --json`.\n```sh\nsudo sorter run --a \\\n  --b  # --c\nsorter-train fit --d\n```\n"
    found = [(command, rest.split()) for command, rest in shown_commands(text)]
    assert found == [
        ("sorter run", ["--a", "--b"]),
        ("sorter-train fit", ["--d"]),
        ("sorter model info", ["F", "--json"]),
    ]


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_option_has_help(command: str) -> None:
    for action in COMMANDS[command]._actions:
        assert action.help or isinstance(action, argparse._SubParsersAction), f"{command}: {action.dest} has no help"


def example_lines(parser: argparse.ArgumentParser) -> list[str]:
    """The command lines at the end of a command's help."""
    head, *lines = (parser.epilog or "").split("\n\n")[0].splitlines()
    assert head == HEAD
    return [line.strip() for line in lines]


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_help_of_every_command_ends_with_examples_that_are_understood(command: str) -> None:
    program, *names = command.split()
    top = {"sorter": build_parser, "sorter-train": train_parser, "sorter-convert": convert_parser}[program]()
    lines = example_lines(COMMANDS[command])
    assert lines
    for line in lines:
        typed = shlex.split(line.partition(" > ")[0], comments=True)
        typed = typed[1:] if typed[0] == "sudo" else typed
        assert typed[: len(names) + 1] == [program, *names], line
        top.parse_args(typed[1:])  # exits with 2 where it is not understood


@pytest.mark.parametrize("program", ["sorter", "sorter-train", "sorter-convert"])
def test_every_program_tells_its_version(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    top = {"sorter": build_parser, "sorter-train": train_parser, "sorter-convert": convert_parser}[program]()
    with pytest.raises(SystemExit, match="0"):
        top.parse_args(["--version"])
    number = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert capsys.readouterr().out == f"{program} {number}\n"
    assert f"`{program} --version`" in COMMANDS_PAGE


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of the configuration as dotted path; mappings of the user's own names become ``*``."""
    for name, field in model.model_fields.items():
        kinds = [kind for kind in leaves(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        kinds = [kind for kind in kinds if not isabstract(kind)]
        if issubclass(model, FlapSection | SharedDriveSection):
            # A part that is moved as a flap is has the keys of a flap of its kind.
            kinds = [kind for kind in kinds if not issubclass(kind, FlapSection)]
        yield f"{prefix}{name}"
        for kind in kinds:
            star = "*." if "dict" in str(field.annotation) else ""
            yield from keys_of(kind, f"{prefix}{name}.{star}")


def leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, e.g. of ``Annotated[A | B, ...] | None``."""
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from leaves(part)


def keys_in(tree: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from keys_in(value, f"{prefix}{name}.")


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """What the comments of config.yaml say that a key may hold instead, in braces: on its line, or on those above it."""
    path: list[str] = []
    comment = ""
    for line in CONFIG_TEXT.splitlines():
        comment += line.partition("#")[2]
        key = re.match(r"^( *)([a-z_]+):", line)
        if key is None:
            continue
        path[len(key[1]) // 2 :] = [key[2]]
        yield from ((".".join(path), yaml.safe_load(example)) for example in in_braces(comment))
        comment = ""


def in_braces(text: str) -> Iterator[str]:
    """The outermost braces with what they hold, but for those in a list."""
    depth = begin = 0
    for place, letter in enumerate(text):
        if letter == "{":
            begin = begin if depth else place
            depth += 1
        elif letter == "}":
            depth -= 1
            if not depth and text[begin - 1] != "[":
                yield text[begin : place + 1]


def test_config_yaml_shows_every_key() -> None:
    shown = set(keys_in(yaml.safe_load(CONFIG_TEXT)))
    shown |= {f"{key}.{name}" for key, example in examples() for name in keys_in(example)}
    wanted = set(keys_of(Config))
    shown = {re.sub(r"^(bins|drives)\.[a-z]+", r"\1.*", key) for key in shown}
    assert wanted - shown == set(), "keys that config.yaml lacks"


def together(key: str, example: dict[str, Any]) -> Iterator[str]:
    """What goes together with an example: a flap, its dwell time, and the drive that it shares with others."""
    flaps = [(name, one) for name, one in examples() if name.endswith(".flap") and "drive" in one]
    if key == "drives":
        for name, one in [(name, one) for name, one in flaps if one["drive"] in example]:
            yield f"{name}={json.dumps(one)}"
            yield from together(name, one | {"drive": None})
    if key.endswith(".flap") and "travel_s" in example:
        yield f"{key.rpartition('.')[0]}.dwell_s={example['travel_s']}"
    if example.get("drive") is not None:
        yield from (
            f"{name}={json.dumps(one)}" for name, one in examples() if name == "drives" and example["drive"] in one
        )


@pytest.mark.parametrize(("key", "example"), list(examples()))
def test_what_config_yaml_gives_as_an_example_is_accepted(key: str, example: dict[str, Any]) -> None:
    simulated = example.get("kind", "sim") in SIMULATED or not key.startswith("bins.")
    camera = [] if simulated else ["camera.kind=opencv"]
    overrides = [f"{key}={json.dumps(example)}", *together(key, example)]
    found: Any = load_config(ROOT / "config.yaml", [*camera, *overrides]).model_dump()
    for name in key.split("."):
        found = found[name]
    assert holds(found, example)


def holds(found: Any, example: Any) -> bool:
    """Does what was read hold all that stands in the example?"""
    if not isinstance(example, dict):
        if isinstance(found, Path):  # relative to the file's folder
            return found == ROOT / example
        return bool((list(found) if isinstance(found, tuple) else found) == example)
    return all(name in found and holds(found[name], value) for name, value in example.items())


def test_every_line_of_config_yaml_that_sets_a_value_has_a_comment() -> None:
    lines = CONFIG_TEXT.splitlines()
    for line in lines:
        key = re.match(r"^( *)([a-z_]+):(.*)$", line)
        if key is None or not key[3].strip() or key[3].strip().startswith("#"):
            continue
        repeated = re.match(r" +(flap: \{|dwell_s: 1.0$)", line)
        a_label = re.match(r"^ {4}[a-z]+: [a-z]+$", line)
        assert "#" in line or repeated or a_label, f"config.yaml: no comment on {line.strip()!r}"
