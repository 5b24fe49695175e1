"""Values of the line, made for tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edge.values import Decision, Frame, Item, Mask, Prediction, Reason, SortEvent, Verdict
from tests.builders.pictures import Pixels, tray_picture

LABELS = ("cardboard", "glass", "metal", "paper", "plastic", "trash")


def make_frame(pixels: Pixels | None = None, time_s: float = 0.0, sequence: int = 0) -> Frame:
    return Frame(tray_picture(64, 48) if pixels is None else pixels, time_s, sequence)


def make_mask(
    box: tuple[float, float, float, float] = (0.25, 0.25, 0.75, 0.75), shape: tuple[int, int] = (48, 64)
) -> Mask:
    cover = np.zeros(shape, np.uint8)
    height, width = shape
    cover[int(box[1] * height) : int(box[3] * height), int(box[0] * width) : int(box[2] * width)] = 255
    return Mask(cover, box, float(np.count_nonzero(cover)) / cover.size)


def make_item(number: int = 1, time_s: float = 1.0, rest_since_s: float = 0.5) -> Item:
    frame = make_frame(time_s=time_s)
    return Item(frame, make_mask(), (16, 12, 48, 36), number, rest_since_s)


def make_prediction(
    probabilities: Mapping[str, float] | Sequence[float],
    labels: Sequence[str] = LABELS,
    latency_s: float = 0.002,
    score: float | None = None,
) -> Prediction:
    """From all probabilities, or from some labels' (the others share what is left)."""
    if isinstance(probabilities, Mapping):
        others = [label for label in labels if label not in probabilities]
        left = 1.0 - sum(probabilities.values())
        full = {label: left / len(others) for label in others} | dict(probabilities)
        probabilities = [full[label] for label in labels]
    return Prediction(tuple(labels), np.asarray(probabilities, np.float32), latency_s, score)


def make_verdict(
    probabilities: Mapping[str, float] | Sequence[float], labels: Sequence[str] = LABELS, score: float | None = None
) -> Verdict:
    return Verdict(make_item(), make_prediction(probabilities, labels, score=score), 1, 1.0)


def make_decision(number: int = 1, *, bin: str = "glass") -> Decision:
    verdict = Verdict(make_item(number), make_prediction({"glass": 0.9}), 3, 1.0)
    return Decision(verdict, bin, Reason.CONFIDENT, 0.3)


def make_event(number: int = 1, **changes: Any) -> SortEvent:
    values: dict[str, Any] = {
        "number": number,
        "time_s": 10.0 + number,
        "wall_s": 1_767_225_600.0 + number,
        "wall_synced": True,
        "label": "glass",
        "confidence": 0.9,
        "probabilities": {"glass": 0.9, "metal": 0.1},
        "bin": "glass",
        "reason": "confident",
        "views": 3,
        "agreement": 1.0,
        "rest_to_decision_s": 0.3,
        "latency_ms": 2.5,
    }
    return SortEvent(**(values | changes))
