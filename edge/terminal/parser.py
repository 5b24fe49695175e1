"""A command line's parser: its complaints are printable, its help ends with examples, and it knows its version."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from edge.terminal.launch import loading
from hardware.printable import one_line

DISTRIBUTION = "smart-bin-sorter"

HEAD = "examples:"
"""What the paragraph of a help text begins with whose lines stay as they are."""


class HelpFormatter(argparse.HelpFormatter):
    """As ``argparse``'s, which fills every paragraph; those of examples keep their lines."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            # Commands are indented once more, which argparse leaves out of its count: the longest would get a line of its own.
            self._action_max_length += self._indent_increment

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            one if one.startswith(HEAD) else super(HelpFormatter, self)._fill_text(one, width, indent)
            for one in paragraphs
        )


class PrintableParser(argparse.ArgumentParser):
    """As ``argparse``'s, for printable text; its commands' parsers are of this kind as well."""

    formatter_class: type[argparse.HelpFormatter]

    def __init__(self, *arguments: object, **options: object) -> None:
        options.setdefault("formatter_class", HelpFormatter)
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # as argparse takes them

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


class CommandParser(PrintableParser):
    """Parser of one command, complete only when the command is asked for: most of a program need not be loaded for it.

    Args:
        complete: gives it its description and arguments; None: it has them.
    """

    def __init__(
        self, *arguments: object, complete: Callable[[argparse.ArgumentParser], None] | None = None, **options: object
    ) -> None:
        super().__init__(*arguments, **options)
        self._complete = complete

    def complete(self) -> None:
        """Make it complete. May be called more than once."""
        complete, self._complete = self._complete, None
        if complete is not None:
            complete(self)

    def parse_known_args(self, *arguments: object, **options: object) -> object:  # type: ignore[override]
        self.complete()
        return super().parse_known_args(*arguments, **options)


def complete_command(module: str, parser: argparse.ArgumentParser) -> None:
    """Load the module of a command, and let its ``add_arguments`` complete the command's parser."""
    with loading():
        add_arguments: Callable[[argparse.ArgumentParser], None] = import_module(module).add_arguments
    add_arguments(parser)
    # Also after the command, where people type it; SUPPRESS keeps it from undoing the one before.
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def complete_all(parser: argparse.ArgumentParser) -> None:
    """Make the parsers of all commands complete."""
    for command in _commands(parser).values():
        if isinstance(command, CommandParser):
            command.complete()
        complete_all(command)


class VersionAction(argparse.Action):
    """``--version``: prints the program's name and version, and ends it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"{parser.prog} {version()}")
        parser.exit()


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add ``--version`` to a program."""
    parser.add_argument("--version", action=VersionAction, nargs=0, help="print the version, and end")


def version() -> str:
    """The version that is installed; in sources that are not, that is said."""
    from importlib import metadata  # no command but --version needs it

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "(not installed: run from its sources)"


def add_examples(parser: argparse.ArgumentParser, lines: Sequence[str]) -> None:
    """End a parser's help with command lines to copy; what stood there before, stays below them."""
    examples = "\n".join([HEAD, *(f"  {line}" for line in lines)])
    parser.epilog = f"{examples}\n\n{parser.epilog}" if parser.epilog else examples


def commands_of(parser: argparse.ArgumentParser, above: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command of a program that leads to no others: its name, e.g. ``model info``, and its parser."""
    for name, command in _commands(parser).items():
        below = list(commands_of(command, f"{above}{name} "))
        yield from below or [(f"{above}{name}", command)]


def _commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """The parsers of the commands that a parser leads to, by their names."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            commands: Mapping[str, argparse.ArgumentParser] = action.choices
            return commands
    return {}
