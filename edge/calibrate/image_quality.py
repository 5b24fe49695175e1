"""Calibration step: judge light and focus of the camera's picture."""

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.calibrate.annotate import BLUE, RED, Mark, annotated, write_picture
from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.proposal import Proposal
from edge.calibrate.step_context import StepContext
from edge.sight.focus import FocusMeasurement, measure_focus
from edge.sight.light import MAX_SATURATED_SHARE, MIN_EVENNESS, Box, LightMeasurement, measure_light
from edge.sight.presence import Presence
from hardware.frame import Frame, Pixels

LIGHT_FRAMES = 30
"""Number of pictures in which flicker is looked for: two seconds' worth at the default ``camera.fps``."""

STALE_FRAMES = 2
"""Number of pictures dropped after the exposure was locked: the first ones may still have the previous exposure."""

FOCUS_FRAMES = 4
"""Number of pictures averaged for each number shown while the lens is turned; more would lag behind the hand."""

MIN_OF_BEST = 0.8
"""Share of the best sharpness below which the lens was not turned back to its best position."""


def judge_image(context: StepContext) -> Proposal | None:
    """Report problems of light and focus until the user is satisfied.

    Returns:
        An empty proposal; None if the step is skipped.
    """
    dialogue = context.dialogue
    while True:
        answer = enter_or(
            dialogue, "Light: clear the tray, and press Enter (f goes on to the focus, s skips)", "f", "s"
        )
        if answer == "s":
            return None
        if answer == "f":
            break
        context.camera.relock()
        frames = context.take(STALE_FRAMES + LIGHT_FRAMES)[STALE_FRAMES:]
        light = measure_light([_tray(context, frame) for frame in frames])
        complaints = list(light.complaints())
        path = context.folder / "light.jpg"
        write_picture(path, annotated(frames[-1].pixels, _marks(light, context.config.tray.region)))
        dialogue.show(
            f"Mean {light.mean:.0f} of 255, evenness {light.evenness:.0%}, white {light.clipped_share:.1%}, black "
            f"{light.black_share:.1%}, flicker {light.flicker:.1%}: {path}"
        )
        for complaint in complaints:
            dialogue.show(f"  {complaint}")
        if not complaints:
            dialogue.show("The light is good.")
            break
    return Proposal() if _focus(context) else None


def _focus(context: StepContext) -> bool:
    dialogue = context.dialogue
    while True:
        if enter_or(dialogue, "Focus: lay a box with clear edges on the tray, and press Enter (s skips)", "s") == "s":
            return False
        dialogue.show(
            "Turn the lens until the number is as high as possible; then take your hand away, and press Enter."
        )
        meter = _SharpnessMeter(context)
        dialogue.watch(meter.look)
        last = measure_focus([_grey(context, frame) for frame in context.take(2 * FOCUS_FRAMES)])
        complaint = _complaint(last, meter.best)
        if complaint is None:
            dialogue.show(f"Sharp: edges {_width(last)}.")
            return True
        dialogue.show(complaint)
        if choose(dialogue, "Again, or leave it? (a, l)", "a", "l") == "l":
            return True


class _SharpnessMeter:
    """Measures the sharpness while the lens is turned.

    Attributes:
        best: highest sharpness so far.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._frames = context.fresh_frames()
        self._greys: deque[NDArray[np.float32]] = deque(maxlen=FOCUS_FRAMES)
        self.best = 0.0

    def look(self) -> str:
        """Wait for the next picture; its sharpness as text."""
        self._greys.append(_grey(self._context, next(self._frames)))
        if len(self._greys) < FOCUS_FRAMES:
            return "sharpness ..."
        focus = measure_focus(list(self._greys))
        self.best = max(self.best, focus.sharpness)
        return f"sharpness {focus.sharpness:.1f}   best {self.best:.1f}   edges {_width(focus)}"


def _complaint(focus: FocusMeasurement, best: float) -> str | None:
    if focus.edge_px is None:
        return "Nothing on the tray to judge the focus by: something with clear edges is needed."
    if focus.unsharp:
        return (
            f"Blurred: edges {_width(focus)}. Turn the lens, or move the camera: some lenses cannot focus this close."
        )
    if focus.sharpness < MIN_OF_BEST * best:
        return f"It was sharper before: {focus.sharpness / best:.0%} of the best. Turn the lens back."
    return None


def _width(focus: FocusMeasurement) -> str:
    return "unknown" if focus.edge_px is None else f"{focus.edge_px:.1f} pixels wide"


def _tray(context: StepContext, frame: Frame) -> Pixels:
    """The configured region of a picture."""
    return Presence(region=context.config.tray.region).tray(frame).pixels


def _grey(context: StepContext, frame: Frame) -> NDArray[np.float32]:
    grey: NDArray[np.float32] = cv2.cvtColor(_tray(context, frame), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey


def _marks(light: LightMeasurement, region: Box) -> Sequence[Mark]:
    def placed(box: Box) -> Box:
        left, top, right, bottom = region
        width, height = right - left, bottom - top
        return left + box[0] * width, top + box[1] * height, left + box[2] * width, top + box[3] * height

    marks = [Mark(region, "tray")]
    if light.clipped_share > MAX_SATURATED_SHARE:
        marks += [Mark(placed(box), "glare", RED) for box in light.glare]
    if light.black_share > MAX_SATURATED_SHARE:
        marks += [Mark(placed(box), "black", BLUE) for box in light.black]
    if light.evenness < MIN_EVENNESS:
        marks.append(Mark(placed(light.darkest), "darkest", BLUE))
    return marks
