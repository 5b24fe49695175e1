"""Rehearsal: features of pictures that a model learnt from, so that a head which learns more does not forget the old labels."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edge.errors import ModelError
from edge.inference.manifest_section import ManifestSection

MOST_PICTURES = 5_000
"""Largest number of pictures: some hundred a label, for ten times the labels of a usual model."""

MOST_BYTES = 16_000_000
"""Largest rehearsal that is unpacked: fifty times a usual one."""

TYPICAL_PICTURES = 20
"""Number of pictures of each label, the first ones, that lie near its mean. The further ones are drawn at random: they tell how
far a label reaches."""

_LABEL = np.dtype("<u2")
"""How a label's index is stored."""


class RehearsalSpec(ManifestSection):
    """The rehearsal that a model file carries beside the manifest."""

    pictures: int = Field(ge=1, le=MOST_PICTURES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of its content."""


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """Features of pictures of the labels that a model was trained on.

    Attributes:
        features: raw features, int8 (m, n), see ``edge.inference.features``.
        labels: int64 (m,), indices into the manifest's labels. Of each label the typical pictures come first.

    Raises:
        ValueError: the shapes do not match.
    """

    features: NDArray[np.int8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != self.features.shape[:1]:
            raise ValueError(f"rehearsal: features {self.features.shape}, labels {self.labels.shape}")

    def typical(self) -> "Rehearsal":
        """The typical pictures of each label alone, in their order."""
        own = [np.flatnonzero(self.labels == label)[:TYPICAL_PICTURES] for label in sorted(set(self.labels.tolist()))]
        places = np.sort(np.concatenate(own))
        return Rehearsal(self.features[places], self.labels[places])

    def to_bytes(self) -> bytes:
        """The content of the file: labels, then features."""
        return self.labels.astype(_LABEL).tobytes() + np.ascontiguousarray(self.features).tobytes()

    def spec(self) -> RehearsalSpec:
        """Its description in the manifest."""
        return RehearsalSpec(pictures=len(self.labels), sha256=hashlib.sha256(self.to_bytes()).hexdigest())

    @classmethod
    def from_bytes(cls, content: bytes, spec: RehearsalSpec, *, size: int, labels: int) -> "Rehearsal":
        """Read what ``to_bytes`` made.

        Args:
            content: of the file.
            spec: its description.
            size: number of features of a picture.
            labels: number of labels.

        Raises:
            ModelError: it is not what the description says.
        """
        if len(content) != stored_bytes(spec, size):
            raise ModelError(f"its rehearsal has {len(content)} bytes, expected {stored_bytes(spec, size)}")
        if hashlib.sha256(content).hexdigest() != spec.sha256:
            raise ModelError(
                "its rehearsal is damaged: its SHA-256 differs from the one in the manifest; copy it again"
            )
        index = np.frombuffer(content, _LABEL, spec.pictures).astype(np.int64)
        if int(index.max()) >= labels:
            raise ModelError(f"its rehearsal has label {int(index.max())}, the manifest has {labels}")
        features = np.frombuffer(content, np.int8, offset=spec.pictures * _LABEL.itemsize)
        return cls(features.reshape(spec.pictures, size), index)


def stored_bytes(spec: RehearsalSpec, size: int) -> int:
    """Number of bytes of the file."""
    return spec.pictures * (_LABEL.itemsize + size)
