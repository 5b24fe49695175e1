"""What the link needs to know of a bin's configuration. A child reads and checks it: that takes more memory than the link."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

CHILD = "edge.link.settings_child"


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """A broker, and how the bin proves who it is.

    Attributes:
        host, port: where it listens.
        is_mqtt5: whether MQTT 5 is spoken with it; otherwise it is 3.1.1.
        tls: whether to encrypt, and to check the broker's certificate.
        ca: PEM file of the authority that signed it; None: those that the system trusts.
        user: name that the broker knows; None: none.
        password_file: the first line is the user's password; None: none.
        certificate, key: PEM files of a certificate of the bin's own; None: none.
    """

    host: str
    port: int
    tls: bool = False
    ca: Path | None = None
    user: str | None = None
    password_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    is_mqtt5: bool = False


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """A bin as the link tells of it.

    Attributes:
        name: of the bin, in topics.
        event_log: the event log.
        images: folder of the items' pictures.
        bins: names, in the order of the configuration.
        level_bins: those that have a level sensor.
        residual_bin: the bin of what is unsure.
        labels: label -> its bin.
        broker: where to; None: nowhere.
        prefix: what every topic begins with.
        commands: what may be asked of the bin.
        discovery: what Home Assistant's discovery topics begin with; None: it is told nothing.
        location: longitude and latitude of the bin, in degrees; None: a city's platform is told nothing.
        pictures: whether the newest item's picture is sent.
        metrics_port: where the figures are served on this machine; None: nowhere.
        version: of the program.
    """

    name: str
    event_log: Path
    images: Path
    bins: tuple[str, ...]
    level_bins: tuple[str, ...]
    residual_bin: str
    labels: Mapping[str, str] = field(default_factory=dict)
    broker: BrokerSettings | None = None
    prefix: str = "sorter"
    commands: frozenset[str] = frozenset()
    discovery: str | None = "homeassistant"
    location: tuple[float, float] | None = None
    pictures: bool = False
    metrics_port: int | None = None
    version: str = ""

    @property
    def is_on(self) -> bool:
        """Whether anything is told."""
        return self.broker is not None or self.metrics_port is not None

    @classmethod
    def of_answer(cls, answer: Mapping[str, Any]) -> Self:  # Any: JSON of the child
        """From what the child says.

        Args:
            answer: see ``edge.link.settings_child``.
        """
        link = answer["link"]

        def path(key: str) -> Path | None:
            return None if link[key] is None else Path(link[key])

        broker = None
        if link["host"] is not None:
            broker = BrokerSettings(
                link["host"],
                link["port"],
                link["tls"],
                path("ca"),
                link["user"],
                path("password_file"),
                path("certificate"),
                path("key"),
                is_mqtt5=link["protocol"] == 5,
            )
        return cls(
            name=link["name"] or socket.gethostname(),
            event_log=Path(answer["event_log"]),
            images=Path(answer["images"]),
            bins=tuple(answer["bins"]),
            level_bins=tuple(answer["level_bins"]),
            residual_bin=answer["residual_bin"],
            labels=answer["labels"],
            broker=broker,
            prefix=link["prefix"],
            commands=frozenset(link["commands"]),
            discovery=link["discovery"],
            location=None if link["location"] is None else tuple(link["location"]),
            pictures=link["pictures"],
            metrics_port=link["metrics_port"],
            version=answer["version"],
        )
