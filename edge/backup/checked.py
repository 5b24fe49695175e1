"""Checks a whole backup before anything is written: names, sizes, hashes, and the configuration in it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.backup.archive import ArchiveMember, read_members
from edge.backup.contents import CONFIG_NAME, MANIFEST_NAME, is_known
from edge.backup.manifest import FORMAT, MOST_BYTES, VERSION, BackupEntry, BackupManifest
from edge.config.file import load_config
from edge.config.schema import Config
from edge.config.yaml_file import MOST_BYTES as MOST_CONFIG_BYTES
from edge.errors import BackupError, ConfigError


@dataclass(frozen=True)
class CheckedBackup:
    """A backup whose every file has been read and has the hash of the list.

    Attributes:
        path: the backup.
        manifest: the list of its files.
        config_text: the configuration in it.
    """

    path: Path
    manifest: BackupManifest
    config_text: bytes

    def config_at(self, place: Path) -> Config:
        """The configuration as it will be when it lies at ``place``, from where its relative paths start.

        Raises:
            BackupError: this release does not accept it.
        """
        folder = place.resolve().parent
        with tempfile.TemporaryDirectory() as name:
            # Never at its place: nothing is written there before all is checked.
            stand_in = Path(name).resolve() / CONFIG_NAME
            stand_in.write_bytes(self.config_text)
            try:
                config = load_config(stand_in).configured  # an update that is in use here is not the backup's
            except ConfigError as error:
                reason = str(error).replace(str(stand_in), CONFIG_NAME)
                raise BackupError(
                    f"backup {self.path}: this release does not accept its configuration: {reason}"
                ) from error
            return _rebased(config, stand_in.parent, folder)


def check_backup(path: Path) -> CheckedBackup:
    """Read a backup to its end and compare everything with its list. Nothing is written.

    Raises:
        InputMissingError: there is no such file.
        BackupError: it is damaged, cut, foreign, or of a newer release.
    """
    found: dict[str, BackupEntry] = {}
    config_text = manifest_text = b""
    for member in read_members(path):
        if manifest_text:
            raise BackupError(f"backup {path}: {member.name!r} follows its list; it is no backup of this program")
        if not is_known(member.name):
            raise BackupError(
                f"backup {path}: {member.name!r} is no file of a backup; it was made by another program, or a newer release"
            )
        if member.name in found:
            raise BackupError(f"backup {path}: {member.name!r} occurs twice")
        if member.name == MANIFEST_NAME:
            manifest_text = _whole(path, member, MOST_BYTES)
        elif member.name == CONFIG_NAME:
            config_text = _whole(path, member, MOST_CONFIG_BYTES)
            found[member.name] = BackupEntry(
                name=member.name, size=len(config_text), sha256=hashlib.sha256(config_text).hexdigest()
            )
        else:
            found[member.name] = _measured(member)
    manifest = _parse(path, manifest_text)
    _compare(path, manifest, found)
    if not config_text:
        raise BackupError(f"backup {path}: has no {CONFIG_NAME}")
    return CheckedBackup(path, manifest, config_text)


def _whole(path: Path, member: ArchiveMember, most: int) -> bytes:
    if member.size > most:
        raise BackupError(f"backup {path}: {member.name} has {member.size} bytes, expected at most {most}")
    return b"".join(member.chunks())


def _measured(member: ArchiveMember) -> BackupEntry:
    digest = hashlib.sha256()
    for chunk in member.chunks():
        digest.update(chunk)
    return BackupEntry(name=member.name, size=member.size, sha256=digest.hexdigest())


def _parse(path: Path, text: bytes) -> BackupManifest:
    if not text:
        raise BackupError(f"backup {path}: has no list of its files: it is cut, or no backup; take another one")
    try:
        manifest = BackupManifest.model_validate_json(text)
    except ValidationError as error:
        raise BackupError(f"backup {path}: its list of files cannot be read; take another one") from error
    if manifest.format != FORMAT:
        raise BackupError(f"backup {path}: is a {manifest.format!r}, expected a {FORMAT!r}")
    if manifest.version > VERSION:
        raise BackupError(
            f"backup {path}: has layout {manifest.version}, this release reads up to {VERSION}: upgrade the sorter first"
        )
    return manifest


def _compare(path: Path, manifest: BackupManifest, found: dict[str, BackupEntry]) -> None:
    listed = {entry.name: entry for entry in manifest.files}
    if len(listed) < len(manifest.files) or listed.keys() != found.keys():
        odd = sorted(listed.keys() ^ found.keys())
        raise BackupError(
            f"backup {path}: its files are not those of its list: {', '.join(odd[:3]) or 'names occur twice'}"
        )
    wrong = sorted(name for name, entry in listed.items() if entry != found[name])
    if wrong:
        raise BackupError(f"backup {path}: damaged: {', '.join(wrong[:3])} differ from the list; take another one")


def _rebased(config: Config, before: Path, after: Path) -> Config:
    """The configuration with every path below ``before`` moved to ``after``."""

    def moved(value: object) -> object:
        if isinstance(value, Path) and value.is_relative_to(before):
            return Path(os.path.normpath(after / value.relative_to(before)))
        if isinstance(value, dict):
            return {key: moved(one) for key, one in value.items()}
        return value

    tree = moved(config.model_dump())
    return Config.model_validate(tree)
