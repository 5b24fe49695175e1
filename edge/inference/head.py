"""The head: what a bin was taught on its own pictures. A small file beside the model, which it never touches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.inference.features import FeatureSpec
from edge.inference.head_answers import label_probabilities
from edge.inference.head_manifest import HeadManifest
from edge.inference.manifest import Manifest
from edge.inference.nearness import Nearness, PrototypeSpace

MAX_DEVIATION = 0.02
"""Largest difference of a probability from a golden one: rounding of another processor, and not another head."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadAnswer:
    """A head's answer for one look at an item.

    Attributes:
        probabilities: float32 (labels,), summing to 1.
        nearness: cosine to the nearest of what was taught, -1..1; low for what was never taught.
    """

    probabilities: NDArray[np.float32]
    nearness: float


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """A linear classifier on a model's features, and what strangers are told by.

    Attributes:
        manifest: labels, base model, thresholds, and what the head was measured at.
        weights: float32 (numbers, columns).
        bias: float32 (columns,).
        nearness: how near features are to what was taught.
        golden_features: int8 (looks, numbers), raw features of some looks.
        golden_probabilities: float32 (looks, labels), the head's answers for them.

    Raises:
        ValueError: shapes do not agree, or a number is not finite.
    """

    manifest: HeadManifest
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    nearness: Nearness
    golden_features: NDArray[np.int8] | None = None
    golden_probabilities: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        numbers, columns = self.manifest.numbers, len(self.manifest.columns)
        rows = self.nearness.rows
        arrays = {"weights": self.weights, "bias": self.bias, "nearness": rows}
        shapes = {"weights": (numbers, columns), "bias": (columns,), "nearness": (len(rows), numbers)}
        for name, expected in shapes.items():
            array = arrays[name]
            if array.shape != expected or array.dtype != np.float32:
                raise ValueError(f"{name}: expected float32 {expected}, got {array.dtype} {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite numbers")
        if not len(rows):
            raise ValueError("nearness: expected at least one row")
        if (self.manifest.format > 1) != isinstance(self.nearness, PrototypeSpace):
            raise ValueError(
                f"nearness: expected {'a space' if self.manifest.format > 1 else 'pictures'} of format {self.manifest.format}"
            )
        features, answers = self.golden_features, self.golden_probabilities
        if (features is None) != (answers is None):
            raise ValueError("golden_features, golden_probabilities: expected both or none")
        if features is not None and answers is not None:
            if features.dtype != np.int8 or features.shape[1:] != (numbers,):
                raise ValueError(
                    f"golden_features: expected int8 (looks, {numbers}), got {features.dtype} {features.shape}"
                )
            if answers.shape != (len(features), len(self.labels)) or not np.isfinite(answers).all():
                raise ValueError(f"golden_probabilities: expected finite ({len(features)}, {len(self.labels)})")

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
        """Check that the head gives the answers that are kept with it.

        Args:
            spec: the model's features.

        Raises:
            ModelError: it does not.
        """
        if self.golden_features is None or self.golden_probabilities is None:
            return
        deviation = np.abs(self.probabilities(spec.real(self.golden_features)) - self.golden_probabilities).max(
            initial=0.0
        )
        if not deviation <= MAX_DEVIATION:
            raise ModelError(
                f"the head's answers for its own golden looks differ by {deviation:.2f} from those that are kept with it, "
                f"expected at most {MAX_DEVIATION}; fit it again from its pictures"
            )

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities of the labels: float32 (..., labels).

        Args:
            features: float32 (..., numbers), see ``FeatureSpec.real``.
        """
        return label_probabilities(features @ self.weights + self.bias, features, self.manifest).astype(np.float32)

    def predict(self, features: NDArray[np.float32]) -> HeadAnswer:
        """Answer for one look.

        Args:
            features: float32 (numbers,), see ``FeatureSpec.real``.
        """
        return HeadAnswer(self.probabilities(features), float(self.nearness.of(features)))
