"""``sorter teach reviewed``: teach what was said of decisions on the bin's page."""

import argparse
import time

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.event_lessons import EventLessons
from edge.config.file import load_config
from edge.errors import EventLogError
from edge.inference.bundle import read_bundle
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.service.taught import open_taught_set
from edge.teaching.reviews.review_log import ReviewKey, ReviewLog
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.output import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach reviewed``."""
    parser.description = (
        "Teach what was said of decisions on the bin's page, and forget what was taken back there. The page does it "
        "by itself, some seconds after the last word; doing it again changes nothing."
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Teach it.

    Raises:
        SorterError: the event log, what was said, or the taught set cannot be used.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    reviews = ReviewLog(config.teaching_folder)
    keys = reviews.untaught()
    taken, forgotten, lost = 0, 0, 0
    if keys:
        base = read_bundle(config.model.file).manifest
        labels = {review.key: review.label for review in reviews.reviews()}
        pictures: list[TaughtPicture] = []
        with EventLog(config.event_log.file, read_only=True) as events, EventLessons(config, base, events) as lessons:
            for key in keys:
                event = events.event(key[1], key[0])
                if key not in labels:
                    continue
                if event is None or event["wall_s"] != key[2]:
                    lost += 1  # it was deleted since
                    continue
                try:
                    pictures.append(lessons.picture(event, labels[key], wall_s=time.time()))
                except EventLogError:
                    lost += 1
        with open_taught_set(config, base) as taught:
            forgotten = _forget(taught, [key for key in keys if key not in labels])
            if pictures:
                taught.add(pictures, _what(pictures), wall_s=time.time())
        taken = len(pictures)
        reviews.settle(keys)
    if arguments.json:
        say_json({"taught": taken, "forgotten": forgotten, "lost": lost})
    else:
        say(f"{taken} decisions taught, {forgotten} forgotten; of {lost} neither features nor picture are left")
    return 0


def _forget(taught: TaughtSet, keys: list[ReviewKey]) -> int:
    names = {image_name(session, number) for session, number, _ in keys}
    numbers = [one.number for one in taught.entries() if one.source == Source.EVENT and one.origin in names]
    if not numbers:
        return 0
    return taught.drop(numbers, f"take back what was said of {len(numbers)} decisions", wall_s=time.time())


def _what(pictures: list[TaughtPicture]) -> str:
    if len(pictures) == 1:
        return f"relabel {pictures[0].origin} to {pictures[0].label}"
    return f"relabel {len(pictures)} decisions, {pictures[0].origin} to {pictures[-1].origin}"
