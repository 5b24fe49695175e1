"""A backup holds the update in use: its model, its head and its settings come back together."""

import hashlib
from pathlib import Path

import pytest

from edge.backup.checked import check_backup
from edge.backup.plan import plan_restore
from edge.backup.restore import restore
from edge.backup.writer import write_backup
from edge.config.file import load_config
from edge.config.schema import Config
from edge.config.update_slot import MODEL_NAME, RECORD, SlotRecord, configured_model, slot_folder
from edge.errors import BackupError
from edge.teaching.heads.head_folder import HeadFolder
from edge.updates.outcome import REFUSED, RefusedVersions
from edge.updates.slots import SlotFolder
from edge.updates.trial import TRIAL, TrialFile, UpdateTrial
from tests.builders.configuration import write_config
from tests.builders.heads import write_made_head
from tests.paths import MODEL

UPDATE = {"repository": "https://updates.example.org", "wants": ["net"]}


def updated_bin(folder: Path, *, configured: str = str(MODEL), slot: bool = True) -> Config:
    """A bin with a head for its own model, and with an update that has another one."""
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "mine.tflite").write_bytes(MODEL.read_bytes())
    path = write_config(folder / "config.yaml", {"update": UPDATE, "model": {"file": configured}})
    (folder / "update-root.json").write_text("{}")
    config = load_config(path)
    write_made_head(folder / "made.head")
    HeadFolder(config.head_file).use(folder / "made.head")
    if slot:
        slots, model = SlotFolder(config.updates_folder), folder / "own" / "mine.tflite"
        sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
        record = SlotRecord(configured_model(config), sha256, True, {"min_confidence": 0.7}, {"net": 3})
        name = slots.make(record, model=model, head=(folder / "made.head").read_bytes())
        slots.use(name, before=None)
        TrialFile(config.updates_folder).write(UpdateTrial(name, None, "net", 3))
        RefusedVersions(config.updates_folder).add("net", 2, "worse")
    return load_config(path)


def back_up(folder: Path, config: Config) -> Path:
    target = folder / "bin.tar.gz"
    write_backup(target, folder / "config.yaml", config, pictures=False, made_wall_s=1000.0)
    return target


@pytest.mark.parametrize("configured", [str(MODEL), "own/mine.tflite"])
def test_the_update_in_use_comes_back_in_another_folder(tmp_path: Path, configured: str) -> None:
    config = updated_bin(tmp_path / "one", configured=configured)
    target = back_up(tmp_path / "one", config)
    other = tmp_path / "two" / "config.yaml"
    restore(plan_restore(check_backup(target), other, anywhere=False), force=False)
    found = load_config(other)
    assert (found.slot, found.decision.min_confidence) == (config.slot, 0.7)
    assert found.model.file == slot_folder(found.updates_folder, str(found.slot)) / MODEL_NAME
    for one in (found.head_file, found.configured.head_file):
        assert one.is_relative_to(other.parent)
        assert HeadFolder(one).current() is not None
    assert found.head_file != found.configured.head_file
    assert TrialFile(found.updates_folder).read() == TrialFile(config.updates_folder).read()
    assert RefusedVersions(found.updates_folder).reason("net", 2) == "worse"
    assert found.update is not None
    assert found.update.root.read_text() == "{}"


def test_a_backup_without_an_update_puts_the_one_in_use_aside(tmp_path: Path) -> None:
    target = back_up(tmp_path / "one", updated_bin(tmp_path / "one", slot=False))
    other = updated_bin(tmp_path / "two")
    assert other.slot is not None
    kept = restore(plan_restore(check_backup(target), tmp_path / "two" / "config.yaml", anywhere=False), force=True)
    assert load_config(tmp_path / "two" / "config.yaml").slot is None
    assert {f"{name}.replaced-1" for name in ("in-use.json", TRIAL, REFUSED)} <= {path.name for path in kept}


@pytest.mark.parametrize("part", [MODEL_NAME, "bin.head", RECORD])
def test_a_damaged_part_of_an_update_is_not_restored(tmp_path: Path, part: str) -> None:
    config = updated_bin(tmp_path / "one")
    (slot_folder(config.updates_folder, str(config.slot)) / part).write_bytes(b'{"configured": "other"}')
    target = back_up(tmp_path / "one", config)  # it was sound when the configuration was read
    other = tmp_path / "two" / "config.yaml"
    other.parent.mkdir()
    with pytest.raises(BackupError, match=f"{part} cannot be used"):
        restore(plan_restore(check_backup(target), other, anywhere=False), force=False)
    assert list(other.parent.iterdir()) == []
