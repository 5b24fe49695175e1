"""Takes the looks of a picture that teaches: the views that the bin takes of an item, and the features of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.decision.vote import DEFAULT_VIEWS
from edge.errors import ModelError, PictureError
from edge.inference.features import FeatureSpec
from edge.inference.manifest import Manifest
from edge.sight.background import BackgroundModel
from edge.sight.mask import find_mask
from edge.sight.picture import read_named_picture, read_picture
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.sight.work_image import to_work_image
from edge.values import Mask, Prediction
from hardware.frame import Pixels


class FeatureClassifier(Protocol):
    """The part of ``edge.inference.classifier.Classifier`` that looks are taken with."""

    manifest: Manifest

    def predict(self, view: Pixels) -> Prediction:
        """Classify a view: RGB uint8 (size, size, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What the model sees in one picture.

    Attributes:
        features: int8 (views, n), raw, see ``Prediction.features``.
        probabilities: float32 (labels,), mean of the views' probabilities for the model's own labels.
        mask: the item's mask; None: the whole picture is taken for the item.
        brightness: mean grey level of the first view, 0..255.
    """

    features: NDArray[np.int8]
    probabilities: NDArray[np.float32]
    mask: Mask | None
    brightness: float

    @property
    def is_cut_off(self) -> bool:
        """Whether the item runs out of the picture."""
        return self.mask is not None and self.mask.edges > 0


class LookTaker:
    """Takes the looks of pictures, as ``sorter classify`` does.

    Args:
        classifier: a model that gives features.
        views: number of views of each picture, >= 1; as many as the bin takes (``decision.views``).
        view_kind: "object" or "full"; None: the model's.
        empty_tray: picture of the empty tray, RGB uint8 (height, width, 3); None: the border of each picture tells it.

    Attributes:
        spec: the model's features.
        finds_things: whether it looks for the item in a picture, and does not always take the whole.

    Raises:
        ModelError: the model gives no features.
        ValueError: ``views`` is out of range.
    """

    def __init__(
        self,
        classifier: FeatureClassifier,
        *,
        views: int = DEFAULT_VIEWS,
        view_kind: Literal["object", "full"] | None = None,
        empty_tray: Pixels | None = None,
    ) -> None:
        if views < 1:
            raise ValueError(f"views: expected >= 1, got {views}")
        if classifier.manifest.features is None:
            raise ModelError(
                f"model {classifier.manifest.name}: gives no features, so that it cannot be taught; expected one that ships, or "
                "one that 'sorter-convert FILE --teachable' has made"
            )
        self.spec: FeatureSpec = classifier.manifest.features
        self._classifier = classifier
        self._views = views
        self.finds_things = (view_kind or classifier.manifest.view_kind) == "object"
        self._background = None if empty_tray is None else BackgroundModel.from_pictures([to_work_image(empty_tray)])

    def read(self, path: Path, *, keep_damaged: bool = False) -> Looks:
        """Take the looks of a picture file.

        Args:
            path: the file.
            keep_damaged: also of a JPEG that has lost pixels in its middle.

        Raises:
            PictureError: it cannot be read, or has another shape than the picture of the empty tray.
        """
        return self.look_at(read_picture(path, keep_damaged=keep_damaged), path)

    def look_at(self, pixels: Pixels, path: Path) -> Looks:
        """Take the looks of a picture, after finding the item in it.

        Args:
            pixels: RGB uint8 (height, width, 3).
            path: its file, for messages.

        Raises:
            PictureError: it has another shape than the picture of the empty tray.
        """
        try:
            mask = self.find(pixels)
        except ValueError as error:
            raise PictureError(f"{path}: {error}") from error
        return self.take(pixels, mask)

    def find(self, pixels: Pixels) -> Mask | None:
        """The mask of the item in a picture; None: no item was found, or the whole picture is to be taken.

        Args:
            pixels: RGB uint8 (height, width, 3).

        Raises:
            ValueError: it has another shape than the picture of the empty tray.
        """
        return find_mask(pixels, self._background) if self.finds_things else None

    def take_item(self, pixels: Pixels, mask: Mask) -> Looks:
        """Take the looks of an item on the tray, as the sorter does: of the item, or for other models of the whole tray.

        Args:
            pixels: RGB uint8 (height, width, 3).
            mask: its mask.
        """
        return self.take(pixels, mask if self.finds_things else None)

    def take(self, pixels: Pixels, mask: Mask | None) -> Looks:
        """Take the looks of an item whose mask is known.

        Args:
            pixels: RGB uint8 (height, width, 3).
            mask: its mask; None takes the whole picture.
        """
        picture, features, probabilities, brightness = Pyramid(pixels), [], [], 0.0
        for number in range(self._views):
            view = make_view(picture, mask, self._classifier.manifest.view, number)
            if number == 0:
                brightness = float(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY).mean())
            prediction = self._classifier.predict(view)
            assert prediction.features is not None  # its manifest says that it gives them
            features.append(prediction.features)
            probabilities.append(prediction.probabilities)
        return Looks(np.stack(features), np.stack(probabilities).mean(axis=0), mask, brightness)


def read_empty_tray(path: Path | None) -> Pixels | None:
    """The picture that ``--empty-tray`` names; None: it names none.

    Raises:
        InputMissingError: the file does not exist.
        PictureError: it cannot be read.
    """
    return None if path is None else read_named_picture(path, "--empty-tray")
