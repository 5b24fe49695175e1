"""``sorter teach add``: teach a label from picture files."""

import argparse
import logging
from collections import Counter
from pathlib import Path

from rich.progress import track

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.label_lesson import LabelLesson, label_lesson
from edge.commands.teach.report import EX_SOME_FAILED, bin_note, known_text, pictures_text, taught_text
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import PictureError
from edge.sight.picture import find_pictures, read_picture
from edge.teaching.pictures.label_name import check_label
from edge.teaching.pictures.looks import read_empty_tray
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.taught_set.taught_picture import Source
from edge.terminal.console import make_console
from edge.terminal.output import say, say_error, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach add``."""
    parser.description = (
        "Teach a label from picture files: one thing on each, best taken by the bin's own camera. All of them are "
        "added, or after Ctrl-C none; 'sorter teach undo' takes them out again."
    )
    parser.add_argument("label", metavar="LABEL", help="what is on the pictures, e.g. glass")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PICTURE", help="picture, or folder (searched recursively)"
    )
    add_config_options(parser)
    parser.add_argument(
        "--empty-tray", type=Path, metavar="FILE", help="picture of the empty tray: the thing is what differs from it"
    )
    parser.add_argument(
        "--keep-damaged", action="store_true", help="use JPEGs that have lost pixels in their middle as well"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Add the pictures.

    Returns:
        Exit code: 0, or 1 if some of the pictures could not be used.

    Raises:
        SorterError: configuration, model or taught set cannot be used, none of the pictures can be, or the label cannot be one.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    check_label(arguments.label)
    found = [path for given in arguments.paths for path in find_pictures(given)]
    console = make_console(stderr=True)
    shown = track(found, description="looking", console=console, transient=True, disable=not console.is_terminal)
    with label_lesson(config, arguments.label, empty_tray=read_empty_tray(arguments.empty_tray)) as lesson:
        for path in shown:
            _take(lesson, path, keep_damaged=arguments.keep_damaged)
        evicted = lesson.teach(f"add {lesson.label}: {pictures_text(len(lesson.pictures))} from files")
        total = lesson.total
    if arguments.json:
        say_json(
            {
                "label": lesson.label,
                "added": len(lesson.pictures),
                "known": lesson.known,
                "evicted": evicted,
                "pictures": total,
                "errors": lesson.problems,
            }
        )
    else:
        _say_result(config, lesson, total, evicted)
    return EX_SOME_FAILED if lesson.problems else 0


def _take(lesson: LabelLesson, path: Path, *, keep_damaged: bool) -> None:
    try:
        pixels = read_picture(path, keep_damaged=keep_damaged)
        looks = lesson.taker.look_at(pixels, path)
    except PictureError as error:
        lesson.problems.append(str(error))
        return
    lesson.take(str(path), pixels, looks, source=Source.FILE, origin=path.name)


def _say_result(config: Config, lesson: LabelLesson, total: int, evicted: int) -> None:
    for problem in lesson.problems:
        say_error("sorter: error", problem)
    pictures = lesson.pictures
    notes = Counter(note for one in pictures for note in picture_faults(one.is_cut_off, one.brightness))
    lines = [f"{count} {note}" for note, count in sorted(notes.items())]
    without_item = sum(one.picture is not None and one.picture.mask is None for one in pictures)
    if without_item and lesson.taker.finds_things:
        lines.append(f"{without_item} on which no thing was found: the whole picture counts; --empty-tray may help")
    if lesson.known:
        lines.append(known_text(lesson.known))
    say("\n".join([taught_text(lesson.label, len(pictures), total, evicted), *(f"  {line}" for line in lines)]))
    if (note := bin_note(config, lesson.label)) is not None:
        say(note)
