"""``sorter teach add``: teach a label from picture files."""

import argparse
import logging
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from edge.commands.options import add_config_options, chosen_config
from edge.commands.teach.report import EX_SOME_FAILED, bin_note, taught_text
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import PictureError
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set
from edge.sight.picture import find_pictures, read_picture
from edge.teaching.pictures.label_name import check_label, known_label
from edge.teaching.pictures.looks import LookTaker, read_empty_tray
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.console import make_console
from edge.terminal.output import say, say_error, say_json

log = logging.getLogger(__name__)


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
    classifier = load_classifier(config, config.model.file)
    taker = LookTaker(classifier, views=config.decision.views, empty_tray=read_empty_tray(arguments.empty_tray))
    with open_taught_set(config, classifier.manifest) as taught:
        label = known_label(arguments.label, taught.labels, config.decision.labels, classifier.manifest.labels)
        reader = _PictureReader(taught, taker, label, classifier.manifest.sha256, keep_damaged=arguments.keep_damaged)
        console = make_console(stderr=True)
        shown = track(found, description="looking", console=console, transient=True, disable=not console.is_terminal)
        pictures = [one for one in map(reader.read, shown) if one is not None]
        if not pictures and not reader.known:
            raise PictureError(f"{label}: none of the {len(found)} pictures can be used: {reader.problems[0]}")
        evicted = 0
        if pictures:
            what = f"add {label}: {len(pictures)} {'picture' if len(pictures) == 1 else 'pictures'} from files"
            evicted = taught.add(pictures, what, wall_s=time.time()).evicted
        total = len(taught.entries(label))
    if arguments.json:
        say_json(
            {
                "label": label,
                "added": len(pictures),
                "known": reader.known,
                "evicted": evicted,
                "pictures": total,
                "errors": reader.problems,
            }
        )
    else:
        _say_result(config, label, pictures, reader, total, evicted)
    return EX_SOME_FAILED if reader.problems else 0


class _PictureReader:
    """Reads picture files for one label.

    Attributes:
        known: number of pictures that the label has already.
        problems: why the others cannot be used, a sentence each.
        without_item: number of pictures in which no item was found.
    """

    def __init__(self, taught: TaughtSet, taker: LookTaker, label: str, model: str, *, keep_damaged: bool) -> None:
        self.known = 0
        self.without_item = 0
        self.problems: list[str] = []
        self._taught = taught
        self._taker = taker
        self._label = label
        self._model = model
        self._keep_damaged = keep_damaged
        self._seen: set[bytes] = set()

    def read(self, path: Path) -> TaughtPicture | None:
        """The picture in a file; None if it cannot be used or is known."""
        try:
            pixels = read_picture(path, keep_damaged=self._keep_damaged)
            looks = self._taker.look_at(pixels, path)
        except PictureError as error:
            self.problems.append(str(error))
            return None
        stored = StoredPicture.of(pixels, looks.mask)
        entry = self._taught.find(stored)
        if entry is not None and entry.label != self._label:
            self.problems.append(
                f"{path}: is taught as {entry.label} already (picture {entry.number}); drop that one first"
            )
            return None
        if entry is not None or stored.jpeg in self._seen:
            self.known += 1
            return None
        self._seen.add(stored.jpeg)
        self.without_item += looks.mask is None and self._taker.finds_things
        return TaughtPicture.of_looks(self._label, Source.FILE, path.name, time.time(), stored, looks, self._model)


def _say_result(
    config: Config, label: str, pictures: Sequence[TaughtPicture], reader: _PictureReader, total: int, evicted: int
) -> None:
    for problem in reader.problems:
        say_error("sorter: error", problem)
    notes = Counter(note for one in pictures for note in picture_faults(one.is_cut_off, one.brightness))
    lines = [f"{count} {note}" for note, count in sorted(notes.items())]
    if reader.without_item:
        lines.append(
            f"{reader.without_item} on which no thing was found: the whole picture counts; --empty-tray may help"
        )
    if reader.known:
        lines.append(f"{reader.known} of the pictures were taught before, or given twice")
    say("\n".join([taught_text(label, len(pictures), total, evicted), *(f"  {line}" for line in lines)]))
    if (note := bin_note(config, label)) is not None:
        say(note)
