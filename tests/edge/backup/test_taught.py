"""A backup holds what the owner taught: pictures, what was said of decisions, and the head in use."""

import tarfile
from pathlib import Path

import pytest

from edge.backup.checked import check_backup
from edge.backup.plan import plan_restore
from edge.backup.restore import restore
from edge.backup.taught import DATABASES, HEAD_NAME
from edge.backup.writer import write_backup
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import BackupError, EventLogError
from edge.service.taught import open_taught_set
from edge.teaching.heads.head_folder import HeadFolder
from edge.teaching.reviews.review_log import Review, ReviewLog
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from tests.builders.configuration import write_config
from tests.builders.heads import direction, write_made_head

REVIEW = Review(1, 5, 100.0, None, "glass", "glass", "cup", 0.02, True)


def taught_bin(folder: Path, *, label: str = "cup") -> Config:
    config = load_config(write_config(folder / "config.yaml"))
    write_made_head(folder / "made.head")
    HeadFolder(config.head_file).use(folder / "made.head")
    ReviewLog(config.teaching_folder).add(REVIEW)
    with open_taught_set(config) as taught:
        picture = TaughtPicture(label, Source.EVENT, "s00000001-000005", 100.0, None, "m" * 64, direction(1)[None])
        taught.add([picture], "relabel", wall_s=100.0)
    return config


def back_up(folder: Path, config: Config) -> Path:
    target = folder / "bin.tar.gz"
    write_backup(target, folder / "config.yaml", config, pictures=False, made_wall_s=1000.0)
    return target


def labels(config: Config) -> list[str]:
    with open_taught_set(config, read_only=True) as taught:
        return [entry.label for entry in taught.entries()]


def test_what_was_taught_comes_back_on_another_machine_and_what_was_there_is_kept(tmp_path: Path) -> None:
    config = taught_bin(tmp_path / "one")
    target = back_up(tmp_path / "one", config)
    with tarfile.open(target) as archive:
        assert {HEAD_NAME, *DATABASES} <= set(archive.getnames())
    other = tmp_path / "two" / "config.yaml"
    before = taught_bin(other.parent, label="can")
    kept = restore(plan_restore(check_backup(target), other, anywhere=False), force=True)
    found = load_config(other)
    assert labels(found) == ["cup"]
    assert ReviewLog(found.teaching_folder).reviews() == [REVIEW]
    assert HeadFolder(found.head_file).current() is not None
    names = {path.name for path in kept}
    assert {"bin.head.replaced-1", "taught.sqlite.replaced-1", "reviews.sqlite.replaced-1"} <= names
    assert before.head_file.with_name("bin.head.replaced-1").is_file()


def test_a_bin_that_was_taught_nothing_has_a_backup_without_it(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path / "config.yaml"))
    with tarfile.open(back_up(tmp_path, config)) as archive:
        assert not {HEAD_NAME, *DATABASES} & set(archive.getnames())


def test_another_programs_database_in_its_place_is_told(tmp_path: Path) -> None:
    config = taught_bin(tmp_path)
    (config.teaching_folder / "taught.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(EventLogError, match=r"what was taught .*cannot be copied"):
        back_up(tmp_path, config)


def test_a_head_in_a_backup_that_is_none_is_not_restored(tmp_path: Path) -> None:
    config = taught_bin(tmp_path / "one")
    config.head_file.write_bytes(b"no head")
    target = back_up(tmp_path / "one", config)
    other = tmp_path / "two" / "config.yaml"
    other.parent.mkdir()
    with pytest.raises(BackupError, match=f"{HEAD_NAME} cannot be used: .*damaged"):
        restore(plan_restore(check_backup(target), other, anywhere=False), force=False)
    assert list(other.parent.iterdir()) == []
