"""The head: what a bin was taught on its own pictures. A small file beside the model, which it never touches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.inference.features import FeatureSpec
from edge.inference.head_manifest import HeadManifest
from edge.inference.manifest import Manifest


@dataclass(frozen=True, slots=True, eq=False)
class HeadAnswer:
    """A head's answer for one look at an item.

    Attributes:
        probabilities: float32 (labels,), summing to 1.
        nearness: cosine of the features to the nearest taught ones, -1..1; low for what was never taught.
    """

    probabilities: NDArray[np.float32]
    nearness: float


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """A linear classifier on a model's features, and the taught features themselves.

    Attributes:
        manifest: labels, base model, thresholds, and what the head was measured at.
        weights: float32 (numbers, labels).
        bias: float32 (labels,).
        taught: float32 (pictures, numbers), of unit length: what strangers are told by.

    Raises:
        ValueError: shapes do not agree, or a number is not finite.
    """

    manifest: HeadManifest
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    taught: NDArray[np.float32]

    def __post_init__(self) -> None:
        numbers, labels = self.manifest.numbers, len(self.manifest.labels)
        shapes = {"weights": (numbers, labels), "bias": (labels,), "taught": (len(self.taught), numbers)}
        for name, expected in shapes.items():
            array = getattr(self, name)
            if array.shape != expected or array.dtype != np.float32:
                raise ValueError(f"{name}: expected float32 {expected}, got {array.dtype} {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite numbers")
        if not len(self.taught):
            raise ValueError("taught: expected the features of at least one picture")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it tells apart."""
        return self.manifest.labels

    def check_base(self, base: Manifest) -> None:
        """Check that the head was taught on this model.

        Raises:
            ModelError: it was taught on another one.
        """
        if self.manifest.base_sha256 not in (base.sha256, base.compiled_from):
            raise ModelError(
                f"the head was taught on the model {self.manifest.base_name} ({self.manifest.base_sha256[:16]}), not on "
                f"{base.name} ({base.sha256[:16]}); fit it again from its pictures with this model"
            )

    def check_golden(self, spec: FeatureSpec) -> None:
        """Check that the head still gives the answers that are kept with it.

        Raises:
            ModelError: it does not.
        """

    def predict(self, features: NDArray[np.float32]) -> HeadAnswer:
        """Answer for one look.

        Args:
            features: float32 (numbers,), see ``FeatureSpec.real``.
        """
        logits = (features @ self.weights + self.bias) / self.manifest.temperature
        exponentials = np.exp(logits - logits.max())
        length = float(np.linalg.norm(features)) or 1.0
        return HeadAnswer(
            (exponentials / exponentials.sum()).astype(np.float32), float((self.taught @ features).max()) / length
        )
