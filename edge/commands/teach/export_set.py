"""``sorter teach export``: write the taught set to a zip archive."""

import argparse
import os
import time
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import taught_count_text
from edge.config.file import load_config
from edge.errors import LabelError
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.taught_set.base_model import base_manifest
from edge.teaching.taught_set.taught_archive import write_archive
from edge.terminal.output import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach export``."""
    parser.description = (
        "Write pictures, labels and features to a zip archive: for another bin ('sorter teach import'), to look at, "
        "and, unpacked, as a folder of label folders for 'sorter-train fit'. Only its owner may read it: it shows your waste."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file to write, e.g. taught.zip")
    parser.add_argument("--labels", nargs="+", metavar="LABEL", help="only these labels (default: all)")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it; a file that is there is a usage error without ``--force``.

    Raises:
        SorterError, OSError: the taught set cannot be read or the archive not be written; nothing is left of it.
    """
    if os.path.lexists(arguments.file) and not arguments.force:
        arguments.parser.error(f"{arguments.file} is there already; --force replaces it")
    config = load_config(chosen_config(arguments), arguments.overrides)
    base = base_manifest(config.model.file)
    with open_taught_set(config, base, read_only=True) as taught:
        labels = taught.labels
        chosen = {known_label(label, labels) for label in arguments.labels or labels}
        unknown = sorted(chosen - set(labels))
        if unknown or not labels:
            raise LabelError(
                f"label {', '.join(unknown) or 'all'}: nothing is taught under it; labels are {', '.join(labels) or 'none'}"
            )
        model = "" if base is None else base.sha256
        entries = [entry for entry in taught.entries() if entry.label in chosen]
        written = write_archive(
            arguments.file, entries, taught.picture, taught.looks(model), model=model, made_wall_s=time.time()
        )
    size = arguments.file.stat().st_size / 1e6
    pictures = sum(entry.has_picture for entry in entries)
    say(
        f"{arguments.file}: {taught_count_text(pictures, written - pictures)} of {', '.join(sorted(chosen))}; {size:,.1f} MB"
    )
    if written < len(entries):
        say(f"left out: {len(entries) - written} events of which only features of another model are known")
    return 0
