"""Items per minute, and what limits them: computed from the configuration and the measured times."""

from dataclasses import dataclass

from edge.config.schema import Config

EXTRA_FRAMES = 1
"""Frames waited for in addition to those of the vote: the one that shows the tray empty again."""


@dataclass(frozen=True, slots=True)
class SortCycle:
    """Time from an item coming to rest until the next may be put down, split by cause, in seconds.

    Attributes:
        settle_s: the item lies still.
        camera_s: waiting for frames.
        processing_s: processing them and writing the event, where this does not overlap with waiting for a frame.
        flap_s: the flap opens, dwells and closes.
        openings_per_min: duty limit of the flaps, in openings per minute.
    """

    settle_s: float
    camera_s: float
    processing_s: float
    flap_s: float
    openings_per_min: float

    @property
    def total_s(self) -> float:
        """Sum of the parts, in seconds."""
        return self.settle_s + self.camera_s + self.processing_s + self.flap_s

    @property
    def items_per_min(self) -> float:
        """Items per minute if the next item is always ready."""
        return min(60.0 / self.total_s, self.openings_per_min)

    @property
    def limit(self) -> str:
        """What takes the most time: ``settling``, ``camera``, ``processor``, ``flaps`` or ``duty``."""
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
        """The items per minute and their limit, in one sentence."""
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


def sort_cycle(config: Config, *, step_s: float, record_s: float, fps: float | None = None) -> SortCycle:
    """Time per item on this machine.

    Args:
        config: settle time, views, flaps (the slowest counts) and their duty limit.
        step_s: time of the line on a frame with an item, in seconds.
        record_s: time to write an event, in seconds.
        fps: measured frames per second, > 0; None: the configured ones.
    """
    frame_s = 1.0 / (fps or config.camera.fps)
    frames = config.decision.views + EXTRA_FRAMES
    return SortCycle(
        settle_s=config.tray.settle_s,
        camera_s=frames * frame_s,
        # A line slower than the camera drops frames: the next one is processed when the last one is finished.
        processing_s=step_s + record_s + frames * max(0.0, step_s - frame_s),
        flap_s=max(one.dwell_s + one.flap.travel_s for one in config.bins.values()),
        openings_per_min=config.flaps.max_openings_per_min,
    )
