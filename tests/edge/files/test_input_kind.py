"""What is said of a file that somebody named, and that cannot be read."""

import errno
import os
from pathlib import Path

import pytest

from edge.errors import EventLogError, InputMissingError, ModelError
from edge.files.input_kind import InputKind

KIND = InputKind("model", ModelError, "expected one made by sorter-convert", "set model.file")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(b"12345")
    assert KIND.read(tmp_path / "a.tflite", 5) == b"12345"


def test_what_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError) as caught:
        KIND.read(tmp_path / "a", 5)
    assert str(caught.value) == f"model {tmp_path}/a: no such file; set model.file"
    with pytest.raises(InputMissingError, match="/a: no such file; expected a head"):
        InputKind("head", ModelError, "expected a head").read(tmp_path / "a", 5)


def test_what_is_no_file_is_told_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=f"model {tmp_path}: is a folder; expected one made by sorter-convert"):
        KIND.read(tmp_path, 5)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="pipe: expected a regular file; expected one made by sorter-convert"):
        KIND.read(tmp_path / "pipe", 5)


def test_what_is_too_large_is_told_with_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(ModelError, match="a: has 5 bytes, expected at most 4; expected one made by sorter-convert"):
        KIND.read(tmp_path / "a", 4)


def test_what_the_system_refuses_is_told_with_its_reason() -> None:
    with pytest.raises(ModelError, match=r"^model a: cannot be read: Permission denied$"), KIND.reading(Path("a")):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with pytest.raises(ModelError, match=r"^model a: cannot be read: odd$"), KIND.reading(Path("a")):
        raise OSError("odd")


def test_an_error_that_says_already_what_is_wrong_is_left_as_it_is() -> None:
    with pytest.raises(InputMissingError, match=r"^other: no such file$"), KIND.reading(Path("a")):
        raise InputMissingError("other: no such file")
    with pytest.raises(EventLogError, match=r"^log$"), KIND.reading(Path("a")):
        raise EventLogError("log")
