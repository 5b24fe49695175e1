"""The keys of a repository: three files. Two are encrypted and belong on a stick in a drawer, the third signs every day."""

import os
from collections.abc import Callable, Collection
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

from train.errors import SettingsError

OFFLINE = ("root", "targets")
"""Keys that are asked for rarely: who has the first one can replace the others, who has the second one can send updates."""

ONLINE = "online"
"""The key of the lists of versions and of the time: who has it can withhold updates for a week, and sign none."""

FEWEST_SIGNS = 8
"""Fewest signs of a passphrase."""


class KeyFolder:
    """The keys in a folder, which is none of the repository's.

    Args:
        folder: the folder.
        passphrase: asked for when an offline key is needed; its argument says what for.
    """

    def __init__(self, folder: Path, passphrase: Callable[[str], str]) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self._known: str | None = None

    def make(self, name: str) -> CryptoSigner:
        """A new key; one that is there under the name is kept beside it.

        Args:
            name: one of ``OFFLINE``, or ``ONLINE``.

        Raises:
            SettingsError: the passphrase is too short.
            OSError: it cannot be written.
        """
        private = Ed25519PrivateKey.generate()
        encryption = NoEncryption() if name == ONLINE else BestAvailableEncryption(self._secret(name).encode())
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name)
        if path.exists():
            number = len(list(self.folder.glob(f"{name}.pem.before-*"))) + 1
            path.rename(path.with_name(f"{path.name}.before-{number}"))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            os.fsync(file.fileno())
        return CryptoSigner(private)

    def signer(self, name: str, trusted: Collection[str]) -> CryptoSigner:
        """The key that bins trust: the newest, or the one before where a rotation was cut short.

        Args:
            name: one of ``OFFLINE``, or ``ONLINE``.
            trusted: ids of the keys that count, as the repository's root says.

        Raises:
            SettingsError: it is not there, or the passphrase is another one.
        """
        path = self._path(name)
        if not path.exists():
            raise SettingsError(
                f"--keys {self.folder}: there is no {path.name}; expected the folder of this repository's keys"
            )
        for one in (path, *sorted(self.folder.glob(f"{path.name}.before-*"), reverse=True)):
            signer = self._read(name, one)
            if signer.public_key.keyid in trusted:
                return signer
        raise SettingsError(
            f"{path}: is no key of this repository: bins would believe nothing that it signs; expected the folder of its keys"
        )

    def _read(self, name: str, path: Path) -> CryptoSigner:
        try:
            private = load_pem_private_key(path.read_bytes(), None if name == ONLINE else self._secret(name).encode())
        except (ValueError, TypeError) as error:
            raise SettingsError(f"{path}: cannot be opened with this passphrase: {error}") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise SettingsError(f"{path}: expected an Ed25519 key")
        return CryptoSigner(private)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _secret(self, name: str) -> str:
        if self._known is None:
            self._known = self._passphrase(f"passphrase of the keys in {self.folder} (for {name}.pem): ")
            if len(self._known) < FEWEST_SIGNS:
                raise SettingsError(f"passphrase: has {len(self._known)} signs, expected {FEWEST_SIGNS} or more")
        return self._known
