"""The page about the socket says what the socket does."""

import json
import re

from edge.actuation.hand_control import DEAD_MAN_S, HOME_EVERY_S
from edge.actuation.panel import IDENTIFY_S
from edge.bin_socket.address import SERVICE_SOCKET
from edge.bin_socket.connection import MOST_BACKLOG, REQUESTS_PER_S, STUCK_S
from edge.bin_socket.protocol import MOST_PER_S, PROTOCOL, Action, read_request
from edge.bin_socket.server import MOST_CONNECTIONS, STATUS_EVERY_S
from edge.service.scene_pictures import LIVE_SIDE
from tests.paths import ROOT

PAGE = (ROOT / "docs/socket.md").read_text(encoding="utf-8")


def test_every_request_is_described_as_it_is_understood() -> None:
    shown = re.findall(r"^\| `(\{.*?\})` \|", PAGE, re.MULTILINE)
    assert [read_request(line.encode()).do for line in shown] == [
        Action.WATCH,
        Action.LOOK,
        Action.PAUSE,
        Action.GO_ON,
        Action.HOME,
        Action.LEARN_TRAY,
        Action.IDENTIFY,
        Action.TAKE_UPDATE,
        Action.JOG,
    ]
    assert set(shown)
    assert len(shown) == len(Action)


def test_the_lines_that_are_shown_are_messages() -> None:
    shown = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    messages = [json.loads(line) for line in shown[1].splitlines()]
    assert messages[0] == {"hello": {"protocol": PROTOCOL}}
    assert [next(iter(one)) for one in messages] == ["hello", "answer", "status", "event", "outcome"]


def test_places_and_limits_are_those_of_the_code() -> None:
    assert str(SERVICE_SOCKET) in PAGE
    assert (MOST_CONNECTIONS, MOST_PER_S, STATUS_EVERY_S, STUCK_S) == (16, 10.0, 2.0, 5.0)
    assert (HOME_EVERY_S, DEAD_MAN_S, REQUESTS_PER_S, MOST_BACKLOG) == (3.0, 0.5, 20, 1_000_000)
    assert IDENTIFY_S == 10.0
    for words in (
        "blinks for ten seconds",
        "sixteen at a time",
        "at most ten a second",
        "every two seconds",
        "after five seconds",
        "a megabyte",
    ):
        assert words in PAGE
    assert f"a picture of {LIVE_SIDE} pixels" in PAGE
