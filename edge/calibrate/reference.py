"""The step that takes the picture of the empty tray."""

from collections import deque

from edge.calibrate.annotate import Mark, annotated, encoded, write_picture
from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.frames import mean_of, rounded
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext
from edge.sight.presence import Presence
from hardware.frame import Frame, Pixels

FILE = "empty-tray.png"
"""Name of the picture, beside the configuration."""

LEAST_FRAMES = 8
"""So many pictures at least are averaged, against noise."""

PATIENCE_S = 10.0
"""A tray that has not come to rest for so long is refused, in seconds."""


def take_reference(bench: StepContext) -> Proposal | None:
    """Average pictures of the empty tray, once nothing moves on it; None when it is given up."""
    dialogue = bench.dialogue
    path = bench.folder / "empty-tray.jpg"
    while enter_or(dialogue, "Empty tray: clear it, step back, and press Enter (s skips)", "s") != "s":
        bench.camera.relock()
        picture = _still(bench)
        if picture is None:
            dialogue.show("Something moves on the tray, or the light does: no picture is taken of it.")
            continue
        write_picture(path, annotated(picture, [Mark(bench.config.tray.region, "empty?")]))
        dialogue.show(f"Look whether it is empty, to the corners: {path}")
        if choose(dialogue, "Is it? (y, n)", "y", "n") == "y":
            target = bench.beside / FILE
            known = bench.config.tray.empty_tray
            same = known is not None and known.resolve() == target.resolve()
            settings: dict[Key, object] = {} if same else {("tray", "empty_tray"): FILE}
            return Proposal(settings, {target: encoded(picture, target.suffix)})
    return None


def _still(bench: StepContext) -> Pixels | None:
    """The mean of the pictures over which nothing moved; None where something always does."""
    still_s = max(bench.config.tray.learn_s, LEAST_FRAMES / bench.config.camera.fps)
    # The bin's own eye for motion; it knows the tray once nothing has moved for so long.
    presence = Presence(region=bench.config.tray.region, learn_s=still_s)
    kept: deque[Frame] = deque(maxlen=4 * LEAST_FRAMES)
    begin_s = bench.clock.now_s()
    for frame in bench.fresh_frames():
        presence.observe(frame)
        kept.append(frame)
        if presence.background is not None:
            return rounded(mean_of(one for one in kept if one.time_s > frame.time_s - still_s))
        if frame.time_s > begin_s + PATIENCE_S + still_s:
            return None
    return None
