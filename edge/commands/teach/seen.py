"""``sorter teach seen``: teach a label from what a running bin sees."""

import argparse
import logging
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.label_lesson import LabelLesson, label_lesson
from edge.commands.teach.report import EX_SOME_FAILED, bin_note, known_text, pictures_text, taught_text
from edge.config.file import load_config
from edge.errors import PictureError
from edge.teaching.pictures.item_look import ItemLook
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.taught_set.taught_picture import Source
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
    with label_lesson(config, arguments.label) as lesson:
        for path in arguments.paths:
            _take(lesson, path, origin=f"{config.camera.kind} camera")
        evicted = lesson.teach(f"capture {lesson.label}: {pictures_text(len(lesson.pictures))}")
        total = lesson.total
    added, note = len(lesson.pictures), bin_note(config, lesson.label)
    if arguments.json:
        notes = [picture_faults(one.is_cut_off, one.brightness) for one in lesson.pictures]
        say_json(
            {
                "label": lesson.label,
                "added": added,
                "known": lesson.known,
                "evicted": evicted,
                "pictures": total,
                "notes": notes,
                "errors": lesson.problems,
                "has_bin": note is None,
            }
        )
    else:
        for problem in lesson.problems:
            say_error("sorter: error", problem)
        lines = [taught_text(lesson.label, added, total, evicted)]
        lines += [f"  {known_text(lesson.known)}"] if lesson.known else []
        say("\n".join([*lines, *([] if note is None else [note])]))
    return EX_SOME_FAILED if lesson.problems else 0


def _take(lesson: LabelLesson, path: Path, *, origin: str) -> None:
    try:
        look = ItemLook.read(path)
    except PictureError as error:
        lesson.problems.append(str(error))
        return
    looks = lesson.taker.take_item(look.pixels, look.mask)
    lesson.take(str(path), look.pixels, looks, source=Source.CAMERA, origin=origin)
