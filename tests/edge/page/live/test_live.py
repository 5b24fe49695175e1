"""The live page: what it says of the bin, what it is sent, and what may be asked for there."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge.alarms import Alarm
from edge.bin_socket.messages import Decided, Message, Status, TrayPicture
from edge.page.access.roles import Role
from edge.page.live.line_state import HANGS_S, TRAY_TEXTS, LineState, Tone
from edge.page.live.trouble import TROUBLE_TEXTS
from edge.sight.presence import PresenceState
from tests.builders.page import FakeBin, PageRig

STREAM = "ws://localhost/live/stream"

READY: dict[str, Any] = {"tray": "empty", "ready": True, "alarms": [], "held": "", "fill_levels": {"glass": 0.4}}


def status(age_s: float = 0.0, **changes: object) -> Status:
    return Status({**READY, **changes}, age_s)


def picture(sequence: int) -> TrayPicture:
    header: Any = {"sequence": sequence, "age_s": 0.05, "width": 640, "height": 480, "item": None}
    return TrayPicture(header, b"\xff\xd8 a picture")


@pytest.fixture
def bin_() -> FakeBin:
    found = FakeBin()
    found.tell(status())
    return found


@pytest.fixture
def page(tmp_path: Path, bin_: FakeBin) -> PageRig:
    return PageRig(tmp_path, bin_link=bin_)


# --- the state in words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "tone", "text"),
    [
        (status(), Tone.GOOD, "Ready: throw something in"),
        (status(ready=False), Tone.BUSY, "One moment"),
        (status(tray="item at rest"), Tone.BUSY, "Looking at what lies there"),
        (status(open_bin="glass"), Tone.BUSY, "Sorting"),
        (status(held="hand", open_bin="glass"), Tone.BUSY, "A hand is over the tray"),
        (status(held="lid"), Tone.BUSY, "The lid is open"),
        (status(paused=True, held="hand"), Tone.BUSY, "Paused"),
        (status(wait="wait: 6 openings in a minute"), Tone.BUSY, "An item waits"),
        (status(tray="what a later release has"), Tone.BUSY, "what a later release has"),
        (status(HANGS_S + 0.1), Tone.BAD, "The bin hangs"),
        (status(alarms=[{"alarm": "camera", "condition": "fault", "message": ""}]), Tone.BAD, "Something has to be repaired"),
        (None, Tone.BUSY, "Waiting for word from the bin"),
    ],
)  # fmt: skip
def test_the_state_is_said_in_words(told: Status | None, tone: Tone, text: str) -> None:
    line = LineState.of(told, None)
    assert (line.tone, line.text) == (tone, text)


def test_a_bin_that_is_lost_is_said_to_be() -> None:
    line = LineState.of(None, "the bin has stopped")
    assert (line.tone, line.detail, line.is_there) == (Tone.BAD, "the bin has stopped", False)


def test_everything_that_a_bin_can_say_has_words() -> None:
    assert set(TROUBLE_TEXTS) == set(Alarm)
    assert set(TRAY_TEXTS) == set(PresenceState)


@pytest.mark.parametrize("report", [{}, {"alarms": "?", "fill_levels": 3}, {"alarms": [7, {"alarm": "new"}]}])
def test_a_report_of_another_release_does_no_harm(report: dict[str, object]) -> None:
    assert LineState.of(Status(report, 0.0), None).is_there


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_state_levels_and_troubles(page: PageRig, bin_: FakeBin) -> None:
    bin_.tell(status(alarms=[{"alarm": "full", "condition": "attention", "message": "glass is full"}]))
    text = page.visitor().get("/").text
    for expected in ("Ready: throw something in", "40 % full", "A bin is full", "Empty it.", "glass is full", "Pause"):
        assert expected in text


def test_without_a_bin_nothing_can_be_asked_for(tmp_path: Path) -> None:
    client = PageRig(tmp_path).visitor()
    text = client.get("/").text
    assert "There is no bin here" in text
    assert 'action="/live/do"' not in text
    assert client.post("/live/do", json={"do": "pause"}).status_code == 400


def test_what_the_bin_says_is_escaped(page: PageRig, bin_: FakeBin) -> None:
    bin_.tell(status(alarms=[{"alarm": "full", "condition": "attention", "message": "<b>full</b>"}]))
    assert "&lt;b&gt;full" in page.visitor().get("/").text


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.LOOK, (False, False)), (Role.TEACH, (True, False)), (Role.SET_UP, (True, True))]
)
def test_only_what_somebody_may_do_is_offered(page: PageRig, role: Role, shown: tuple[bool, bool]) -> None:
    text = page.visitor(role).get("/").text
    assert ('value="pause"' in text, 'value="home"' in text) == shown


# --- the stream -------------------------------------------------------------------------------------------------------


@contextmanager
def watching(
    page: PageRig, bin_: FakeBin
) -> Iterator[tuple[Any, Callable[[Message], None], Callable[[str | None], None]]]:
    """A stream, and what the bin says and how it is lost, in the page's own thread."""
    with page.visitor(Role.LOOK) as client, client.websocket_connect(STREAM) as stream:
        portal = client.portal
        assert portal is not None
        yield stream, partial(portal.call, bin_.tell), partial(portal.call, bin_.lose)


def parts(stream: Any) -> dict[str, str]:
    """The next parts that are sent; other messages are passed over."""
    while True:
        message = stream.receive()
        if (found := json.loads(message.get("text") or "{}").get("parts")) is not None:
            return dict(found)


def test_the_stream_begins_with_everything_and_goes_on_with_what_changes(page: PageRig, bin_: FakeBin) -> None:
    with watching(page, bin_) as (stream, tell, lose):
        assert set(parts(stream)) == {"line", "troubles", "commands", "bins", "recent"}
        tell(status())
        tell(status(tray="item at rest"))
        assert set(parts(stream)) == {"line"}
        lose("the bin has stopped")
        assert "The bin does not answer" in parts(stream)["line"]
        lose(None)
        tell(status())
        while "Ready" not in parts(stream)["line"]:
            pass


def test_a_picture_waits_until_the_one_before_is_shown(page: PageRig, bin_: FakeBin) -> None:
    with watching(page, bin_) as (stream, tell, _):
        parts(stream)
        tell(picture(1))
        header, _, jpeg = stream.receive_bytes().partition(b"\n")
        assert (json.loads(header)["sequence"], jpeg) == (1, b"\xff\xd8 a picture")
        tell(picture(2))
        tell(status(tray="item at rest"))
        assert "line" in parts(stream)  # and not picture 2
        stream.send_text("shown")
        tell(Decided({"number": 5, "label": "glass", "bin": "glass", "confidence": 0.9}))
        assert json.loads(stream.receive_text())["decided"]["label"] == "glass"
        tell(picture(3))
        assert json.loads(stream.receive_bytes().partition(b"\n")[0])["sequence"] == 3


def refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass


def test_only_who_is_logged_in_is_sent_anything(page: PageRig, tmp_path: Path) -> None:
    page.account(Role.SET_UP)
    refused(page.stranger())
    client = page.visitor()
    client.headers["Origin"] = "http://evil.example"
    refused(client)
    refused(PageRig(tmp_path / "other").visitor())  # no bin


def test_the_stream_ends_with_the_session(page: PageRig, bin_: FakeBin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.page.live.feed.SESSION_LOOK_S", 0.01)
    with watching(page, bin_) as (stream, _, _):
        parts(stream)
        page.door.accounts.remove("look")
        assert stream.receive()["type"] == "websocket.close"
