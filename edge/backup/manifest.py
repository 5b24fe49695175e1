"""The list of a backup's files, each with its size and SHA-256."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FORMAT = "smart-bin-sorter backup"

VERSION = 1
"""Version of the layout of a backup; a higher one is refused."""

MOST_BYTES = 200_000_000
"""Largest manifest that is read: a million pictures take three quarters of it."""


class BackupEntry(BaseModel):
    """One file of a backup.

    Attributes:
        name: its name in the backup.
        size: its size in bytes.
        sha256: SHA-256 of its content, in hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BackupManifest(BaseModel):
    """What a backup is, and what it contains.

    Attributes:
        format: ``FORMAT``.
        version: version of the layout.
        made_wall_s: when it was made, in seconds since 1970 UTC.
        host: name of the machine that it was made on.
        program: version of the program that made it.
        files: its files, without this list.
    """

    model_config = ConfigDict(frozen=True)

    format: str
    version: int
    made_wall_s: float
    host: str
    program: str
    files: tuple[BackupEntry, ...]
