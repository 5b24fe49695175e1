"""``sorter teach relabel``: say what an item was that the bin has decided."""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.event_name import HELP, event_name, find_event
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import EventLogError, PictureError
from edge.inference.bundle import read_bundle
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.reviews.review_log import Review, ReviewLog
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
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
    with EventLog(config.event_log.file, read_only=True) as events:
        event = find_event(events, arguments.event)
        kept = events.features(event["session"], event["number"])
        is_of_model = events.model_of(event["session"]) in (base.sha256, base.compiled_from)
    with open_taught_set(config, base) as taught:
        known = (taught.labels, config.decision.labels, base.labels)
        label = known_label(arguments.label, *known)
        looks = kept.vectors if kept is not None and is_of_model else None
        if looks is None:
            looks = _read_again(config, event)
        name = event_name(event)
        what = f"relabel {name} from {event['label']} to {label}"
        picture = TaughtPicture(label, Source.EVENT, name, time.time(), None, base.sha256, looks)
        taught.add([picture], what, wall_s=time.time())
    ReviewLog(config.teaching_folder).add(_review(event, kept, label))
    if label == event["label"]:
        say(f"{name}: {label}, as it was decided")
    else:
        say(f"{name}: {label}, was decided {event['label']} ({event['confidence']:.0%}, {event['bin']})")
    if not any(label in labels for labels in known):
        say(
            f"{label} is a new label: add it to decision.labels, so that it has a bin; 'sorter teach undo' takes it back"
        )
    return 0


def _read_again(config: Config, event: EventRow) -> NDArray[np.int8]:
    """The features of an event's picture. Raises EventLogError if there is none."""
    path = None if event["image"] is None else Path(config.event_log.images) / event["image"]
    try:
        if path is None:
            raise PictureError("it has no picture")
        classifier = load_classifier(config)
        try:
            return LookTaker(classifier, views=config.decision.views).read(path).features
        finally:
            classifier.close()
    except PictureError as error:
        raise EventLogError(
            f"event {event_name(event)}: what it was decided from is not kept, and its picture cannot be read: {error}"
        ) from error


def _review(event: EventRow, kept: EventFeatures | None, label: str) -> Review:
    return Review(
        event["session"],
        event["number"],
        event["wall_s"],
        None if kept is None else kept.head,
        event["bin"],
        event["label"],
        label,
        0.0 if kept is None else kept.share,
        kept is not None and kept.offered,
    )
