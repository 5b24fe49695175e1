"""``sorter teach seen``: teach a label from what a running bin sees."""

import argparse
import logging
import time
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import EX_SOME_FAILED, bin_note, pictures_text, taught_text
from edge.config.file import load_config
from edge.errors import PictureError
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.pictures.tray_look import TrayLook
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.terminal.output import say, say_error, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach seen``."""
    parser.description = (
        "Teach a label from looks at the tray that a running bin's socket gave (docs/socket.md): each file is the header of "
        "the picture with its mask, as a line of JSON, and the JPEG after it. The bin's page does it this way."
    )
    parser.add_argument("label", metavar="LABEL", help="what lay on the tray, e.g. glass")
    parser.add_argument("paths", nargs="+", type=Path, metavar="LOOK", help="file of a look")
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Add the looks.

    Returns:
        Exit code: 0, or 1 if some of the looks could not be used.

    Raises:
        SorterError: configuration, model or taught set cannot be used, none of the looks can be, or the label cannot be one.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    classifier = load_classifier(config, config.model.file)
    base = classifier.manifest
    taker = LookTaker(classifier, views=config.decision.views)
    with open_taught_set(config, base) as taught:
        label = known_label(arguments.label, taught.labels, config.decision.labels, base.labels)
        pictures: list[TaughtPicture] = []
        problems: list[str] = []
        for path in arguments.paths:
            try:
                look = TrayLook.read(path)
            except PictureError as error:
                problems.append(str(error))
                continue
            looks = taker.take_item(look.pixels, look.mask)
            stored = StoredPicture.of(look.pixels, looks.mask)
            origin = f"{config.camera.kind} camera"
            pictures.append(
                TaughtPicture.of_looks(label, Source.CAMERA, origin, time.time(), stored, looks, base.sha256)
            )
        if not pictures:
            raise PictureError(f"{label}: none of the {len(arguments.paths)} looks can be used: {problems[0]}")
        what = f"capture {label}: {pictures_text(len(pictures))}"
        evicted = taught.add(pictures, what, wall_s=time.time()).evicted
        total = len(taught.entries(label))
    notes = [picture_faults(one.is_cut_off, one.brightness) for one in pictures]
    note = bin_note(config, label)
    if arguments.json:
        found = {"label": label, "added": len(pictures), "evicted": evicted, "pictures": total}
        say_json({**found, "notes": notes, "errors": problems, "has_bin": note is None})
    else:
        for problem in problems:
            say_error("sorter: error", problem)
        say("\n".join([taught_text(label, len(pictures), total, evicted), *([] if note is None else [note])]))
    return EX_SOME_FAILED if problems else 0
