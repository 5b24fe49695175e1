"""The sections ``socket`` and ``link``: what a bin tells other programs and the network, and what it takes from there."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edge.config.section import Section

PORT, TLS_PORT = 1883, 8883
"""Where brokers listen as a rule, without and with TLS."""

NetworkPort = Annotated[int, Field(ge=1, le=65_535)]

TopicLevel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
"""One level of a topic, without the signs that mean something there."""

MqttVersion = Literal["3.1.1", 5]
"""Version of the protocol that is spoken with the broker."""

LinkCommand = Literal["pause", "go_on", "home", "identify"]
"""What can be asked of a bin over the network."""


Longitude = Annotated[float, Field(ge=-180, le=180)]

Latitude = Annotated[float, Field(ge=-90, le=90)]


class SocketConfig(Section):
    """The socket through which the bin's page and other programs of this computer see the bin."""

    enabled: bool = True


class LinkConfig(Section):
    """The way out: a broker, and figures to be fetched. Off while neither ``host`` nor ``metrics_port`` is set.

    ``name`` None: the machine's. ``port`` None: the usual one, with or without ``tls``. ``ca`` None: the authorities that
    the system trusts. ``discovery`` None: Home Assistant is told nothing.
    ``location``: longitude and latitude in degrees; None: a city's platform is told nothing.
    """

    name: TopicLevel | None = None
    host: str | None = Field(None, min_length=1, max_length=253)
    port: NetworkPort | None = None
    protocol: MqttVersion = "3.1.1"
    tls: bool = False
    ca: Path | None = None
    user: str | None = Field(None, min_length=1)
    password_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    prefix: TopicLevel = "sorter"
    commands: tuple[LinkCommand, ...] = ()
    discovery: TopicLevel | None = "homeassistant"
    location: tuple[Longitude, Latitude] | None = None
    pictures: bool = False
    metrics_port: NetworkPort | None = None
    metrics_token_file: Path | None = None

    @property
    def broker_port(self) -> int:
        """Where the broker listens: the usual port, unless another is named."""
        return self.port or (TLS_PORT if self.tls else PORT)

    @property
    def is_on(self) -> bool:
        """Whether anything is told."""
        return self.host is not None or self.metrics_port is not None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key: expected both or neither")
        if not self.tls and (self.ca is not None or self.certificate is not None):
            raise ValueError("tls: false; with ca or certificate it must be true")
        if self.metrics_token_file is not None and self.metrics_port is None:
            raise ValueError("metrics_port: missing; with metrics_token_file, it must be the port of the figures")
        if self.password_file is not None and self.user is None:
            raise ValueError("user: missing; with password_file, it must be the name that the broker knows")
        return self
