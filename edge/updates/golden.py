"""Golden pictures: a small set whose labels are known, which travels with a model. A bin names them with both models."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.files.bounded import read_bounded, unpack_bounded
from edge.inference.taught_classifier import ViewClassifier
from edge.sight.mask import find_mask
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.updates.refusal import UpdateRefusedError
from edge.values import Mask
from hardware.frame import Pixels
from hardware.pictures.labels import match_labels

FEWEST, MOST = 20, 400
"""Fewest and most golden pictures: of fewer one decides, and more take a Raspberry Pi longer than ten seconds."""

MOST_BYTES = 30_000_000
MOST_PICTURE_BYTES = 500_000
MOST_PIXELS = 1_000_000

VIEWS = 2
"""Views of each picture: as it is and mirrored. The bin takes more, which moves both models alike."""


@dataclass(frozen=True, slots=True, eq=False)
class GoldenPicture:
    """One picture.

    Attributes:
        label: what it shows.
        pixels: RGB uint8 (height, width, 3).
        mask: of the thing on it; None: the whole picture.
    """

    label: str
    pixels: Pixels
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class GoldenScore:
    """How a model does on them.

    Attributes:
        right: number of pictures that would reach the bin of their label.
        pictures: number of pictures that count.
        view_ms: median time of a view, in milliseconds.
    """

    right: int
    pictures: int
    view_ms: float

    @property
    def share(self) -> float:
        """Share of the pictures that are right, 0..1."""
        return self.right / self.pictures if self.pictures else 0.0


def pack_golden(files: Iterable[tuple[str, Path]]) -> bytes:
    """Golden pictures as one file.

    Args:
        files: label and picture of each.

    Raises:
        UpdateRefusedError: too few, too many, or too large ones.
        OSError: one cannot be read.
    """
    made = io.BytesIO()
    count = 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for count, (label, path) in enumerate(files, 1):
            content = path.read_bytes()
            if len(content) > MOST_PICTURE_BYTES:
                raise UpdateRefusedError(f"{path}: has {len(content)} bytes, expected at most {MOST_PICTURE_BYTES}")
            archive.writestr(zipfile.ZipInfo(f"{label}/{count:04d}{path.suffix.lower()}"), content)
    if not FEWEST <= count <= MOST:
        raise UpdateRefusedError(f"golden pictures: got {count}, expected {FEWEST} to {MOST}")
    return made.getvalue()


def read_golden(path: Path) -> list[GoldenPicture]:
    """The golden pictures of a file.

    Raises:
        UpdateRefusedError: it is damaged, or has too few or too many.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(read_bounded(path, MOST_BYTES))) as archive:
            names = sorted(name for name in archive.namelist() if not name.endswith("/"))
            if not FEWEST <= len(names) <= MOST:
                raise UpdateRefusedError(f"golden pictures: got {len(names)}, expected {FEWEST} to {MOST}")
            return list(_pictures(archive, names))
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, EOFError, zlib.error, cv2.error) as error:
        if isinstance(error, UpdateRefusedError):
            raise
        raise UpdateRefusedError(f"golden pictures: cannot be read: {error}") from error


def score_golden(pictures: Iterable[GoldenPicture], classifier: ViewClassifier, bins: Mapping[str, str]) -> GoldenScore:
    """Name golden pictures with a model, alone or with what it was taught.

    Args:
        pictures: the pictures; those of labels without a bin do not count.
        classifier: the model.
        bins: label -> bin, of the labels of this model and of any other.
    """
    names = classifier.answers.labels
    known = match_labels(tuple(bins), bins).names
    right, count, times_s = 0, 0, []
    whole = classifier.manifest.view_kind != "object"
    for picture in pictures:
        matched = match_labels((picture.label,), bins).names
        if picture.label not in matched:
            continue
        pyramid, total = Pyramid(picture.pixels), np.zeros(len(names))
        for number in range(VIEWS):
            view = make_view(pyramid, None if whole else picture.mask, classifier.manifest.view, number)
            prediction = classifier.predict(view)
            total += prediction.probabilities
            times_s.append(prediction.latency_s)
        said = names[int(total.argmax())]
        right += bins.get(known.get(said, said)) == bins[matched[picture.label]]
        count += 1
    return GoldenScore(right, count, 1000 * float(sorted(times_s)[len(times_s) // 2]) if times_s else 0.0)


def _pictures(archive: zipfile.ZipFile, names: list[str]) -> Iterator[GoldenPicture]:
    for name in names:
        content = unpack_bounded(archive, name, MOST_PICTURE_BYTES)
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None or decoded.shape[0] * decoded.shape[1] > MOST_PIXELS:
            raise UpdateRefusedError(f"golden pictures: {name:.80} is no picture of at most {MOST_PIXELS} pixels")
        pixels = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
        yield GoldenPicture(name.split("/")[0], pixels, find_mask(pixels, None))
