"""Predictions of a model through the bin's view: one plain look at each picture, and the bin's vote over several looks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.markup import escape
from rich.progress import Progress

from edge.decision.vote import DEFAULT_VIEWS
from edge.errors import PictureError
from edge.inference.ood_score import Measure, ood_score
from edge.sight.mask import find_mask
from train.errors import DataError
from train.measuring.metrics import vote_probabilities
from train.measuring.predictor import Predictor
from train.measuring.samples import EvaluationSample

EvaluationMode = Literal["plain", "vote"]


EVALUATION_MODES: tuple[EvaluationMode, ...] = ("plain", "vote")
"""plain: one look at each picture; vote: mean over the looks that the bin takes."""


CHUNK = 64
"""Number of pictures whose looks are in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class PredictionSet:
    """Predictions of a model.

    Attributes:
        predictor: the model.
        samples: the n pictures that could be read.
        unreadable: the pictures that could not be read, and why.
        targets: int64 (n,), indices of the labels; -1 for a label that the model does not know.
        logits: float32 (n, looks, labels).
    """

    predictor: Predictor
    samples: list[EvaluationSample]
    unreadable: dict[EvaluationSample, str]
    targets: NDArray[np.int64]
    logits: NDArray[np.float32]

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether the model knows the label of each picture, bool (n,)."""
        return self.targets >= 0

    def probabilities(self, mode: EvaluationMode, temperature: float | None = None) -> NDArray[np.float64]:
        """Probabilities (n, labels); ``temperature`` > 0, None: the model's own."""
        logits = self.logits[:, :1] if mode == "plain" else self.logits
        return vote_probabilities(logits, temperature or self.predictor.temperature)

    def ood_scores(self, measure: Measure, mode: EvaluationMode = "vote") -> NDArray[np.float64]:
        """Out-of-distribution score of each picture (``edge.inference.ood_score``), mean over the looks, (n,)."""
        logits = self.logits[:, :1] if mode == "plain" else self.logits
        mean: NDArray[np.float64] = ood_score(logits, measure, self.predictor.temperature).mean(axis=1)
        return mean


def predict_samples(
    predictor: Predictor,
    samples: Sequence[EvaluationSample],
    *,
    look_count: int = DEFAULT_VIEWS,
    progress: Progress | None = None,
    needs_known: bool = True,
) -> PredictionSet:
    """Run the model on looks of every picture.

    Args:
        predictor: the model.
        samples: the pictures.
        look_count: looks at each picture, >= 1.
        progress: gets a bar; None: no bar.
        needs_known: refuse pictures of unknown labels alone.

    Raises:
        DataError: no picture could be read, or none of a known label that is needed.
    """
    progress = progress or Progress(disable=True)
    task = progress.add_task(escape(predictor.name), total=len(samples))
    index = {label: position for position, label in enumerate(predictor.labels)}
    read: list[EvaluationSample] = []
    unreadable: dict[EvaluationSample, str] = {}
    answers: list[NDArray[np.float32]] = []
    with ThreadPoolExecutor(2) as pool:

        def looks_at(sample: EvaluationSample) -> NDArray[np.uint8] | str:
            try:
                pixels = sample.read_pixels()
            except PictureError as error:
                return str(error)
            return predictor.view.looks(pixels, find_mask(pixels), look_count)

        for at in range(0, len(samples), CHUNK):
            chunk = samples[at : at + CHUNK]
            views: list[NDArray[np.uint8]] = []
            for sample, result in zip(chunk, pool.map(looks_at, chunk), strict=True):
                if isinstance(result, str):
                    unreadable[sample] = result
                else:
                    read.append(sample)
                    views.append(result)
            if views:
                answers.append(predictor.logits(np.concatenate(views)))
            progress.advance(task, len(chunk))
    progress.remove_task(task)
    targets = np.asarray([index.get(sample.label, -1) for sample in read], np.int64)
    if not len(read) or (needs_known and not (targets >= 0).any()):
        raise DataError(f"evaluate: no readable picture{' of a label that the model knows' * needs_known}")
    logits = np.concatenate(answers).reshape(len(read), look_count, len(predictor.labels))
    return PredictionSet(predictor, read, unreadable, targets, logits)
