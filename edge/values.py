"""The values that travel down the line, each checked when it is made. Nothing here does anything."""

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
    """The item's place in a picture.

    Attributes:
        cover: uint8 (height, width) of the working picture, 0 ground, 255 item.
        box: (x0, y0, x1, y1) as shares of the picture's width and height, 0..1, x1 > x0, y1 > y0.
        area: share of the picture that the item covers, 0..1.
        parts: how many separate things it may be, >= 1; pieces close together, or small beside the largest, are one.
        edges: over how many of the picture's four edges it reaches, 0..4.
    """

    cover: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    area: float
    object_count: int = 1
    edges: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Something at rest on the tray.

    Attributes:
        frame: the picture it is seen on.
        mask: where it is; a share of the tray region.
        box_xyxy: (left, top, right, bottom) in pixels of the frame, right and bottom exclusive.
        number: counts the items since start, from 1.
        rest_since_s: monotonic time since which it has not moved, in seconds; not after the frame.
        parts: how many separate things it may be, >= 1.
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
    """What the classifier says of one view.

    Attributes:
        labels: the model's labels, n of them.
        probabilities: float32 (n,), summing to 1.
        latency_s: time the classifier took, in seconds.
        score: how well the model knows such things, by its own measure (``edge.inference.ood_score``), higher is better;
            None for a model that has no measure.
    """

    labels: tuple[str, ...]
    probabilities: Probabilities
    latency_s: float
    ood_score: float | None = None

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.labels),):
            raise ValueError(
                f"prediction: {len(self.labels)} labels and probabilities of shape {self.probabilities.shape}"
            )
        # A few numbers: Python's own sum is several times quicker than numpy's.
        values = self.probabilities.tolist()
        total = sum(values)
        if not abs(total - 1.0) < 1e-3 or min(values) < 0:
            raise ValueError(f"prediction: probabilities sum to {total}, expected 1")
        if self.ood_score is not None and not math.isfinite(self.ood_score):
            raise ValueError(f"prediction: score is {self.ood_score}, expected a finite number or None")

    @property
    def label(self) -> str:
        """The likeliest label."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """Probability of the likeliest label, 0..1."""
        return float(self.probabilities.max())


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What several views of one item say together.

    Attributes:
        item: as last seen.
        prediction: the views' predictions, averaged.
        views: how many, >= 1.
        agreement: share of the views whose own likeliest label is the verdict's, 0..1.
    """

    item: Item
    prediction: Prediction
    views: int
    agreement: float

    def __post_init__(self) -> None:
        if self.views < 1 or not 0 <= self.agreement <= 1:
            raise ValueError(f"verdict: {self.views} views, agreement {self.agreement}")


class Reason(StrEnum):
    """Why an item goes where it goes."""

    CONFIDENT = "confident"
    """The expected cost of its bin is the lowest, and it is no way out."""
    UNSURE = "unsure"
    """The residual bin costs less than the risk of contaminating another."""
    HAZARD = "hazard"
    """A label listed as a hazard is too likely to be risked."""
    UNKNOWN = "unknown"
    """It is not like the things that the model knows."""
    SEVERAL = "several"
    """More than one thing lies on the tray."""
    FULL = "full"
    """Its own bin is full."""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Which bin.

    Attributes:
        verdict: what it rests on.
        bin: name of the bin.
        reason: why.
        expected_cost: of this choice, in the configuration's cost units, >= 0.
    """

    verdict: Verdict
    bin: str
    reason: Reason
    expected_cost: float


@dataclass(frozen=True, slots=True)
class SortEvent:
    """One sorted item, as it is recorded.

    Attributes:
        number: the item's number since start.
        time_s, wall_s: when it was decided: monotonic seconds, and seconds since 1970 UTC.
        wall_synced: whether the wall clock was known to be right (NTP) then.
        label, confidence, probabilities: the verdict.
        score: the verdict's, see ``Prediction``.
        bin, reason: the decision.
        views, agreement: what the vote rests on.
        rest_to_decision_s: from rest to the flap command, in seconds.
        latency_ms: mean time of one classification, in milliseconds.
        image: file name of the item's picture in the image ring; None where none is kept.
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
        """The event of a decision; the arguments are what it does not know itself, see the attributes."""
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
        )
