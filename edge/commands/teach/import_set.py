"""``sorter teach import``: take over what was taught on another bin."""

import argparse
import logging
import time
from dataclasses import replace
from pathlib import Path

from rich.progress import track

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import bin_note, pictures_text, taught_count_text
from edge.config.file import load_config
from edge.errors import TaughtArchiveError
from edge.inference.classifier import Classifier
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.taught_set.taught_archive import read_archive
from edge.teaching.taught_set.taught_picture import TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.console import make_console
from edge.terminal.output import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach import``."""
    parser.description = (
        "Add the pictures of an archive that 'sorter teach export' has made to what is taught here: all, or none. "
        "Where this bin has another model, their features are made anew. 'sorter teach undo' takes them out again."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file made by 'sorter teach export'")
    parser.add_argument("--check", action="store_true", help="check the file and say what is in it; nothing is taken")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take it over.

    Raises:
        SorterError: the archive, the configuration or the taught set cannot be used; nothing was taken.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    found = read_archive(arguments.file, most_bytes=int(config.teach.budget_mb * 1e6))
    labels = sorted({picture.label for picture in found})
    say(f"{arguments.file}: {_count_text(found)} of {', '.join(labels) or 'nothing'}")
    if arguments.check:
        return 0
    classifier = load_classifier(config, config.model.file)
    with open_taught_set(config, classifier.manifest) as taught:
        known = (config.decision.labels, classifier.manifest.labels)
        names: dict[str, str] = {}
        for label in labels:
            names[label] = known_label(label, taught.labels, *known, names.values())
        new = [
            replace(one, label=names[one.label], origin=f"{arguments.file.name} {one.origin}")
            for one in found
            if not taught.knows(one)
        ]
        made = _with_features(new, classifier, config.decision.views)
        if not made:
            raise TaughtArchiveError(f"taught set {arguments.file}: {_why_nothing(found, new)}; nothing was taken")
        what = f"import {arguments.file.name}: {_count_text(made)}"
        added = taught.add(made, what, wall_s=time.time())
        _say_result(taught, found, new, made, added.evicted)
    for label in sorted(set(names.values())):
        if (note := bin_note(config, label)) is not None:
            say(note)
    return 0


def _count_text(pictures: list[TaughtPicture]) -> str:
    with_picture = sum(one.picture is not None for one in pictures)
    return taught_count_text(with_picture, len(pictures) - with_picture)


def _with_features(pictures: list[TaughtPicture], classifier: Classifier, views: int) -> list[TaughtPicture]:
    """The pictures with features of the model of this bin; without those of which only another model's are known."""
    model, taker = classifier.manifest.sha256, LookTaker(classifier, views=views)
    console = make_console(stderr=True)
    size = taker.spec.size
    missing = sum(not _has_features(one, model, size) for one in pictures)
    shown = track(
        pictures, description="looking", console=console, transient=True, disable=not (missing and console.is_terminal)
    )
    made = []
    for one in shown:
        if _has_features(one, model, size):
            made.append(one)
        elif one.picture is not None:
            looks = taker.take(*one.picture.decode())
            made.append(replace(one, model=model, features=looks.features))
    return made


def _has_features(picture: TaughtPicture, model: str, size: int) -> bool:
    """Whether a picture has features of a model, as many as that gives: an archive may say anything."""
    return picture.model == model and picture.features is not None and picture.features.shape[1] == size


def _why_nothing(found: list[TaughtPicture], new: list[TaughtPicture]) -> str:
    if not found:
        return "there is no picture in it"
    if not new:
        return "all of it is taught here already"
    return "it has features of another model, and no pictures to make new ones from"


def _say_result(
    taught: TaughtSet, found: list[TaughtPicture], new: list[TaughtPicture], made: list[TaughtPicture], evicted: int
) -> None:
    say(f"{_count_text(made)} added, {len(taught.entries())} in all; 'sorter teach undo' takes them out again")
    if len(new) < len(found):
        say(f"  {len(found) - len(new)} were taught here already")
    if len(made) < len(new):
        say(f"  {len(new) - len(made)} were left out: features of another model, without a picture")
    if evicted:
        say(f"  {pictures_text(evicted)} made room for them (teach.budget_mb)")
