"""What the bin tells a neighbour, as values."""

from dataclasses import dataclass
from typing import cast

from edge.bin_socket.protocol import PictureHeader, ProtocolError, to_line


@dataclass(frozen=True, slots=True)
class Link:
    """The connection to the bin has come or gone.

    Attributes:
        problem: why there is none, in words; None: there is one.
    """

    problem: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """How the bin is.

    Attributes:
        report: ``edge.service.status_report.LiveReport``.
        age_s: how old it was when it was sent, in seconds: one of more than a second is of a loop that hangs.
    """

    report: dict[str, object]
    age_s: float


@dataclass(frozen=True, slots=True)
class Decided:
    """An item was decided, and its flap opens; ``event``: the fields of ``edge.values.SortEvent``."""

    event: dict[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item; ``outcome``: the fields of ``edge.records.recorder.Ending``."""

    outcome: dict[str, object]


@dataclass(frozen=True, slots=True)
class TrayPicture:
    """A picture of the tray.

    Attributes:
        header: what it shows.
        jpeg: the picture.
    """

    header: PictureHeader
    jpeg: bytes

    @property
    def content(self) -> bytes:
        """Both as they are kept in a file and sent to browsers: the header as a line of JSON, then the JPEG."""
        return to_line(dict(self.header)) + self.jpeg


Message = Link | Status | Decided | Outcome | TrayPicture
"""What a subscriber gets."""


def read_message(found: dict[str, object], content: bytes) -> Message | None:
    """What the bin tells; None: something that only a later version knows.

    Args:
        found: its line.
        content: the bytes after it.

    Raises:
        ProtocolError: it is not as it should be.
    """
    for name in ("status", "event", "outcome", "picture"):
        fields = found.get(name)
        if fields is None and name not in found:
            continue
        if not isinstance(fields, dict):
            raise ProtocolError(f"{name}: expected an object")
        if name == "event":
            return Decided(fields)
        if name == "outcome":
            return Outcome(fields)
        if name == "picture":
            return TrayPicture(cast(PictureHeader, fields), content)
        age_s = found.get("age_s")
        if not isinstance(age_s, int | float):
            raise ProtocolError("age_s: expected a number of seconds")
        return Status(fields, float(age_s))
    return None
