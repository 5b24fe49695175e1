"""The bin's end of its socket: who may come, what they get, and that whoever misbehaves is dropped alone."""

import json
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.bin_socket import listener as listener_module
from edge.bin_socket.connection import BURST, MOST_BACKLOG, SPEAK_S, STUCK_S
from edge.bin_socket.exchange import LATE_S, MOST_ASKED
from edge.bin_socket.protocol import MOST_REQUEST_BYTES, Action
from edge.bin_socket.server import ACCEPTS_PER_S, MOST_CONNECTIONS, STATUS_EVERY_S
from tests.edge.bin_socket.neighbour import SocketBench, serving

Monkey = pytest.MonkeyPatch


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SocketBench]:
    with serving(tmp_path / "bin.sock") as one:
        yield one


def is_quiet(one: Any, seconds: float = 0.3) -> bool:
    """Whether nothing comes for a moment."""
    return not select.select([one.socket], [], [], seconds)[0]


# --- requests ---------------------------------------------------------------------------------------------------------


def test_the_bin_says_hello_and_answers_by_number(bench: SocketBench) -> None:
    one = bench.connect().say(do="pause", id=7)
    assert one.read()["hello"] == {"protocol": 1}
    asked = bench.taken()
    assert asked.request.do is Action.PAUSE
    bench.exchange.answer(asked, None)
    assert one.read() == {"answer": 7, "ok": True, "content": b""}
    asked = (one.say(do="home"), bench.taken())[1]
    bench.exchange.answer(asked, "the stop button is on")
    assert one.read() == {"answer": None, "error": "the stop button is on", "content": b""}


def test_an_answer_goes_to_who_has_asked(bench: SocketBench) -> None:
    one, other = bench.connect(), bench.connect()
    first = (one.say(do="pause", id=1), bench.taken())[1]
    second = (other.say(do="home", id=1), bench.taken())[1]
    bench.exchange.answer(second, "no")
    bench.exchange.answer(first, None)
    assert one.read_until("answer")["ok"]
    assert other.read_until("answer")["error"] == "no"


def test_requests_may_come_in_pieces_and_together(bench: SocketBench) -> None:
    one = bench.connect()
    line = b'{"do": "pause", "id": 1}\n{"do": "go_on", "id": 2}\n'
    for start in range(0, len(line), 7):
        one.socket.sendall(line[start : start + 7])
    assert [bench.taken().request.id, bench.taken().request.id] == [1, 2]


def test_a_request_that_has_waited_for_too_long_is_late(bench: SocketBench) -> None:
    bench.connect().say(do="home")
    asked = bench.taken()
    assert not bench.exchange.is_late(asked)
    bench.clock.advance(LATE_S + 0.1)
    assert bench.exchange.is_late(asked)


def test_a_loop_that_hangs_is_asked_for_no_more_than_it_can_remember(bench: SocketBench) -> None:
    many = [bench.connect() for _ in range(3)]
    for one in many:
        for number in range(MOST_ASKED // 3 + 1):
            one.say(do="pause", id=number)
    refused = [one.read_until("answer") for one in many[2:]]
    assert "busy, or hangs" in refused[0]["error"]


def test_a_look_is_answered_with_the_picture_and_without_the_loop(bench: SocketBench) -> None:
    found = bench.connect().say(do="look", id=3).read_until("answer")
    assert found["picture"]["sequence"] == 7
    assert found["content"] == b"J" * 100


def test_there_is_nothing_to_look_at_before_the_first_frame(tmp_path: Path) -> None:
    with serving(tmp_path / "bin.sock", size=0) as bench:
        assert "no picture yet" in bench.connect().say(do="look").read_until("answer")["error"]


# --- what is told -----------------------------------------------------------------------------------------------------


def test_who_watches_is_told_and_who_does_not_is_not(bench: SocketBench) -> None:
    one, other = bench.connect().say(do="watch", id=1), bench.connect()
    assert one.read_until("answer")["ok"]
    other.read_until("hello")
    bench.clock.advance(1.0)
    bench.exchange.tell_status({"tray": "empty", "written_s": 5})
    status = one.read_until("status")
    assert (status["status"], status["age_s"]) == ({"tray": "empty", "written_s": 5}, 0.0)
    bench.exchange.tell({"event": {"number": 1}})
    assert one.read_until("event")["event"] == {"number": 1}
    assert is_quiet(other)


def test_a_status_is_sent_when_it_changes_and_now_and_then(bench: SocketBench) -> None:
    one = bench.connect().say(do="watch", id=1)
    one.read_until("answer")
    bench.clock.advance(1.0)
    bench.exchange.tell_status({"tray": "empty", "written_s": 5})
    one.read_until("status")
    bench.exchange.tell_status({"tray": "empty", "written_s": 6})
    assert is_quiet(one)
    bench.exchange.tell_status({"tray": "item at rest", "written_s": 7})
    assert one.read_until("status")["status"]["tray"] == "item at rest"
    bench.clock.advance(STATUS_EVERY_S)
    assert one.read_until("status")["age_s"] == STATUS_EVERY_S, "a loop that hangs is seen by its age"


def test_nobody_is_told_how_the_bin_was_before_anybody_watched(bench: SocketBench) -> None:
    bench.exchange.tell_status({"tray": "long ago"})
    bench.clock.advance(60.0)
    one = bench.connect().say(do="watch", id=1)
    one.read_until("answer")
    assert is_quiet(one)
    bench.exchange.tell_status({"tray": "now"})
    assert one.read_until("status")["status"]["tray"] == "now"


def test_the_loop_knows_whether_anybody_watches(bench: SocketBench) -> None:
    assert not bench.exchange.is_watched
    one = bench.connect().say(do="watch", id=1)
    one.read_until("answer")
    bench.connect().say(do="look").read_until("answer")  # a turn later
    assert bench.exchange.is_watched
    one.close()
    other = bench.connect()
    for _ in range(3):
        other.say(do="look").read_until("answer")
    assert not bench.exchange.is_watched


def test_pictures_are_made_only_for_who_wants_them(bench: SocketBench) -> None:
    one = bench.connect().say(do="watch", id=1)
    one.read_until("answer")
    assert is_quiet(one)
    assert bench.pictures.made == 0
    one.say(do="watch", pictures=True, id=2)
    first = one.read_until("picture")
    assert first["content"] == b"j" * 100
    assert is_quiet(one), "no time has passed"
    bench.clock.advance(0.1)
    assert one.read_until("picture")["picture"]["sequence"] > first["picture"]["sequence"]
    one.say(do="watch", pictures=False, id=3)
    one.read_until("answer")
    made = bench.pictures.made
    bench.clock.advance(1.0)
    assert is_quiet(one)
    assert bench.pictures.made == made


def test_several_share_each_picture(bench: SocketBench) -> None:
    many = [bench.connect().say(do="watch", pictures=True) for _ in range(4)]
    for one in many:
        one.read_until("picture")
    made = bench.pictures.made
    bench.clock.advance(0.1)
    assert {one.read_until("picture")["picture"]["sequence"] for one in many} == {made + 1}


# --- who misbehaves ---------------------------------------------------------------------------------------------------


def test_a_slow_reader_loses_pictures_first_and_then_its_place(tmp_path: Path) -> None:
    with serving(tmp_path / "bin.sock", size=400_000) as bench:
        slow = bench.connect().say(do="watch", pictures=True)
        other = bench.connect().say(do="watch", id=1)
        other.read_until("answer")
        select.select([slow.socket], [], [], 20)
        for _ in range(10):
            bench.clock.advance(0.2)
            bench.exchange.tell({"event": {"number": 1}})
            other.read_until("event")
        assert bench.pictures.made <= 2, "nothing is queued for who does not read"
        bench.clock.advance(STUCK_S + 1)
        assert slow.is_dropped()
        assert bench.connect().say(do="look").read_until("answer")["ok"]


def test_what_waits_for_a_slow_reader_is_bounded(bench: SocketBench) -> None:
    slow = bench.connect().say(do="watch")
    other = bench.connect().say(do="watch", id=1)
    other.read_until("answer")
    for number in range(4 * MOST_BACKLOG // 50_000):
        bench.exchange.tell({"event": {"number": number, "text": "x" * 50_000}})
        other.read_until("event")
    assert slow.is_closed()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "expected a JSON object"),
        (b"\x16\x03\x01\x02\x00\x01\n", "expected a JSON object"),
        (b'{"do": "open_everything"}\n', "do: expected one of"),
        (b"x" * MOST_REQUEST_BYTES, f"more than {MOST_REQUEST_BYTES} bytes"),
        (b'{"do": "watch"}\n' * (BURST + 1), "requests a second"),
    ],
)
def test_foreign_words_end_the_connection_with_the_reason(bench: SocketBench, content: bytes, why: str) -> None:
    one = bench.connect()
    one.socket.sendall(content)
    assert why in one.read_until("goodbye")["goodbye"]
    assert one.read() == {"content": b""}
    assert bench.connect().say(do="look").read_until("answer")["ok"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=400) | st.just(b"\n") | st.just(b'{"do": "jog", "bin": "glass"}\n'), max_size=6))
def test_no_input_keeps_the_server_from_serving_others(bench: SocketBench, pieces: list[bytes]) -> None:
    bench.clock.advance(1.0)
    one = bench.connect()
    try:
        for piece in pieces:
            one.socket.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    one.close()
    other = bench.connect()
    assert other.say(do="look").read_until("answer")["ok"]
    other.close()
    while bench.exchange.take() is not None:
        pass


def test_who_says_nothing_gives_up_the_place(bench: SocketBench) -> None:
    silent, other = bench.connect(), bench.connect().say(do="watch", id=1)
    other.read_until("answer")
    bench.clock.advance(SPEAK_S + 1)
    assert "nothing was asked for" in silent.read_until("goodbye")["goodbye"]
    assert is_quiet(other)


def test_there_are_so_many_places_and_one_that_goes_makes_room(bench: SocketBench) -> None:
    many = [bench.connect().say(do="watch", id=1) for _ in range(MOST_CONNECTIONS)]
    for one in many:
        one.read_until("answer")
    late = bench.connect().say(do="look")
    assert is_quiet(late)
    many[0].close()
    assert late.read_until("answer")["ok"]


def test_who_connects_again_and_again_waits(bench: SocketBench) -> None:
    for _ in range(ACCEPTS_PER_S):
        one = bench.connect()
        one.read_until("hello")
        one.close()
    late = bench.connect()
    assert is_quiet(late)
    bench.clock.advance(1.1)
    late.read_until("hello")


def test_an_unexpected_error_is_logged_and_the_bin_is_served_again(
    bench: SocketBench, monkeypatch: Monkey, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.bin_socket.server.RECOVERY_S", 0.0)
    bench.pictures.fails = True
    one = bench.connect().say(do="watch", pictures=True)
    assert "an error of the program" in one.read_until("goodbye")["goodbye"]
    bench.pictures.fails = False
    assert bench.connect().say(do="look").read_until("answer")["ok"]
    assert "an odd picture" in caplog.text


def test_the_bin_says_that_it_stops(tmp_path: Path) -> None:
    with serving(tmp_path / "bin.sock") as bench:
        one = bench.connect()
        one.read_until("hello")
        bench._neighbours.clear()
    assert one.read_until("goodbye")["goodbye"] == "the bin stops"
    assert not (tmp_path / "bin.sock").exists()
    one.close()


# --- who may connect --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "group", "further", "may"),
    [
        (os.geteuid(), 12345, (), True),
        (0, 12345, (), True),
        (12345, os.getegid(), (), True),
        (12345, 12345, (os.getegid(),), True),
        (12345, 12345, (54321,), False),
    ],
)
def test_own_user_its_group_and_root_may_connect(
    bench: SocketBench, monkeypatch: Monkey, user: int, group: int, further: tuple[int, ...], may: bool
) -> None:
    monkeypatch.setattr(listener_module, "_further_groups", lambda peer: further)
    credentials = listener_module._CREDENTIALS.pack(1, user, group)

    class Peer:
        def getsockopt(self, *_: int) -> bytes:
            return credentials

    assert listener_module.may_connect(Peer()) is may  # type: ignore[arg-type]


def test_the_kernel_tells_who_a_peer_is() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert listener_module.may_connect(one)
        assert set(listener_module._further_groups(one)) == set(os.getgroups())


def test_a_process_of_another_user_is_refused(
    bench: SocketBench, monkeypatch: Monkey, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.bin_socket.server.may_connect", lambda peer: False)
    for _ in range(2):
        one = bench.connect()
        assert "only the sorter's own user" in one.read()["goodbye"]
        assert one.is_closed()
    assert bench.exchange.take() is None
    assert caplog.text.count("was refused") == 1


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_message_is_the_same_after_the_wire(bench: SocketBench) -> None:
    one = bench.connect().say(do="watch", id=1)
    one.read_until("answer")
    event = {"label": "Grün\nund ‮ mehr", "probabilities": {"a": 0.25}}
    bench.exchange.tell({"event": event})
    assert json.loads(json.dumps(one.read_until("event")["event"])) == event
