"""``sorter teach review``: decisions that a person should look at, and what the answers so far say of each bin."""

import argparse
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config, count
from edge.commands.teach.event_name import event_name
from edge.config.file import load_config
from edge.config.schema import Config
from edge.inference.bundle import read_bundle
from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.records.event_table import local_time
from edge.records.feature_table import feature_id
from edge.service.head_watch import head_in_use
from edge.teaching.pictures.redundancy import TaughtPoint, groups_alike, mean_features
from edge.teaching.reviews.contamination import ContaminationEstimate, bins_of_reviews, estimate_contamination
from edge.teaching.reviews.open_decisions import open_decisions
from edge.teaching.reviews.review_log import Review, ReviewLog
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json

LAST = 20
"""Number of decisions that are listed unless asked for otherwise: what a person looks through in a few minutes."""


@dataclass(frozen=True, slots=True)
class OfferedDecision:
    """A decision to look at.

    Attributes:
        event: name of the event, e.g. ``s00000012-000034``.
        time: local time, ISO 8601.
        label, confidence, bin: what was decided.
        drawn: whether it was sure, and drawn at random; otherwise it was unsure.
        picture: path of the item's picture; None: it is not kept any more.
        alike: the newest of the listed decisions that its picture is nearly the same as, and that has its label; often itself.
    """

    event: str
    time: str
    label: str
    confidence: float
    bin: str
    drawn: bool
    picture: str | None
    alike: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach review``."""
    parser.description = (
        "List the decisions that a person should look at: the unsure ones, and some of the sure ones drawn at "
        "random, since nothing else finds an error that the bin is sure of. 'sorter teach relabel' says what they were. Below: "
        "how much of each bin does not belong there, by what was said so far, as a range that holds the truth nineteen times out "
        "of twenty."
    )
    parser.add_argument("--last", type=count, default=LAST, metavar="N", help=f"number of decisions (default: {LAST})")
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List what is to be looked at, and the estimates.

    Raises:
        SorterError: there is no event log, or it cannot be read.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    reviews = ReviewLog(config.teaching_folder).reviews()
    done = {review.key for review in reviews}
    head = head_in_use(config)
    estimates = _estimates(config, [review for review in reviews if review.head == head])
    with EventLog(config.event_log.file, read_only=True) as events:
        open_events = list(islice(open_decisions(events, done), arguments.last))
        alike = _alike(config, events, open_events) if arguments.json else {}
    pictures = config.event_log.images
    offered = [_offered(event, pictures, alike.get(event_name(event), event_name(event))) for event in open_events]
    if arguments.json:
        say_json({"open": [asdict(one) for one in offered], "bins": [asdict(one) for one in estimates]})
    else:
        _print(offered, estimates)
    return 0


def _alike(config: Config, events: EventLog, decisions: list[EventRow]) -> dict[str, str]:
    """Names of decisions -> name of the newest one that each is nearly the same as."""
    spec = read_bundle(config.model.file).manifest.features
    names = {feature_id(one["session"], one["number"]): event_name(one) for one in decisions}
    points = []
    for one in decisions:
        kept = events.features(one["session"], one["number"])
        vectors = None if kept is None else kept.vectors
        features = None
        if vectors is not None and spec is not None and vectors.shape[1] == spec.size:
            features = mean_features(vectors, spec)
        points.append(TaughtPoint(feature_id(one["session"], one["number"]), one["label"], features))
    return {names[number]: names[group[0]] for group in groups_alike(points) for number in group}


def _offered(event: EventRow, pictures: Path, alike: str) -> OfferedDecision:
    picture = None if event["image"] is None else pictures / event["image"]
    return OfferedDecision(
        event_name(event),
        local_time(event["wall_s"]).isoformat(sep=" ", timespec="seconds"),
        event["label"],
        round(event["confidence"], 4),
        event["bin"],
        event["reason"] not in ("unsure", "unknown"),
        str(picture) if picture is not None and picture.is_file() else None,
        alike,
    )


def _estimates(config: Config, reviews: list[Review]) -> list[ContaminationEstimate]:
    bins = bins_of_reviews(reviews, config.decision.labels)
    return estimate_contamination(reviews, bins, config.decision.residual_bin, config.bins)


def _print(offered: list[OfferedDecision], estimates: list[ContaminationEstimate]) -> None:
    if offered:
        table = Table("event", Column("time", no_wrap=True), "label", Column("conf.", justify="right"), "bin", "why")
        for one in offered:
            why = ("drawn" if one.drawn else "unsure") + ("" if one.picture else ", no picture")
            table.add_row(one.event, one.time[5:16], one.label, f"{one.confidence:.2f}", one.bin, why)
        make_console().print(table)
        if pictures := [one.picture for one in offered if one.picture is not None]:
            say(f"their pictures: {Path(pictures[0]).with_stem('EVENT')}")
        say("'sorter teach relabel EVENT LABEL' says what it was, also when it was right")
    else:
        say("no decision is left to look at")
    table = Table("bin", Column("looked at", justify="right"), Column("wrong", justify="right"), "belongs elsewhere")
    for estimate in estimates:
        share = "not known" if estimate.share is None else f"{estimate.low:.1%} to {estimate.high:.1%}"
        table.add_row(estimate.bin, str(estimate.reviewed), str(estimate.wrong), share)
    make_console().print(table)
