"""``sorter config``: shows what each key of the configuration means, changes it with its comments kept, and goes back."""

import argparse
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from edge.calibrate.config_keys import name_of
from edge.calibrate.config_listing import changes_of, list_keys
from edge.calibrate.config_versions import ConfigVersion, ConfigVersions
from edge.calibrate.config_writer import ConfigWriter, changed_lines
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.yaml_edit import rewritten
from edge.commands.options import add_config_options, count
from edge.config.default import PACKAGED_CONFIG, find_config, is_packaged
from edge.config.file import CONFIGURATION, load_config
from edge.config.invocation import invocation
from edge.errors import ConfigError, InputMissingError
from edge.terminal.output import say, say_json
from hardware.passwords import mask_passwords
from hardware.text_file import read_text

RESTART = "It holds from the sorter's next start; of the service: sudo systemctl restart sorter sorter-page"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``config``."""
    parser.description = "Show what each key of the configuration means, change it, or go back to a version before."
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title="actions")
    listing = actions.add_parser("list", help="every key, its value and its meaning", description="Print every key.")
    change = actions.add_parser(
        "set",
        help="change keys",
        description="Change keys; comments and order stay, and the version before is kept. What is not valid is refused.",
    )
    change.add_argument("assignments", nargs="+", metavar="KEY=VALUE", help="e.g. tray.region='[0.1, 0.05, 0.9, 0.95]'")
    back = actions.add_parser(
        "back", help="go back to a version before", description="Go back to a version before; the present one is kept."
    )
    back.add_argument(
        "number",
        nargs="?",
        type=count,
        default=1,
        metavar="N",
        help="which, by its number in 'list' (default: 1, the newest)",
    )
    for one, run in ((listing, run_list), (change, run_set), (back, run_back)):
        add_config_options(one)
        one.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
        one.set_defaults(run=run)
    for one in (change, back):
        one.add_argument("--try", action="store_true", dest="is_trial", help="only show what would change")
        one.add_argument(
            "--of", metavar="HASH", help="refuse unless the file has this SHA-256, as 'list --json' shows it"
        )


def run_list(arguments: argparse.Namespace) -> int:
    """Print every key.

    Raises:
        ConfigError, InputMissingError: there is no configuration that can be read.
    """
    path = find_config(arguments.config)
    text = _text(path)
    keys = list(list_keys(text, read_text(PACKAGED_CONFIG)))
    versions = [] if is_packaged(path) else list(ConfigVersions(path.resolve()).all())
    if arguments.json:
        say_json(
            {
                "file": str(path),
                "sha256": _hash(text),
                "is_writable": _is_writable(path),
                "overridden": [one.partition("=")[0] for one in arguments.overrides],
                "keys": [one.tree() for one in keys],
                "versions": [
                    {"number": one.number, "wall_s": one.wall_s, "difference": _difference(text, _text_of(one))}
                    for one in versions
                ],
            }
        )
        return 0
    for one in keys:
        say(f"{one.key}: {one.value}{'' if one.is_set else '  (default)'}")
        if one.meaning:
            say(f"    {one.meaning}")
    for version in versions:
        say(f"version {version.number}, before the present one:")
        say("\n".join(f"    {line}" for line in _difference(text, _text_of(version))))
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Change keys.

    Raises:
        ConfigError: the configuration, or what it would be, is not valid.
        InputMissingError: there is none to write to.
        UnavailableError: it cannot be written.
    """
    path, text = _own(arguments)
    changes = changes_of(arguments.assignments, text, read_text(PACKAGED_CONFIG))
    _check(path, changes)
    difference = _difference(text, rewritten(text, changes)) if changes else []
    if changes and not arguments.is_trial:
        ConfigWriter(path).write(Proposal(changes))
    return _tell(arguments, difference, [name_of(key) for key in changes])


def run_back(arguments: argparse.Namespace) -> int:
    """Go back to a version before. Raises as ``run_set``."""
    path, text = _own(arguments)
    kept = {one.number: one for one in ConfigVersions(path.resolve()).all()}
    version = kept.get(arguments.number)
    if version is None:
        raise InputMissingError(f"configuration {path}: there is no version {arguments.number}; there are {len(kept)}")
    difference = _difference(text, _text_of(version))
    if difference and not arguments.is_trial:
        ConfigWriter(path).go_back(version)
    return _tell(arguments, difference, [])


def _own(arguments: argparse.Namespace) -> tuple[Path, str]:
    """The configuration to change, and its text."""
    path = find_config(arguments.config)
    if is_packaged(path):
        raise InputMissingError(
            f"there is no config.yaml here to write to: '{invocation('init')}' writes one to start from, "
            "or name yours with --config"
        )
    text = _text(path)
    if arguments.of not in (None, _hash(text)):
        raise ConfigError(f"configuration {path}: it was changed meanwhile; look at it again")
    return path, text


def _check(path: Path, changes: Mapping[Key, object]) -> None:
    """Check the configuration as it would be. Raises ConfigError."""
    load_config(path, [f"{name_of(key)}={json.dumps(value, ensure_ascii=False)}" for key, value in changes.items()])


def _tell(arguments: argparse.Namespace, difference: list[str], keys: list[str]) -> int:
    if arguments.json:
        say_json({"difference": difference, "keys": keys})
    elif not difference:
        say("nothing changes")
    else:
        say("\n".join(difference))
        say("Nothing is written: --try" if arguments.is_trial else RESTART)
    return 0


def _difference(before: str, after: str) -> list[str]:
    return [mask_passwords(line) for line in changed_lines(before, after)]


def _text(path: Path) -> str:
    with CONFIGURATION.reading(path):
        return read_text(path)


def _text_of(version: ConfigVersion) -> str:
    return version.content.decode(errors="replace")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_writable(path: Path) -> bool:
    return not is_packaged(path) and os.access(path.resolve().parent, os.W_OK)
