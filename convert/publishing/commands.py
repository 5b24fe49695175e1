"""``sorter-convert publish``, ``revoke``, ``rotate`` and ``refresh``: the repository that bins take their updates from."""

import argparse
import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edge.terminal.output import say
from edge.terminal.parser import PrintableParser, add_examples
from train.errors import SettingsError

if TYPE_CHECKING:
    from convert.publishing.signed_files import SignedFiles

COMMANDS = ("publish", "revoke", "rotate", "refresh")

RINGS = ("canary", "early", "all")

PASSPHRASE = "SORTER_PASSPHRASE"
"""Variable of the environment with the passphrase, where nobody can be asked."""

EX_STOPPED = 1
"""Exit code of ``publish`` where the ring before has failed, so that the update was withdrawn."""

EXAMPLES = (
    "sorter-convert publish mine.tflite --name trashnet6 --repo /srv/updates --ring canary --golden data/golden",
    "sorter-convert publish mine.tflite --name trashnet6 --repo /srv/updates --ring early --reports reports.jsonl",
    "sorter-convert revoke trashnet6 --repo /srv/updates",
    "sorter-convert refresh --repo /srv/updates   # every day, on the server: it needs the online key alone",
)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = PrintableParser(prog="sorter-convert", description="Keep a signed repository of updates (docs/updates.md).")
    add_examples(top, EXAMPLES)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    publish = commands.add_parser("publish", help="offer a model, head, settings or program to a ring of bins")
    publish.add_argument(
        "file", type=Path, metavar="FILE", help="model (.tflite), head (.head), settings (.json), or program (.tar.gz)"
    )
    publish.add_argument("--ring", choices=RINGS, default=RINGS[0], help="bins that get it (default: canary)")
    publish.add_argument(
        "--bin",
        action="append",
        default=[],
        metavar="NAME",
        dest="bins",
        help="one bin, in place of a ring; may be repeated",
    )
    publish.add_argument("--name", help="what bins call it in update.wants (default: the file's name)")
    publish.add_argument(
        "--golden",
        type=Path,
        metavar="DIR",
        help="of a model: folder with a folder of 20 to 400 pictures in all, by label",
    )
    publish.add_argument(
        "--reports",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="what the bins of the ring before report, a JSON object a line ('update' of their status)",
    )
    publish.add_argument(
        "--ring-size", type=int, metavar="N", help="bins of the ring before (default: those that report)"
    )
    revoke = commands.add_parser(
        "revoke", help="offer the newest version of something no more; bins that run it go back"
    )
    revoke.add_argument("name", metavar="NAME", help="what bins call it")
    rotate = commands.add_parser("rotate", help="replace a key")
    rotate.add_argument("key", choices=("root", "targets", "online"), help="which one")
    refresh = commands.add_parser("refresh", help="sign what is offered for another two weeks, with the online key")
    for command in (publish, revoke, rotate, refresh):
        command.add_argument("--repo", type=Path, required=True, metavar="DIR", help="folder that a web server serves")
        command.add_argument("--keys", type=Path, metavar="DIR", help="folder of the keys (default: DIR-keys)")
    return top


def main(arguments: Sequence[str]) -> int:
    """Run one of them; the exit code.

    Raises:
        TrainError: it cannot be done.
        OSError: something cannot be read or written.
    """
    options = build_parser().parse_args(arguments)
    try:
        from convert.publishing.keys import KeyFolder
        from convert.publishing.signed_files import SignedFiles
    except ModuleNotFoundError as error:
        raise SettingsError("tuf is not installed; expected the extra update: pip install '.[update]'") from error
    keys = options.keys or options.repo.with_name(f"{options.repo.resolve().name}-keys")
    if keys.resolve().is_relative_to(options.repo.resolve()):
        raise SettingsError(f"--keys {keys}: lies in the repository, where everybody could fetch the keys")
    repository = SignedFiles(options.repo, KeyFolder(keys, _passphrase))
    if options.command == "publish":
        return _publish(repository, options)
    if options.command == "revoke":
        from convert.publishing.publish import revoke

        say(f"withdrawn: {', '.join(revoke(repository, options.name))}")
    elif options.command == "rotate":
        repository.rotate(options.key)
        say(f"the key {options.key} is a new one; bins follow by themselves")
    else:
        repository.refresh()
    return 0


def _publish(repository: "SignedFiles", options: argparse.Namespace) -> int:
    from convert.publishing.publish import Publication, publish
    from convert.publishing.ring_reports import read_reports

    if not repository.is_there:
        say(f"made {repository.create()}: bring it to each bin, by a way that you trust (docs/updates.md)")
    name = options.name or options.file.name.split(".")[0]
    wanted = Publication(options.file, name, options.ring, tuple(options.bins), options.golden, options.ring_size)
    done = publish(repository, wanted, read_reports(options.reports))
    if done.count is not None:
        say(str(done.count))
    if not done.places:
        say(f"{name} {done.version}: STOPPED, and withdrawn from every ring")
        return EX_STOPPED
    say(f"{name} {done.version}: offered as {', '.join(done.places)}")
    return 0


def _passphrase(question: str) -> str:
    return os.environ.get(PASSPHRASE) or getpass.getpass(question)
