"""Taught pictures and the model that is taught, made for tests."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.inference.features import FeatureLayer, FeatureSpec
from edge.inference.manifest import Manifest, OutputSpec
from edge.inference.quantization import Quantization
from edge.sight.view import ViewSpec
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.values import Prediction
from tests.builders.models import make_manifest
from tests.builders.pictures import Pixels, item_picture
from tests.builders.values import LABELS, make_mask, make_prediction

SIDE = 4
NUMBERS = SIDE * SIDE * 3
"""Features of the stand-in model: a view in small."""

VIEWS = 4


def feature_manifest(**changes: Any) -> Manifest:
    layer = FeatureLayer(
        name="small", output="features/small", size=NUMBERS, quantization=Quantization(scale=1 / 255, zero_point=-128)
    )
    output = OutputSpec(name="logits", quantization=Quantization(scale=0.1, zero_point=-3))
    values = {"features": FeatureSpec(layers=(layer,)), "output": output, "view": ViewSpec(size=32)}
    return make_manifest(**(values | changes))


class SmallViewClassifier:
    """A model whose features are the view in small; it answers its first label, whatever it sees."""

    accelerator_failure: str | None = None

    def __init__(self, **changes: Any) -> None:
        self.manifest = feature_manifest(**changes)
        self.views: list[Pixels] = []

    def predict(self, view: Pixels) -> Prediction:
        self.views.append(view)
        small = cv2.resize(view, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16) - 128
        answer = make_prediction({LABELS[0]: 0.9})
        return Prediction(answer.labels, answer.probabilities, 0.001, None, small.astype(np.int8).reshape(-1))

    def close(self) -> None:
        """Nothing to release."""


MODEL_SHA = feature_manifest().sha256


def features_along(direction: float, seed: int = 0) -> NDArray[np.int8]:
    """Features (4, n) that point in a direction: the more two directions differ (0..1), the less alike they are."""
    first = np.zeros(NUMBERS)
    angle = direction * np.pi / 2
    first[0], first[1] = np.cos(angle), np.sin(angle)
    noise = np.random.default_rng(seed).random((VIEWS, NUMBERS)) * 0.001
    return np.rint((first + noise) * 255 - 128).clip(-128, 127).astype(np.int8)


def features_of_thing(thing: int, seed: int = 0) -> NDArray[np.int8]:
    """Features (4, n) of one of ``NUMBERS`` things, which have nothing in common; another seed is another picture of it."""
    noise = np.random.default_rng(seed).random((VIEWS, NUMBERS)) * 0.02
    noise[:, thing] = 1.0
    return np.rint(noise * 255 - 128).astype(np.int8)


def stored_picture(seed: int = 0, **changes: Any) -> StoredPicture:
    return StoredPicture.of(item_picture(width=160, height=120, seed=seed, **changes), make_mask(shape=(120, 160)))


def taught_picture(label: str = "glass", number: int = 0, **changes: Any) -> TaughtPicture:
    """A picture; another number makes another one, alike only to itself."""
    values: dict[str, Any] = {
        "label": label,
        "source": Source.FILE,
        "origin": f"{label}-{number}.jpg",
        "wall_s": 1_767_225_600.0 + number,
        "picture": stored_picture(number),
        "model": MODEL_SHA,
        "features": np.random.default_rng(number).integers(-128, 128, (VIEWS, NUMBERS), np.int8),
    }
    return TaughtPicture(**(values | changes))


def open_set(folder: Path, *, budget_bytes: int = 10_000_000, **options: Any) -> TaughtSet:
    return TaughtSet(folder, budget_bytes=budget_bytes, **({"base": feature_manifest()} | options))


def teach(taught: TaughtSet, *pictures: TaughtPicture, what: str = "add") -> tuple[int, ...]:
    return taught.add(pictures, what, wall_s=1_767_225_600.0).numbers


def numbers_of(taught: TaughtSet) -> list[int]:
    return [entry.number for entry in taught.entries()]


def labels_of(pictures: Iterable[TaughtPicture] | Sequence[TaughtPicture]) -> list[str]:
    return [picture.label for picture in pictures]
