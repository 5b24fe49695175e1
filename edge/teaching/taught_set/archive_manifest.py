"""The list in an exported taught set: its pictures, and the model that their features are of."""

import base64
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.teaching.taught_set.taught_picture import Source

VERSION = 1
"""Version of exported sets that this release writes, and the highest that it reads."""

MOST_PICTURES = 20_000
"""Largest number of pictures of an exported set."""

LATEST_WALL_S = 4e9
"""Latest time of a picture, in seconds since 1970 UTC: the year 2096. A much later one is no date on any system."""

PICTURE_NAME = r"^[^/\\:\x00-\x1f]{1,200}/[0-9]{6}\.jpg$"
"""Name of a picture in the archive: folder of its label, and a number. It leads to no other folder."""


class _ArchiveSection(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class ArchivedPicture(_ArchiveSection):
    """A picture of an exported set."""

    label: str = Field(min_length=1, max_length=200)
    file: str | None = Field(None, pattern=PICTURE_NAME)
    """Its name in the archive; None: only its features are known."""
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file."""
    mask: str | None = Field(None, max_length=200_000)
    """Mask of the item as PNG, in Base64; None: the whole picture."""
    source: Source
    origin: str = Field(max_length=500)
    wall_s: float = Field(ge=0, le=LATEST_WALL_S)
    cut_off: bool = False
    brightness: float | None = Field(None, ge=0, le=255)
    views: int = Field(0, ge=0, le=30)
    """Number of looks in the features' file; 0: none."""

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if (self.file is None) != (self.sha256 is None) or (self.file is None and not self.views):
            raise ValueError(f"picture {self.origin!r}: expected a file with its SHA-256, or features")
        return self

    @property
    def mask_png(self) -> bytes | None:
        """The mask as PNG.

        Raises:
            ValueError: it is no Base64.
        """
        return None if self.mask is None else base64.b64decode(self.mask, validate=True)


class ArchiveManifest(_ArchiveSection):
    """The list, stored as ``manifest.json``."""

    format: Literal["sorter-taught-set"] = "sorter-taught-set"
    version: int = Field(VERSION, ge=1)
    made_wall_s: float = Field(ge=0, le=LATEST_WALL_S)
    program: str = ""
    """Version of the program that made it."""
    model: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    """SHA-256 of the model that the features are of; empty: there are none."""
    numbers: int = Field(0, ge=0, le=1_000_000)
    """Number of features of each look."""
    pictures: tuple[ArchivedPicture, ...] = Field(max_length=MOST_PICTURES)
