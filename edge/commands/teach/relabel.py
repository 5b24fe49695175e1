"""``sorter teach relabel``: say what an item was that the bin has decided."""

import argparse
import time

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.event_lessons import EventLessons
from edge.commands.teach.event_name import HELP, event_name, find_event
from edge.config.file import load_config
from edge.inference.bundle import read_bundle
from edge.records.event_log import EventLog
from edge.records.feature_table import read_offer
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.reviews.review_log import Review, ReviewLog
from edge.terminal.output import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach relabel``."""
    parser.description = (
        "Say what an item was that the bin has decided. It teaches without the picture: what it was decided from "
        "is in the event log. The label that it was given confirms it. 'sorter teach fit' makes a head of it."
    )
    parser.add_argument("event", metavar="EVENT", help=HELP)
    parser.add_argument("label", metavar="LABEL", help="what it was; a new word is a new label")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Teach the event, and keep what was said for the estimate of contamination.

    Raises:
        SorterError: there is no such event, or neither its features nor its picture are there.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    base = read_bundle(config.model.file).manifest
    with EventLog(config.event_log.file, read_only=True) as events, open_taught_set(config, base) as taught:
        event = find_event(events, arguments.event)
        known = (taught.labels, config.decision.labels, base.labels)
        label = known_label(arguments.label, *known)
        name = event_name(event)
        with EventLessons(config, base, events) as lessons:
            picture = lessons.picture(event, label, wall_s=time.time())
        taught.add([picture], f"relabel {name} from {event['label']} to {label}", wall_s=time.time())
        offer = events.read(lambda database: read_offer(database, (event["session"], event["number"])))
    ReviewLog(config.teaching_folder).add(Review.of(event, offer, label))
    if label == event["label"]:
        say(f"{name}: {label}, as it was decided")
    else:
        say(f"{name}: {label}, was decided {event['label']} ({event['confidence']:.0%}, {event['bin']})")
    if not any(label in labels for labels in known):
        say(
            f"{label} is a new label: add it to decision.labels, so that it has a bin; 'sorter teach undo' takes it back"
        )
    return 0
