"""What goes over the bin's socket: one JSON object a line in both directions, a picture as bytes after its line.

A neighbour sends requests (``{"do": "pause", "id": 7}``), each of which is answered by ``{"answer": 7, "ok": true}`` or
``{"answer": 7, "error": "sentence"}``. The bin begins with ``{"hello": {"protocol": 1}}``, and sends to who watches
``status``, ``event``, ``outcome`` and ``picture``. A line with ``"bytes": N`` is followed by N bytes of JPEG. Before the bin
closes a connection it says why (``{"goodbye": "sentence"}``).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

from edge.errors import SorterError

PROTOCOL = 1
"""Version of the protocol. Fields and messages may be added; one that changes its meaning or goes makes another version."""

MOST_REQUEST_BYTES = 1024
"""Longest line of a neighbour, in bytes with its end: five times the longest request."""

MOST_LINE_BYTES = 65_536
"""Longest line of the bin, in bytes with its end: ten times a status with every alarm."""

MOST_PICTURE_BYTES = 8_000_000
"""Largest picture, in bytes: more than one of 12 megapixels takes."""

MOST_ID = 2**53
"""Largest number of a request: what every JSON reader takes for a whole number."""

MOST_NAME = 100
"""Longest name of a bin in a request, in characters."""

MOST_PER_S = 10.0
"""Most pictures a second, and most status messages."""


class ProtocolError(SorterError, ValueError):
    """What came over the socket is no message; the text says what was expected."""

    exit_code = 65


class Action(StrEnum):
    """What a neighbour can ask for."""

    WATCH = "watch"
    """Send status, events and outcomes from now on, and pictures if they are asked for."""
    PAUSE = "pause"
    """Finish the item under way, and decide nothing more until ``GO_ON``."""
    GO_ON = "go_on"
    """Bring home what was moved by hand, and sort again."""
    HOME = "home"
    """Send every flap home."""
    LEARN_TRAY = "learn_tray"
    """Take the tray as it lies there for empty."""
    LOOK = "look"
    """Answer with the newest picture as the camera takes it, and with the mask of the thing at rest on it."""
    IDENTIFY = "identify"
    """Let the status light blink for a while, so that whoever stands among several bins sees which one this is."""
    TAKE_UPDATE = "take_update"
    """Look now, and not in some seconds, whether another model is in use: ``sorter update`` has put one there."""
    JOG = "jog"
    """Move one flap for as long as this is repeated, only while paused."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a neighbour asks for.

    Attributes:
        do: what.
        id: number that the answer carries; None: none was given.
        pictures: of ``WATCH``: whether pictures are sent.
        most_per_s: of ``WATCH``: most pictures a second, above 0.
        bin: of ``JOG``: whose flap; elsewhere empty.
        to: of ``JOG``: which way.
    """

    do: Action
    id: int | None = None
    pictures: bool = False
    most_per_s: float = MOST_PER_S
    bin: str = ""
    to: Literal["open", "home"] = "open"


class SeenItem(TypedDict):
    """The thing at rest in a picture.

    ``number``: of the item since start. ``box``: [left, top, right, bottom]; ``outline``: corners [x, y] of the polygon around
    it, both as fractions of the whole picture, 0..1. ``things``: number of things that it seems to be.
    """

    number: int
    box: list[float]
    outline: list[list[float]]
    things: int


class PictureHeader(TypedDict):
    """What a picture shows.

    ``sequence``: number of the frame since start. ``age_s``: how long ago it was taken when it was sent, in seconds. ``width``,
    ``height``: of the JPEG, in pixels. ``region``: [left, top, right, bottom] of the tray as fractions of the picture.
    ``tray``: what it shows of the tray, as of ``StatusReport``. ``is_empty``: whether the tray is known to be empty.
    ``mask``: of an answer to ``LOOK`` with an item: which pixels of the tray's region belong to it, as PNG in base64.
    """

    sequence: int
    age_s: float
    width: int
    height: int
    region: list[float]
    tray: str
    is_empty: bool
    item: SeenItem | None
    mask: NotRequired[str]


def read_request(line: bytes) -> Request:
    """A neighbour's line as a request.

    Args:
        line: with or without its end.

    Raises:
        ProtocolError: it is none.
    """
    found = read_object(line)
    action = found.get("do")
    if not isinstance(action, str) or action not in list(Action):
        raise ProtocolError(f"do: expected one of {', '.join(Action)}, got {_shown(action)}")
    do = Action(action)
    known = {"do", "id", *_FIELDS.get(do, ())}
    if not found.keys() <= known:
        raise ProtocolError(f"{do}: unknown field {_shown(min(found.keys() - known))}")
    number = found.get("id")
    if number is not None and (type(number) is not int or not 0 <= number <= MOST_ID):
        raise ProtocolError(f"id: expected a whole number from 0 to 2^53, got {_shown(number)}")
    pictures = found.get("pictures", False)
    if type(pictures) is not bool:
        raise ProtocolError(f"pictures: expected true or false, got {_shown(pictures)}")
    most_per_s = found.get("most_per_s", MOST_PER_S)
    if isinstance(most_per_s, bool) or not isinstance(most_per_s, int | float) or not 0 < most_per_s < math.inf:
        raise ProtocolError(f"most_per_s: expected a number above 0, got {_shown(most_per_s)}")
    name, to = found.get("bin", ""), found.get("to", "open")
    if not isinstance(name, str) or len(name) > MOST_NAME or (do is Action.JOG and not name):
        raise ProtocolError(f"bin: expected the name of a bin, got {_shown(name)}")
    if to not in ("open", "home"):
        raise ProtocolError(f"to: expected open or home, got {_shown(to)}")
    return Request(do, number, pictures, min(float(most_per_s), MOST_PER_S), name, to)


_FIELDS: Mapping[Action, tuple[str, ...]] = {Action.WATCH: ("pictures", "most_per_s"), Action.JOG: ("bin", "to")}
"""What stands in a request beside ``do`` and ``id``."""


def read_object(line: bytes) -> dict[str, object]:
    """A line of either side as a JSON object.

    Raises:
        ProtocolError: it is none.
    """
    try:
        found = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"expected a JSON object on a line: {error}") from None
    if not isinstance(found, dict):
        raise ProtocolError(f"expected a JSON object on a line, got {_shown(found)}")
    return found


def to_line(message: Mapping[str, object]) -> bytes:
    """A message as a line."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def answer(number: int | None, error: str | None = None) -> dict[str, object]:
    """The answer to a request; ``error``: why it is refused, as a sentence; None: it was done."""
    return {"answer": number, "ok": True} if error is None else {"answer": number, "error": error}


def with_picture(message: Mapping[str, object], jpeg: bytes) -> bytes:
    """A message that a picture belongs to, and the picture."""
    return to_line({**message, "bytes": len(jpeg)}) + jpeg


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _shown(value: object) -> str:
    """A value from outside, short enough for an error."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
