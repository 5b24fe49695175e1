"""Values that the broker keeps: each is sent when it has changed, and not too often."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Kept:
    every_s: float
    payload: bytes
    is_sent: bool = False
    sent_s: float | None = None


class RetainedValues:
    """What is to stand at the broker."""

    def __init__(self) -> None:
        self._values: dict[str, _Kept] = {}

    def put(self, topic: str, payload: bytes, *, every_s: float) -> None:
        """What is to stand there from now on.

        Args:
            topic: where.
            payload: what.
            every_s: shortest time between two values of this topic, in seconds.
        """
        known = self._values.get(topic)
        if known is None:
            self._values[topic] = _Kept(every_s, payload)
        elif known.payload != payload:
            known.payload, known.is_sent = payload, False

    def flush(self, now_s: float, publish: Callable[[str, bytes], None]) -> None:
        """Send what has changed, as far as it is time.

        Args:
            now_s: time on the monotonic clock, in seconds.
            publish: sends a payload to a topic.
        """
        for topic, kept in self._values.items():
            is_due = kept.sent_s is None or now_s - kept.sent_s >= kept.every_s
            if not kept.is_sent and is_due:
                kept.is_sent, kept.sent_s = True, now_s
                publish(topic, kept.payload)

    def forget(self) -> None:
        """Nothing of it stands at the broker, as far as known: send it all, at once."""
        for kept in self._values.values():
            kept.is_sent, kept.sent_s = False, None
