"""The files of a repository: who is trusted, what is offered, and until when both count."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from convert.publishing.keys import ONLINE, KeyFolder
from train.errors import SettingsError

ROOT_DAYS, TARGETS_DAYS, ONLINE_DAYS = 730, 180, 14
"""How long each signature counts, in days: a bin that is told nothing for so long stops believing that there is nothing new."""

Kind = TypeVar("Kind", Root, Targets, Snapshot, Timestamp)

ROLE_KEYS = {"root": "root", "targets": "targets", "snapshot": ONLINE, "timestamp": ONLINE}
"""Role of The Update Framework -> key."""


class SignedFiles:
    """A repository.

    Args:
        folder: what a web server serves.
        keys: its keys.
        now: the time.
    """

    def __init__(self, folder: Path, keys: KeyFolder, *, now: datetime | None = None) -> None:
        self.folder = folder
        self._keys = keys
        self._now = (now or datetime.now(UTC)).replace(microsecond=0)

    @property
    def is_there(self) -> bool:
        """Whether it was made."""
        return (self._metadata / "timestamp.json").exists()

    @property
    def targets(self) -> Mapping[str, TargetFile]:
        """What is offered: place -> signed entry; nothing before it was made."""
        return self._newest("targets", Targets).signed.targets if self.is_there else {}

    def trusted(self, name: str) -> frozenset[str]:
        """Ids of the keys that bins trust under a name: root, targets or online."""
        roles = self._newest("root", Root).signed.roles
        return frozenset(one for role, key in ROLE_KEYS.items() if key == name for one in roles[role].keyids)

    def create(self) -> Path:
        """Make keys and an empty repository; the file that bins trust.

        Raises:
            SettingsError: there is one, or the passphrase is too short.
            OSError: it cannot be written.
        """
        if self.is_there:
            raise SettingsError(f"--repo {self.folder}: is a repository already")
        self._metadata.mkdir(parents=True, exist_ok=True)
        (self.folder / "targets").mkdir(exist_ok=True)
        signers = {name: self._keys.make(name) for name in ("root", "targets", ONLINE)}
        root = Root(expires=self._until(ROOT_DAYS), consistent_snapshot=True)
        for role, key in ROLE_KEYS.items():
            root.add_key(signers[key].public_key, role)
        content = self._write(root, "1.root.json", [signers["root"]])
        targets = Targets(expires=self._until(TARGETS_DAYS))
        self._write(targets, "1.targets.json", [signers["targets"]])
        self._sign_versions(1, targets.version, signers[ONLINE])
        trusted = self.folder / "root.json"
        _write_whole(trusted, content)
        return trusted

    def offer(self, entries: Mapping[str, TargetFile | None], files: Mapping[str, Path]) -> None:
        """Change what is offered.

        Args:
            entries: place -> signed entry; None: it is not offered any more.
            files: place -> its file.

        Raises:
            SettingsError: a key is missing, or the passphrase is another one.
            OSError: it cannot be written; until the last file is, bins see what was before.
        """
        signer = self._signer("targets")
        for place, path in files.items():
            entry = entries[place]
            assert entry is not None
            folder, _, name = place.rpartition("/")
            to = self.folder / "targets" / folder
            to.mkdir(parents=True, exist_ok=True)
            _write_whole(to / f"{entry.hashes['sha256']}.{name}", path.read_bytes())
        targets = self._newest("targets", Targets).signed
        for place, entry in entries.items():
            if entry is None:
                targets.targets.pop(place, None)
            else:
                targets.targets[place] = entry
        targets.version += 1
        targets.expires = self._until(TARGETS_DAYS)
        self._write(targets, f"{targets.version}.targets.json", [signer])
        self.refresh()

    def before(self, place: str) -> TargetFile | None:
        """What is offered at a place again once what is offered there now is withdrawn; None: nothing.

        Each that was withdrawn before is left out.
        """
        offered: list[TargetFile] = []
        for number in sorted(self._numbered("targets")):
            one = self._read(number, "targets", Targets).signed.targets.get(place)
            places = [at for at, other in enumerate(offered) if one is not None and other.custom == one.custom]
            del offered[0 if one is None else places[0] if places else len(offered) :]
            if one is not None:
                offered.append(one)
        return offered[-2] if len(offered) > 1 else None

    def past(self, name: str) -> Iterator[TargetFile]:
        """What was ever offered under a name, also what was withdrawn.

        Args:
            name: last part of its places.
        """
        for number in self._numbered("targets"):
            for place, one in self._read(number, "targets", Targets).signed.targets.items():
                if place.rpartition("/")[2] == name:
                    yield one

    def refresh(self) -> None:
        """Sign what is offered for another two weeks, with the online key alone.

        Raises:
            SettingsError: the key is missing.
            OSError: it cannot be written.
        """
        targets = self._newest("targets", Targets).signed.version
        version = self._newest("snapshot", Snapshot).signed.version + 1
        self._sign_versions(version, targets, self._signer(ONLINE))

    def rotate(self, name: str) -> None:
        """Replace a key. Bins follow, since the old root key signs the new one.

        Args:
            name: root, targets or online.

        Raises:
            SettingsError: a key is missing, or the passphrase is another one.
            OSError: it cannot be written.
        """
        old = self._signer("root")
        root = self._newest("root", Root).signed
        new = self._keys.make(name)
        for role, key in ROLE_KEYS.items():
            if key == name:
                for keyid in list(root.roles[role].keyids):
                    root.revoke_key(keyid, role)
                root.add_key(new.public_key, role)
        root.version += 1
        root.expires = self._until(ROOT_DAYS)
        content = self._write(root, f"{root.version}.root.json", [old, new] if name == "root" else [old])
        if name == "targets":
            self.offer({}, {})
        else:
            self.refresh()
        _write_whole(self.folder / "root.json", content)

    @property
    def _metadata(self) -> Path:
        return self.folder / "metadata"

    def _signer(self, name: str) -> CryptoSigner:
        return self._keys.signer(name, self.trusted(name))

    def _sign_versions(self, version: int, targets: int, signer: CryptoSigner) -> None:
        """Sign which versions are the newest, and say last that this is so now."""
        snapshot = Snapshot(version=version, expires=self._until(ONLINE_DAYS), meta={"targets.json": MetaFile(targets)})
        self._write(snapshot, f"{version}.snapshot.json", [signer])
        timestamp = Timestamp(version=version, expires=self._until(ONLINE_DAYS), snapshot_meta=MetaFile(version))
        self._write(timestamp, "timestamp.json", [signer])

    def _newest(self, role: str, kind: type[Kind]) -> "Metadata[Kind]":
        numbers = self._numbered(role)
        if not numbers:
            raise SettingsError(f"--repo {self.folder}: is no repository; 'sorter-convert publish' makes one")
        return self._read(max(numbers), role, kind)

    def _numbered(self, role: str) -> list[int]:
        return [int(path.name.split(".")[0]) for path in self._metadata.glob(f"[0-9]*.{role}.json")]

    def _read(self, number: int, role: str, kind: type[Kind]) -> "Metadata[Kind]":
        return Metadata[Kind].from_file(str(self._metadata / f"{number}.{role}.json"))

    def _until(self, days: int) -> datetime:
        return self._now + timedelta(days=days)

    def _write(self, signed: Kind, name: str, signers: list[CryptoSigner]) -> bytes:
        metadata: Metadata[Kind] = Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        content = metadata.to_bytes()
        _write_whole(self._metadata / name, content)
        return content


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
