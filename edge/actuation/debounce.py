"""Tells a contact that bounces from one that was opened."""

BOUNCE_S = 0.25
"""What is on for a shorter time is a bounce, in seconds: longer than two looks without pictures, and nobody reaches in so fast.
Gaps shorter than that between two bounces count as on."""

CHATTER_SHARE = 0.05
"""Share of the time that bounces may take, 0..1. Things that are thrown past a light barrier take less on the busiest day."""

CHATTER_S = 1.0
"""Time on beyond that share from which a contact chatters, in seconds; it no longer does when half of it has run off."""


class Debounce:
    """Follows one contact. On counts at once, here as elsewhere; what is learnt afterwards is whether it was a bounce.

    Attributes:
        is_long: it is on and has been for at least ``BOUNCE_S``, or cannot be read.
        chatters: bounces take too large a share of the time.
    """

    def __init__(self) -> None:
        self._on_since_s: float | None = None
        self._on_until_s: float | None = None
        self._now_s: float | None = None
        self._bounced_s = 0.0
        self.is_long = False
        self.chatters = False

    def add(self, is_on: bool | None, now_s: float) -> None:
        """Take whether the contact is on now.

        Args:
            is_on: whether it is; None: it cannot be read.
            now_s: time on the monotonic clock, in seconds.
        """
        since_s = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        self._bounced_s = max(self._bounced_s - CHATTER_SHARE * since_s, 0.0)
        if is_on is not False:
            if self._on_since_s is None:
                self._on_since_s = now_s
            self._on_until_s = None
        elif self._on_since_s is not None:
            self._close(now_s)
        is_long = self._on_since_s is not None and now_s - self._on_since_s >= BOUNCE_S
        self.is_long = is_on is None or (is_on and is_long)
        self.chatters = self._bounced_s >= (CHATTER_S / 2 if self.chatters else CHATTER_S)

    def _close(self, now_s: float) -> None:
        """It is off after it was on: what follows soon belongs to it."""
        assert self._on_since_s is not None
        if self._on_until_s is None:
            self._on_until_s = now_s
        if now_s - self._on_until_s >= BOUNCE_S:
            on_s = self._on_until_s - self._on_since_s
            if on_s < BOUNCE_S:
                self._bounced_s = min(self._bounced_s + on_s, 2 * CHATTER_S)
            self._on_since_s = self._on_until_s = None
