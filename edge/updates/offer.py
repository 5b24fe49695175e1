"""What a repository offers under a name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, cast, get_args

from edge.updates.refusal import RepositoryRefusedError

Kind = Literal["model", "head", "settings", "program"]

KINDS: tuple[str, ...] = get_args(Kind)

RINGS = ("canary", "early", "all")
"""The rings, in the order in which an update reaches them."""

GOLDEN = ".golden"
"""End of the place of the golden pictures that belong to a model."""

MOST_VERSION = 2**31

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Offer:
    """One signed file.

    Attributes:
        name: what it is called, in every version.
        kind: what it is.
        version: counts up; signed.
        place: where in the repository: ``RING/NAME``, or ``bins/BIN/NAME`` for one bin alone.
        sha256: of the file.
        length: of the file, in bytes.
    """

    name: str
    kind: Kind
    version: int
    place: str
    sha256: str
    length: int

    @classmethod
    def of_target(cls, place: str, length: int, hashes: Mapping[str, str], custom: object) -> Self:
        """What a signed entry says.

        Args:
            place: the target's path.
            length, hashes, custom: as of TUF's ``TargetFile``.

        Raises:
            RepositoryRefusedError: it says something else than a bin's update does.
        """
        found = custom if isinstance(custom, dict) else {}
        kind, version, sha256 = found.get("kind"), found.get("version"), hashes.get("sha256", "")
        if (
            kind not in KINDS
            or type(version) is not int
            or not 1 <= version <= MOST_VERSION
            or not _SHA256.fullmatch(sha256)
        ):
            raise RepositoryRefusedError(
                f"{place}: its signed entry says kind {kind!r:.40}, version {version!r:.40}; expected one of {', '.join(KINDS)}, "
                "a number from 1, and a SHA-256"
            )
        return cls(place.rpartition("/")[2], cast(Kind, kind), version, place, sha256, length)


def places_for(name: str, *, bin_name: str, ring: str) -> tuple[str, ...]:
    """Where a bin looks for a name: its own place, then every ring that is released to it.

    Args:
        name: of what is wanted.
        bin_name: the bin.
        ring: its ring.
    """
    return (f"bins/{bin_name}/{name}", *(f"{one}/{name}" for one in RINGS[RINGS.index(ring) :]))
