"""Calibration step: judge light and focus of the camera's picture."""

import math
from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.calibrate.annotate import BLUE, RED, Mark, annotated
from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.proposal import Proposal
from edge.calibrate.step_context import StepContext
from edge.calibrate.summary import numbered
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

LIVE_S = 0.5
"""Seconds from one picture on the page to the next while the lens is turned: the page loads itself every second."""


def judge_image(context: StepContext) -> Proposal | None:
    """Report problems of light and focus until the user is satisfied.

    Returns:
        An empty proposal; None if the step is skipped.
    """
    dialogue = context.dialogue
    left: list[str] = []
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
        left = list(light.complaints())
        context.show_picture(
            "light.jpg",
            annotated(frames[-1].pixels, _marks(light, context.config.tray.region)),
            "The light on the tray",
        )
        values = (
            f"brightness {light.mean:.0f} of 255, darkest part {light.evenness:.0%} of the brightest, white "
            f"{light.clipped_share:.1%}, black {light.black_share:.1%}, flicker {light.flicker:.1%}"
        )
        if not left:
            dialogue.show(f"The light is fine: {values}.")
            break
        dialogue.show(f"The light is not fine yet: {values}. What to do:")
        dialogue.show("\n".join(numbered(left)))
        if choose(dialogue, "Leave it as it is, or measure again? (l, a)", "l", "a") == "l":
            break
    context.to_do += left
    return Proposal() if _focus(context) else None


def _focus(context: StepContext) -> bool:
    """Judge the focus until the user is satisfied; False if the user skips it."""
    dialogue = context.dialogue
    if not context.camera.has_lens:
        kind = context.config.camera.kind
        dialogue.show(f"Focus: skipped, a camera of kind {kind} has no lens that could be turned.")
        return True
    while True:
        if enter_or(dialogue, "Focus: lay a box with clear edges on the tray, and press Enter (s skips)", "s") == "s":
            return False
        best = _refocus(context) if context.camera.focuses_itself else _turn_ring(context)
        frames = context.take(2 * FOCUS_FRAMES)
        last = measure_focus([_grey(context, frame) for frame in frames])
        complaint = _complaint(last, best, focuses_itself=context.camera.focuses_itself)
        context.show_picture("focus.jpg", frames[-1].pixels, "The focus")
        if complaint is None:
            dialogue.show(f"The focus is fine: {_edges(last)}.")
            return True
        dialogue.show(complaint)
        if choose(dialogue, "Leave it as it is, or again? (l, a)", "l", "a") == "l":
            context.to_do.append(f"focus: {complaint}")
            return True


def _refocus(context: StepContext) -> float:
    """Let the camera focus by itself; returns no sharpness to compare with."""
    context.dialogue.show("This camera focuses by itself: wait a moment, without a hand in the picture.")
    context.camera.relock()
    return 0.0


def _turn_ring(context: StepContext) -> float:
    """Let the user turn the focus ring, if there is one; returns the highest sharpness on the way."""
    context.dialogue.show(
        "If the lens has a focus ring, turn it until the number is as high as possible, and take your hand away. Without a "
        "ring there is nothing to turn. Then press Enter."
    )
    meter = _SharpnessMeter(context)
    context.dialogue.watch(meter.look)
    return meter.best


class _SharpnessMeter:
    """Measures the sharpness while the lens is turned.

    Attributes:
        best: highest sharpness so far.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._frames = context.fresh_frames()
        self._greys: deque[NDArray[np.float32]] = deque(maxlen=FOCUS_FRAMES)
        self._shown_s = -math.inf
        self.best = 0.0

    def look(self) -> str:
        """Wait for the next picture; its sharpness as text."""
        frame = next(self._frames)
        self._greys.append(_grey(self._context, frame))
        if len(self._greys) < FOCUS_FRAMES:
            return "sharpness ..."
        focus = measure_focus(list(self._greys))
        self.best = max(self.best, focus.sharpness)
        text = f"sharpness {focus.sharpness:.1f}   best {self.best:.1f}   {_edges(focus)}"
        if frame.time_s - self._shown_s >= LIVE_S:
            self._shown_s = frame.time_s
            self._context.show_live("focus.jpg", frame.pixels, text)
        return text


def _complaint(focus: FocusMeasurement, best: float, *, focuses_itself: bool) -> str | None:
    if focus.edge_px is None:
        return "There is nothing on the tray to judge the focus by: lay something with clear edges on it."
    if focus.unsharp:
        lens = "clean the lens" if focuses_itself else "turn the focus ring, if it has one"
        return f"The picture is blurred, {_edges(focus)}: {lens}, or move the camera up; some lenses cannot focus this close."
    if focus.sharpness < MIN_OF_BEST * best:
        return f"It was sharper before: now {focus.sharpness / best:.0%} of the best. Turn the ring back."
    return None


def _edges(focus: FocusMeasurement) -> str:
    return "no clear edge in the picture" if focus.edge_px is None else f"edges {focus.edge_px:.1f} pixels wide"


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
