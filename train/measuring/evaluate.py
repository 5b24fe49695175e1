"""Measuring a model through exactly the bin's view: one plain look at each picture, and the bin's vote over several."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.ood_score import MEASURES, Measure, score
from edge.sight.mask import find_mask
from hardware.frame import Pixels
from train.data.cache import Kept, load
from train.data.pictures import Picture, read_pixels
from train.errors import DataError
from train.learning.material import pictures_of, sprite_pictures
from train.measuring.metrics import COVERAGE, Calibration, RiskCoverage, Score, auroc, probabilities
from train.measuring.predictor import Subject
from train.runs.run_folder import RunFolder
from train.views.synthetic_trays import SEED, tray_picture

Way = Literal["plain", "vote"]
WAYS: tuple[Way, ...] = ("plain", "vote")
"""One plain look at each picture, or the bin's vote over all looks."""
CHUNK = 64
"""Pictures whose looks are in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture to measure on: its name, its label, and how to get its pixels (None where they cannot be read)."""

    name: str
    label: str
    pixels: Callable[[], Pixels | None]


def photographs(pictures: Sequence[Picture]) -> list[Shot]:
    """Files on disk."""
    return [Shot(str(one.path), one.label, lambda one=one: read_pixels(one)) for one in pictures]  # type: ignore[misc]


def renders(folder: RunFolder, labels: tuple[str, ...]) -> list[Shot]:
    """A run's held-out sprites, laid on trays; empty where it has none."""
    settings = folder.settings()
    _, held = sprite_pictures(settings, labels)
    kept, pictures, _ = load(held, labels, settings.cache_side, sprites=True)
    return laid(kept, pictures)


def laid(kept: Sequence[Kept], pictures: Sequence[Picture]) -> list[Shot]:
    """Each item of pictures in memory whose mask is good enough, laid on a tray, always the same (see ``synthetic_trays``)."""
    return [
        Shot(str(one.path), one.label, lambda a=a, row=row: tray_picture(a, np.random.default_rng((SEED, row))))  # type: ignore[misc]
        for row, (a, one) in enumerate(zip(kept, pictures, strict=True))
        if a.cut_out
    ]


def on_trays(folder: RunFolder, part: str) -> list[Shot]:
    """The items of one part of a run's photographs, laid on trays."""
    kept, readable, _ = load(pictures_of(folder, part), folder.labels(), folder.settings().cache_side)
    return laid(kept, readable)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a subject said.

    Attributes:
        subject: who was asked.
        shots: the pictures that could be read, n.
        unreadable: the others.
        targets: int64 (n,), indices of the labels; -1 for a label that the subject does not know.
        logits: float32 (n, looks, labels).
    """

    subject: Subject
    shots: list[Shot]
    unreadable: list[Shot]
    targets: NDArray[np.int64]
    logits: NDArray[np.float32]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Of which pictures the subject knows the label, (n,)."""
        return self.targets >= 0

    def shares(self, way: Way, temperature: float | None = None) -> NDArray[np.float64]:
        """Probabilities (n, labels), at the subject's own temperature unless told."""
        logits = self.logits[:, :1] if way == "plain" else self.logits
        return probabilities(logits, temperature or self.subject.temperature)

    def scores(self, measure: Measure, way: Way = "vote") -> NDArray[np.float64]:
        """How well the subject knows each picture (``edge.inference.ood_score``), mean over the looks, (n,)."""
        logits = self.logits[:, :1] if way == "plain" else self.logits
        mean: NDArray[np.float64] = score(logits, measure, self.subject.temperature).mean(axis=1)
        return mean


def ask(
    subject: Subject, shots: Sequence[Shot], *, number: int = DEFAULT_VIEWS, progress: Progress | None = None
) -> Answers:
    """Show ``number`` looks of every picture to the subject.

    Raises:
        DataError: no picture of a label that it knows could be read.
    """
    progress = progress or Progress(disable=True)
    task = progress.add_task(subject.name, total=len(shots))
    index = {label: position for position, label in enumerate(subject.labels)}
    read: list[Shot] = []
    answers: list[NDArray[np.float32]] = []
    with ThreadPoolExecutor(2) as pool:

        def seen(shot: Shot) -> NDArray[np.uint8] | None:
            pixels = shot.pixels()
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
    return Answers(subject, read, unreadable, targets, logits)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One way of asking, on the pictures whose label is known.

    Attributes:
        score: right and wrong.
        raw, calibrated: reliability at temperature 1 and at the subject's own.
        risk: errors among the surest answers, at the subject's own temperature.
    """

    score: Score
    raw: Calibration
    calibrated: Calibration
    risk: RiskCoverage

    @classmethod
    def of(cls, answers: Answers, way: Way) -> "Figures":
        """From a subject's answers."""
        known, targets = answers.known, answers.targets[answers.known]
        shares = answers.shares(way)[known]
        predicted = shares.argmax(axis=1).astype(np.int64)
        return cls(
            Score.of(targets, predicted, answers.subject.labels),
            Calibration.of(answers.shares(way, 1.0)[known], targets),
            Calibration.of(shares, targets),
            RiskCoverage.of(shares.max(axis=1), predicted == targets),
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            **self.score.as_dict(),
            "calibration_error": {"before": round(self.raw.error, 4), "after": round(self.calibrated.error, 4)},
            "aurc": round(self.risk.area, 4),
            "error_at_80": round(self.risk.at(COVERAGE), 4),
        }


def knownness(answers: Answers) -> dict[Measure, float]:
    """How well each score tells known labels from unknown ones, AUROC 0..1; empty where all are known."""
    if answers.known.all():
        return {}
    known, measured = answers.known, {one: answers.scores(one) for one in MEASURES}
    return {one: auroc(values[known], values[~known]) for one, values in measured.items()}


def mistakes(answers: Answers) -> Iterator[int]:
    """Rows of the wrong answers by vote, the surest first; only labels that the subject knows."""
    shares = answers.shares("vote")
    wrong = np.flatnonzero(answers.known & (shares.argmax(axis=1) != answers.targets))
    yield from (int(row) for row in wrong[np.argsort(-shares[wrong].max(axis=1), kind="stable")])
