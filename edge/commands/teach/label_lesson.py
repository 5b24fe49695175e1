"""Pictures that are taught together under one label: what ``sorter teach add`` and ``sorter teach seen`` do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from edge.config.schema import Config
from edge.errors import PictureError
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set
from edge.teaching.pictures.label_name import known_label
from edge.teaching.pictures.looks import Looks, LookTaker
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from hardware.frame import Pixels


class LabelLesson:
    """Collects the pictures of a label, then teaches all of them as one change.

    Args:
        taught: the set that they go into.
        taker: takes their looks.
        label: their label, as the set spells it.
        model: SHA-256 of the model whose features ``taker`` takes.

    Attributes:
        label: as above.
        taker: as above.
        pictures: what is to be taught.
        known: number of pictures that the label has already, or that came twice.
        problems: why others cannot be used, a sentence each.
    """

    def __init__(self, taught: TaughtSet, taker: LookTaker, label: str, model: str) -> None:
        self.label = label
        self.taker = taker
        self.pictures: list[TaughtPicture] = []
        self.known = 0
        self.problems: list[str] = []
        self._taught = taught
        self._model = model
        self._seen: set[bytes] = set()

    def take(self, name: str, pixels: Pixels, looks: Looks, *, source: Source, origin: str) -> None:
        """Take a picture, unless it is known bit for bit: one that came twice teaches nothing more.

        Args:
            name: of its file, for messages.
            pixels: RGB uint8 (height, width, 3).
            looks: what the model sees in it.
            source, origin: as of ``TaughtPicture``.
        """
        stored = StoredPicture.of(pixels, looks.mask)
        entry = self._taught.find(stored)
        if entry is not None and entry.label != self.label:
            self.problems.append(
                f"{name}: is taught as {entry.label} already (picture {entry.number}); drop that one first"
            )
        elif entry is not None or stored.jpeg in self._seen:
            self.known += 1
        else:
            self._seen.add(stored.jpeg)
            self.pictures.append(
                TaughtPicture.of_looks(self.label, source, origin, time.time(), stored, looks, self._model)
            )

    def teach(self, what: str) -> int:
        """Add the pictures to the set; returns how many others gave way.

        Args:
            what: what this change does, in words.

        Raises:
            PictureError: none of those that came can be used.
            TaughtSetError: they cannot be added; nothing was changed.
        """
        if not self.pictures and not self.known:
            raise PictureError(
                f"{self.label}: none of the {len(self.problems)} pictures can be used: {self.problems[0]}"
            )
        return self._taught.add(self.pictures, what, wall_s=time.time()).evicted if self.pictures else 0

    @property
    def total(self) -> int:
        """Number of pictures that the label has in the set."""
        return len(self._taught.entries(self.label))


@contextmanager
def label_lesson(config: Config, label: str, *, empty_tray: Pixels | None = None) -> Iterator[LabelLesson]:
    """Open the taught set for pictures of a label.

    Args:
        config: the bin's configuration.
        label: as somebody typed it.
        empty_tray: as of ``LookTaker``.

    Raises:
        SorterError: model or taught set cannot be used, or the label cannot be one.
    """
    classifier = load_classifier(config, config.model.file)
    manifest = classifier.manifest
    taker = LookTaker(classifier, views=config.decision.views, empty_tray=empty_tray)
    with open_taught_set(config, manifest) as taught:
        spelt = known_label(label, taught.labels, config.decision.labels, manifest.labels)
        yield LabelLesson(taught, taker, spelt, manifest.sha256)
