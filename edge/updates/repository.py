"""The signed repository of updates, as a bin sees it: The Update Framework's client on a folder of the bin's own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.ngclient import FetcherInterface, TargetFile, Updater, UpdaterConfig

from edge.errors import InputMissingError
from edge.files.bounded import read_bounded
from edge.files.owner import make_folder
from edge.updates.offer import GOLDEN, Offer, places_for
from edge.updates.refusal import RepositoryRefusedError, RepositoryUnreachableError, UpdateStorageError

for _library in ("tuf", "urllib3"):
    # They tell of every former key whose signature is missing, and of every try to connect, and raise what matters.
    logging.getLogger(_library).setLevel(logging.ERROR)

METADATA, TARGETS = "metadata", "targets"
"""Folders of the repository on its server, and of what the bin keeps of it."""

MOST_ROOT_BYTES = 64_000
MOST_METADATA_BYTES = 2_000_000
"""Largest list of what is offered, in bytes: some thousand entries."""

MOST_TARGET_BYTES = 100_000_000
"""Largest file that is fetched, in bytes: twenty times a usual model. One with more is signed by mistake."""


class SignedRepository:
    """Answers what is offered, and fetches it. Nothing comes out of it that was not verified.

    Args:
        address: of the repository on its server.
        root: file of the keys that are trusted first; later ones must be signed by those before.
        folder: what is kept of it; made where it is missing.
        bin_name: the bin's name, for what is meant for it alone.
        ring: the bin's ring.
        fetcher: fetches files.

    Raises:
        InputMissingError: there is no root file.
        RepositoryRefusedError: that or what is kept is damaged.
        UpdateStorageError: the folder cannot be written.
    """

    def __init__(
        self, address: str, root: Path, folder: Path, *, bin_name: str, ring: str, fetcher: FetcherInterface
    ) -> None:
        self._address = address.rstrip("/")
        self._bin_name, self._ring = bin_name, ring
        self._targets = folder / TARGETS
        try:
            trusted = read_bounded(root, MOST_ROOT_BYTES)
        except FileNotFoundError:
            raise InputMissingError(
                f"update.root {root}: no such file; copy root.json of whoever keeps the repository there, by a way that you trust"
            ) from None
        except (OSError, ValueError) as error:
            raise RepositoryRefusedError(f"update.root {root}: cannot be read: {error}") from None
        with self._refusing("its keys"):
            make_folder(folder / METADATA)
            make_folder(self._targets)
            self._updater = Updater(
                str(folder / METADATA),
                f"{self._address}/{METADATA}/",
                str(self._targets),
                f"{self._address}/{TARGETS}/",
                fetcher=fetcher,
                config=UpdaterConfig(root_max_length=MOST_ROOT_BYTES, targets_max_length=MOST_METADATA_BYTES),
                bootstrap=trusted,
            )

    def refresh(self) -> None:
        """Fetch and verify what is signed now.

        Raises:
            RepositoryRefusedError: it is not signed, too old, or older than what was seen before.
            RepositoryUnreachableError: it does not come.
            UpdateStorageError: the folder cannot be written.
        """
        with self._refusing("its list"):
            self._updater.refresh()

    def offer(self, name: str) -> Offer | None:
        """The newest version that this bin may have of a name; what is meant for this bin alone comes first. None: there is none.

        Args:
            name: of what is wanted.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError: as of ``refresh``.
        """
        found: list[Offer] = []
        for place in places_for(name, bin_name=self._bin_name, ring=self._ring):
            target = self._target(place)
            if target is None:
                continue
            offer = Offer.of_target(place, target.length, target.hashes, target.custom)
            if place.startswith("bins/"):
                return offer
            found.append(offer)
        return max(found, key=lambda one: one.version, default=None)

    def fetch(self, offer: Offer) -> Path:
        """The file of an offer, verified.

        Raises:
            RepositoryRefusedError: it is another one than was signed, or larger than any.
            RepositoryUnreachableError: it does not come.
            UpdateStorageError: there is no room for it.
        """
        target = self._target(offer.place)
        if target is None:
            raise RepositoryRefusedError(f"{offer.place}: is not offered any more")
        return self._fetch(target)

    def golden(self, offer: Offer) -> Path | None:
        """The golden pictures that belong to a model; None: none do.

        Raises:
            RepositoryRefusedError, RepositoryUnreachableError, UpdateStorageError: as of ``fetch``.
        """
        target = self._target(offer.place + GOLDEN)
        return None if target is None else self._fetch(target)

    def clear(self) -> None:
        """Remove the files that were fetched; the keys and lists that were seen stay."""
        for path in self._targets.iterdir():
            path.unlink(missing_ok=True)

    def _target(self, place: str) -> TargetFile | None:
        with self._refusing(place):
            return self._updater.get_targetinfo(place)

    def _fetch(self, target: TargetFile) -> Path:
        if target.length > MOST_TARGET_BYTES:
            raise RepositoryRefusedError(
                f"{target.path}: has {target.length} bytes, expected at most {MOST_TARGET_BYTES}"
            )
        with self._refusing(target.path):
            return Path(self._updater.find_cached_target(target) or self._updater.download_target(target))

    @contextmanager
    def _refusing(self, what: str) -> Iterator[None]:
        """Say of each of the framework's errors what it means for a bin."""
        where = f"repository {self._address}: {what}"
        try:
            yield
        except UnsignedMetadataError as error:
            raise RepositoryRefusedError(f"{where}: not signed by the keys that are trusted: {error}") from error
        except BadVersionNumberError as error:
            raise RepositoryRefusedError(f"{where}: older than what was seen before: {error}") from error
        except ExpiredMetadataError as error:
            raise RepositoryRefusedError(
                f"{where}: has expired, so that something newer may be withheld: {error}"
            ) from error
        except (LengthOrHashMismatchError, DownloadLengthMismatchError) as error:
            raise RepositoryRefusedError(f"{where}: another file than the one that was signed: {error}") from error
        except RepositoryError as error:
            raise RepositoryRefusedError(f"{where}: cannot be trusted: {error}") from error
        except SlowRetrievalError as error:
            raise RepositoryUnreachableError(f"{where}: does not come, or too slowly: {_root_of(error)}") from error
        except DownloadHTTPError as error:
            raise RepositoryUnreachableError(f"{where}: the server answers {error.status_code}") from error
        except DownloadError as error:
            raise RepositoryUnreachableError(f"{where}: does not come: {_root_of(error)}") from error
        except OSError as error:
            raise UpdateStorageError(
                f"{where}: the folder of updates cannot be written: {error.strerror or error}; what was in use stays"
            ) from error
        except Exception as error:  # urllib3's own, while a body comes
            raise RepositoryUnreachableError(f"{where}: breaks off: {_root_of(error)}") from error


def _root_of(error: BaseException) -> str:
    """What is behind an error of urllib3, which wraps it several times: 'Connection refused'."""
    while (inner := getattr(error, "reason", None) or error.__cause__) is not None and isinstance(inner, BaseException):
        error = inner
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
