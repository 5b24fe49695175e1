"""``sorter teach list``: what is taught."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import bin_note
from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.taught import open_taught_set
from edge.teaching.pictures.picture_faults import CUT_OFF, TOO_DARK, WHOLE, picture_faults
from edge.teaching.taught_set.base_model import base_manifest
from edge.teaching.taught_set.taught_database import is_nothing_taught
from edge.teaching.taught_set.taught_picture import TaughtEntry
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json
from hardware.pictures.labels import match_labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach list``."""
    parser.description = (
        "List the labels that were taught: how many pictures each has, how many of them are near-duplicates (the "
        "first that make room), and what they take of the budget."
    )
    parser.add_argument("--all", action="store_true", help="every picture, with its number")
    add_config_options(parser)
    parser.add_argument(
        "--json", action="store_true", help="one JSON object per label, with --all per picture; nothing else"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List it; where nothing was taught, that is said.

    Raises:
        SorterError: the configuration or the taught set cannot be used.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    if is_nothing_taught(config.teaching_folder):
        if not arguments.json:
            say(
                f"nothing is taught yet ({config.teaching_folder}): 'sorter teach capture LABEL' begins, see docs/teaching.md"
            )
        return 0
    base = base_manifest(config.model.file)
    with open_taught_set(config, base, read_only=True) as taught:
        entries, alike = taught.entries(), taught.near_duplicates()
        if base is None or base.view_kind != "object":
            entries = [replace(entry, is_whole=False) for entry in entries]  # it never looks for the thing
        if not entries and not arguments.json:
            say("nothing is taught any more; 'sorter teach undo' may bring it back")
        elif arguments.all:
            _list_pictures(entries, alike, as_json=arguments.json)
        else:
            _list_labels(config, entries, alike, as_json=arguments.json)
        if not arguments.json:
            _say_state(taught)
    return 0


def _list_labels(config: Config, entries: Sequence[TaughtEntry], alike: frozenset[int], *, as_json: bool) -> None:
    labels = sorted({entry.label for entry in entries})
    bins = match_labels(labels, config.decision.labels).names
    heads = ("pictures", "duplicates", "cut off", "dark", "no thing found", "MB", "budget", "bin")
    table = Table(Column("label", overflow="fold"), *heads)
    for label in labels:
        own = [entry for entry in entries if entry.label == label]
        notes = [
            note
            for entry in own
            for note in picture_faults(entry.is_cut_off, entry.brightness, is_whole=entry.is_whole)
        ]
        near = sum(entry.number in alike for entry in own)
        size = sum(entry.size_bytes for entry in own)
        share = size / (config.teach.budget_mb * 1e6)
        bin_name = config.decision.labels[bins[label]] if label in bins else None
        if as_json:
            say_json(
                {
                    "label": label,
                    "pictures": len(own),
                    "near_duplicates": near,
                    "cut_off": notes.count(CUT_OFF),
                    "dark": notes.count(TOO_DARK),
                    "whole": notes.count(WHOLE),
                    "bytes": size,
                    "budget_share": round(share, 6),
                    "bin": bin_name,
                }
            )
            continue
        counts = (len(own), near, notes.count(CUT_OFF), notes.count(TOO_DARK), notes.count(WHOLE))
        table.add_row(label, *map(str, counts), f"{size / 1e6:.2f}", f"{share:.1%}", bin_name or "none")
    if not as_json:
        make_console().print(table)
        for label in labels:
            if (note := bin_note(config, label)) is not None:
                say(note)


def _list_pictures(entries: Sequence[TaughtEntry], alike: frozenset[int], *, as_json: bool) -> None:
    table = Table(
        "number", Column("label", overflow="fold"), "taught", "from", Column("name", overflow="fold"), "notes"
    )
    for entry in entries:
        notes = picture_faults(entry.is_cut_off, entry.brightness, is_whole=entry.is_whole)
        notes += ["near-duplicate"] if entry.number in alike else []
        notes += [] if entry.has_picture else ["features only"]
        if as_json:
            say_json(
                {
                    "number": entry.number,
                    "label": entry.label,
                    "wall_s": entry.wall_s,
                    "source": entry.source,
                    "origin": entry.origin,
                    "bytes": entry.size_bytes,
                    "notes": notes,
                }
            )
            continue
        taught_at = datetime.fromtimestamp(entry.wall_s).strftime("%Y-%m-%d %H:%M")
        table.add_row(str(entry.number), entry.label, taught_at, entry.source, entry.origin, ", ".join(notes))
    if not as_json:
        make_console().print(table)


def _say_state(taught: TaughtSet) -> None:
    used, budget = taught.used_bytes / 1e6, taught.budget_bytes / 1e6
    change = taught.newest_change
    last = "" if change is None else f"; last change: {change.what} ('sorter teach undo')"
    say(f"{taught.path}: {used:.2f} of {budget:g} MB{last}")
