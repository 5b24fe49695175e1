"""The readers of a bin in service, each with a small corpus made by code: backups, and configurations that are merged."""

import gzip
import shutil
from pathlib import Path

from edge.backup.checked import check_backup
from edge.backup.plan import plan_restore
from edge.backup.restore import restore
from edge.backup.writer import write_backup
from edge.calibrate.default_merge import merge_default
from edge.config.file import load_config
from edge.errors import BackupError, ConfigError
from edge.records.event_log import EventLog
from tests.builders.configuration import write_config
from tests.builders.values import make_event
from tests.fuzz.harness import FuzzTarget


def _archives(folder: Path) -> list[bytes]:
    """Unpacked: changes of a packed one would only ever meet the checksum of gzip."""
    config_file = write_config(folder / "config.yaml")
    config = load_config(config_file)
    with EventLog(config.event_log.file) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    config.event_log.images.mkdir(exist_ok=True)
    (config.event_log.images / "s00000001-000001.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    write_backup(folder / "a.tar.gz", config_file, config, pictures=True, made_wall_s=1.0)
    return [gzip.decompress((folder / "a.tar.gz").read_bytes())]


def _restore(content: bytes, folder: Path) -> None:
    path, new = folder / "in.tar.gz", folder / "new"
    path.write_bytes(gzip.compress(content, compresslevel=1))
    shutil.rmtree(new, ignore_errors=True)
    try:
        restore(plan_restore(check_backup(path), new / "config.yaml", anywhere=False), force=False)
    except BackupError:
        assert not new.exists(), "half restored"
        raise


def _configurations(folder: Path) -> list[bytes]:
    block = b"camera:\n    fps: 15 # frames\n    old: 1\nbins:\n    paper: {pin: 1} # one\n"
    return [block, b"camera: {fps: 15}\n", b"a: &a {fps: 15}\ncamera: *a\n"]


def _merge(content: bytes, folder: Path) -> None:
    before, after = "camera: {fps: 15, old: 1}\n", "camera:\n  fps: 14\n  # New.\n  new: 2\nlog:\n  days: 1\n"
    merge_default(before, after, content.decode("utf-8", errors="replace"))


SERVICE_TARGETS = (
    FuzzTarget("backup", _archives, _restore, (BackupError,)),
    FuzzTarget("configuration to merge", _configurations, _merge, (ConfigError,)),
)
