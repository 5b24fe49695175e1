"""What a person said of decisions is kept, one word for each, and a foreign file is not touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import ReviewError
from edge.teaching.reviews.review_log import Review, ReviewLog

ONE = Review(1, 5, 100.0, "f" * 64, "glass", "glass", "cup", 0.02, True)


def test_a_second_word_replaces_the_first(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "teaching")
    assert log.reviews() == []
    assert not log.path.exists()
    other = Review(1, 6, 101.0, None, "paper", "paper", "paper", 1.0, False)
    log.add(other)
    log.add(Review(1, 5, 100.0, None, "glass", "glass", "glass", 0.02, True))
    log.add(ONE)
    assert log.reviews() == [ONE, other]


def test_an_event_of_a_log_that_was_begun_anew_is_another_one(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    log.add(ONE)
    log.add(Review(1, 5, 200.0, None, "glass", "glass", "glass", 0.02, True))
    assert len(log.reviews()) == 2


def test_another_programs_database_and_a_damaged_one_are_left_and_told(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    with closing(sqlite3.connect(log.path)) as database:
        database.execute("CREATE TABLE cake (slice)")
    with pytest.raises(ReviewError, match="another program's"):
        log.add(ONE)
    log.path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(ReviewError, match="move it away"):
        log.reviews()


def test_an_empty_file_holds_no_reviews_and_takes_some(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    log.path.touch()
    assert log.reviews() == []
    log.add(ONE)
    assert log.reviews() == [ONE]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "teaching")
    (tmp_path / "teaching").mkdir()
    log.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReviewError, match="no file"):
        log.add(ONE)
    assert not (tmp_path / "elsewhere").exists()


def test_what_the_taught_set_does_not_know_yet_is_told_until_it_does(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    assert log.untaught() == []
    other = Review(1, 6, 101.0, None, "paper", "paper", "paper", 1.0, False)
    log.add(ONE, is_taught=False)
    log.add(other)
    assert log.untaught() == [ONE.key]
    log.settle([ONE.key])
    assert log.untaught() == []
    assert log.remove(other.key)
    assert not log.remove(other.key)
    assert log.reviews() == [ONE]
    assert log.untaught() == [other.key]


def test_a_log_of_an_older_release_takes_what_is_to_be_taught(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    log.add(ONE)
    with closing(sqlite3.connect(log.path)) as database:
        database.execute("DROP TABLE untaught")
    assert log.untaught() == []
    log.add(ONE, is_taught=False)
    assert log.untaught() == [ONE.key]


def test_nothing_is_made_to_take_back_what_was_never_said(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "teaching")
    assert not log.remove(ONE.key)
    assert not log.path.exists()
