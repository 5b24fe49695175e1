"""How many items a minute a bin sorts, and what holds it: arithmetic on what was configured and measured."""

from dataclasses import dataclass

from edge.config.schema import Config

FRAMES_BESIDE = 1
"""Frames waited for beside those of the vote: the one that shows the tray empty again."""


@dataclass(frozen=True, slots=True)
class SortCycle:
    """The parts of one item's time from coming to rest until the next may be put down, in seconds.

    Attributes:
        settle_s: it has to lie still.
        camera_s: frames have to come.
        processing_s: they have to be looked at, and the event written, as far as nobody waits for a frame meanwhile.
        flap_s: the flap opens, dwells and closes.
        openings_per_min: duty limit of the flaps.
    """

    settle_s: float
    camera_s: float
    processing_s: float
    flap_s: float
    openings_per_min: float

    @property
    def total_s(self) -> float:
        """All of them."""
        return self.settle_s + self.camera_s + self.processing_s + self.flap_s

    @property
    def items_per_min(self) -> float:
        """How many items a minute, when the next always lies ready."""
        return min(60.0 / self.total_s, self.openings_per_min)

    @property
    def limit(self) -> str:
        """What takes most of the time: ``settling``, ``camera``, ``processor``, ``flaps``, or ``duty``."""
        if self.openings_per_min < 60.0 / self.total_s:
            return "duty"
        parts = {
            "settling": self.settle_s,
            "camera": self.camera_s,
            "processor": self.processing_s,
            "flaps": self.flap_s,
        }
        return max(parts, key=lambda name: parts[name])

    def summary(self) -> str:
        """The verdict in a sentence."""
        items = f"this machine sorts up to {self.items_per_min:.0f} items a minute"
        if self.limit == "duty":
            return (
                f"{items}; the duty limit of the flaps is the limit (flaps.max_openings_per_min); "
                f"without it {60 / self.total_s:.1f}"
            )
        what, seconds = {
            "settling": ("settling (tray.settle_s) is", self.settle_s),
            "camera": ("the camera is", self.camera_s),
            "processor": ("the processor is", self.processing_s),
            "flaps": ("the flaps are", self.flap_s),
        }[self.limit]
        return f"{items}; {what} the limit: {seconds:.2f} of the {self.total_s:.2f} s an item takes"


def cycle(config: Config, *, step_s: float, record_s: float, fps: float | None = None) -> SortCycle:
    """One item's time on this machine.

    Args:
        config: settle time, views, flaps (the slowest counts) and their duty limit.
        step_s: time of the line on a frame with an item, in seconds.
        record_s: time to write an event, in seconds.
        fps: frames per second that the camera gives, > 0; None: those configured.
    """
    frame_s = 1.0 / (fps or config.camera.fps)
    frames = config.decision.views + FRAMES_BESIDE
    return SortCycle(
        settle_s=config.tray.settle_s,
        camera_s=frames * frame_s,
        # A line slower than the camera drops frames: the next one is looked at when the last is done with.
        processing_s=step_s + record_s + frames * max(0.0, step_s - frame_s),
        flap_s=max(one.dwell_s + one.flap.travel_s for one in config.bins.values()),
        openings_per_min=config.flaps.max_openings_per_min,
    )
