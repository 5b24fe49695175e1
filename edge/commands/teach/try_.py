"""``sorter teach try``: what a head would have said of the last items."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config, count
from edge.config.file import load_config
from edge.inference.bundle import read_bundle
from edge.inference.taught_classifier import answers_of, features_for
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.records.event_schema import EventRow
from edge.service.answering import decision_for_taught
from edge.service.factories import make_policy
from edge.teaching.heads.head_folder import load_head
from edge.teaching.heads.head_trial import CountBeforeAfter, HeadTrial, try_head
from edge.teaching.reviews.review_log import ReviewLog
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json

LAST = 200
"""Number of items that a head is tried on unless asked for otherwise: some days of a bin at home."""

MOST_LISTED = 20
"""Number of items that are listed one by one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach try``."""
    parser.description = (
        "Decide the last items once more with a head, from the features that the event log keeps, and show what "
        "would change. Nothing is switched."
    )
    parser.add_argument("head", type=Path, metavar="HEAD", help="what 'sorter teach fit' made")
    parser.add_argument("--last", type=count, default=LAST, metavar="N", help=f"number of items (default: {LAST})")
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Try the head.

    Raises:
        SorterError: the head does not fit the model, or there is no event log.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    base = read_bundle(config.model.file).manifest
    head = load_head(arguments.head).head
    spec, answers = features_for(head, base), answers_of(head)
    decision, _ = decision_for_taught(config.decision, answers, base, bins=config.bins)
    truth = {review.key: review.label for review in ReviewLog(config.teaching_folder).reviews()}
    with EventLog(config.event_log.file, read_only=True) as events:
        rows = _with_looks(events, arguments.last, {base.sha256, base.compiled_from})
        trial = try_head(rows, head, spec, make_policy(decision, answers), truth=truth)
    if arguments.json:
        say_json(_as_json(trial))
    else:
        _print(trial)
    return 0


def _with_looks(
    events: EventLog, newest: int, models: set[str | None]
) -> Iterator[tuple[EventRow, NDArray[np.int8] | None]]:
    known: dict[int, bool] = {}
    for event in events.events(newest=newest):
        session = event["session"]
        if session not in known:
            known[session] = events.model_of(session) in models
        kept = events.features(session, event["number"]) if known[session] else None
        yield event, None if kept is None else kept.vectors


def _as_json(trial: HeadTrial) -> dict[str, object]:
    known, before, after = trial.right
    return {
        "items": len(trial.items),
        "left_out": trial.left_out,
        "labels": [asdict(one) for one in trial.labels],
        "bins": [asdict(one) for one in trial.bins],
        "changed": [asdict(item) for item in trial.changed],
        "reviewed": known,
        "right_before": before,
        "right_after": after,
    }


def _print(trial: HeadTrial) -> None:
    if not trial.items:
        say(f"no item can be tried: {trial.left_out} events without features of this model, or not decided by a label")
        return
    console = make_console()
    console.print(_table("label", trial.labels))
    console.print(_table("bin", trial.bins))
    changed = trial.changed
    say(f"{len(changed)} of {len(trial.items)} items would go to another bin; {trial.left_out} could not be tried")
    if changed:
        table = Table(Column("item", overflow="fold"), "before", "after", "reason")
        for item in islice(reversed(changed), MOST_LISTED):
            before = f"{item.label_before} -> {item.bin_before}"
            after = f"{item.label_after} -> {item.bin_after}"
            table.add_row(image_name(item.session, item.number), before, after, item.reason_after)
        console.print(table)
    known, were_right, would_be = trial.right
    if known:
        say(f"of {known} items of which you said what they were, {were_right} labels were right, {would_be} would be")


def _table(name: str, counts: Sequence[CountBeforeAfter]) -> Table:
    table = Table(name, *(Column(head, justify="right") for head in ("before", "after", "gone", "come")))
    for one in counts:
        table.add_row(one.name, *(str(number) for number in (one.before, one.after, one.gone, one.come)))
    return table
