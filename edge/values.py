"""The immutable values passed from stage to stage of the pipeline. Each validates itself when created."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hardware.frame import Frame

__all__ = ["Decision", "Frame", "Item", "Mask", "Prediction", "Reason", "SortEvent", "Verdict"]

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Segmentation mask of one item.

    Attributes:
        cover: uint8 (height, width) at the working resolution, 0 background, 255 item.
        box: bounding box (x0, y0, x1, y1) as fractions of the image's width and height, 0..1, x1 > x0, y1 > y0.
        area: fraction of the image that the item covers, 0..1.
        object_count: estimated number of separate objects, >= 1. Pieces that are close together, or small compared with
            the largest, count as one.
        edges: number of image edges that the item crosses, 0..4.
        is_guess: the ground is not known, so that the mask may cover a part of the item alone, or something else.
    """

    cover: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    area: float
    object_count: int = 1
    edges: int = 0
    is_guess: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item at rest on the tray.

    Attributes:
        frame: the frame that shows it.
        mask: its mask, relative to the tray region.
        box_xyxy: (left, top, right, bottom) in pixels of the frame, right and bottom exclusive.
        number: running number of the item since start, from 1.
        rest_since_s: monotonic time since which it has not moved, in seconds; not after the frame's.
        object_count: estimated number of separate objects, >= 1.

    Raises:
        ValueError: the box is not inside the frame, the frame is older than the rest, or there is no object.
    """

    frame: Frame
    mask: Mask
    box_xyxy: tuple[int, int, int, int]
    number: int
    rest_since_s: float
    object_count: int = 1

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box_xyxy
        if not (0 <= x0 < x1 <= self.frame.width and 0 <= y0 < y1 <= self.frame.height):
            raise ValueError(f"item box {self.box_xyxy}: not inside the {self.frame.width}x{self.frame.height} frame")
        if self.rest_since_s > self.frame.time_s:
            raise ValueError("item: the frame was taken before the item came to rest")
        if self.object_count < 1:
            raise ValueError(f"item: object_count is {self.object_count}, expected >= 1")


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The classifier's output for one view, or the average over several.

    Attributes:
        labels: the model's n labels.
        probabilities: float32 (n,), summing to 1.
        latency_s: time the classifier took, in seconds.
        ood_score: out-of-distribution score (``edge.inference.ood_score``), higher means more in-distribution; None for
            a model without one.
        features: raw features of the view, int8 (n,), see ``edge.inference.features``; None for a model without them, and
            for an average.

    Raises:
        ValueError: the shapes do not match, the probabilities do not sum to 1, or the score is not finite.
    """

    labels: tuple[str, ...]
    probabilities: Probabilities
    latency_s: float
    ood_score: float | None = None
    features: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.labels),):
            raise ValueError(
                f"prediction: {len(self.labels)} labels and probabilities of shape {self.probabilities.shape}"
            )
        # For a handful of numbers Python's sum is several times faster than numpy's.
        values = self.probabilities.tolist()
        total = sum(values)
        if not abs(total - 1.0) < 1e-3 or min(values) < 0:
            raise ValueError(f"prediction: probabilities sum to {total}, expected 1")
        if self.ood_score is not None and not math.isfinite(self.ood_score):
            raise ValueError(f"prediction: ood_score is {self.ood_score}, expected a finite number or None")

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """Probability of the most probable label, 0..1."""
        return float(self.probabilities.max())


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The combined classification of one item over several views.

    Attributes:
        item: the item in its last view.
        prediction: average of the views' predictions.
        views: number of views, >= 1.
        agreement: fraction of the views whose most probable label is the verdict's, 0..1.
        features: int8 (views, n), the features of the views, raw (``Prediction.features``); None for a model that gives none.

    Raises:
        ValueError: there is no view, or the agreement is out of range.
    """

    item: Item
    prediction: Prediction
    views: int
    agreement: float
    features: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        if self.views < 1 or not 0 <= self.agreement <= 1:
            raise ValueError(f"verdict: {self.views} views, agreement {self.agreement}")


class Reason(StrEnum):
    """Why a bin was chosen. The values are stored in the event log."""

    CONFIDENT = "confident"
    """The bin has the lowest expected cost and enough probability."""
    UNSURE = "unsure"
    """Residual bin: cheaper than the risk of contaminating another bin."""
    HAZARD = "hazard"
    """Residual bin: the hazard labels are too probable."""
    UNKNOWN = "unknown"
    """Residual bin: out of distribution for the model."""
    SEVERAL = "several"
    """Residual bin: more than one object is on the tray."""
    FULL = "full"
    """Residual bin: the chosen bin is full."""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The bin chosen for a verdict.

    Attributes:
        verdict: the verdict it is based on.
        bin: name of the bin.
        reason: why this bin was chosen.
        expected_cost: expected cost of the choice, in the cost units of the configuration, >= 0.
    """

    verdict: Verdict
    bin: str
    reason: Reason
    expected_cost: float


@dataclass(frozen=True, slots=True)
class SortEvent:
    """The record of one sorted item. The fields are the columns of the event log.

    Attributes:
        number: running number of the item since start.
        time_s: monotonic time of the decision, in seconds.
        wall_s: wall-clock time of the decision, in seconds since 1970 UTC.
        wall_synced: whether the wall clock was synchronized (NTP) at that time.
        label, confidence, probabilities: the verdict's prediction.
        bin, reason: the decision.
        views, agreement: number of views and their agreement, see ``Verdict``.
        rest_to_decision_s: time from rest to the decision, in seconds. The flap is commanded once the event is on the disk.
        latency_ms: mean time of one classification, in milliseconds.
        image: file name of the item's picture in the image ring; None if none was stored.
        score: out-of-distribution score, see ``Prediction.ood_score``.
        things: number of things that lay on the tray, as far as was seen, >= 1.
    """

    number: int
    time_s: float
    wall_s: float
    wall_synced: bool
    label: str
    confidence: float
    probabilities: dict[str, float]
    bin: str
    reason: str
    views: int
    agreement: float
    rest_to_decision_s: float
    latency_ms: float
    image: str | None = None
    score: float | None = None
    things: int = 1

    @classmethod
    def of(
        cls,
        decision: Decision,
        *,
        time_s: float,
        wall_s: float,
        wall_synced: bool,
        rest_to_decision_s: float,
        image: str | None,
    ) -> Self:
        """The event for a decision. The arguments are the attributes that the decision does not contain."""
        verdict = decision.verdict
        prediction = verdict.prediction
        return cls(
            number=verdict.item.number,
            time_s=time_s,
            wall_s=wall_s,
            wall_synced=wall_synced,
            label=prediction.label,
            confidence=prediction.confidence,
            probabilities=dict(zip(prediction.labels, map(float, prediction.probabilities), strict=True)),
            bin=decision.bin,
            reason=decision.reason.value,
            views=verdict.views,
            agreement=verdict.agreement,
            rest_to_decision_s=rest_to_decision_s,
            latency_ms=prediction.latency_s * 1000,
            image=image,
            score=prediction.ood_score,
            things=verdict.item.object_count,
        )
