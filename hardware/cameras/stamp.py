"""What a device's time stamps say of its frames: how old each is, and whether it is a new one at all."""

import time

OLDEST_S = 10.0
"""A first stamp further back than this is on another clock than ours."""


class FrameTimestamps:
    """The stamps of one device, in the order of its frames.

    V4L2 and libcamera stamp with the kernel's monotonic clock; some drivers with a clock of their own, or not at all.
    """

    def __init__(self) -> None:
        self._last_s = 0.0
        self._on_our_clock = False

    def forget(self) -> None:
        """The device was opened again: nothing is a repeat of what came before."""
        self._last_s = 0.0

    def age_s(self, stamp_s: float) -> float | None:
        """Seconds since the stamp of the frame that has just come; 0 where it says nothing; None: a repeat, no new frame.

        Args:
            stamp_s: what the device gives, in seconds; 0: it gives none.
        """
        # A frame without a stamp, from a device that has them, is what a time-out leaves behind.
        if stamp_s == self._last_s != 0 or (stamp_s == 0 and self._on_our_clock):
            return None
        self._last_s = stamp_s
        age_s = time.monotonic() - stamp_s
        if stamp_s != 0 and 0 <= age_s < OLDEST_S:
            self._on_our_clock = True
        # Once its stamps were seen to be on our clock, an old one is old, however old.
        return age_s if self._on_our_clock and age_s >= 0 else 0.0
