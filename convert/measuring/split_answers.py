"""Answers of the float32 and the int8 model to one part of the pictures."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from convert.measuring.parity import Parity
from edge.decision.vote import DEFAULT_VIEWS
from edge.sight.mask import find_mask
from hardware.frame import Pixels
from train.measuring.metrics import vote_probabilities
from train.measuring.predictor import Predictor
from train.measuring.samples import EvaluationSample
from train.measuring.view_choice import InputView

log = logging.getLogger("convert")

Source = TypeVar("Source")


@dataclass(frozen=True, slots=True, eq=False)
class SplitAnswers:
    """Answers to one part of a run's pictures.

    Attributes:
        parity: float32 against int8, on the first look.
        logits: of the int8 model for every look of the bin's vote, float32 (n, looks, labels).
        targets: label indices, int64 (n,).
    """

    parity: Parity
    logits: NDArray[np.float32]
    targets: NDArray[np.int64]

    @classmethod
    def of(
        cls, samples: Sequence[EvaluationSample], original: Predictor, converted: Predictor
    ) -> "SplitAnswers | None":
        """Run both models; None where no picture can be read."""
        looks, readable = make_looks(original.view, samples, lambda sample: sample.pixels_or_none())
        if len(readable) < len(samples):
            missing = next(sample.name for sample in samples if sample not in readable)
            log.warning(
                "left out, cannot be read: %s, %d of %d in all", missing, len(samples) - len(readable), len(samples)
            )
        if not readable:
            return None
        logits = predict_looks(converted, looks)
        targets = np.asarray([original.labels.index(sample.label) for sample in readable], np.int64)
        return cls(Parity.of(original.logits(looks[:, 0]), logits[:, 0], targets), logits, targets)

    def probabilities(self, temperature: float) -> NDArray[np.float64]:
        """The vote's probabilities (n, labels)."""
        return vote_probabilities(self.logits, temperature)

    def accuracy(self, temperature: float) -> float:
        """Accuracy of the vote, 0..1."""
        return float((self.probabilities(temperature).argmax(axis=1) == self.targets).mean())


def make_looks(
    view: InputView, pictures: Sequence[Source], read: Callable[[Source], Pixels | None]
) -> tuple[NDArray[np.uint8], list[Source]]:
    """The looks of the bin's vote, without a background model of the tray.

    Args:
        view: how looks are made.
        pictures: read one by one, since photographs at full size would fill the memory.
        read: gives the pixels, None where they cannot be read.

    Returns:
        uint8 (n, looks, size, size, 3), and the n pictures that could be read.
    """

    def one(picture: Source) -> NDArray[np.uint8] | None:
        pixels = read(picture)
        return None if pixels is None else view.looks(pixels, find_mask(pixels))

    with ThreadPoolExecutor(2) as pool:
        all_looks = list(pool.map(one, pictures))
    readable = [picture for picture, looks in zip(pictures, all_looks, strict=True) if looks is not None]
    found = [looks for looks in all_looks if looks is not None]
    size = view.spec.size
    return np.stack(found) if found else np.zeros((0, DEFAULT_VIEWS, size, size, 3), np.uint8), readable


def predict_looks(predictor: Predictor, looks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits of looks: (n, looks, size, size, 3) -> float32 (n, looks, labels)."""
    if not len(looks):
        return np.zeros((0, looks.shape[1], len(predictor.labels)), np.float32)
    flat = looks.reshape(-1, *looks.shape[2:])
    return predictor.logits(flat).reshape(*looks.shape[:2], -1)
