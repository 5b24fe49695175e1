"""A bin that tells the network of itself, and a broker that is none: what was sent stands there, and time is moved by hand."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.link.bin_view import BinView
from edge.link.day_counts import DayCounts
from edge.link.event_queue import EventQueue
from edge.link.link_settings import BrokerSettings, LinkSettings
from edge.link.uplink import Uplink
from edge.records.event_schema import EventRow

LINK_SETTINGS = LinkSettings(
    name="bin-7",
    event_log=Path("/nowhere/events.sqlite"),
    images=Path("/nowhere/images"),
    bins=("paper", "glass", "packaging", "residual"),
    level_bins=("glass", "residual"),
    residual_bin="residual",
    broker=BrokerSettings("broker.example", 1883),
    commands=frozenset({"pause", "go_on", "home", "identify"}),
    pictures=True,
    version="1.2.3",
)

EVENT: EventRow = {
    "id": 1,
    "session": 12,
    "number": 345,
    "time_s": 10.0,
    "wall_s": 1_767_225_600.123,
    "wall_synced": True,
    "label": "glass",
    "confidence": 0.97312,
    "probabilities": {"glass": 0.97312, "metal": 0.02688},
    "bin": "glass",
    "reason": "confident",
    "views": 4,
    "agreement": 1.0,
    "rest_to_decision_s": 0.42,
    "latency_ms": 2.5,
    "image": None,
    "outcome": "done",
    "score": None,
    "things": 1,
    "joined": 0,
    "fell": 1,
}

REPORT: dict[str, object] = {
    "condition": "attention",
    "alarms": [{"alarm": "full", "condition": "attention", "message": "bin glass is full"}],
    "ready": True,
    "tray": "empty",
    "items": 41,
    "fill_levels": {"glass": 0.414},
    "model": "trashnet6",
    "head": None,
    "simulated": False,
    "paused": False,
    "held": "",
    "started_wall_s": 1_767_225_000.0,
}


def make_view(**changes: Any) -> BinView:
    """What is known of a bin that runs."""
    counts = DayCounts({("glass", "glass", "done"): 40, ("trash", "residual", "done"): 10}, {"glass": 3, "residual": 1})
    values: dict[str, Any] = {"report": dict(REPORT), "counts": counts, "newest": EVENT, "temperature_c": 51.4}
    values |= {"reasons": {"confident": 40, "unsure": 10}, "has_undervoltage": False}
    return BinView(**(values | {"free_bytes": 7_540_000_000, "connected": True} | changes))


@dataclass
class FakeBroker:
    """Takes whatever is sent.

    Attributes:
        sent: topic, payload and whether it is retained, in their order.
        subscribed: topics.
        numbers: of the messages that were sent with ``qos`` 1 and are not acknowledged.
    """

    sent: list[tuple[str, bytes, bool]] = field(default_factory=list)
    subscribed: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> int:
        self.sent.append((topic, payload, retain))
        if qos:
            self.numbers.append(len(self.sent))
        return len(self.sent)

    def subscribe(self, topic: str) -> None:
        self.subscribed.append(topic)

    def of(self, topic: str) -> list[bytes]:
        """What was sent to a topic."""
        return [payload for name, payload, _ in self.sent if name == topic]


class UplinkRig:
    """An uplink with a fake broker.

    Attributes:
        commands: what came in.
        room: how often more events were asked for.
    """

    def __init__(self, **changes: Any) -> None:
        self.settings = replace(LINK_SETTINGS, **changes)
        self.view = make_view(connected=False)
        self.queue = EventQueue()
        self.commands: list[tuple[bytes, bool]] = []
        self.room = 0
        self.uplink = Uplink(
            self.settings,
            self.view,
            self.queue,
            on_command=lambda payload, is_retained: self.commands.append((payload, is_retained)),
            on_room=self._count_room,
        )

    def connect(self) -> FakeBroker:
        broker = FakeBroker()
        self.uplink.connected(broker)
        return broker

    def _count_room(self) -> None:
        self.room += 1
