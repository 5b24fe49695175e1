"""The sections ``socket``, ``link`` and ``update``: what a bin tells other programs and the network, and takes from there."""

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

UpdateName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
"""Name of something that a repository of updates offers."""

Ring = Literal["canary", "early", "all"]
"""Which bins get an update before which: it must have done well in each ring before it is released to the next."""

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


class UpdateConfig(Section):
    """Signed updates of a repository. ``name`` None: the machine's. Paths are absolute."""

    repository: str = Field(pattern=r"^https?://[^\s?#]{1,300}$")
    wants: tuple[UpdateName, ...] = Field(min_length=1)
    root: Path = Path("update-root.json")
    ring: Ring = "all"
    name: TopicLevel | None = None
    every_hours: float = Field(6.0, ge=0.1, le=1000)
    hours: tuple[float, float] = (0.0, 24.0)
    watch_items: int = Field(50, ge=5, le=10_000)
    watch_hours: float = Field(48.0, ge=0.01, le=1000)
    allow_program: bool = False

    @model_validator(mode="after")
    def _hours_are_a_day(self) -> Self:
        if not all(0 <= hour <= 24 for hour in self.hours) or self.hours[0] == self.hours[1]:
            raise ValueError(f"hours: expected two different hours of the day from 0 to 24, got {list(self.hours)}")
        return self

    def is_time(self, hour: float) -> bool:
        """Whether updates may be looked for at an hour of the day; from 22 to 4 leads over midnight.

        Args:
            hour: local time, 0..24.
        """
        first, last = self.hours
        return first <= hour < last if first < last else hour >= first or hour < last
