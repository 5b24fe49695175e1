"""The file of the taught set: whole after a kill at any moment, set aside where it is damaged, and never somebody else's."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import TaughtSetError
from edge.teaching.taught_set.taught_database import FILE_NAME
from tests.builders.teaching import numbers_of, open_set, taught_picture, teach
from tests.paths import ROOT


def taught_file(folder: Path, count: int = 30) -> Path:
    """A set with pictures of two labels, one of them dropped."""
    with open_set(folder) as taught:
        teach(taught, *(taught_picture(("glass", "metal")[number % 2], number) for number in range(count)))
        taught.drop([2], "drop", wall_s=0.0)
        return taught.path


def test_between_any_two_statements_of_a_change_the_disk_has_the_set_before(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    taught_file(folder, 8)
    with open_set(folder, budget_bytes=25_000) as taught:
        before = numbers_of(taught)
        copies: list[Path] = []

        def copy(statement: str) -> None:
            if not statement.startswith("--"):
                copies.append(tmp_path / f"copy-{len(copies)}")
                shutil.copytree(folder, copies[-1])

        # The smallest cache: changed pages go to the disk long before the end.
        taught._database._database.execute("PRAGMA cache_size = 1")
        taught._database._database.set_trace_callback(copy)
        teach(taught, taught_picture("glass", 20), taught_picture("metal", 21))
        taught._database._database.set_trace_callback(None)
        after = numbers_of(taught)
        assert after != before
    assert len(copies) > 10
    for path in copies:
        with open_set(path, budget_bytes=25_000) as copied:
            assert numbers_of(copied) == before


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_that_was_told(tmp_path: Path) -> None:
    # In a process of its own, which has no threads and may fork.
    command = [sys.executable, "-m", "tests.edge.teaching.taught_set.killed_set", str(tmp_path), "200"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["kills"] == 200
    assert result["wrong"] == []
    assert result["half_done"] > 20, "most kills hit no change: they prove nothing"


@pytest.mark.parametrize("page", [1, 5, 12])
def test_a_damaged_set_is_set_aside_and_what_can_be_read_taken_over(page: int, tmp_path: Path) -> None:
    path = taught_file(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
    path.write_bytes(raw)
    with open_set(tmp_path) as taught:
        entries = taught.entries()
        assert len(entries) > 15, "a page holds few pictures"
        assert 2 not in [entry.number for entry in entries], "it was dropped"
        for entry in entries:
            stored = taught_picture(entry.label, int(entry.origin.split("-")[1].split(".")[0]))
            assert entry.label in ("glass", "metal")
            assert taught.picture(entry.number) == stored.picture
        number = teach(taught, taught_picture())[0]
        assert number > 30, "no number means two pictures"
    assert (tmp_path / f"{FILE_NAME}.damaged-1").read_bytes() == raw


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300])
def test_what_holds_nothing_gives_an_empty_set(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with open_set(tmp_path) as taught:
        assert numbers_of(taught) == []
        teach(taught, taught_picture())


def test_another_programs_database_is_set_aside(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.executescript("CREATE TABLE mine (x); INSERT INTO mine VALUES (1);")
    with open_set(tmp_path) as taught:
        assert numbers_of(taught) == []
    with closing(sqlite3.connect(tmp_path / f"{FILE_NAME}.foreign-1")) as other:
        assert other.execute("SELECT x FROM mine").fetchall() == [(1,)]


def test_triggers_do_not_run(tmp_path: Path) -> None:
    path = taught_file(tmp_path, 8)
    with closing(sqlite3.connect(path)) as database:
        database.executescript("CREATE TRIGGER t AFTER INSERT ON change BEGIN DELETE FROM picture; END;")
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture())
    assert (tmp_path / f"{FILE_NAME}.foreign-1").exists()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE picture SET label = x'00ff' WHERE id = 1",
        "UPDATE picture SET jpeg = 'text' WHERE id = 1",
        "UPDATE looks SET features = x'00' WHERE picture = 1",
        "UPDATE change SET what = x'07'",
    ],
)
def test_values_of_another_kind_are_damage(damage: str, tmp_path: Path) -> None:
    path = taught_file(tmp_path, 8)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(damage)
    with pytest.raises(TaughtSetError, match="has values of other kinds"):
        open_set(tmp_path, read_only=True)
    with open_set(tmp_path) as taught:
        assert len(taught.entries()) in (6, 7)
        for entry in taught.entries():
            assert taught.picture(entry.number) is not None


def test_a_set_of_a_newer_release_is_left_as_it_is(tmp_path: Path) -> None:
    path = taught_file(tmp_path, 8)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(TaughtSetError, match="schema version 99, expected 1; upgrade the sorter"):
            open_set(tmp_path, read_only=read_only)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("name", [FILE_NAME, f"{FILE_NAME}-journal"])
def test_links_and_folders_are_set_aside_and_not_followed(name: str, tmp_path: Path) -> None:
    folder, victim = tmp_path / "set", tmp_path / "victim"
    folder.mkdir()
    victim.write_bytes(b"mine")
    (folder / name).symlink_to(victim)
    with open_set(folder) as taught:
        teach(taught, taught_picture())
    assert victim.read_bytes() == b"mine"
    assert (folder / f"{name}.damaged-1").is_symlink()
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    with open_set(folder) as taught:
        teach(taught, taught_picture())
    assert (folder / f"{name}.damaged-2").is_dir()


def test_a_file_with_a_second_name_is_refused(tmp_path: Path) -> None:
    path = taught_file(tmp_path / "set", 8)
    os.link(path, tmp_path / "elsewhere")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(TaughtSetError, match="has a second name"):
            open_set(tmp_path / "set", read_only=read_only)
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_set_as_it_was(tmp_path: Path) -> None:
    taught_file(tmp_path, 8)
    with open_set(tmp_path) as taught:
        before = numbers_of(taught)
        pages = taught._database._database.execute("PRAGMA page_count").fetchone()[0]
        taught._database._database.execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(TaughtSetError, match="cannot be written: database or disk is full; nothing was changed"):
            teach(taught, *(taught_picture(number=number) for number in range(20, 30)))
        assert numbers_of(taught) == before


def test_missing_rights_are_said_before_anything_is_taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taught_file(tmp_path, 8)
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(TaughtSetError, match="run this with sudo"):
        open_set(tmp_path)
    with open_set(tmp_path, read_only=True) as taught:
        assert len(taught.entries()) == 7
