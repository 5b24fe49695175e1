"""A connection to a broker, as the rest of the link sees it; ``edge.link.mqtt.MqttConnection`` is one."""

from typing import Protocol

from edge.errors import UnavailableError


class BrokerError(UnavailableError):
    """The broker cannot be reached, or refuses the bin."""


class Broker(Protocol):
    """A broker that is connected. What it answers comes to the listener that the connection was opened with."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> int:
        """Send a message; returns what ``BrokerListener.acknowledged`` tells once the broker has taken it over (``qos`` 1)."""
        ...

    def subscribe(self, topic: str) -> None:
        """Be sent what comes to a topic."""
        ...


class BrokerListener(Protocol):
    """Who is told what comes over a connection."""

    def acknowledged(self, message: int) -> None:
        """The broker has taken a message over."""
        ...

    def received(self, topic: str, payload: bytes, *, is_retained: bool) -> None:
        """A message has come."""
        ...
