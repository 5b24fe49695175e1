"""What is known about a model's calibration before its pictures are counted: the values of the model that ships."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.inference.bundle import read_bundle
from edge.inference.manifest import Manifest
from edge.models import model_path

SHIPPED_MODEL = "trashnet6"
"""Its values were chosen on 478 validation pictures of two data sets."""
LEAST_CONFIDENCE = 0.5
"""Lowest threshold that any number of pictures can give: below one half, the other bins together are likelier."""


@dataclass(frozen=True, slots=True)
class CalibrationPrior:
    """Calibration to assume where there are few pictures.

    Attributes:
        temperature: of the softmax, > 0.
        min_confidence: smallest confidence of an answer that counts as sure, 0..1.
        bin_confidence: labels of a bin -> smallest summed probability of them, 0..1; other bins have ``min_confidence``.
    """

    temperature: float
    min_confidence: float
    bin_confidence: Mapping[frozenset[str], float]

    @classmethod
    def of(cls, manifest: Manifest) -> "CalibrationPrior":
        """The calibration of a model."""
        return cls(
            manifest.temperature,
            manifest.min_confidence,
            {labels_of(manifest.bins, name): least for name, least in manifest.bin_confidence.items()},
        )

    def least(self, labels: frozenset[str]) -> float:
        """Threshold of a bin that takes these labels, 0..1."""
        return self.bin_confidence.get(labels, self.min_confidence)


def labels_of(bins: Mapping[str, str], name: str) -> frozenset[str]:
    """The labels of a bin, whatever the case of their letters."""
    return frozenset(label.casefold() for label, own in bins.items() if own == name)


def shipped_prior() -> CalibrationPrior:
    """The calibration of the model that ships."""
    return CalibrationPrior.of(read_bundle(model_path(SHIPPED_MODEL)).manifest)
