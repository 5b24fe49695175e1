"""Measuring a model through exactly the bin's view: one plain look at each picture, and the bin's vote over several."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.ood_score import MEASURES, Measure, ood_score
from edge.sight.mask import find_mask
from hardware.frame import Pixels
from train.data.cache import CachedPicture, load_pictures
from train.data.pictures import Picture, read_pixels
from train.data.selection import split_sprites
from train.errors import DataError
from train.measuring.metrics import COVERAGE, Calibration, ClassificationScore, RiskCoverage, auroc, vote_probabilities
from train.measuring.predictor import Predictor
from train.runs.run_folder import RunFolder
from train.views.synthetic_trays import SEED, synthetic_tray

Way = Literal["plain", "vote"]
WAYS: tuple[Way, ...] = ("plain", "vote")
"""One plain look at each picture, or the bin's vote over all looks."""
CHUNK = 64
"""Pictures whose looks are in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSample:
    """A picture to measure on: its name, its label, and how to get its pixels (None where they cannot be read)."""

    name: str
    label: str
    read_pixels: Callable[[], Pixels | None]


def photograph_samples(pictures: Sequence[Picture]) -> list[EvaluationSample]:
    """Files on disk."""
    return [EvaluationSample(str(one.path), one.label, lambda one=one: read_pixels(one)) for one in pictures]  # type: ignore[misc]


def sprite_samples(folder: RunFolder, labels: tuple[str, ...]) -> list[EvaluationSample]:
    """A run's held-out sprites, laid on trays; empty where it has none."""
    settings = folder.settings()
    _, held = split_sprites(settings, labels)
    kept, pictures, _ = load_pictures(held, labels, settings.cache_side, sprites=True)
    return tray_samples(kept, pictures)


def _laid_on_tray(picture: CachedPicture, row: int) -> Pixels | None:
    return synthetic_tray(picture, np.random.default_rng((SEED, row)))


def tray_samples(kept: Sequence[CachedPicture], pictures: Sequence[Picture]) -> list[EvaluationSample]:
    """Each item of pictures in memory whose mask is good enough, laid on a tray, always the same (see ``synthetic_trays``)."""
    return [
        EvaluationSample(str(one.path), one.label, partial(_laid_on_tray, a, row))
        for row, (a, one) in enumerate(zip(kept, pictures, strict=True))
        if a.mask_is_reliable
    ]


def photograph_tray_samples(
    pictures: Sequence[Picture], labels: Sequence[str], cache_side: int
) -> list[EvaluationSample]:
    """The items of photographs laid on synthetic trays.

    Args:
        pictures: of labels that are among ``labels``.
        labels: in the order of the model's outputs.
        cache_side: longer side of a picture in memory, in pixels.
    """
    cached, readable, _ = load_pictures(pictures, labels, cache_side)
    return tray_samples(cached, readable)


@dataclass(frozen=True, slots=True, eq=False)
class PredictionSet:
    """What a subject said.

    Attributes:
        subject: who was asked.
        shots: the pictures that could be read, n.
        unreadable: the others.
        targets: int64 (n,), indices of the labels; -1 for a label that the subject does not know.
        logits: float32 (n, looks, labels).
    """

    predictor: Predictor
    samples: list[EvaluationSample]
    unreadable: list[EvaluationSample]
    targets: NDArray[np.int64]
    logits: NDArray[np.float32]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Of which pictures the subject knows the label, (n,)."""
        return self.targets >= 0

    def probabilities(self, way: Way, temperature: float | None = None) -> NDArray[np.float64]:
        """Probabilities (n, labels), at the subject's own temperature unless told."""
        logits = self.logits[:, :1] if way == "plain" else self.logits
        return vote_probabilities(logits, temperature or self.predictor.temperature)

    def ood_scores(self, measure: Measure, way: Way = "vote") -> NDArray[np.float64]:
        """How well the subject knows each picture (``edge.inference.ood_score``), mean over the looks, (n,)."""
        logits = self.logits[:, :1] if way == "plain" else self.logits
        mean: NDArray[np.float64] = ood_score(logits, measure, self.predictor.temperature).mean(axis=1)
        return mean


def predict_samples(
    subject: Predictor,
    shots: Sequence[EvaluationSample],
    *,
    number: int = DEFAULT_VIEWS,
    progress: Progress | None = None,
) -> PredictionSet:
    """Show ``number`` looks of every picture to the subject.

    Raises:
        DataError: no picture of a label that it knows could be read.
    """
    progress = progress or Progress(disable=True)
    task = progress.add_task(subject.name, total=len(shots))
    index = {label: position for position, label in enumerate(subject.labels)}
    read: list[EvaluationSample] = []
    answers: list[NDArray[np.float32]] = []
    with ThreadPoolExecutor(2) as pool:

        def seen(shot: EvaluationSample) -> NDArray[np.uint8] | None:
            pixels = shot.read_pixels()
            return None if pixels is None else subject.view.looks(pixels, find_mask(pixels), number)

        for at in range(0, len(shots), CHUNK):
            chunk = shots[at : at + CHUNK]
            views = {shot: view for shot, view in zip(chunk, pool.map(seen, chunk), strict=True) if view is not None}
            read += views
            if views:
                answers.append(subject.logits(np.concatenate([*views.values()])))
            progress.advance(task, len(chunk))
    progress.remove_task(task)
    targets = np.asarray([index.get(shot.label, -1) for shot in read], np.int64)
    if not (targets >= 0).any():
        raise DataError("evaluate: no readable picture of a label that the model knows")
    logits = np.concatenate(answers).reshape(len(read), number, len(subject.labels))
    good = set(read)
    unreadable = [shot for shot in shots if shot not in good]
    return PredictionSet(subject, read, unreadable, targets, logits)


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationMetrics:
    """One way of asking, on the pictures whose label is known.

    Attributes:
        score: right and wrong.
        raw, calibrated: reliability at temperature 1 and at the subject's own.
        risk: errors among the surest answers, at the subject's own temperature.
    """

    score: ClassificationScore
    raw: Calibration
    calibrated: Calibration
    risk: RiskCoverage

    @classmethod
    def of(cls, answers: PredictionSet, way: Way) -> "EvaluationMetrics":
        """From a subject's answers."""
        known, targets = answers.known, answers.targets[answers.known]
        shares = answers.probabilities(way)[known]
        predicted = shares.argmax(axis=1).astype(np.int64)
        return cls(
            ClassificationScore.of(targets, predicted, answers.predictor.labels),
            Calibration.of(answers.probabilities(way, 1.0)[known], targets),
            Calibration.of(shares, targets),
            RiskCoverage.of(shares.max(axis=1), predicted == targets),
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            **self.score.as_dict(),
            "calibration_error": {"before": round(self.raw.error, 4), "after": round(self.calibrated.error, 4)},
            "aurc": round(self.risk.aurc, 4),
            "error_at_80": round(self.risk.at(COVERAGE), 4),
        }


def ood_aurocs(answers: PredictionSet) -> dict[Measure, float]:
    """How well each score tells known labels from unknown ones, AUROC 0..1; empty where all are known."""
    if answers.known.all():
        return {}
    known, measured = answers.known, {one: answers.ood_scores(one) for one in MEASURES}
    return {one: auroc(values[known], values[~known]) for one, values in measured.items()}


def mistakes(answers: PredictionSet) -> Iterator[int]:
    """Rows of the wrong answers by vote, the surest first; only labels that the subject knows."""
    shares = answers.probabilities("vote")
    wrong = np.flatnonzero(answers.known & (shares.argmax(axis=1) != answers.targets))
    yield from (int(row) for row in wrong[np.argsort(-shares[wrong].max(axis=1), kind="stable")])
