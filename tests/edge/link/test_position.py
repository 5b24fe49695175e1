"""How far the broker has got survives a stop; whatever is found in its file, the link goes on."""

import logging
from pathlib import Path

import pytest

from edge.link.position import START, Position, PositionFile


def test_a_position_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "link" / "position.json"
    PositionFile(path).write(Position(7, 2, 3))
    assert PositionFile(path).read() == Position(7, 2, 3)
    assert list(path.parent.iterdir()) == [path]


def test_without_one_it_is_the_start(tmp_path: Path) -> None:
    assert PositionFile(tmp_path / "none").read() == START


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 999, b"x" * 2000, b'{"id": 1}'),
        b'{"id": true, "session": 1, "number": 1}',
        b'{"id": "1", "session": 1, "number": 1}',
        b'{"id": -1, "session": 1, "number": 1}',
    ],
)
def test_a_damaged_one_is_set_aside_and_told(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "position.json"
    path.write_bytes(content)
    assert PositionFile(path).read() == START
    assert (tmp_path / "position.json.damaged-1").read_bytes() == content
    assert "every event is sent once more" in caplog.text


def test_one_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    one = PositionFile(tmp_path / "file" / "position.json")
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            one.write(Position(number + 1, 1, 1))
    assert caplog.text.count("cannot be written") == 1
