"""Calibration step: take the picture of the empty tray."""

from collections import deque

from edge.calibrate.annotate import Mark, annotated, encoded
from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.frames import mean_of, rounded
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext
from edge.sight.presence import Presence
from hardware.frame import Frame, Pixels

FILE = "empty-tray.png"
"""Name of the picture, in the configuration's folder."""

MIN_FRAMES = 8
"""Minimum number of pictures averaged: noise falls to about a third."""

SETTLE_TIMEOUT_S = 10.0
"""Seconds without a still tray after which the attempt is given up: long enough to step back from the bin."""


def take_reference(context: StepContext) -> Proposal | None:
    """Average pictures of the empty tray, once nothing moves on it.

    Returns:
        The picture as a change of the configuration; None if the step is skipped.
    """
    dialogue = context.dialogue
    while enter_or(dialogue, "Empty tray: clear it, step back, and press Enter (s skips)", "s") != "s":
        context.camera.relock()
        picture = _still_picture(context)
        if picture is None:
            dialogue.show("Something moves on the tray, or the light changes: no picture was taken.")
            continue
        marked = annotated(picture, [Mark(context.config.tray.region, "empty?")])
        context.show_picture("empty-tray.jpg", marked, "Check that the tray is empty up to its corners")
        if choose(dialogue, "Is it empty? (y, n)", "y", "n") == "y":
            target = context.beside / FILE
            known = context.config.tray.empty_tray
            same = known is not None and known.resolve() == target.resolve()
            settings: dict[Key, object] = {} if same else {("tray", "empty_tray"): FILE}
            return Proposal(settings, {target: encoded(picture, target.suffix)})
    return None


def _still_picture(context: StepContext) -> Pixels | None:
    """Mean of the pictures during which nothing moved; None if something kept moving."""
    still_s = max(context.config.tray.learn_s, MIN_FRAMES / context.config.camera.fps)
    # The bin's own motion detection: it has learnt the tray once nothing has moved for still_s.
    presence = Presence(region=context.config.tray.region, learn_s=still_s)
    kept: deque[Frame] = deque(maxlen=4 * MIN_FRAMES)
    begin_s = context.clock.now_s()
    for frame in context.fresh_frames():
        presence.observe(frame)
        kept.append(frame)
        if presence.background is not None:
            return rounded(mean_of(one for one in kept if one.time_s > frame.time_s - still_s))
        if frame.time_s > begin_s + SETTLE_TIMEOUT_S + still_s:
            return None
    return None
