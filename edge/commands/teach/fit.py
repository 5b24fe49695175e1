"""``sorter teach fit``: fit a head to taught pictures, and say what it has learnt."""

import argparse
import logging
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.progress import track
from rich.table import Column, Table

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import pictures_text
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import InputMissingError
from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.head import TaughtHead
from edge.inference.head_figures import BinFigures, HeadFigures
from edge.inference.head_file import write_head
from edge.models import model_path
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set, refresh_looks, teaching_bins
from edge.teaching.fitting.fit import fit_head
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.folder_examples import read_taught_folder, teaching_warnings
from edge.teaching.pictures.looks import LookTaker, read_empty_tray
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.reviews.contamination import clopper_pearson
from edge.teaching.taught_set.taught_database import is_nothing_taught
from edge.terminal.console import make_console
from edge.terminal.output import say, say_error, say_json
from hardware.pictures.class_folders import LabelledPicture

MOST_FORGOTTEN = 0.02
"""How much of the accuracy on the model's own labels a head may cost."""

EX_FORGETS = 1
"""Exit code of a head that would cost more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach fit``."""
    parser.description = (
        "Fit a head to taught pictures, in seconds and without a network: a folder with a folder of pictures for "
        "each label, or all that this bin was taught. It says what it has learnt, each picture judged without itself."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="folder of label folders (default: what this bin was taught)",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="HEAD", help="file to write; one that is there is replaced"
    )
    parser.add_argument(
        "--only-taught", action="store_true", help="know only the labels that were taught, and forget the model's own"
    )
    parser.add_argument(
        "--empty-tray",
        type=Path,
        metavar="PICTURE",
        help="with DIR: picture of the empty tray; the thing is what differs from it",
    )
    parser.add_argument(
        "--model",
        type=model_path,
        metavar="FILE",
        help="model, by path or name (default: the configuration's model.file)",
    )
    parser.add_argument(
        "--target", type=_share, default=0.02, metavar="SHARE", help="wrong things that a bin may hold; default: 0.02"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="write the head even if it costs the model's own labels more than two points",
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Fit it.

    Returns:
        Exit code: 0, or 1 if the head was not written because it costs the model's own labels too much.

    Raises:
        SorterError: configuration, model or pictures cannot be used, or the head cannot be written.
    """
    if arguments.folder is None and arguments.empty_tray is not None:
        arguments.parser.error("--empty-tray: expected with DIR; what this bin was taught has its masks")
    config = load_config(chosen_config(arguments), arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    file = arguments.model or config.model.file
    begin_s = time.perf_counter()
    classifier, bundle = load_classifier(config, file), read_bundle(file)
    examples, warnings = (
        _of_folder(arguments.folder, classifier, config, arguments.empty_tray)
        if arguments.folder is not None
        else _of_bin(classifier, config)
    )
    head = fit_head(
        examples,
        bundle,
        only_taught=arguments.only_taught,
        target=arguments.target,
        bins=teaching_bins(config, bundle.manifest, examples.labels),
        warnings=warnings,
    )
    figures = head.manifest.figures
    assert figures is not None  # a fit measures
    lost = 0.0 if figures.old is None else figures.old.before - figures.old.after
    is_written = arguments.force or lost <= MOST_FORGOTTEN
    if is_written:
        write_head(arguments.out, head)
    seconds = time.perf_counter() - begin_s
    if arguments.json:
        say_json(
            {
                "head": str(arguments.out) if is_written else None,
                "labels": list(head.labels),
                "seconds": round(seconds, 3),
                **figures.model_dump(exclude={"bins"}),
                "bins": {name: _bin_json(one) for name, one in figures.bins.items()},
            }
        )
    else:
        _say_figures(head, figures, seconds)
        if is_written:
            size = arguments.out.stat().st_size / 1e3
            say(f"{arguments.out}: {size:.0f} kB; 'sorter teach try {arguments.out}' shows what it would change")
    if not is_written:
        say_error(
            "sorter: error",
            f"the head costs the model's own labels {100 * lost:.1f} points, expected at most {100 * MOST_FORGOTTEN:g}: not "
            "written. Show more pictures of what is mixed up; --only-taught drops the old labels, --force writes it all the same",
        )
        return EX_FORGETS
    return 0


def _of_folder(
    folder: Path, classifier: Classifier, config: Config, empty_tray: Path | None
) -> tuple[Examples, tuple[str, ...]]:
    """The examples of a folder, and what may be wrong with them; pictures that cannot be used are told."""
    taker = LookTaker(classifier, views=config.decision.views, empty_tray=read_empty_tray(empty_tray))
    found = read_taught_folder(folder, taker, show=_shown)
    for problem in found.problems:
        say_error("sorter: warning", problem)
    return found.examples, teaching_warnings(found.examples, taker.spec, found.faults)


def _of_bin(classifier: Classifier, config: Config) -> tuple[Examples, tuple[str, ...]]:
    """The examples that this bin was taught, and what may be wrong with them."""
    if is_nothing_taught(config.teaching_folder):
        raise InputMissingError(
            f"nothing is taught yet ({config.teaching_folder}): 'sorter teach capture LABEL' begins, or name a folder of pictures"
        )
    taker = LookTaker(classifier)
    with open_taught_set(config, classifier.manifest) as taught:
        without = refresh_looks(taught, classifier, views=config.decision.views)
        examples, entries = taught.examples(classifier.manifest.sha256), taught.entries()
    if without:
        say_error(
            "sorter: warning", f"{pictures_text(without)} left out: only features of another model are known of them"
        )
    faults: dict[str, dict[str, int]] = {}
    for entry in entries:
        is_whole = taker.finds_things and entry.is_whole
        for fault in picture_faults(entry.is_cut_off, entry.brightness, is_whole=is_whole):
            own = faults.setdefault(entry.label, {})
            own[fault] = own.get(fault, 0) + 1
    return examples, teaching_warnings(examples, taker.spec, faults)


def _shown(pictures: Sequence[LabelledPicture]) -> Iterable[LabelledPicture]:
    console = make_console(stderr=True)
    return track(pictures, description="looking", console=console, transient=True, disable=not console.is_terminal)


def _share(text: str) -> float:
    """An option's value: a share above 0 and below 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a share between 0 and 1, such as 0.02, got {text!r}")
    return value


def _say_figures(head: TaughtHead, figures: HeadFigures, seconds: float) -> None:
    """Print what the head has learnt."""
    number = sum(figures.pictures.values())
    say(
        f"{pictures_text(number)} of {len([one for one in figures.pictures.values() if one])} labels in {seconds:.1f} s"
    )
    low, high = figures.accuracy_range
    say(
        f"right on new pictures of such things: {low:.0%} to {high:.0%}; the model alone: {figures.accuracy_before:.0%} of these"
    )
    if figures.accuracy_later is not None:
        say(
            f"of other things than were shown: perhaps {figures.accuracy_later:.0%} (each third of the pictures, in their order, "
            "by what the others teach)"
        )
    if figures.old is not None:
        old, count = figures.old, pictures_text(figures.old.pictures)
        least = "" if old.after_unseen is None else f"{old.after_unseen:.1%} to "
        shares = f"{old.before:.1%} before, {least}{old.after:.1%} after"
        say(f"the model's own labels: {shares} (on {count} like those of its training, not on this bin's)")
    make_console().print(_label_table(figures))
    make_console().print(_bin_table(figures))
    for warning in figures.warnings:
        say_error("sorter: warning", warning)


def _label_table(figures: HeadFigures) -> Table:
    table = Table(Column("label", overflow="fold"), "pictures", "right", Column("taken for", overflow="fold"))
    for label, count in figures.pictures.items():
        said = figures.confusion.get(label, {})
        judged = sum(said.values())
        wrong = sorted(((times, other) for other, times in said.items() if other != label), reverse=True)
        right = f"{said.get(label, 0) / judged:.0%}" if judged else "-"
        table.add_row(label, str(count), right, ", ".join(f"{other} ({times})" for times, other in wrong))
    return table


def _bin_table(figures: HeadFigures) -> Table:
    heads = ("its things there before", "after", "wrong there before", "after")
    table = Table(Column("bin", overflow="fold"), *heads, caption=_bin_caption(figures), caption_justify="left")
    for name, one in figures.bins.items():
        table.add_row(
            name,
            _count_text(one.capture_before, one.pictures),
            _count_text(one.capture_after, one.pictures, is_ranged=True),
            _count_text(one.contamination_before, one.reached_before),
            _count_text(one.contamination_after, one.reached_after, is_ranged=True),
        )
    return table


def _bin_caption(figures: HeadFigures) -> str:
    """What the figures of the bins are."""
    return (
        "Pictures, each judged without itself: of the bin's own things, how many reach it; of what reaches it, how many belong "
        "elsewhere. In brackets: of new pictures of such things, nineteen times out of twenty. "
        f"{figures.target:.1%} may be wrong (--target): what is less sure goes to the residual bin."
    )


def _count_text(share: float | None, number: int, *, is_ranged: bool = False) -> str:
    """A share of a number of pictures as counts; with a range where it is to be read as a share of new things."""
    if share is None or not number:
        return f"0 of {number}"
    text = f"{round(share * number)} of {number}"
    interval = _range(share, number) if is_ranged else None
    return text if interval is None else f"{text} ({100 * interval[0]:.0f} to {interval[1]:.0%})"


def _range(share: float | None, number: int) -> tuple[float, float] | None:
    """Where a share of a number of pictures lies for new pictures, nineteen times out of twenty; None: there are no pictures."""
    return None if share is None or not number else clopper_pearson(round(share * number), number)


def _bin_json(one: BinFigures) -> dict[str, object]:
    """The figures of a bin, with the ranges that people are shown as numbers."""
    return {
        **one.model_dump(),
        "capture_after_range": _range(one.capture_after, one.pictures),
        "contamination_after_range": _range(one.contamination_after, one.reached_after),
    }
