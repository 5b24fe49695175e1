"""A backup holds the bin as it is, and a restore brings all of it or nothing."""

import errno
import gzip
import io
import json
import os
import shlex
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.backup import archive
from edge.backup.checked import check_backup
from edge.backup.plan import plan_restore
from edge.backup.restore import STAGING, restore
from edge.backup.writer import write_backup
from edge.cli import main
from edge.commands import restore as restore_command
from edge.config.file import load_config
from edge.errors import BackupError, EventLogError, InputMissingError, LogInUseError, SorterError
from edge.records.event_log import EventLog
from tests.builders.configuration import write_config
from tests.builders.values import make_event
from tests.paths import MODEL

OTHER = 12345
"""Number of a user who is not root; it need not have a name."""

JPEG = b"\xff\xd8\xff\xe0picture"


def make_bin(folder: Path, events: int = 3, changes: dict[str, object] | None = None) -> Path:
    """A bin that has sorted; its configuration."""
    config_file = write_config(folder / "config.yaml", changes)
    with EventLog(folder / "state" / "events.sqlite") as log:
        log.start_session(wall_s=1000.0, model="m")
        for number in range(1, events + 1):
            log.record(make_event(number))
    images = folder / "state" / "images"
    images.mkdir()
    for number in range(3):
        (images / f"00000001-{number:06}.jpg").write_bytes(JPEG + bytes([number]))
    return config_file


def back_up(config_file: Path, target: Path, *, pictures: bool = True) -> Path:
    write_backup(target, config_file, load_config(config_file), pictures=pictures, made_wall_s=1000.0)
    return target


def restored(backup: Path, config_file: Path, *, force: bool = False, anywhere: bool = False) -> tuple[Path, ...]:
    return restore(plan_restore(check_backup(backup), config_file, anywhere=anywhere), force=force)


def tree_of(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the content of the files; without locks, which are empty."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".lock"
    }


def numbers(log: Path) -> list[int]:
    with EventLog(log, read_only=True) as events:
        return [row["number"] for row in events.events()]


def pack(target: Path, files: dict[str, bytes], edit: Callable[[tarfile.TarInfo], None] = lambda info: None) -> Path:
    """An archive of our own making, as an attacker would."""
    with gzip.open(target, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            edit(info)
            tar.addfile(info, io.BytesIO(content))
    return target


def unpack(backup: Path) -> dict[str, bytes]:
    with tarfile.open(backup) as tar:
        return {info.name: content.read() for info in tar if (content := tar.extractfile(info)) is not None}


def with_list(files: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """The files with a list that fits them."""
    import hashlib

    manifest = json.loads(files["manifest.json"]) | changes
    rest = {name: content for name, content in files.items() if name != "manifest.json"}
    manifest["files"] = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in rest.items()
    ]
    return rest | {"manifest.json": json.dumps(manifest).encode()}


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return back_up(make_bin(tmp_path / "old"), tmp_path / "bin.tar.gz")


def test_a_restored_bin_is_the_bin_that_was_backed_up(tmp_path: Path) -> None:
    own = tmp_path / "old" / "mine.tflite"
    own.parent.mkdir()
    shutil.copy(MODEL, own)
    (tmp_path / "old" / "tray.png").write_bytes(b"a picture")
    changes: dict[str, object] = {"model": {"file": "mine.tflite"}, "tray": {"empty_tray": "tray.png"}}
    old = make_bin(tmp_path / "old", changes=changes)
    new = tmp_path / "new" / "config.yaml"
    assert restored(back_up(old, tmp_path / "bin.tar.gz"), new) == ()
    assert new.read_bytes() == old.read_bytes()
    config = load_config(new)
    assert config.model.file == new.parent / "mine.tflite"
    assert config.model.file.read_bytes() == MODEL.read_bytes()
    assert config.tray.empty_tray is not None
    assert config.tray.empty_tray.read_bytes() == b"a picture"
    assert numbers(config.event_log.file) == [1, 2, 3]
    pictures = [tree_of(file.parent / "state" / "images") for file in (old, new)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 3
    assert not list(new.parent.rglob(STAGING))


def test_a_model_that_ships_and_pictures_that_nobody_asked_for_are_left_out(tmp_path: Path) -> None:
    made = back_up(make_bin(tmp_path / "old"), tmp_path / "bin.tar.gz", pictures=False)
    assert list(unpack(made)) == ["config.yaml", "events.sqlite", "manifest.json"]


def test_a_picture_that_is_a_link_is_left_out(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old")
    images = tmp_path / "old" / "state" / "images"
    (tmp_path / "shadow").write_bytes(JPEG)
    (images / "00000001-000007.jpg").symlink_to(tmp_path / "shadow")
    os.mkfifo(images / "00000001-000008.jpg")
    (images / "notes.txt").write_bytes(b"no picture")
    names = unpack(back_up(config_file, tmp_path / "bin.tar.gz"))
    assert sorted(name for name in names if "/" in name) == [
        f"pictures/00000001-{number:06}.jpg" for number in range(3)
    ]


def test_a_bin_that_has_sorted_nothing_yet_can_be_backed_up(tmp_path: Path) -> None:
    made = back_up(write_config(tmp_path / "old" / "config.yaml"), tmp_path / "bin.tar.gz")
    assert list(unpack(made)) == ["config.yaml", "manifest.json"]


def test_nobody_else_may_read_a_backup_and_nothing_is_left_beside_it(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in backup.parent.iterdir()) == ["bin.tar.gz", "old"]


def test_events_are_backed_up_while_others_are_written(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old", events=0)
    log_file = tmp_path / "old" / "state" / "events.sqlite"
    stop, written = threading.Event(), []

    def write() -> None:
        with EventLog(log_file) as log:
            log.start_session(wall_s=2000.0, model="m")
            while not stop.is_set() or not written:
                log.record(make_event(len(written) + 1))
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            stop.wait(0.001)
        before = len(written)
        made = back_up(config_file, tmp_path / "bin.tar.gz", pictures=False)
        after = len(written)
    finally:
        stop.set()
        writer.join()
    restored(made, tmp_path / "new" / "config.yaml")
    found = numbers(tmp_path / "new" / "state" / "events.sqlite")
    assert before <= len(found) <= after + 1
    assert found == list(range(1, len(found) + 1))


def test_a_damaged_event_log_makes_no_backup(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old")
    (tmp_path / "old" / "state" / "events.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(EventLogError, match="--repair"):
        back_up(config_file, tmp_path / "bin.tar.gz")
    assert not (tmp_path / "bin.tar.gz").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_model_that_is_missing_makes_no_backup(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old", changes={"model": {"file": "gone.tflite"}})
    with pytest.raises(InputMissingError, match=r"gone\.tflite"):
        back_up(config_file, tmp_path / "bin.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_what_is_there_is_never_overwritten(backup: Path, tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "new", events=5)
    before = tree_of(tmp_path / "new")
    with pytest.raises(BackupError, match="--force"):
        restored(backup, config_file)
    assert tree_of(tmp_path / "new") == before
    kept = restored(backup, config_file, force=True)
    assert numbers(tmp_path / "new" / "state" / "events.sqlite") == [1, 2, 3]
    (old_log,) = [path for path in kept if path.name.startswith("events.sqlite")]
    assert old_log.name == "events.sqlite.replaced-1"
    assert numbers(old_log) == [1, 2, 3, 4, 5]
    assert (tmp_path / "new" / "config.yaml.replaced-1").read_bytes() == before["config.yaml"]
    # As a whole: pictures of two bins must not mix.
    assert len(list((tmp_path / "new" / "state" / "images.replaced-1").iterdir())) == 3
    assert len(list((tmp_path / "new" / "state" / "images").iterdir())) == 3


@pytest.mark.parametrize("command", [["backup", "bin.tar.gz"], ["restore", "bin.tar.gz"], ["init"]])
def test_what_is_in_the_way_is_a_usage_error_for_every_command(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(make_bin(tmp_path), tmp_path / "bin.tar.gz")
    before = tree_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as refused:
        main(command)
    assert refused.value.code == 2
    said = capsys.readouterr().err
    assert "there already" in said
    assert "--force" in said
    assert tree_of(tmp_path) == before


def test_the_write_ahead_log_of_a_replaced_event_log_stays_with_it(backup: Path, tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "new", events=5)
    state = tmp_path / "new" / "state"
    with EventLog(state / "events.sqlite") as log:
        log.start_session(wall_s=2000.0, model="m")
        log.record(make_event(6))
        crashed = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()}
    for name, content in crashed.items():
        (state / name).write_bytes(content)
    assert (state / "events.sqlite-wal").exists()
    restored(backup, config_file, force=True)
    assert numbers(state / "events.sqlite") == [1, 2, 3]
    assert numbers(state / "events.sqlite.replaced-1") == [1, 2, 3, 4, 5, 6]


def test_a_sorter_that_runs_keeps_its_event_log(backup: Path, tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "new")
    with EventLog(tmp_path / "new" / "state" / "events.sqlite"):
        before = tree_of(tmp_path / "new")
        with pytest.raises(LogInUseError, match="stop that first"):
            restored(backup, config_file, force=True)
        assert tree_of(tmp_path / "new") == before


def test_a_configuration_that_is_replaced_keeps_its_mode(backup: Path, tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "new")
    config_file.chmod(0o640)
    restored(backup, config_file, force=True)
    assert config_file.stat().st_mode & 0o777 == 0o640


def test_a_restore_that_fails_at_the_last_rename_leaves_everything_as_it_was(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file = make_bin(tmp_path / "new", events=5)
    before = tree_of(tmp_path / "new")
    rename = os.rename

    def fails(source: Path, target: Path) -> None:
        if Path(target) == config_file and STAGING in str(source):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr("os.rename", fails)
    with pytest.raises(OSError, match="No space"):
        restored(backup, config_file, force=True)
    assert tree_of(tmp_path / "new") == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("renames", range(8))
def test_a_restore_that_was_killed_anywhere_is_completed_by_the_next_one(
    renames: int, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file = make_bin(tmp_path / "new", events=5)
    restored(backup, tmp_path / "whole" / "config.yaml")
    rename, count = os.rename, iter(range(100))

    def dies(source: Path, target: Path) -> None:
        if next(count) >= renames:  # nothing is undone either
            raise Killed
        rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr("os.rename", dies)
        with pytest.raises(Killed):
            restored(backup, config_file, force=True)
    restored(backup, config_file, force=True)
    found = tree_of(tmp_path / "new")
    assert {name: found.get(name) for name in tree_of(tmp_path / "whole")} == tree_of(tmp_path / "whole")
    kept = [path for path in (tmp_path / "new" / "state").glob("events.sqlite.replaced-*") if len(numbers(path)) == 5]
    assert len(kept) == 1, "what was there is kept"
    assert not list((tmp_path / "new").rglob(STAGING))


def test_what_a_killed_restore_has_left_is_in_nobodys_way(backup: Path, tmp_path: Path) -> None:
    left = tmp_path / "new" / "state" / STAGING
    left.mkdir(parents=True)
    (left / "0-config.yaml").write_bytes(b"half")
    restored(backup, tmp_path / "new" / "config.yaml")
    assert not left.exists()


def test_nothing_is_written_outside_unless_that_is_asked_for(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc" / "events.sqlite"
    old = write_config(tmp_path / "old" / "config.yaml", {"event_log": {"file": str(elsewhere)}})
    with EventLog(elsewhere) as log:
        log.start_session(wall_s=1000.0, model="m")
    made = back_up(old, tmp_path / "bin.tar.gz")
    shutil.rmtree(elsewhere.parent)
    with pytest.raises(BackupError, match="--anywhere"):
        restored(made, tmp_path / "new" / "config.yaml")
    assert not elsewhere.parent.exists()
    assert not (tmp_path / "new").exists()
    restored(made, tmp_path / "new" / "config.yaml", anywhere=True)
    assert elsewhere.exists()


FOREIGN = {
    "a file above": {"../../etc/passwd": b"root"},
    "an absolute name": {"/etc/passwd": b"root"},
    "a picture above": {"pictures/../../x.jpg": JPEG},
    "an unknown file": {"head-7": b"?"},
}


@pytest.mark.parametrize("extra", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_name_that_no_backup_has_is_refused(extra: dict[str, bytes], backup: Path, tmp_path: Path) -> None:
    files = unpack(backup)
    bad = pack(tmp_path / "bad.tar.gz", with_list(files | extra | {"manifest.json": files["manifest.json"]}))
    with pytest.raises(BackupError, match="no file of a backup"):
        check_backup(bad)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.XHDTYPE])
def test_anything_but_a_plain_file_is_refused(kind: bytes, backup: Path, tmp_path: Path) -> None:
    def edit(info: tarfile.TarInfo) -> None:
        if info.name == "events.sqlite":
            info.type, info.linkname = kind, "/etc/passwd"

    with pytest.raises(BackupError, match="plain files only"):
        check_backup(pack(tmp_path / "bad.tar.gz", unpack(backup), edit))


CONTENTS = {
    "another program's database": (
        "events.sqlite",
        b"SQLite format 3\0" + bytes(4080),
        "no database|foreign|empty|used",
    ),
    "no picture": ("pictures/00000001-000000.jpg", b"#!/bin/sh", "JPEG"),
    "no configuration": ("config.yaml", b"bins: {}", "does not accept"),
}


@pytest.mark.parametrize(("name", "content", "reason"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_file_that_is_not_what_its_name_says_is_refused(
    name: str, content: bytes, reason: str, backup: Path, tmp_path: Path
) -> None:
    bad = pack(tmp_path / "bad.tar.gz", with_list(unpack(backup) | {name: content}))
    with pytest.raises(BackupError, match=reason):
        restored(bad, tmp_path / "new" / "config.yaml")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_release_says_so(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="upgrade the sorter first"):
        check_backup(pack(tmp_path / "new.tar.gz", with_list(unpack(backup), version=2)))


def test_a_backup_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE_BYTES", 1_000_000)
    bomb = pack(tmp_path / "bomb.tar.gz", {"config.yaml": bytes(archive.FREE_BYTES + 1)})
    assert bomb.stat().st_size < archive.FREE_BYTES / 500
    with pytest.raises(BackupError, match="unpacks to more than"):
        check_backup(bomb)


@pytest.mark.parametrize("content", [b"", b"text", gzip.compress(b"", mtime=0), gzip.compress(b"text" * 500, mtime=0)])
def test_what_is_no_backup_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(BackupError, match=r"x\.tar\.gz"):
        check_backup(tmp_path / "x.tar.gz")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's rights change")
def test_root_restores_with_the_rights_of_the_folders_owner(backup: Path, tmp_path: Path) -> None:
    folder = tmp_path
    while folder != folder.parent:
        folder.chmod(folder.stat().st_mode | 0o011)
        folder = folder.parent
    state = tmp_path / "new" / "state"
    state.mkdir(parents=True)
    os.chown(state, OTHER, OTHER)
    victim = tmp_path / "victim"
    victim.mkdir()
    (state / "images").symlink_to(victim)
    os.chown(state / "images", OTHER, OTHER, follow_symlinks=False)
    with pytest.raises(BackupError, match="--force"):
        restored(backup, tmp_path / "new" / "config.yaml")
    restored(backup, tmp_path / "new" / "config.yaml", force=True)
    assert list(victim.iterdir()) == []
    assert (state / "images.replaced-1").is_symlink()
    assert (state / "events.sqlite").stat().st_uid == OTHER
    assert (state / "images").stat().st_uid == OTHER
    assert {path.stat().st_uid for path in (state / "images").iterdir()} == {OTHER}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup, and the bin that it restores."""
    folder = tmp_path_factory.mktemp("sound")
    restored(back_up(make_bin(folder / "old"), folder / "bin.tar.gz"), folder / "new" / "config.yaml")
    return folder


CUT = 0
"""Instead of a change of a byte: everything from there on is missing."""


@settings(max_examples=150)
@given(share=st.floats(0, 1, exclude_max=True), change=st.integers(CUT, 255))
def test_a_cut_or_changed_backup_is_restored_whole_or_not_at_all(
    share: float, change: int, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = (sound / "bin.tar.gz").read_bytes()
    at = int(share * len(content))
    damaged = content[:at] if change == CUT else content[:at] + bytes([content[at] ^ change]) + content[at + 1 :]
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "bin.tar.gz").write_bytes(damaged)
    try:
        restored(folder / "bin.tar.gz", folder / "new" / "config.yaml")
    except SorterError:
        assert not (folder / "new").exists()
    else:
        assert tree_of(folder / "new") == tree_of(sound / "new")


def test_a_backup_is_looked_into_on_a_computer_that_has_no_bin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service = tmp_path / "service"
    config_file = make_bin(service, changes={"event_log": {"file": f"{service}/state/events.sqlite"}})
    config_file.write_text(f"{config_file.read_text()}# a password\n")
    backup = back_up(config_file, tmp_path / "bin7.tar.gz")
    shutil.rmtree(service)
    monkeypatch.chdir(tmp_path)
    assert main(["restore", "bin7.tar.gz", "--into", "bin 7"]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert sorted(path.name for path in (tmp_path / "bin 7").iterdir()) == ["config.yaml", "events.sqlite", "pictures"]
    assert (tmp_path / "bin 7").stat().st_mode & 0o077 == 0
    assert main(shlex.split(told.partition("Its events: ")[2])[-5:]) == 0
    assert "label" in capsys.readouterr().out
    assert not service.exists()
    assert backup.exists()
    with pytest.raises(SystemExit):
        main(["restore", "bin7.tar.gz", "--into", "bin 7"])
    assert "--force keeps them" in capsys.readouterr().err


def test_who_may_not_restore_is_told_how_to_look(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "permission denied", "/var/lib/sorter")

    monkeypatch.setattr(restore_command, "restore", refuse)
    assert main(["restore", str(backup), "--config", str(tmp_path / "new" / "config.yaml")]) == 74
    assert "--into DIR" in caplog.text


def test_the_default_that_ships_is_no_bin_to_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["backup", "bin.tar.gz"])
    assert ended.value.code == 2
    assert "which bin?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_backup_without_events_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config_file = write_config(tmp_path / "config.yaml")
    assert main(["backup", str(tmp_path / "bin.tar.gz"), "--config", str(config_file)]) == 0
    assert f"no events are in it: there is no {tmp_path / 'state' / 'events.sqlite'}" in caplog.text


def test_a_refused_configuration_is_told_with_what_to_do(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config_file = write_config(tmp_path / "config.yaml", {"bins": 3})
    assert main(["backup", str(tmp_path / "bin.tar.gz"), "--config", str(config_file)]) == 78
    assert "correct it first, or copy its folders yourself" in caplog.text
    assert not (tmp_path / "bin.tar.gz").exists()
