"""The words of the bin's socket: what a neighbour may say, and that nothing else is ever taken for it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bin_socket.messages import Decided, Outcome, Status, TrayPicture, read_message
from edge.bin_socket.protocol import (
    MOST_ID,
    MOST_REQUEST_BYTES,
    Action,
    ProtocolError,
    Request,
    answer,
    read_object,
    read_request,
    to_line,
    with_picture,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["do", "id", "pictures", "most_per_s", "bin", "to", "ok"])
REQUESTS = st.dictionaries(FIELDS, JSON | st.sampled_from([*Action, "open", "home", "glass", 7, 1.5, True]), max_size=6)


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        (b'{"do": "watch"}', Request(Action.WATCH)),
        (b'{"do": "watch", "pictures": true, "most_per_s": 4, "id": 0}', Request(Action.WATCH, 0, True, 4.0)),
        (b'{"do": "watch", "most_per_s": 1e9}', Request(Action.WATCH, most_per_s=10.0)),
        (b'{"do": "pause", "id": 7}', Request(Action.PAUSE, 7)),
        (b'{"do": "jog", "bin": "glass"}', Request(Action.JOG, bin="glass")),
        (b'{"do": "jog", "bin": "gr\\u00fcn", "to": "home"}', Request(Action.JOG, bin="grün", to="home")),
        (b' {"do":"look"} \r', Request(Action.LOOK)),
    ],
)
def test_what_a_neighbour_may_ask(line: bytes, request_: Request) -> None:
    assert read_request(line) == request_


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "expected a JSON object"),
        (b"GET / HTTP/1.1", "expected a JSON object"),
        (b"\xff\xfe{", "expected a JSON object"),
        (b"[" * 1000, "expected a JSON object"),
        (b'["do"]', "expected a JSON object on a line, got"),
        (
            b"{}",
            "do: expected one of watch, pause, go_on, home, learn_tray, look, identify, take_update, jog, got None",
        ),
        (b'{"do": ["pause"]}', "do: expected one of"),
        (b'{"do": "PAUSE"}', "do: expected one of"),
        (b'{"do": "open_everything"}', "do: expected one of"),
        (b'{"do": "pause", "bin": "glass"}', "pause: unknown field 'bin'"),
        (b'{"do": "pause", "id": "7"}', "id: expected a whole number"),
        (b'{"do": "pause", "id": true}', "id: expected a whole number"),
        (b'{"do": "pause", "id": -1}', "id: expected a whole number"),
        (b'{"do": "pause", "id": 1.0}', "id: expected a whole number"),
        (f'{{"do": "pause", "id": {MOST_ID + 1}}}'.encode(), "id: expected a whole number"),
        (b'{"do": "watch", "pictures": 1}', "pictures: expected true or false"),
        (b'{"do": "watch", "most_per_s": 0}', "most_per_s: expected a number above 0"),
        (b'{"do": "watch", "most_per_s": "4"}', "most_per_s: expected a number above 0"),
        (b'{"do": "watch", "most_per_s": NaN}', "NaN is no JSON"),
        (b'{"do": "watch", "most_per_s": 1e999}', "most_per_s: expected a number above 0"),
        (b'{"do": "jog"}', "bin: expected the name of a bin"),
        (b'{"do": "jog", "bin": 5}', "bin: expected the name of a bin"),
        (b'{"do": "jog", "bin": "glass", "to": "away"}', "to: expected open or home, got 'away'"),
        (b'{"do": "jog", "bin": "' + b"x" * 200 + b'"}', "bin: expected the name of a bin, got 'xxx"),
    ],
)
def test_anything_else_is_refused_with_the_reason(line: bytes, why: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_request(line)
    assert why in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=MOST_REQUEST_BYTES))
def test_bytes_are_a_request_or_none(line: bytes) -> None:
    with suppress(ProtocolError):
        assert read_request(line).do in Action


@given(REQUESTS)
def test_objects_are_a_request_or_none(fields: dict[str, Any]) -> None:
    try:
        found = read_request(json.dumps(fields).encode())
    except ProtocolError:
        return
    assert found.do == fields["do"]
    assert found.id == fields.get("id")
    assert 0 < found.most_per_s <= 10
    assert found.to in ("open", "home")
    assert (found.bin != "") == (found.do is Action.JOG)


@given(
    st.sampled_from(['{"do": "jog", "bin": "glass", "to": "open", "id": 7}', '{"do": "watch", "pictures": true}']),
    st.data(),
)
def test_a_line_that_was_cut_is_no_request(line: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(line) - 1))
    with pytest.raises(ProtocolError):
        read_request(line[:end].encode())


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=5))
def test_whatever_a_message_quotes_it_is_one_line(message: dict[str, str]) -> None:
    line = to_line(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert read_object(line) == message


def test_an_answer_says_that_it_was_done_or_why_not() -> None:
    assert answer(7) == {"answer": 7, "ok": True}
    assert answer(None, "no") == {"answer": None, "error": "no"}


def test_a_picture_follows_its_line() -> None:
    line, _, jpeg = with_picture({"picture": {}}, b"\xff\xd8\n\n").partition(b"\n")
    assert json.loads(line) == {"picture": {}, "bytes": 4}
    assert jpeg == b"\xff\xd8\n\n"


@pytest.mark.parametrize(
    ("line", "content", "message"),
    [
        ({"status": {"tray": "empty"}, "age_s": 1}, b"", Status({"tray": "empty"}, 1.0)),
        ({"event": {"number": 1}}, b"", Decided({"number": 1})),
        ({"outcome": {"number": 1}}, b"", Outcome({"number": 1})),
        ({"picture": {"width": 2}, "bytes": 1}, b"x", TrayPicture({"width": 2}, b"x")),  # type: ignore[typeddict-item]
        ({"weather": {}}, b"", None),
    ],
)
def test_what_the_bin_tells(line: dict[str, Any], content: bytes, message: object) -> None:
    assert read_message(line, content) == message


@pytest.mark.parametrize(
    "line", [{"status": []}, {"status": {}}, {"status": {}, "age_s": "1"}, {"event": 1}, {"picture": None}]
)
def test_what_a_bin_does_not_tell(line: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_message(line, b"")
